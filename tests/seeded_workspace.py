"""Makes a workspace in which every pane has something to show, quickly and always the same.

Thirty runs of three experiments with different arguments, long curves, charts, tables and pictures; failed, canceled,
running and queued ones; models, endpoints, datasets, environments; names as long as they may be. Everything is
written through the store, nothing is run. Whoever makes a new pane adds what it shows here.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import struct
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_aml.domain.datasets import DatasetKind, DatasetVersion, dataset_id
from desktop_aml.domain.environments import BuildState, EnvironmentKind, EnvironmentLock, LockedPackage
from desktop_aml.domain.metrics import Scalar
from desktop_aml.domain.registry import Endpoint, EndpointState, ModelVersion
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.runs import Artifact, RunEvent, RunOutcome
from desktop_aml.domain.summaries.log_notes import ERRORS, TIMES
from desktop_aml.domain.targets import DASK
from desktop_aml.record import manifests
from desktop_aml.record.writing import RecordWriter
from desktop_aml.run_folder import snapshot
from desktop_aml.serving.use import USE_FILE
from desktop_aml.store import azure_records, datasets, environments, metrics, registry, runs
from desktop_aml.store.database import Database, migrate
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.record import outbox
from desktop_aml.store.record.kinds import MANIFESTS
from desktop_aml.store.record.readers import Readers
from desktop_aml.workspace import trust
from desktop_aml.workspace.tracking.model_records import ModelRecord, records_of_models
from tests.seeded_files import PAPER, picture
from tests.seeded_use import seeded_use

AT: Final = 1_790_000_000.0
"""Unix time at which the newest run began, where the caller names none."""

LONG_POINTS: Final = 100_000
LONG_NAME: Final = "a-very-long-name-that-somebody-chose-to-remember-everything-about-it-by-" + "and-more-" * 8 + "end"

LONG_THING: Final = LONG_NAME[:120]
"""The name of an environment, a model and a dataset."""

_SCRIPT: Final = '''"""Train a classifier of customers who leave."""
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.01, help="Learning rate")
parser.add_argument("--depth", type=int, default=4, help="Depth of the trees")
parser.add_argument("--kernel", choices=["linear", "rbf", "poly"], default="rbf")
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--augment", action="store_true", help="Turn and mirror the samples")
args = parser.parse_args()
print("training", vars(args))
'''
_SPEC: Final = """name: churn
dependencies:
  - python=3.11
  - pip:
      - scikit-learn==1.5.2
      - pandas==2.2.3
"""
_TRACEBACK: Final = (
    'Traceback (most recent call last):\n  File "train.py", line 31, in <module>\n    model.fit(table, answers)\n'
    "ValueError: Input X contains NaN.\n"
)
_LONG_NAMED: Final = 3
_KERNELS: Final = ("linear", "rbf", "poly")
_EXPERIMENTS: Final = (("churn", 16), ("image-classification-with-augmentation", 10), ("demand", 4))


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was made, for whoever opens it.

    Parameters
    ----------
    completed, failed, canceled, running, queued : tuple of str
        Ids of runs by how they stand; the first completed one has the most to show.
    """

    folder: Path
    completed: tuple[str, ...]
    failed: tuple[str, ...]
    canceled: tuple[str, ...]
    running: tuple[str, ...]
    queued: tuple[str, ...]
    long_named: str
    script: Path


def make(root: Path, *, at: float = AT, long_points: int = LONG_POINTS) -> Seeded:
    """Make the workspace in the new folder `root` and trust it.

    Parameters
    ----------
    at : float
        Unix time in seconds at which the newest run began; all others lie before.
    long_points : int
        Points of each long curve of the first run.
    """
    folder = WorkspaceFolder(root / "churn study")
    folder.make("churn study")
    migrate(folder.database)
    trust.trust(folder)
    source = root / "source"
    source.mkdir(parents=True)
    (source / "train.py").write_text(_SCRIPT)
    (source / "environment.yml").write_text(_SPEC)
    (source / "helpers.py").write_text("WIDTH = 3\n")
    pool = azure_records.ComputeRecord(kind=DASK, created_at=at, max_nodes=2, runs_on="pool")
    azure_records.computes(folder).put("pool", pool)
    with Database(folder.database, read_only=False) as db:
        with db.transaction():
            made = _Maker(folder, db, source, at).everything(long_points)
        with closing(Readers(folder.database)) as readers:
            written = RecordWriter(folder, readers).write(outbox.waiting(db, MANIFESTS, 1_000_000))
        outbox.clear(db, written.done)
    return made


class _Maker:
    """Writes one workspace."""

    def __init__(self, folder: WorkspaceFolder, db: Database, source: Path, at: float) -> None:
        self._folder, self._db, self._source, self._at = folder, db, source, at
        self._random = random.Random(20)
        self._lock_hash = ""
        self._by_state: dict[str, list[str]] = {}

    def everything(self, long_points: int) -> Seeded:
        self._environments()
        number = 0
        for experiment, count in _EXPERIMENTS:
            for _ in range(count):
                self._run(experiment, number)
                number += 1
        first = self._by_state["completed"][0]
        self._long_curves(first, long_points)
        self._records(first)
        self._outputs(first)
        self._models(first)
        self._endpoints()
        self._datasets()
        states = {
            name: tuple(self._by_state[name]) for name in ("completed", "failed", "canceled", "running", "queued")
        }
        script, long_named = self._source / "train.py", self._by_state["completed"][_LONG_NAMED]
        return Seeded(folder=self._folder.root, script=script, long_named=long_named, **states)

    # Runs.

    def _run(self, experiment: str, number: int) -> None:
        run_id = f"{experiment}_{1_700_000_000 + number}_{number:08x}"[:80]
        at = self._at - 3600.0 * 7 * (number if number < 28 else 0)
        kernel = _KERNELS[number % 3]
        arguments = ["--lr", str(0.1 / 2 ** (number % 6)), "--depth", str(2 + number % 5), "--kernel", kernel]
        arguments += ["--seed", str(number), *(["--augment"] if number % 4 == 0 else [])]
        request = SubmitRun(
            run_id=run_id,
            experiment=experiment,
            script="train.py",
            source_directory=str(self._source),
            arguments=tuple(arguments),
            environment="churn",
            target="docker" if number % 9 == 5 else "local",
            display_name=LONG_NAME if number == _LONG_NAMED else "",
            tags={"owner": "mo", "phase": ("first", "second")[number % 2]},
            properties={"git.branch": "main"},
        )
        runs.insert(self._db, request, environment="churn:1", version=1, seed=11 + number, at=at)
        place = self._folder.run(run_id)
        snapshot.take(self._source, place, self._folder.blobs)
        manifests.write_request(self._folder, request)
        self._by_state.setdefault(self._carry_out(run_id, number, at), []).append(run_id)

    def _carry_out(self, run_id: str, number: int, at: float) -> str:
        """Move a run to where its number says, with what it logged until then; return how it stands."""
        if number == 29:
            return "queued"
        self._move(run_id, RunEvent.CLAIMED, at + 1)
        self._move(run_id, RunEvent.STARTED, at + 4)
        runs.set_lock(self._db, run_id, lock_hash=self._lock_hash, python_version="3.11.9")
        lines = [f"epoch {epoch}: loss {1 / (epoch + 1):.4f}\n" for epoch in range(400)]
        took_s = 40.0 + 13 * number
        self._curves(run_id, at, 60)
        if number == 28:
            self._log(run_id, "".join(lines[:120]))
            return "running"
        if number % 10 == 7:
            self._log(run_id, "".join(lines[:30]) + _TRACEBACK)
            self._end(run_id, RunEvent.ERRORED, RunOutcome(exit_code=1, started_at=at + 4, ended_at=at + 4 + took_s))
            return "failed"
        if number % 10 == 8:
            self._log(run_id, "".join(lines[:50]))
            self._move(run_id, RunEvent.CANCEL, at + took_s)
            self._end(run_id, RunEvent.LOST, RunOutcome(reason="canceled", started_at=at + 4, ended_at=at + took_s))
            return "canceled"
        self._log(run_id, "".join(lines) + "\x1b[32mall done\x1b[0m\n")
        self._end(run_id, RunEvent.SUCCEEDED, RunOutcome(exit_code=0, started_at=at + 4, ended_at=at + 4 + took_s))
        return "completed"

    def _move(self, run_id: str, event: RunEvent, at: float, **more: object) -> None:
        runs.move(self._db, run_id, event, at=at, **more)  # type: ignore[arg-type]

    def _end(self, run_id: str, event: RunEvent, outcome: RunOutcome) -> None:
        error = "ValueError: Input X contains NaN." if event is RunEvent.ERRORED else ""
        hint = "Look at the end of the log." if error else ""
        ended_at = outcome.ended_at or 0.0
        while not runs.state_of(self._db, run_id).is_terminal():
            self._move(run_id, event, ended_at, outcome=outcome, error=error, hint=hint)

    def _log(self, run_id: str, text: str) -> None:
        logs = self._folder.run(run_id) / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        (logs / "std_log.txt").write_text(text)
        self._note_log(logs, text)

    def _note_log(self, logs: Path, text: str) -> None:
        """Note beside a log, as launcher and script do, when it came and that each tenth line is of standard error."""
        place, times, errors = 0, [int(self._at * 1e6), 0], []
        for number, line in enumerate(text.encode().splitlines(keepends=True)):
            if number % 10 == 3:
                errors += [place, place + len(line)]
            place += len(line)
            if number % 4 == 0:
                times += [int((self._at + number / 3) * 1e6), place]
        for name, numbers in ((TIMES, times), (f"{ERRORS}100", errors)):
            (logs / name).write_bytes(struct.pack(f"<{len(numbers)}q", *numbers))

    # What runs logged.

    def _curves(self, run_id: str, at: float, count: int) -> None:
        speed = self._random.uniform(0.02, 0.1)
        points: list[tuple[str, int | None, float, Scalar]] = [("kernel", None, at, self._random.choice(_KERNELS))]
        for step in range(count):
            noise = self._random.gauss(0, 0.02)
            loss = math.exp(-speed * step) + abs(noise)
            points.append(("train/loss", step, at + step, loss))
            points.append(("train/accuracy", step, at + step, min(0.999, 1 - loss / 2)))
            points.append(("val/loss", step, at + step, loss * 1.2 if step % 7 else math.nan))
        points.append(("f1", None, at + count, round(self._random.uniform(0.7, 0.95), 4)))
        metrics.add_points(self._db, run_id, points)

    def _long_curves(self, run_id: str, count: int) -> None:
        value, points = 0.0, list[tuple[str, int | None, float, Scalar]]()
        for step in range(count):
            value += self._random.gauss(0, 1)
            points.append(("system/gradient_norm_of_the_whole_network", step, self._at + step / 100, abs(value)))
            points.append(("system/learning_rate", step, self._at + step / 100, 10.0 ** (-1 - 5 * step / count)))
        metrics.add_points(self._db, run_id, points)
        metrics.add_points(self._db, run_id, [("dropped", step, self._at + step, 0) for step in range(50)])

    def _records(self, run_id: str) -> None:
        table = {"epoch": list(range(20)), "precision": [0.5 + n / 50 for n in range(20)]}
        records: list[tuple[str, str, float, object]] = [
            ("learning curve", "list", self._at, [1 / (n + 1) for n in range(40)]),
            ("best", "row", self._at, {"depth": 3, "accuracy": 0.97, "kernel": "rbf"}),
            ("by epoch", "table", self._at, table),
            ("confusion", "confusion_matrix", self._at, {"path": "confusion.json"}),
            ("picture", "image", self._at, {"path": "picture.png"}),
        ]
        metrics.add_records(self._db, run_id, records)

    def _outputs(self, run_id: str) -> None:
        matrix = {"class_labels": ["stays", "leaves", "unknown"], "matrix": [[90, 8, 2], [12, 80, 8], [5, 9, 36]]}
        chart = {"schema_type": "confusion_matrix", "schema_version": "1.0.0", "data": matrix}
        rows = "\n".join(f"{n},customer {n},{n * 0.37:.2f}" for n in range(2000))
        files = {
            "confusion.json": json.dumps(chart).encode(),
            "picture.png": picture(320, 200),
            "outputs/model.pkl": bytes(180_000),
            "outputs/predictions.csv": f"id,name,score\n{rows}\n".encode(),
            "outputs/report.pdf": PAPER,
            "outputs/report.json": json.dumps({"accuracy": 0.97, "classes": ["stays", "leaves"]}).encode(),
            f"outputs/{LONG_NAME}.txt": b"A file with a long name.\n",
        }
        kept, blobs = [], self._folder.blobs
        for path, content in files.items():
            place = self._folder.run(run_id) / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            digest, size = blobs.add(place)
            kept.append(Artifact(path, size, digest))
        blobs.flush()
        runs.add_artifacts(self._db, run_id, kept)

    # The registry.

    def _environments(self) -> None:
        wanted = [
            ("churn", EnvironmentKind.CONDA, _SPEC, BuildState.READY),
            ("vision", EnvironmentKind.PIP, "torch==2.5.1\ntorchvision==0.20.1\n", BuildState.NOT_BUILT),
            ("base-image", EnvironmentKind.IMAGE, "python:3.11-slim\n", BuildState.NOT_BUILT),
            ("broken", EnvironmentKind.PIP, "scikit-lern==1.0\n", BuildState.FAILED),
            (LONG_THING, EnvironmentKind.PIP, "numpy==2.1.3\n", BuildState.NOT_BUILT),
        ]
        for name, kind, text, state in wanted:
            environments.register(self._db, name, kind, text, "", self._at - 1e6)
            self._folder.environment(name, 1).mkdir(parents=True)
            environments.set_state(self._db, name, 1, state)
        packages = tuple(
            LockedPackage(name, version, (f"sha256:{hashlib.sha256(name.encode()).hexdigest()}",))
            for name, version in (
                ("numpy", "2.1.3"),
                ("pandas", "2.2.3"),
                ("scikit-learn", "1.5.2"),
                ("scipy", "1.14.1"),
            )
        )
        lock = EnvironmentLock("3.11.9", "x86_64-linux", "uv", packages, "")
        self._lock_hash = environments.save_lock(self._db, lock)
        environments.set_built(self._db, "churn", 1, key="0" * 64, lock_hash=self._lock_hash, python_version="3.11.9")
        log = "".join(f"Installing {one.name} {one.version}\n" for one in packages)
        (self._folder.environment("churn", 1) / "build.log").write_text(log)

    def _models(self, run_id: str) -> None:
        digest = next(a.sha256 for a in runs.artifacts(self._db, run_id) if a.path.endswith("model.pkl"))
        for name, count in (("churn-classifier", 3), ("vision", 1), (LONG_THING, 1)):
            for _ in range(count):
                version = registry.next_version(self._db, name)
                model = ModelVersion(
                    name=name,
                    version=version,
                    created_at=self._at - 86400.0 * (10 - version),
                    run_id=run_id,
                    path="outputs/model.pkl",
                    framework="ScikitLearn",
                    framework_version="1.5.2",
                    description="Who leaves, by what they did in the last quarter",
                    tags={"stage": "candidate"},
                    files=(Artifact("model.pkl", 180_000, digest),),
                    environment="churn:1",
                    environment_key="0" * 64,
                )
                registry.insert_model(self._db, model)
        aliases = {"champion": 3, "fallback": 1}
        said = ModelRecord(created_at=self._at, updated_at=self._at, aliases=aliases)
        records_of_models(self._folder).put("churn-classifier", said)

    def _endpoints(self) -> None:
        error = "The model cannot be loaded: No module named 'xgboost'."
        for name, state, more in (
            ("churn", EndpointState.HEALTHY, {"port": 5001, "scoring_uri": "http://127.0.0.1:5001/score"}),
            ("churn-canary", EndpointState.STOPPED, {}),
            ("vision", EndpointState.FAILED, {"error": error}),
        ):
            made = Endpoint(
                name=name,
                model_name="churn-classifier",
                model_version=3,
                state=state,
                created_at=self._at - 4000,
                environment="churn:1",
                **more,  # type: ignore[arg-type]
            )
            wanted = "serving" if state is EndpointState.HEALTHY else "stopped"
            registry.put_endpoint(self._db, made, wanted=wanted)
        folder = self._folder.endpoint("churn")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / USE_FILE).write_text(json.dumps(seeded_use(self._at)))

    def _datasets(self) -> None:
        for name, kind in (
            ("customers", DatasetKind.TABULAR),
            ("photos", DatasetKind.FILE),
            (LONG_THING, DatasetKind.FILE),
        ):
            files = (Artifact("2026/customers.csv", 4_200_000, "a" * 64), Artifact("2026/more.csv", 120_000, "b" * 64))
            definition = json.dumps({"paths": [name]})
            identifier = dataset_id(definition, files)
            made = DatasetVersion(
                name=name,
                version=datasets.next_version(self._db, name),
                id=identifier,
                kind=kind,
                created_at=self._at - 5e5,
                definition=definition,
                files=files,
            )
            datasets.save(self._db, made)
            datasets.insert_version(self._db, made)
