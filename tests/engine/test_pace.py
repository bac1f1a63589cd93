"""How often the engine looks at what scripts leave."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from desktop_aml.domain.files_read import Content
from desktop_aml.domain.requests import Done, RegisterModel, UpdateRun
from desktop_aml.domain.runs import RunState
from desktop_aml.engine.core import spool
from desktop_aml.engine.registry import models
from desktop_aml.run_folder import collect, curves, deciding
from desktop_aml.store import files_read
from desktop_aml.store.database import Database
from desktop_aml.system import clock
from desktop_aml.system.files import write_durably
from desktop_aml.system.folder_watch import arrivals
from tests.conftest import DEADLINE_S, DrivenEngine
from tests.engine.runs.test_flow import submit


@pytest.mark.parametrize(("grows", "least", "most"), [(True, 7, 9), (False, 18, 21)])
def test_journals_that_grow_are_stored_four_times_a_second_and_looked_at_ten_times(
    driven: DrivenEngine, monkeypatch: pytest.MonkeyPatch, grows: bool, least: int, most: int
) -> None:
    looks = []
    monkeypatch.setattr(driven.engine._runs, "ingest", lambda: looks.append(1) or grows)
    start = clock.monotonic() + 10
    for step in range(200):  # two seconds
        monkeypatch.setattr(clock, "monotonic", lambda at=start + step / 100: at)
        driven.engine.tick()
    assert least <= len(looks) <= most


def test_a_script_that_goes_on_is_looked_at_ten_times_a_second_and_when_an_end_is_told(
    driven: DrivenEngine, write_script: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = tmp_path / "gate"
    run_id = submit(
        driven, write_script(f"import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.01)\n")
    )
    driven.until(lambda: driven.state(run_id) is RunState.RUNNING)
    looks: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(driven.engine._runs, "look_after", looks.append)
        start = clock.monotonic() + 10
        for step in range(100):  # one second
            patch.setattr(clock, "monotonic", lambda at=start + step / 100: at)
            driven.engine.tick()
        assert 9 <= len(looks) <= 12
        driven.engine.wake()
        driven.engine.tick()
        assert 10 <= len(looks) <= 13
        driven.engine.tick()
        assert len(looks) <= 13
    gate.touch()
    driven.until_over(run_id)


def test_what_a_script_read_is_hashed_before_its_run_is_over_though_no_look_saw_it_read(
    driven: DrivenEngine, write_script: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "rows.csv"
    data.write_text("1\n")
    monkeypatch.setattr(driven.engine._runs, "ingest", lambda: False)
    run_id = submit(driven, write_script(f"open({str(data)!r}).read()"))
    driven.until_over(run_id)
    data.write_text("1\n2\n")
    with Database(driven.folder.database, read_only=True) as db:
        found = {record.path: record.content for record in files_read.of_run(db, run_id)}
    assert found[str(data)] is Content.HASHED


def test_a_request_of_another_process_wakes_the_engine_and_its_own_replies_do_not(
    driven: DrivenEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, folder = driven.engine, driven.folder.requests
    folder.mkdir(exist_ok=True)
    woken, heard = threading.Event(), queue.SimpleQueue[str]()

    def hear(name: str) -> None:
        engine._hear_of(name)
        heard.put(name)

    # Its own workers wake the engine, too: here it is asked for what it hears alone.
    with monkeypatch.context() as patch, arrivals(folder, hear):
        patch.setattr(engine, "_desk", SimpleNamespace(woken=woken))
        write_durably(folder / "1-a.reply.json", b"{}")
        while heard.get(timeout=DEADLINE_S) != "1-a.reply.json":
            pass
        assert not woken.is_set()
        write_durably(folder / "2-b.json", spool.encode(UpdateRun(run_id="none")))
        assert woken.wait(DEADLINE_S)
    engine.tick()
    assert spool.waiting(folder) == []


def test_what_may_be_long_is_read_by_workers(
    driven: DrivenEngine, write_script: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_by: dict[str, threading.Thread] = {}

    def watch(module: object, name: str) -> None:
        read = getattr(module, name)

        def watched(*given: object) -> object:
            read_by[name] = threading.current_thread()
            return read(*given)

        monkeypatch.setattr(module, name, watched)

    watch(deciding, "seeds_of")
    watch(curves, "of_gpus")
    watch(collect, "resolve")
    watch(models, "description")
    gate = tmp_path / "gate"
    text = (
        "import os, sys, time\nopen('outputs/m.pkl', 'w').close()\n"
        "while not os.path.exists(sys.argv[1]): time.sleep(0.01)\n"
    )
    run_id = submit(driven, write_script(text), arguments=(str(gate),))
    model = driven.folder.run(run_id) / "snapshot" / "outputs" / "m.pkl"
    driven.until(model.exists)
    assert driven.ask(RegisterModel(name="m", run_id=run_id, path="outputs/m.pkl")) == Done(name="m", version=1)
    gate.touch()
    driven.until_over(run_id)
    assert read_by.keys() == {"seeds_of", "of_gpus", "resolve", "description"}
    assert threading.current_thread() not in read_by.values()
