"""Where a script worked goes after the end of its run; whatever is kept nowhere else stays."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_aml.domain.runs import Artifact, RunState
from desktop_aml.engine.runs.finalization import RunEnding
from desktop_aml.run_folder import collect, snapshot, working_copies
from desktop_aml.store import runs
from desktop_aml.store.blobs import BlobStore, digest_of
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from tests.conftest import DrivenEngine
from tests.engine.runs.test_flow import submit
from tests.run_folder.test_left_files import write

Write = Callable[..., Path]


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


@pytest.fixture
def run(tmp_path: Path, blobs: BlobStore) -> Path:
    """A run's folder whose source was laid out."""
    write(tmp_path / "source/train.py", "print(1)\n")
    write(tmp_path / "source/pkg/a.py", "a = 1\n")
    run = tmp_path / "ws/runs/r"
    snapshot.take(tmp_path / "source", run, blobs)
    snapshot.lay_out(run, blobs)
    return run


def kept_of(found: collect.Collected) -> dict[str, str]:
    return {artifact.path: artifact.sha256 for artifact in found.artifacts}


def left(run: Path) -> list[str]:
    return sorted(
        path.relative_to(run).as_posix()
        for path in (run / "snapshot").rglob("*")
        if path.is_symlink() or not path.is_dir()
    )


def test_all_that_the_store_has_goes(run: Path, blobs: BlobStore) -> None:
    write(run / "snapshot/outputs/model.bin", "m")
    write(run / "snapshot/metrics.json", "{}")
    write(run / "snapshot/pkg/__pycache__/a.cpython-311.pyc", "c")
    write(run / "snapshot/pkg/a.py", "a = 2\n")
    (run / "snapshot/outputs/link").symlink_to("model.bin")
    write(run / "uploads/figure.png", "f")
    found = collect.collect(run, blobs)
    working_copies.clear(run, blobs, kept_of(found), found.looks)
    assert not (run / "snapshot").exists()
    assert not (run / "uploads").exists()
    assert [file.path for file in snapshot.manifest(run)] == ["pkg/a.py", "train.py"], "the code is there still"


def test_what_a_server_was_just_taking_when_it_was_killed_goes(run: Path, blobs: BlobStore, tmp_path: Path) -> None:
    write(run / "uploads.partial/tmpx", "half a file")
    write(run / "uploads.partial/0123-2/1.ab", "a part")
    working_copies.clear(run, blobs, {}, {})
    assert not (run / "uploads.partial").exists()
    write(tmp_path / "elsewhere/kept", "1")
    (run / "uploads.partial").symlink_to(tmp_path / "elsewhere")
    working_copies.clear(run, blobs, {}, {})
    assert (tmp_path / "elsewhere/kept").exists()


def test_what_is_kept_nowhere_else_stays(run: Path, blobs: BlobStore, tmp_path: Path) -> None:
    write(run / "snapshot/outputs/model.bin", "m")
    write(run / "snapshot/outputs/late.bin", "first")
    (run / "snapshot/outputs/secret").symlink_to(tmp_path)
    os.mkfifo(run / "snapshot/pipe")
    found = collect.collect(run, blobs)
    write(run / "snapshot/outputs/late.bin", "later")
    write(run / "snapshot/outputs/new.bin", "new")
    write(run / "snapshot/train.py", "changed")
    blobs.path_of(kept_of(found)["outputs/model.bin"]).unlink()
    working_copies.clear(run, blobs, kept_of(found), found.looks)
    assert left(run) == [
        "snapshot/outputs/late.bin",
        "snapshot/outputs/model.bin",
        "snapshot/outputs/new.bin",
        "snapshot/outputs/secret",
        "snapshot/pipe",
        "snapshot/train.py",
    ]


def test_without_what_was_seen_at_collection_the_bytes_tell(run: Path, blobs: BlobStore) -> None:
    write(run / "snapshot/outputs/model.bin", "m")
    kept = kept_of(collect.collect(run, blobs))
    write(run / "snapshot/outputs/other.bin", "o")
    (run / "laid_out.json").unlink()
    working_copies.clear(run, blobs, kept, {})
    assert left(run) == ["snapshot/outputs/other.bin"]


def test_a_folder_that_was_replaced_by_a_link_is_not_followed(run: Path, blobs: BlobStore, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere/train.py", "print(1)\n")
    (run / "snapshot").rename(run / "moved")
    (run / "snapshot").symlink_to(tmp_path / "elsewhere")
    working_copies.clear(run, blobs, {}, {})
    assert (tmp_path / "elsewhere/train.py").exists()


WRITES_THROUGH = """
import os
for name in ("train.py", "data.bin"):
    assert os.stat(name).st_nlink == 1, "a second name of a file of the store"
os.chmod("data.bin", 0o400)  # keeps everybody out but root
if {is_forced}:
    assert os.geteuid() == 0
with open("train.py", "a") as own: own.write("# more")
if not {is_forced}:
    os.chmod("data.bin", 0o600)
os.truncate("data.bin", 3)
with open("data.bin", "r+b") as data: data.write(b"X")
"""
AS_ROOT = ["unshare", "--user", "--map-root-user"]
"""Makes root of an ordinary user, over this user's own files."""


def becomes_root() -> list[str]:
    """Return the words before a command that make it root's; skip where nobody can become root."""
    if os.geteuid() == 0:
        return []
    try:
        can = subprocess.run([*AS_ROOT, "true"], check=False, capture_output=True).returncode == 0
    except OSError:
        can = False
    return AS_ROOT if can else pytest.skip("nobody can become root here")


@pytest.mark.parametrize("who", ["whoever starts the tests", "root"])
def test_a_script_that_writes_through_its_own_source_changes_no_blob_and_no_other_run(
    driven: DrivenEngine, write_script: Write, who: str
) -> None:
    words = becomes_root() if who == "root" else []
    code = WRITES_THROUGH.format(is_forced=who == "root")
    script = write_script(
        "import os, subprocess, sys\n"
        f"subprocess.run([*{words!r}, sys.executable, '-c', {code!r}], check=True)\n"
        "os.makedirs('outputs', exist_ok=True)\n"
        "open('outputs/o.txt', 'w').write('o')\n"
    )
    (script.parent / "data.bin").write_bytes(b"0123456789")
    for run_id in ("exp_1_a", "exp_1_b"):
        submit(driven, script, run_id)
        assert driven.until_over(run_id) is RunState.COMPLETED
        folder = driven.folder.run(run_id)
        with Database(driven.folder.database, read_only=True) as db:
            kept = {artifact.path: artifact for artifact in runs.artifacts(db, run_id)}
        source = {file.path: file for file in snapshot.manifest(folder)}
        assert source["data.bin"].size_bytes == 10
        for file in (*kept.values(), *source.values()):
            assert digest_of(driven.folder.blobs.path_of(file.sha256)) == file.sha256
        assert kept["data.bin"].size_bytes == 3, "what it made of its source is kept beside it"
        assert script.name in kept
        assert not (folder / "snapshot").exists()
    assert isinstance(kept["outputs/o.txt"], Artifact)


def room(folder: Path) -> int:
    """Return the room that a folder takes on the disk, holes left out, in bytes."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))


def test_three_runs_of_a_folder_take_its_room_once_and_each_output_once(
    driven: DrivenEngine, write_script: Write
) -> None:
    output_bytes, run_bytes = 200_000, 120_000
    script = write_script(
        "import os\n"
        f"open('outputs/result.bin', 'wb').write(os.urandom({output_bytes}))\n"
        "with open('outputs/holes.bin', 'wb') as file: file.truncate(8_000_000)\n"
    )
    (script.parent / "data.bin").write_bytes(os.urandom(2_000_000))
    with (script.parent / "holes.bin").open("wb") as file:
        file.truncate(8_000_000)
    source = room(script.parent)
    assert source < 3_000_000, "the file system keeps holes"
    for run_id in ("exp_1_a", "exp_1_b", "exp_1_c"):
        submit(driven, script, run_id)
        assert driven.until_over(run_id) is RunState.COMPLETED
    taken = sum(room(driven.folder.root / name) for name in ("blobs", "runs"))
    assert source + 3 * output_bytes < taken < source + 3 * (output_bytes + run_bytes), "each once, beside the records"


def test_an_engine_that_dies_at_the_end_of_a_run_loses_and_doubles_nothing(
    folder: WorkspaceFolder, marked_processes: object, write_script: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = folder.run("exp_1_a") / "snapshot/outputs/o.txt"

    def dies(*_: object) -> None:
        output.unlink()  # half way through
        raise OSError("killed")

    first = DrivenEngine(folder)
    with monkeypatch.context() as patch:
        patch.setattr(working_copies, "clear", dies)
        patch.setattr(RunEnding, "_over", lambda *_: None)
        run_id = submit(first, write_script("for n in ('model.bin', 'outputs/o.txt'): open(n, 'w').write(n)\n"))
        first.until(lambda: first.state(run_id) is RunState.FINALIZING, "the end of the script")
        first.until(lambda: not output.exists(), "the end of the engine")
        first.close()
    second = DrivenEngine(folder)
    assert second.until_over(run_id) is RunState.COMPLETED
    second.close()
    with Database(folder.database, read_only=True) as db:
        kept = [artifact.path for artifact in runs.artifacts(db, run_id)]
    assert kept == sorted(set(kept))
    assert {"model.bin", "outputs/o.txt"} <= set(kept)
    assert not (folder.run(run_id) / "snapshot").exists()
