"""What ended runs are given is taken in, whatever is wrong with one of them."""

from __future__ import annotations

import threading
from types import SimpleNamespace

from desktop_aml.workspace.tracking.late import LateRecords


def test_a_run_that_cannot_be_taken_in_keeps_no_other_waiting() -> None:
    taken: list[str] = []
    met = threading.Event()

    def take_in(run_id: str) -> None:
        if run_id == "broken":
            met.set()
            raise OSError("Input/output error")
        taken.append(run_id)

    external = SimpleNamespace(take_in=take_in)
    late = LateRecords(SimpleNamespace(runs=SimpleNamespace(external=external)))  # type: ignore[arg-type]
    late.add("broken")
    late.hurry()
    assert met.is_set()
    late.add("sound")
    late.hurry()
    late.close()
    assert taken == ["sound"]
