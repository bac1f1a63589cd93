"""Runs on a Docker engine that sees none of this computer's files: what goes there, what comes home, and when."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop_aml.docker_access import computer
from desktop_aml.domain.journal import OUTSIDE
from desktop_aml.executors import docker_luggage
from desktop_aml.executors.docker_parcels import unpack, unpack_changed
from tests.conftest import wait_until
from tests.contracts.places import FarPlace, begin, carry_out, finish
from tests.contracts.test_executor import WAITS
from tests.docker_engine import OWN_BASE

LINE = "stream.write(json.dumps({'n': n}) + '\\n'); stream.flush()\n"


@pytest.fixture
def place(tcp_host: str, tmp_path: Path, marked_processes: object) -> Iterator[FarPlace]:
    made = FarPlace(tmp_path)
    yield made
    made.close()


def home(place: FarPlace, job: Any, name: str) -> Path:
    return Path(job.run_directory) / name


# While it runs


def test_log_and_journal_arrive_while_the_script_runs_and_each_line_once_whoever_follows(place: FarPlace) -> None:
    job = place.job(
        "import json, os, time\nprint('begins', flush=True)\nstream = open('../journal/a.jsonl', 'a')\n"
        f"for n in range(400):\n    {LINE}    time.sleep(0.005)\n"
        "open('ready', 'w').close()\nwhile not os.path.exists('../requests/go.reply.json'): time.sleep(0.02)\n"
        f"n = 400\n{LINE}"
    )
    first = place.executor()
    first.prepare(job, lambda _: None)
    handle = first.handle_for(job)
    first.start(job)
    journal = home(place, job, "journal/a.jsonl")
    wait_until(lambda: journal.exists() and journal.stat().st_size > 0, "the first numbers")
    assert home(place, job, "logs/std_log.txt").read_text() == "begins\n"
    first.close()
    # What a power loss takes away is asked for again.
    with journal.open("r+b") as stream:
        stream.truncate(journal.stat().st_size // 2)
    later = place.executor()
    assert later.poll(handle) is None
    wait_until(lambda: journal.read_bytes().count(b"\n") == 400, "the numbers so far")
    place.tell(job, "requests/go.reply.json", b"{}")
    assert finish(later, handle).succeeded()
    assert [json.loads(line)["n"] for line in journal.read_text().splitlines()] == list(range(401))


def test_what_others_change_of_a_run_reaches_its_script(place: FarPlace) -> None:
    changes = f"../journal/{OUTSIDE}"
    job = place.job(
        f"import os, time\nopen('ready', 'w').close()\nseen = []\nwhile len(seen) < 2:\n    time.sleep(0.02)\n"
        f"    seen = open({changes!r}).read().split() if os.path.exists({changes!r}) else []\n"
        "    print(len(seen), flush=True)\nprint('told', *seen, flush=True)\n"
    )
    executor = place.executor()
    handle = begin(place, executor, job)
    written = home(place, job, f"journal/{OUTSIDE}")
    written.write_text("first\n")
    log = home(place, job, "logs/std_log.txt")
    wait_until(lambda: log.exists() and "1\n" in log.read_text(), "the first change to be there")
    executor.close()
    later = place.executor()
    assert later.poll(handle) is None
    with written.open("a") as stream:
        stream.write("second\n")
    assert finish(later, handle).succeeded()
    assert log.read_text().endswith("told first second\n")


def test_a_request_is_delivered_with_what_the_script_has_left_and_its_answer_comes_back_whole(place: FarPlace) -> None:
    job = place.job(
        "import json, os, time\nopen('outputs/model.pkl', 'w').write('the model')\n"
        "with open('../requests/1.json.tmp', 'w') as stream: stream.write(json.dumps({'kind': 'call'}))\n"
        "os.rename('../requests/1.json.tmp', '../requests/1.json')\n"
        "while not os.path.exists('../requests/1.reply.json'): pass\n"
        "print(open('../requests/1.reply.json').read(), flush=True)\n"
        "os.remove('../requests/1.json'), os.remove('../requests/1.reply.json')\n" + WAITS
    )
    executor = place.executor()
    executor.prepare(job, lambda _: None)
    handle = executor.handle_for(job)
    executor.start(job)
    request = home(place, job, "requests/1.json")
    wait_until(request.exists, "the request")
    assert json.loads(request.read_bytes()) == {"kind": "call"}
    assert (place.snapshot(job) / "outputs/model.pkl").read_text() == "the model"
    # Whole at once, as the engine writes it.
    request.with_name("1.reply.tmp").write_text("x" * 300_000)
    request.with_name("1.reply.tmp").rename(request.with_name("1.reply.json"))
    log = home(place, job, "logs/std_log.txt")
    wait_until(lambda: log.exists() and log.read_text() == "x" * 300_000 + "\n", "the answer in the script")
    wait_until(lambda: not request.exists() and not request.with_name("1.reply.json").exists(), "both to go")
    executor.stop(handle, force=True)
    finish(executor, handle)


# The end


def test_everything_is_here_before_the_end_is_and_a_broken_transfer_is_made_again(
    place: FarPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = place.job("import os\nos.remove('given.txt')\nopen('outputs/big', 'wb').write(b'x' * 3_000_000)\n")
    (place.snapshot(job) / "given.txt").write_text("x")
    broken: list[bool] = []
    chunks = docker_luggage._chunks

    def cut_short(*arguments: Any) -> Iterator[bytes]:
        whole = iter(chunks(*arguments))
        if len(broken) < 2:
            broken.append(home(place, job, "attempts/1/exit.json").exists())
            return iter([next(whole)])
        return whole

    monkeypatch.setattr(docker_luggage, "_chunks", cut_short)
    executor = place.executor()
    executor.prepare(job, lambda _: None)
    assert carry_out(executor, job).succeeded()
    assert broken == [False, False]
    assert (place.snapshot(job) / "outputs/big").stat().st_size == 3_000_000
    assert not (place.snapshot(job) / "given.txt").exists()
    assert (place.snapshot(job) / "outputs/big").stat().st_uid == os.getuid()
    assert not list(Path(job.run_directory).glob(".incoming*"))
    assert place.containers(job)


def test_files_of_a_killed_script_come_home(place: FarPlace) -> None:
    job = place.job("open('outputs/so-far', 'w').write('1')\n" + WAITS)
    executor = place.executor()
    handle = begin(place, executor, job)
    place.client.api.kill(place.containers(job)[0], "SIGKILL")
    assert finish(executor, handle).was_lost()
    assert executor.has_begun(handle)
    assert (place.snapshot(job) / "outputs/so-far").read_text() == "1"


def test_shared_folders_go_there_and_only_what_the_script_wrote_comes_back(place: FarPlace, tmp_path: Path) -> None:
    data = tmp_path / "datastores"
    (data / "in").mkdir(parents=True)
    (data / "in/a.csv").write_text("1")
    (data / "in/b.csv").write_text("2")
    job = place.job(
        f"data = {str(data)!r}\nimport os\nassert open(data + '/in/a.csv').read() == '1'\n"
        "os.makedirs(data + '/out/deep')\nopen(data + '/out/deep/new.csv', 'w').write('3')\n"
        "open(data + '/in/a.csv', 'w').write('changed')\n" + WAITS,
        shared_folders=(str(data),),
    )
    executor = place.executor()
    handle = begin(place, executor, job)
    (data / "in/b.csv").write_text("written here meanwhile")
    executor.stop(handle)
    finish(executor, handle)
    assert (data / "out/deep/new.csv").read_text() == "3"
    assert (data / "in/a.csv").read_text() == "changed"
    assert (data / "in/b.csv").read_text() == "written here meanwhile"


def test_inputs_from_elsewhere_are_copied_there_and_never_back(place: FarPlace, tmp_path: Path) -> None:
    folder, file, link = tmp_path / "pictures", tmp_path / "rows.csv", tmp_path / "latest.csv"
    folder.mkdir()
    (folder / "a.txt").write_text("a")
    file.write_text("1,2")
    link.symlink_to(file)
    job = place.job(
        f"folder, file, link = {str(folder)!r}, {str(file)!r}, {str(link)!r}\n"
        "assert [open(path).read() for path in (folder + '/a.txt', file, link)] == ['a', '1,2', '1,2']\n"
        "open(file, 'w').write('changed')\n",
        read_only_paths=(str(folder), str(file), str(link)),
    )
    executor = place.executor()
    executor.prepare(job, lambda _: None)
    assert carry_out(executor, job).succeeded()
    assert file.read_text() == "1,2"


# Which engine, which computer


def test_a_run_is_found_again_when_another_engine_is_chosen_by_then(
    place: FarPlace, docker_engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = place.job(WAITS)
    handle = begin(place, place.executor(), job)
    monkeypatch.setenv("DOCKER_HOST", docker_engine)
    later = place.executor()
    assert later.poll(handle) is None
    later.stop(handle, force=True)
    assert finish(later, handle).reason == "canceled"
    later.release(handle)
    wait_until(lambda: not place.containers(job), "the container to go")


def test_a_container_of_another_computer_is_left_alone(place: FarPlace, tmp_path: Path) -> None:
    labels = {"desktop-aml": "run", "desktop-aml.attempt": str(tmp_path / "attempts/1")}
    ours = place.client.api.create_container(OWN_BASE, labels={**labels, computer.LABEL: computer.this_computer()})
    theirs = place.client.api.create_container(OWN_BASE, labels={**labels, computer.LABEL: "another"})
    try:
        place.executor().tidy()
        found = place.client.api.containers
        wait_until(lambda: ours["Id"] not in {one["Id"] for one in found(all=True)}, "ours to go")
        assert theirs["Id"] in {one["Id"] for one in found(all=True)}
    finally:
        place.client.api.remove_container(theirs["Id"])


def test_a_container_that_was_filled_and_never_started_is_given_up_for_good(
    place: FarPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop_aml.executors.docker_courier._NOT_STARTED_S", 0.2)
    job = place.job("open('ran', 'w')")
    place.leave_unstarted(job)
    later = place.executor()
    handle = later.handle_for(job)
    assert finish(later, handle).was_lost()
    assert not later.has_begun(handle)
    assert place.containers(job) == []


# What a script made is not trusted


def archive(*entries: tuple[str, bytes, str]) -> list[bytes]:
    """A download of the folder ``run`` with these names, types and contents or targets."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for name, kind, text in entries:
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = kind, 0o644
            if kind == tarfile.REGTYPE:
                entry.size = len(text)
                tar.addfile(entry, io.BytesIO(text.encode()))
            else:
                entry.linkname = text
                tar.addfile(entry)
    data = file.getvalue()
    step = max(700, len(data) // 64)
    return [data[at : at + step] for at in range(0, len(data), step)]


def test_nothing_is_unpacked_outside_or_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("kept")
    inside = tmp_path / "inside"
    inside.mkdir()
    chunks = archive(
        ("run", tarfile.DIRTYPE, ""),
        ("run/good", tarfile.REGTYPE, "good"),
        ("run/../../outside/made", tarfile.REGTYPE, "bad"),
        ("/outside/made", tarfile.REGTYPE, "good"),
        ("run/link", tarfile.SYMTYPE, str(outside)),
        ("run/link/made", tarfile.REGTYPE, "bad"),
        ("run/secret", tarfile.SYMTYPE, str(outside / "secret")),
        ("run/secret", tarfile.REGTYPE, "bad"),
        ("run/hard", tarfile.LNKTYPE, "run/secret"),
        ("run/same", tarfile.LNKTYPE, "run/good"),
        ("run/pipe", tarfile.FIFOTYPE, ""),
    )
    unpack(chunks, inside)
    assert [path.name for path in outside.iterdir()] == ["secret"]
    assert (outside / "secret").read_text() == "kept"
    assert (inside / "same").read_text() == "good"
    assert not (inside / "hard").exists()
    assert not (inside / "pipe").exists()
    assert (inside / "link").is_symlink()


def test_a_shared_folder_is_not_written_through_a_link(tmp_path: Path) -> None:
    outside, shared = tmp_path / "outside", tmp_path / "shared"
    outside.mkdir()
    shared.mkdir()
    (shared / "link").symlink_to(outside)
    (shared / "file").symlink_to(outside / "made")
    chunks = archive(
        ("shared/link/made", tarfile.REGTYPE, "bad"),
        ("shared/file", tarfile.REGTYPE, "new"),
        ("shared/../outside/made", tarfile.REGTYPE, "bad"),
    )
    unpack_changed(chunks, shared, {})
    assert list(outside.iterdir()) == []
    assert (shared / "file").read_text() == "new"


def test_a_download_that_is_cut_short_is_an_error(tmp_path: Path) -> None:
    chunks = archive(("run/a", tarfile.REGTYPE, "x" * 2000))
    with pytest.raises(tarfile.TarError):
        unpack(chunks[:2], tmp_path)


def test_a_file_that_is_mostly_a_hole_comes_home_as_one(tmp_path: Path) -> None:
    size = 64 << 20
    content = b"begin" + bytes(size // 2) + b"middle" + bytes(size // 2)
    run, shared = tmp_path / "run", tmp_path / "shared"
    run.mkdir()
    shared.mkdir()
    unpack(archive(("run/holes", tarfile.REGTYPE, content.decode())), run)
    unpack_changed(archive(("shared/holes", tarfile.REGTYPE, content.decode())), shared, {})
    for file in (run / "holes", shared / "holes"):
        assert file.read_bytes() == content
        assert file.stat().st_blocks * 512 < 1 << 20
