"""From journals into the database: everything whole is taken once, and what cannot be taken harms nobody else."""

from __future__ import annotations

import json
import os
import struct
import zlib
from pathlib import Path

import pytest

from desktop_aml.domain import journal
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.engine.runs import ingest
from desktop_aml.engine.runs.ingest import JournalReader
from desktop_aml.run_folder.journals import slot_files
from desktop_aml.store import documents, metrics, runs
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.summaries import captured
from desktop_aml.system.files import open_regular


def line(entry: dict[str, object]) -> bytes:
    body = json.dumps({"n": 0, "t": 1, **entry}).encode()
    return b"%08x %s\n" % (zlib.crc32(body), body)


def point(name: str, value: object) -> bytes:
    return line({"k": "m", "name": name, "v": value, "s": None})


def slots(name: str, values: range) -> bytes:
    """Return a mapped file of numbers that have one name."""
    words = json.dumps(name).encode()
    form = struct.Struct("<dqqHBB")
    bodies = [b"DAML scalars 1".ljust(27, b"\0") + b"H", form.pack(1.0, len(words), zlib.crc32(words), 0, 0, ord("N"))]
    bodies += [words.ljust(27, b"\0") + b"C", *(form.pack(1.0, value, 0, 0, 0, ord("i")) for value in values)]
    return b"".join(body + struct.pack("<I", 77 + 32 * place) for place, body in enumerate(bodies))


class Site:
    """One run in a database, with a journal folder to write into."""

    def __init__(self, folder: WorkspaceFolder) -> None:
        self.db = Database(folder.database, read_only=False)
        self.folder = folder
        self.reader = JournalReader(self.db)
        self.add("r")

    def add(self, run_id: str) -> None:
        (self.folder.run(run_id) / "journal").mkdir(parents=True)
        with self.db.transaction():
            request = SubmitRun(run_id=run_id, experiment="e", script="t.py", environment="x")
            runs.insert(self.db, request, environment="x", version=None, seed=1, at=1.0)

    def journal(self, run_id: str = "r", name: bytes = b"1-a.jsonl") -> Path:
        return self.folder.run(run_id) / "journal" / os.fsdecode(name)

    def look(self) -> bool:
        found = [stretch for run_id in ("r", "other") for stretch in self.reader.read(run_id, self.folder.run(run_id))]
        with self.db.transaction():
            self.reader.store(found)
        self.reader.stored(found)
        return bool(found)

    def names(self, run_id: str = "r") -> list[str]:
        while self.look():
            pass
        return [curve.name for curve in metrics.read(self.db, run_id).curves]

    def damaged(self) -> int:
        return runs.get(self.db, "r").damaged_records


@pytest.fixture
def site(folder: WorkspaceFolder):
    made = Site(folder)
    yield made
    made.db.close()


def test_a_journal_that_has_not_grown_is_not_opened_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.journal().write_bytes(point("loss", 1.0))
    assert site.look()
    opened = []
    monkeypatch.setattr(ingest, "open_regular", lambda path: opened.append(path) or open_regular(path))
    assert not site.look()
    assert not opened
    with site.journal().open("ab") as journal:
        journal.write(point("loss", 2.0))
    assert site.look()
    assert len(opened) == 1


def test_a_record_longer_than_a_stretch_is_kept_with_what_follows(site: Site) -> None:
    long = point("text", "x" * 3_000_000)
    site.journal().write_bytes(point("before", 1) + long[:-1])
    assert site.names() == ["before"]
    with site.journal().open("ab") as stream:
        stream.write(b"\n" + line({"k": "list", "name": "l", "v": [0.5] * 600_000}) + point("after", 1))
    assert site.names() == ["before", "text", "after"]
    found = metrics.read(site.db, "r")
    assert found.curves[1].points[0].value == "x" * 3_000_000
    assert found.records[0].data == [0.5] * 600_000
    assert site.damaged() == 0


def test_what_is_longer_than_any_record_is_counted_and_passed_over(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_aml.engine.runs.ingest._STRETCH_BYTES", 64)
    monkeypatch.setattr("desktop_aml.engine.runs.ingest.MAX_RECORD_BYTES", 200)
    site.journal().write_bytes(b"y" * 230 + b"\n" + point("after", 1))
    assert site.names() == ["after"]
    assert site.damaged() == 1


def test_a_line_without_an_end_is_not_searched_again_from_its_beginning(site: Site) -> None:
    with site.journal().open("wb") as stream:
        stream.truncate(1 << 40)
    for _ in range(2):
        assert not site.look()
    assert site.reader._searched["r", "1-a.jsonl"] > 2 * journal.MAX_RECORD_BYTES


@pytest.mark.parametrize("name", [b"\xff.jsonl", b"\xfe.jsonl", b"a\n.jsonl"])
def test_a_journal_of_any_name_is_read_once(site: Site, name: bytes) -> None:
    site.journal(name=name).write_bytes(point("a", 1))
    assert site.names() == ["a"]
    assert len(metrics.read(site.db, "r").curves[0].points) == 1


def test_numbers_that_a_process_kept_in_memory_come_before_those_in_its_lines(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slot_files, "STRETCH_BYTES", 320)
    monkeypatch.setattr(ingest, "_STRETCH_BYTES", 320)
    site.journal(name=b"1-a.scalars").write_bytes(slots("x", range(40)) + bytes(320))
    site.journal().write_bytes(point("x", 40))
    site.journal(name=b"2-b.jsonl").write_bytes(point("other", 1))
    assert sorted(site.names()) == ["other", "x"]
    (curve,) = [one for one in metrics.read(site.db, "r").curves if one.name == "x"]
    assert [one.value for one in curve.points] == list(range(41))


def test_a_number_that_cannot_be_stored_is_counted_and_costs_nothing_else(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.journal(name=b"1-a.scalars").write_bytes(slots("x", range(5)))
    real = metrics.add_points

    def add_points(db, run_id, points):
        if any(value == 3 for _, _, _, value in points):
            raise OverflowError("nobody thought of this")
        return real(db, run_id, points)

    monkeypatch.setattr(metrics, "add_points", add_points)
    assert site.names() == ["x"]
    assert [one.value for one in metrics.read(site.db, "r").curves[0].points] == [0, 1, 2, 4]
    assert site.damaged() == 1


def test_another_engine_goes_on_in_the_middle_of_a_file_of_numbers(site: Site) -> None:
    site.journal(name=b"1-a.scalars").write_bytes(slots("x", range(5)) + bytes(96))
    assert site.names() == ["x"]
    site.reader = JournalReader(site.db)
    site.journal(name=b"1-a.scalars").write_bytes(slots("x", range(7)) + bytes(32))
    assert site.look()
    assert not site.look()
    assert [one.value for one in metrics.read(site.db, "r").curves[0].points] == list(range(7))


def test_a_record_that_cannot_be_stored_is_counted_and_costs_nothing_else(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.add("other")
    site.journal().write_bytes(point("a", 1) + point("poison", 1) + point("b", 1))
    site.journal("other").write_bytes(point("c", 1))
    real = metrics.add_points

    def add_points(db, run_id, points):
        if any(name == "poison" for name, *_ in points):
            raise OverflowError("nobody thought of this")
        return real(db, run_id, points)

    monkeypatch.setattr(metrics, "add_points", add_points)
    assert site.names() == ["a", "b"]
    assert site.names("other") == ["c"]
    assert site.damaged() == 1
    assert not site.look()


@pytest.mark.parametrize("kind", ["fifo", "folder", "link", "file"])
def test_whatever_lies_in_place_of_a_journal_stops_nothing(site: Site, tmp_path: Path, kind: str) -> None:
    site.add("other")
    site.journal("other").write_bytes(point("c", 1))
    if kind == "fifo":
        os.mkfifo(site.journal())
    elif kind == "folder":
        site.journal().mkdir()
    elif kind == "link":
        (tmp_path / "elsewhere").write_bytes(point("a", 1))
        site.journal().symlink_to(tmp_path / "elsewhere")
    else:
        site.journal().parent.rmdir()
        site.journal().parent.write_text("no folder")
    assert site.names("other") == ["c"]
    assert site.names() == []


def test_parameters_documents_and_the_experiment_that_code_chose_are_taken(site: Site) -> None:
    site.journal().write_bytes(
        line({"k": "param", "key": "C", "v": 1.5})
        + line({"k": "doc", "kind": "input", "key": "iris", "v": {"digest": "abc"}})
        + line({"k": "experiment", "v": "iris, tuned"})
    )
    site.names()
    found = runs.get(site.db, "r")
    assert [(one.name, one.value) for one in found.parameters] == [("C", 1.5)]
    assert documents.of_run(site.db, "r") == {("input", "iris"): {"digest": "abc"}}
    assert found.summary.experiment == "iris, tuned"


def test_an_experiment_that_cannot_be_costs_only_its_own_record(site: Site) -> None:
    site.journal().write_bytes(line({"k": "experiment", "v": "two\nlines"}) + point("a", 1))
    assert site.names() == ["a"]
    assert (site.damaged(), runs.get(site.db, "r").summary.experiment) == (1, "e")


def test_captured_values_are_kept_apart_from_logged_ones_and_nonsense_among_them_is_counted(site: Site) -> None:
    seen = {"k": "cm", "name": "acc", "v": 0.5, "s": None, "by": "captured"}
    bad: list[dict[str, object]] = [
        {**seen, "by": "somebody"},
        {**seen, "v": "text"},
        {**seen, "v": True},
        {"k": "crec", "name": "t", "kind": "table", "v": {}},
    ]
    more = {"k": "crec", "name": "t", "kind": "table", "v": {"a": [1]}, "by": "captured"}
    with site.journal().open("wb") as stream:
        stream.write(b"".join(map(line, [seen, more, *bad, {"k": "cparam", "key": "SVC.C", "v": "2"}])))
    site.names()
    sources = captured.sources(site.db, "r")
    assert metrics.read(site.db, "r", sources).sources() == {"acc": "captured", "t": "captured"}
    assert site.damaged() == len(bad)
    (parameter,) = runs.get(site.db, "r").parameters
    assert (parameter.name, parameter.value, parameter.source) == ("SVC.C", 2, "captured")
    with site.journal(name=b"2-b.jsonl").open("wb") as stream:
        stream.write(point("acc", 0.75))
    site.names()
    (curve,) = metrics.read(site.db, "r", captured.sources(site.db, "r")).curves
    assert (curve.source, [one.value for one in curve.points]) == ("logged", [0.75])
