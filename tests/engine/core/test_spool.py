"""The spool: a contract between processes, kept by files."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import get_args

import pytest

from desktop_aml.domain.errors import EngineUnavailable, InvalidInput, InvalidSpec
from desktop_aml.domain.requests import (
    CancelRun,
    Done,
    Refusal,
    RegisterEnvironment,
    ReleaseWorkspace,
    Request,
    SubmitRun,
)
from desktop_aml.engine.core import spool
from tests.conftest import DrivenEngine, wait_until

EXAMPLE = SubmitRun(
    run_id="r",
    experiment="e",
    script="s.py",
    environment="env",
    arguments=("--x", "é 🚀"),
    tags={"a": "b"},
    timeout_s=1.5,
)


def test_a_request_survives_the_way_through_a_file() -> None:
    assert spool.decode(spool.encode(EXAMPLE)) == EXAMPLE
    assert len(get_args(Request)) > 10


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"request": "Nothing", "body": {}}',
        b'{"request": "CancelRun", "body": {"run_id": 3}}',
        b'{"request": "CancelRun", "body": {}}',
        b"[" * 100_000,
    ],
)
def test_what_is_not_a_request_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        spool.decode(data)


@pytest.mark.parametrize("reply", [Done(name="x", version=2), Refusal(error="NotFound", message="m", hint="h")])
def test_a_reply_survives_the_way_through_a_file(reply: Done | Refusal) -> None:
    assert spool.decode_reply(spool.encode_reply(reply)) == reply


def test_a_refusal_keeps_the_place_of_a_fault() -> None:
    refused = spool.refusal(InvalidSpec("bad", line=3, column=4))
    assert (refused.error, refused.line, refused.column) == ("InvalidSpec", 3, 4)


def test_without_an_engine_the_request_is_kept_and_the_caller_told(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="did not answer"):
        spool.ask(tmp_path, CancelRun(run_id="r"), timeout_s=0.05)
    assert len(spool.waiting(tmp_path)) == 1


def test_an_engine_answers_requests_of_other_processes_and_tidies_up(driven: DrivenEngine) -> None:
    replies: list[object] = []
    asking = threading.Thread(
        target=lambda: replies.append(spool.ask(driven.folder.requests, CancelRun(run_id="none"), timeout_s=20))
    )
    asking.start()
    wait_until(lambda: driven.engine.tick() or replies)
    asking.join()
    assert isinstance(replies[0], Refusal)
    assert list(driven.folder.requests.iterdir()) == []


def test_a_file_that_is_no_request_is_answered_and_not_looked_at_again(driven: DrivenEngine) -> None:
    (driven.folder.requests / "junk.json").write_text("junk")
    driven.until(lambda: (driven.folder.requests / "junk.reply.json").exists())
    assert spool.waiting(driven.folder.requests) == []


def test_a_request_that_was_answered_before_a_crash_is_not_done_twice(driven: DrivenEngine) -> None:
    text = spool.encode(CancelRun(run_id="none"))
    path = driven.folder.requests / "1.json"
    path.write_bytes(text)
    reply = driven.folder.requests / "1.reply.json"
    driven.until(reply.exists)
    first = reply.read_bytes()
    reply.unlink()
    driven.until(reply.exists)
    assert reply.read_bytes() == first


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_odd_things_in_the_place_of_a_request_are_refused_and_harm_nobody(driven: DrivenEngine, make: object) -> None:
    make(driven.folder.requests / "odd.json")
    driven.until((driven.folder.requests / "odd.reply.json").exists)
    assert spool.waiting(driven.folder.requests) == []


def test_text_that_is_no_unicode_is_refused_and_stops_no_engine(driven: DrivenEngine) -> None:
    request = RegisterEnvironment(
        name="e", kind="conda", text="name: e\ndependencies: [python]\n", description="\udcff"
    )
    reply = driven.ask(request)
    assert isinstance(reply, Refusal)
    assert "not valid Unicode" in reply.message
    (driven.folder.requests / "1.json").write_bytes(spool.encode(request))
    driven.until((driven.folder.requests / "1.reply.json").exists)
    assert spool.waiting(driven.folder.requests) == []


def test_a_request_that_meets_a_fault_is_answered_all_the_same(
    driven: DrivenEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop_aml.engine.runs.flow.RunFlow.cancel", lambda *_: 1 // 0)
    reply = driven.ask(CancelRun(run_id="r"))
    assert isinstance(reply, Refusal)
    assert "ZeroDivisionError" in reply.message


def test_an_answer_that_nobody_took_away_is_removed_with_its_request(tmp_path: Path) -> None:
    old, new, open_one = (spool.leave(tmp_path, ReleaseWorkspace(reason="x")) for _ in range(3))
    for answered in (old, new):
        spool.answer(tmp_path, answered, Done())
    os.utime(tmp_path / f"{old}.reply.json", (0, 0))
    spool.tidy(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {f"{new}.json", f"{new}.reply.json", f"{open_one}.json"}
