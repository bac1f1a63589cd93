"""A scheduler is asked by a process apart; whatever that does, there is an answer in words."""

from __future__ import annotations

import subprocess
from types import SimpleNamespace

import msgspec
import pytest

from desktop_aml.domain.targets import ClusterSpec, Machine
from desktop_aml.executors.cluster import questions

SPEC = ClusterSpec(name="team", address="tcp://127.0.0.1:8786")
ANSWER = Machine(SPEC.address, "it answers; 2 workers, 8 runs at once")


@pytest.mark.parametrize(
    ("printed", "errors", "wanted"),
    [
        (b"noise\n" + msgspec.json.encode(ANSWER) + b"\n", b"", ANSWER),
        (
            b"",
            b"Traceback\nImportError: no dask\n",
            Machine(SPEC.address, "it could not be asked: ImportError: no dask", is_usable=False),
        ),
        (b"{}\n", b"", Machine(SPEC.address, "it could not be asked: nothing was said", is_usable=False)),
    ],
)
def test_what_the_process_says_is_told(
    printed: bytes, errors: bytes, wanted: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=printed, stderr=errors))
    assert questions.ask(SPEC) == wanted


def test_a_process_that_gives_no_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("asking", 40)

    monkeypatch.setattr(subprocess, "run", never)
    assert questions.ask(SPEC).words == "there was no answer for 40 s"
