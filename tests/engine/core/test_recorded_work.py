"""What must follow a change of the record is done, whatever ends the engine in between."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from desktop_aml.domain.datasets import DatasetVersion
from desktop_aml.domain.registry import Endpoint, EndpointState
from desktop_aml.domain.requests import (
    DeleteModel,
    DeleteRun,
    RegisterDataset,
    RegisterEnvironment,
    RegisterModel,
    UnregisterDataset,
    UpdateRun,
)
from desktop_aml.domain.runs import RunState
from desktop_aml.engine.registry.output_datasets import OutputDataset
from desktop_aml.inside_run.site.desktop_aml_run.dataset_variables import REGISTERED_OUTPUT
from desktop_aml.record import manifests
from desktop_aml.record.writing import RecordWriter
from desktop_aml.store import datasets, documents, registry
from desktop_aml.store.database import Database
from desktop_aml.store.facts import kept
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.record import outbox
from desktop_aml.store.record.kinds import SCHEMA, RecordKind
from desktop_aml.store.record.outbox import Mark
from desktop_aml.store.record.readers import Readers
from desktop_aml.system import clock
from tests.conftest import DrivenEngine
from tests.engine.runs.test_flow import submit

Write = Callable[..., Path]


def run_json(folder: WorkspaceFolder, run_id: str) -> dict[str, object]:
    return json.loads((folder.run(run_id) / "run.json").read_bytes())


def until_idle(driven: DrivenEngine) -> None:
    driven.until(driven.engine.has_nothing_to_do, "an engine with nothing to do")


def test_an_idle_engine_has_an_empty_outbox(driven: DrivenEngine, write_script: Write) -> None:
    run_id = submit(driven, write_script("pass"))
    driven.until_over(run_id)
    until_idle(driven)
    with Database(driven.folder.database, read_only=True) as db:
        assert outbox.count(db) == 0
        assert not kept.is_due(db)
    assert run_json(driven.folder, run_id)["summary"]["state"] == "Completed"


def test_what_lists_say_is_kept_of_the_runs_of_an_older_database(driven: DrivenEngine, write_script: Write) -> None:
    driven.until_over(submit(driven, write_script("pass")))
    until_idle(driven)
    desk = driven.engine._desk
    with desk.commit():
        desk.db.run("UPDATE run_facts SET packed = NULL")
    driven.until(lambda: not kept.is_due(desk.db), "what lists say is kept")


def test_while_nothing_changes_nobody_asks_what_is_due(
    driven: DrivenEngine, write_script: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = submit(driven, write_script("pass"))
    driven.until_over(run_id)
    until_idle(driven)
    driven.engine.tick()
    asked = []
    monkeypatch.setattr(outbox, "waiting", lambda *words: asked.append(words) or [])
    driven.engine.tick()
    assert not asked
    driven.ask(UpdateRun(run_id=run_id, display_name="another"))
    driven.engine.tick()
    assert asked


def test_what_is_changed_after_the_end_is_in_the_folder_too(driven: DrivenEngine, write_script: Write) -> None:
    run_id = submit(driven, write_script("pass"))
    driven.until_over(run_id)
    driven.ask(UpdateRun(run_id=run_id, display_name="the best one", description="why", tags={"a": "1"}))
    until_idle(driven)
    body = run_json(driven.folder, run_id)
    assert (body["schema"], body["summary"]["display_name"], body["description"], body["tags"]) == (
        SCHEMA,
        "the best one",
        "why",
        {"a": "1"},
    )


def test_manifests_that_an_engine_owed_when_it_was_killed_are_written_by_the_next(
    driven: DrivenEngine, write_script: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = submit(driven, write_script("pass"))
    driven.until_over(run_id)
    until_idle(driven)
    # From here on this engine writes nothing any more, as one that is killed after the commit.
    monkeypatch.setattr(manifests, "keep", _killed)
    driven.ask(UpdateRun(run_id=run_id, display_name="told before the kill"))
    driven.engine.close()
    assert run_json(driven.folder, run_id)["summary"]["display_name"] != "told before the kill"
    monkeypatch.undo()
    following = DrivenEngine(driven.folder)
    try:
        until_idle(following)
        assert run_json(driven.folder, run_id)["summary"]["display_name"] == "told before the kill"
    finally:
        following.close()
        driven.close = lambda: None  # type: ignore[method-assign]


def _killed(*_: object) -> None:
    raise OSError("The engine was killed.")


def test_the_folder_of_a_deleted_run_goes_though_the_engine_ended_in_between(
    driven: DrivenEngine, write_script: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = submit(driven, write_script("pass"))
    driven.until_over(run_id)
    monkeypatch.setattr("desktop_aml.engine.runs.changes.snapshot.remove_folder", lambda _: None)
    driven.ask(DeleteRun(run_id=run_id))
    monkeypatch.undo()
    until_idle(driven)
    assert not driven.folder.run(run_id).exists()


def test_things_that_go_take_their_manifests_with_them_and_their_numbers_stay_taken(
    driven: DrivenEngine, tmp_path: Path
) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(b"weights")
    driven.ask(RegisterModel(name="m", file=str(file)))
    driven.ask(RegisterDataset(kind="file", definition="{}", name="d", files=()))
    driven.ask(RegisterEnvironment(name="e", kind="pip", text="numpy\n"))
    until_idle(driven)
    root = driven.folder.root
    kept = [root / "models/m/1/model.json", root / "datasets/d/1/dataset.json"]
    assert all(json.loads(path.read_bytes())["schema"] == SCHEMA for path in kept)
    assert json.loads((root / "environments/e/1/environment.json").read_bytes())["build"]["state"] == "Not built"
    driven.ask(DeleteModel(name="m", version=1))
    driven.ask(UnregisterDataset(name="d"))
    until_idle(driven)
    assert not any(path.exists() for path in kept)
    for name in ("models/m/name.json", "datasets/d/name.json"):
        assert json.loads((root / name).read_bytes())["last_version"] == 1


def test_many_changes_are_written_in_few_turns(driven: DrivenEngine, write_script: Write) -> None:
    run_id = submit(driven, write_script("pass"))
    driven.until_over(run_id)
    until_idle(driven)
    turns = []
    write = driven.engine._desk.records.write
    driven.engine._desk.records.write = lambda marks, stopped: turns.append(marks) or write(marks, stopped)
    for number in range(50):
        driven.ask(UpdateRun(run_id=run_id, tags={f"t{number}": "x"}))
    until_idle(driven)
    assert len(run_json(driven.folder, run_id)["tags"]) == 50
    assert len(turns) < 25


def test_a_run_that_goes_on_is_described_every_few_seconds_and_soon_after_its_end(
    driven: DrivenEngine, write_script: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    driven.engine._runs.limit = 0
    run_id = submit(driven, write_script("pass"))
    recorded, desk, start = driven.engine._recorded, driven.engine._desk, clock.monotonic() + 10
    driven.until(recorded.is_idle)
    monkeypatch.setattr(desk, "later", lambda work, then: then(work()))

    def is_described(at: float, state: RunState) -> bool:
        with desk.commit():
            desk.db.run("UPDATE run SET display_name = ?, state = ? WHERE id = ?", (str(at), state, run_id))
        monkeypatch.setattr(clock, "monotonic", lambda: start + at)
        recorded.look()
        return run_json(driven.folder, run_id)["summary"]["display_name"] == str(at)

    going_on = [is_described(at, RunState.QUEUED) for at in (0.0, 1.5, 2.9, 4.0, 5.5)]
    assert going_on == [True, False, False, True, False]
    assert is_described(6.6, RunState.CANCELED)


def test_what_was_written_at_once_is_written_again_only_when_it_changes(
    driven: DrivenEngine, write_script: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = submit(driven, write_script("pass"))
    driven.until_over(run_id)
    until_idle(driven)
    written = []
    real = manifests.keep
    monkeypatch.setattr(manifests, "keep", lambda *words: written.append(words[2:]) or real(*words))
    records, mark = driven.engine._desk.records, (RecordKind.RUN, run_id)
    with driven.engine._desk.commit():
        outbox.put(driven.engine._desk.db, *mark)
    (kept,) = outbox.waiting(driven.engine._desk.db, (RecordKind.RUN,), 2)
    records.keep(*mark)
    assert records.write([kept]).done == [kept]
    assert written == [mark]
    records.keep(*mark)
    driven.engine._desk.db.run("UPDATE run SET display_name = 'another' WHERE id = ?", (run_id,))
    (newer,) = outbox.waiting(driven.engine._desk.db, (RecordKind.RUN,), 2)
    assert records.write([newer]).done == [newer]
    assert written == [mark] * 3
    assert run_json(driven.folder, run_id)["summary"]["display_name"] == "another"


def test_a_document_that_says_what_it_said_marks_nothing(driven: DrivenEngine, write_script: Write) -> None:
    run_id = submit(driven, write_script("pass"))
    driven.until_over(run_id)
    until_idle(driven)
    db = driven.engine._desk.db
    marked = []
    for body in ({"a": 1}, {"a": 1}, {"a": 2}):
        outbox.clear_all(db)
        documents.put(db, run_id, {("captured", "one"): body})
        marked.append(outbox.count(db))
        assert documents.of_run(db, run_id)["captured", "one"] == body
    assert marked == [1, 0, 1]


def test_documents_are_described_as_they_are_whatever_they_hold(driven: DrivenEngine, write_script: Write) -> None:
    run_id = submit(driven, write_script("pass"))
    driven.until_over(run_id)
    db, root = driven.engine._desk.db, driven.folder.root
    bodies: dict[tuple[str, str], object] = {
        ("a", "b"): {"x": [1, 2.5, None, True, "\u20ac \U0001f600"]},
        ("a", "never"): float("inf"),
        ("\u00e4\n", '"'): f"{root}/models/m and $(workspace)",
        ("c", "path"): [f"{root}/runs"],
    }
    documents.put(db, run_id, bodies)
    db.run("UPDATE document SET body = '\"\u00e9\"' WHERE key = 'path'")
    until_idle(driven)
    text = (driven.folder.run(run_id) / "run.json").read_bytes()
    found = {(kind, key): body for kind, key, body in manifests.read(root, text)["documents"]}
    assert found == {**bodies, ("c", "path"): "\u00e9"}
    assert b"$(workspace)/models/m and $(workspace:text)" in text


def test_what_cannot_be_written_is_given_up_in_words_and_keeps_no_other_waiting(
    driven: DrivenEngine, write_script: Write, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop_aml.engine.core.recorded_work.RETRY_S", 0.01)
    run_id = submit(driven, write_script("pass"))
    other = submit(driven, write_script("pass"), "exp_1_b")
    driven.until_over(run_id)
    driven.until_over(other)
    until_idle(driven)
    (driven.folder.run(run_id) / "run.json").unlink()
    (driven.folder.run(run_id) / "run.json" / "in the way").mkdir(parents=True)
    for one in (run_id, other):
        driven.ask(UpdateRun(run_id=one, display_name="another name"))
    until_idle(driven)
    assert f"the run {run_id} cannot be written" in caplog.text
    assert run_json(driven.folder, other)["summary"]["display_name"] == "another name"
    shutil.rmtree(driven.folder.run(run_id) / "run.json")
    driven.ask(UpdateRun(run_id=run_id, display_name="a third name"))
    until_idle(driven)
    assert run_json(driven.folder, run_id)["summary"]["display_name"] == "a third name"


def output(name: str, folder: Path) -> dict[str, str]:
    import msgspec

    wanted = OutputDataset(name=name, folder=str(folder), definition='{"steps": []}')
    return {f"{REGISTERED_OUTPUT}{name}": msgspec.json.encode(wanted).decode()}


def named(folder: WorkspaceFolder, name: str) -> tuple[DatasetVersion, ...]:
    with Database(folder.database, read_only=True) as db:
        return datasets.versions(db, name)


def test_output_datasets_that_were_not_measured_when_the_engine_ended_are_registered_by_the_next(
    driven: DrivenEngine, write_script: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / "left"
    left.mkdir()
    script = write_script(f"open({str(left / 'rows.csv')!r}, 'w').write('1')")
    # The measuring never comes to its end while this engine lives.
    monkeypatch.setattr(driven.engine._recorded, "_begin", lambda *_: None)
    run_id = submit(driven, script, env_vars=output("rows", left))
    assert driven.until_over(run_id) is RunState.COMPLETED
    assert not driven.engine.has_nothing_to_do()
    driven.engine.close()
    driven.close = lambda: None  # type: ignore[method-assign]
    assert named(driven.folder, "rows") == ()
    following = DrivenEngine(driven.folder)
    try:
        until_idle(following)
        assert [file.path for file in named(driven.folder, "rows")[0].files] == [str(left / "rows.csv")]
        following.engine.recover()
        until_idle(following)
        assert len(named(driven.folder, "rows")) == 1
    finally:
        following.close()


def test_what_a_deployment_lays_down_outlives_the_record_of_a_deleted_endpoint(driven: DrivenEngine) -> None:
    """The folder of the deleted one went before; its record is looked at later, when the name may be wanted again."""
    folder = driven.folder
    source = folder.endpoint_source("again", "0123456789abcdef")
    source.mkdir(parents=True)
    (source.parent.parent / manifests.ENDPOINT).write_text("{}")
    with Database(folder.database, read_only=True) as db:
        manifests.keep(db, folder, "endpoint", "again")
        assert source.is_dir()
        assert not (folder.endpoint("again") / manifests.ENDPOINT).exists()
        source.rmdir()
        source.parent.rmdir()
        manifests.keep(db, folder, "endpoint", "again")
    assert not folder.endpoint("again").exists()


def test_an_endpoint_whose_folder_goes_while_it_is_described_is_no_fault(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = WorkspaceFolder(tmp_path)
    place = folder.endpoint("e")
    with Database(folder.database, read_only=False) as db, db.transaction():
        registry.put_endpoint(db, Endpoint("e", "m", 1, EndpointState.STOPPED, 1.0), wanted=registry.DELETED)
    place.mkdir(parents=True)
    make_missing = manifests.make_missing

    def removed_meanwhile(path: Path, *, within: Path) -> None:
        make_missing(path, within=within)
        place.rename(place.with_name("away"))

    monkeypatch.setattr(manifests, "make_missing", removed_meanwhile)
    with closing(Readers(folder.database)) as readers:
        written = RecordWriter(folder, readers).write([Mark(0, RecordKind.ENDPOINT, "e")])
    assert (len(written.done), written.failed, caplog.text) == (1, [], "")
    assert not place.exists()


def test_a_run_that_is_deleted_while_it_is_described_is_no_fault(
    driven: DrivenEngine, write_script: Write, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = submit(driven, write_script("pass"))
    driven.until_over(run_id)
    until_idle(driven)
    run_body = manifests.run_body

    def deleted_meanwhile(db: Database, wanted: str) -> object:
        monkeypatch.setattr(manifests, "run_body", run_body)
        driven.ask(DeleteRun(run_id=wanted))
        return run_body(db, wanted)

    monkeypatch.setattr(manifests, "run_body", deleted_meanwhile)
    written = RecordWriter(driven.folder, driven.engine._desk.readers).write([Mark(0, RecordKind.RUN, run_id)])
    assert (len(written.done), written.failed) == (1, [])
    assert "cannot be written" not in caplog.text
