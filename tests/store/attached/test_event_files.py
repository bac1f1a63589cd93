"""TensorBoard's folders and Optuna's storages are read without either; hostile files cost no run and no time."""

from __future__ import annotations

import math
import os
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest

from desktop_aml.domain.errors import StorageError
from desktop_aml.domain.runs import RunQuery
from desktop_aml.store.attached import event_files
from desktop_aml.workspace import Workspace
from tests.attached_sources import record, scalar_event


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace.create(tmp_path / "ws")
    yield made
    made.close()


def event_file(path: Path, *events: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(map(record, events)))
    return path


def by_name(workspace: Workspace) -> dict[str, str]:
    return {run.display_name: run.id for run in workspace.runs.list(RunQuery())}


def test_folders_of_event_files_are_runs_with_their_curves(workspace: Workspace, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    event_file(
        logs / "train" / "events.out.tfevents.1.host",
        b"\x1a\x0dbrain.Event:2",
        *(scalar_event("loss", 1.0 / (step + 1), step, 1000.0 + step) for step in range(3)),
        scalar_event("acc", 0.5, -1, 1002.0, tensor=True),
        scalar_event("odd", math.nan, 0, 1002.0),
    )
    event_file(logs / "train" / "events.out.tfevents.2.host", scalar_event("loss", 0.0, 3, 1010.0))
    event_file(logs / "val" / "deep" / "events.out.tfevents.1.host", scalar_event("loss", 7.0, 0, 1000.0))
    made = workspace.attachments.attach(logs)
    assert (made.kind, made.runs) == ("TensorBoard folder", 2)
    runs = by_name(workspace)
    assert sorted(runs) == ["train", "val/deep"]
    curve = workspace.runs.curves.read(runs["train"], "loss")
    assert curve.values.tolist() == [1.0, 0.5, pytest.approx(1 / 3), 0.0]
    assert (curve.steps.tolist(), curve.times.tolist()) == ([0, 1, 2, 3], [1000.0, 1001.0, 1002.0, 1010.0])
    assert workspace.runs.curves.read(runs["train"], "acc").steps.tolist() == [-1]
    assert math.isnan(workspace.runs.curves.read(runs["train"], "odd").values[0])
    assert workspace.runs.get(runs["train"]).summary.duration_s(0) == 10.0
    found = workspace.runs.list(RunQuery(search="min.loss < 1"))
    assert [run.display_name for run in found] == ["train"]


def test_files_are_read_once_for_all_curves_of_a_run_and_again_when_they_grew(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = event_file(
        tmp_path / "logs" / "events.out.tfevents.1", *(scalar_event(f"m{n}", n, 0, 1.0) for n in range(9))
    )
    workspace.attachments.attach(tmp_path / "logs")
    [run_id] = by_name(workspace).values()
    opened = list[Path]()
    real = event_files.open_regular
    monkeypatch.setattr(event_files, "open_regular", lambda path: (opened.append(path), real(path))[1])
    assert len(workspace.runs.metrics(run_id).curves) == 9
    assert opened == [file]
    file.write_bytes(file.read_bytes() + record(scalar_event("m0", 5.0, 1, 2.0)))
    assert workspace.runs.curves.read(run_id, "m0").values.tolist() == [0.0, 5.0]


def test_what_is_torn_or_damaged_ends_a_file_where_it_is(workspace: Workspace, tmp_path: Path) -> None:
    good = [record(scalar_event("loss", float(step), step, 1.0)) for step in range(3)]
    lies = struct.pack("<Q", 1 << 60)
    odd = {
        "torn": good[0] + good[1] + good[2][:-7],
        "bad checksum": good[0] + good[1][:8] + b"\0\0\0\0" + good[1][12:] + good[2],
        "a length that lies": good[0] + lies + event_files_checksum(lies) + b"x" * 100,
        "no protocol": good[0] + record(b"\xff" * 50) + record(b"\x2a\xff\xff\xff\xff\x0f") + good[1],
        "noise": os.urandom(10_000),
        "empty": b"",
    }
    for name, data in odd.items():
        place = tmp_path / "logs" / name
        place.mkdir(parents=True)
        (place / "events.out.tfevents.1").write_bytes(data)
    hole = tmp_path / "logs" / "hole"
    hole.mkdir()
    with (hole / "events.out.tfevents.1").open("wb") as stream:
        stream.truncate(1 << 40)
    os.mkfifo(tmp_path / "logs" / "torn" / "events.out.tfevents.2")
    (tmp_path / "logs" / "again").symlink_to(tmp_path / "logs")
    began = time.process_time()
    assert workspace.attachments.attach(tmp_path / "logs").runs == 7
    assert time.process_time() - began < 20
    runs = by_name(workspace)
    points = {name: len(workspace.runs.curves.read(runs[name], "loss").values) for name in runs}
    assert points == {
        "torn": 2,
        "bad checksum": 1,
        "a length that lies": 1,
        "no protocol": 2,
        "noise": 0,
        "empty": 0,
        "hole": 0,
    }


def event_files_checksum(data: bytes) -> bytes:
    return struct.pack("<I", event_files._masked(event_files._crc(data)))


def test_what_is_large_is_passed_over_unread(workspace: Workspace, tmp_path: Path) -> None:
    image = b"\x2a" + b"\xff\xff\xff\x01" + b"x" * (4 << 20)
    event_file(tmp_path / "logs" / "events.out.tfevents.1", image, scalar_event("loss", 2.0, 1, 5.0))
    workspace.attachments.attach(tmp_path / "logs")
    assert workspace.runs.curves.read(by_name(workspace)["logs"], "loss").values.tolist() == [2.0]


def test_trials_of_optuna_are_runs_of_their_study(workspace: Workspace, tmp_path: Path) -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    file = tmp_path / "trials.db"
    study = optuna.create_study(storage=f"sqlite:///{file}", study_name="tune svc", direction="minimize")

    def objective(trial: optuna.Trial) -> float:
        kernel = trial.suggest_categorical("kernel", ["rbf", "linear"])
        depth, rate = trial.suggest_int("depth", 1, 5), trial.suggest_float("rate", 1e-3, 1.0, log=True)
        for step in range(3):
            trial.report(1.0 / (step + 1), step)
        trial.set_user_attr("note", "kept")
        if trial.number == 1:
            raise optuna.TrialPruned
        if trial.number == 2:
            return float("inf")
        return rate + depth + (kernel == "rbf")

    study.optimize(objective, n_trials=3)
    made = workspace.attachments.attach(file)
    assert (made.kind, made.runs) == ("Optuna storage", 3)
    runs = by_name(workspace)
    assert sorted(runs) == ["tune svc 0", "tune svc 1", "tune svc 2"]
    states = {name: str(workspace.runs.get(run_id).summary.state) for name, run_id in runs.items()}
    assert states == {"tune svc 0": "Completed", "tune svc 1": "Canceled", "tune svc 2": "Completed"}
    first = workspace.runs.get(runs["tune svc 0"])
    assert {one.name: one.value for one in first.parameters} == study.trials[0].params
    assert (first.tags["note"], first.summary.experiment) == ("kept", "tune svc")
    assert workspace.runs.curves.read(runs["tune svc 0"], "value").values.tolist() == [study.trials[0].value]
    assert workspace.runs.curves.read(runs["tune svc 2"], "value").values.tolist() == [math.inf]
    assert workspace.runs.curves.read(runs["tune svc 1"], "intermediate").steps.tolist() == [0, 1, 2]
    file.unlink()
    with pytest.raises(StorageError, match="is gone"):
        workspace.runs.curves.read(runs["tune svc 1"], "intermediate")
