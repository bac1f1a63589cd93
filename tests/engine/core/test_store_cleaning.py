"""Deleting frees the disk, and whatever anything means stays, in whatever order things happen."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.requests import CleanStore, DeleteModel, DeleteRun, Done, RegisterModel, SubmitRun
from desktop_aml.domain.runs import RunState
from desktop_aml.record import manifests
from desktop_aml.run_folder import snapshot
from desktop_aml.store import cleaning, registry, runs
from desktop_aml.store.blobs import digest_of
from desktop_aml.store.cleaning import Unused
from desktop_aml.store.database import Database, migrate
from desktop_aml.store.folder import WorkspaceFolder
from tests.conftest import DrivenEngine
from tests.engine.runs.test_flow import submit

Write = Callable[..., Path]


def blobs_of(folder: WorkspaceFolder) -> set[str]:
    return {path.name for path in (folder.root / "blobs/sha256").glob("??/*")}


def meant(folder: WorkspaceFolder) -> set[str]:
    """Return what must be there, found without the code that is tested."""
    with Database(folder.database, read_only=True) as db:
        ids = [run_id for run_id, _ in runs.in_states(db, list(RunState))]
        found = {artifact.sha256 for run_id in ids for artifact in runs.artifacts(db, run_id)}
        for model in registry.models(db):
            found |= {file.sha256 for one in registry.model_versions(db, model.name) for file in one.files}
    return found | {file.sha256 for run_id in ids for file in snapshot.manifest(folder.run(run_id))}


def test_deleting_a_run_frees_what_nothing_else_means(driven: DrivenEngine, write_script: Write) -> None:
    script = write_script("import os\nopen('outputs/own.bin', 'wb').write(os.urandom(100_000))\n")
    first = submit(driven, script, "exp_1_a")
    driven.until_over(first)
    second = submit(driven, script, "exp_1_b")
    driven.until_over(second)
    driven.ask(RegisterModel(name="m", run_id=second, path="outputs/own.bin"))
    before = blobs_of(driven.folder)
    assert cleaning.unused(driven.folder) == Unused(0, 0)
    assert cleaning.unused(driven.folder, frozenset({first})).size_bytes > 100_000
    driven.ask(DeleteRun(run_id=first))
    assert driven.ask(CleanStore()) == Done(changed=True)
    assert blobs_of(driven.folder) < before
    assert meant(driven.folder) == blobs_of(driven.folder), "the second run, its code and the model"
    driven.ask(DeleteRun(run_id=second))
    driven.ask(CleanStore())
    assert meant(driven.folder) == blobs_of(driven.folder) != set(), "the model stays"
    driven.ask(DeleteModel(name="m", version=1))
    driven.ask(CleanStore())
    assert blobs_of(driven.folder) == set()
    assert driven.ask(CleanStore()) == Done(changed=False)


def test_what_a_killed_copy_left_goes(folder: WorkspaceFolder) -> None:
    migrate(folder.database)
    root = folder.root / "blobs/sha256"
    root.mkdir(parents=True)
    (root / ".incoming-x1").write_bytes(b"half")
    assert cleaning.clean(folder).files == 1
    assert not (root / ".incoming-x1").exists()


def test_files_that_are_about_to_be_named_are_never_taken_for_leftovers(
    folder: WorkspaceFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the copy and the manifest that names it the cleaning begins, and waits."""
    migrate(folder.database)
    (tmp_path / "source").mkdir()
    (tmp_path / "source/train.py").write_text("pass")
    (tmp_path / "leftover").write_text("nothing means this")
    blobs = folder.blobs
    digest, _ = blobs.add(tmp_path / "leftover")
    blobs.flush()
    began, real = threading.Event(), snapshot.write_manifest
    cleaner = threading.Thread(target=lambda: (began.set(), cleaning.clean(folder)))

    def late(*wanted: object) -> None:
        cleaner.start()
        began.wait()
        cleaner.join(0.2)
        assert cleaner.is_alive(), "it waits"
        real(*wanted)

    monkeypatch.setattr(snapshot, "write_manifest", late)
    (file,) = snapshot.take(tmp_path / "source", folder.run("r"), folder.blobs)
    cleaner.join()
    assert blobs_of(folder) == {file.sha256}
    assert digest not in blobs_of(folder)


def test_a_record_of_an_unknown_kind_keeps_its_files(folder: WorkspaceFolder, tmp_path: Path) -> None:
    migrate(folder.database)
    (tmp_path / "a").write_text("a")
    blobs = folder.blobs
    digest, _ = blobs.add(tmp_path / "a")
    blobs.flush()
    record = folder.root / "endpoints/e/later/state.json"
    record.parent.mkdir(parents=True)
    record.write_text(f'{{"new": ["sha256:{digest}"]}}')
    assert cleaning.clean(folder).files == 0
    record.unlink()
    assert cleaning.clean(folder).files == 1


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_in_use_is_never_collected(driven: DrivenEngine, write_script: Write, seed: int) -> None:
    choice = random.Random(seed)
    folder = driven.folder
    script = write_script("import sys\nopen('outputs/o.txt', 'w').write(sys.argv[1])\nopen('beside', 'w').write('b')\n")
    alive: list[str] = []
    models: list[int] = []
    made = 0

    def new(from_run: str = "") -> None:
        nonlocal made
        made += 1
        run_id = f"exp_{made}_x"
        if from_run:
            snapshot.copy_manifest(folder.run(from_run), folder.run(run_id), folder.blobs)
        else:
            (script.parent / "data.txt").write_text(str(choice.randrange(3)))
            snapshot.take(script.parent, folder.run(run_id), folder.blobs)
        words = (str(choice.randrange(2)),)
        request = SubmitRun(
            run_id=run_id, script=script.name, environment="this-python", experiment="exp", arguments=words
        )
        manifests.write_request(folder, request)
        driven.ask(request)
        alive.append(run_id)

    def delete() -> None:
        run_id = choice.choice(alive)
        if isinstance(driven.ask(DeleteRun(run_id=run_id)), Done):
            alive.remove(run_id)

    def register() -> None:
        reply = driven.ask(RegisterModel(name="m", run_id=choice.choice(alive), path="outputs/o.txt"))
        if isinstance(reply, Done):
            models.append(reply.version)

    def download() -> None:
        with Database(folder.database, read_only=True) as db:
            for artifact in runs.artifacts(db, choice.choice(alive)):
                folder.blobs.copy_out(artifact.sha256, folder.root.parent / "downloads" / artifact.path)

    def forget() -> None:
        if models:
            driven.ask(DeleteModel(name="m", version=models.pop(choice.randrange(len(models)))))

    new()
    acts = [new, lambda: new(choice.choice(alive)), delete, delete, register, register, download, forget]
    for _ in range(14):
        if not alive:
            new()
        choice.choice(acts)()
        if choice.random() < 0.5:
            driven.ask(CleanStore())
        assert meant(folder) <= blobs_of(folder)
    for run_id in alive:
        driven.until_over(run_id)
    driven.ask(CleanStore())
    assert meant(folder) == blobs_of(folder)
    for digest in blobs_of(folder):
        assert digest_of(folder.blobs.path_of(digest)) == digest


def test_many_that_add_and_one_that_cleans_never_meet(folder: WorkspaceFolder, tmp_path: Path) -> None:
    migrate(folder.database)
    stop, problems = threading.Event(), list[str]()

    def add(number: int) -> None:
        source = tmp_path / f"source{number}"
        source.mkdir()
        for turn in range(15):
            (source / "a.txt").write_text(str(turn % 3))
            run = folder.run(f"r{number}-{turn}")
            for file in snapshot.take(source, run, folder.blobs):
                if not folder.blobs.path_of(file.sha256).exists():
                    problems.append(f"{run}: {file}")
            if turn % 2:
                snapshot.remove_folder(run)

    def clean() -> None:
        while not stop.is_set():
            try:
                cleaning.clean(folder)
            except DesktopAMLError as error:
                problems.append(str(error))

    cleaner = threading.Thread(target=clean)
    adders = [threading.Thread(target=add, args=(number,)) for number in range(3)]
    for thread in (cleaner, *adders):
        thread.start()
    for thread in adders:
        thread.join()
    stop.set()
    cleaner.join()
    assert problems == []
    for manifest in (folder.root / "runs").glob("*/snapshot.json"):
        for file in snapshot.manifest(manifest.parent):
            assert folder.blobs.path_of(file.sha256).exists()
