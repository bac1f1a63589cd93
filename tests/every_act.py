"""Every act on a workspace there is, by random choice, on a real engine whose scripts and fronts are played."""

from __future__ import annotations

import gc
import json
import random
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec

from desktop_aml.domain import requests as r
from desktop_aml.domain.journal import encode
from desktop_aml.domain.requests import Done, Reply
from desktop_aml.domain.runs import EXTERNAL, RunOutcome
from desktop_aml.domain.sharing.requests import ImportRun
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.records import SweepSpec
from desktop_aml.domain.sweeps.requests import ChangeSweep
from desktop_aml.domain.sweeps.space import space_of
from desktop_aml.engine.engine import Engine
from desktop_aml.engine.registry.output_datasets import OutputDataset
from desktop_aml.executors.external import ExternalExecutor, make_folders
from desktop_aml.inside_run.site.desktop_aml_run.dataset_variables import REGISTERED_OUTPUT
from desktop_aml.record import manifests
from desktop_aml.run_folder import snapshot
from desktop_aml.store import azure_records, runs
from desktop_aml.store.azure_records import ComputeRecord, ExperimentRecord, SecretRecord
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace.run.bundles import reading, writing
from tests.conftest import wait_until
from tests.fakes import OwnPython
from tests.organising_acts import ORGANISING
from tests.scripted_executor import ScriptedExecutor

EXPERIMENTS = ("iris", "Titanic-2")
WORDS = ("a", "é 🚀", "", "two words", "$(workspace)/x", "1.5")

Act = Callable[["Actor"], None]


class Actor:
    """Acts on one workspace."""

    def __init__(self, folder: WorkspaceFolder, source: Path) -> None:
        self.folder = folder
        self.source = source
        self.choice = random.Random(0)
        self.executor = ScriptedExecutor()
        self.replies: list[Reply] = []
        self.external: set[str] = set()
        self._count = 0
        self.engine = self._new_engine()

    def _new_engine(self) -> Engine:
        executors = {"local": self.executor, EXTERNAL: ExternalExecutor()}
        engine = Engine(self.folder, lambda _: None, executors=executors, source=OwnPython(), limit=3)
        engine.recover()
        return engine

    # What there is to choose from.

    def word(self) -> str:
        return self.choice.choice(WORDS)

    def labels(self) -> dict[str, str]:
        return {self.choice.choice("abc"): self.word() for _ in range(self.choice.randrange(3))}

    def rows(self, query: str) -> list[Any]:
        with Database(self.folder.database, read_only=True) as db:
            return [tuple(row) for row in db.all(query)]

    def some(self, query: str) -> Any:
        found = self.rows(query)
        return self.choice.choice(found) if found else None

    def run_id(self) -> str:
        found = self.some("SELECT id FROM run")
        return found[0] if found else "absent"

    # Acting.

    def ask(self, request: r.Request) -> Reply:
        future = self.engine.ask(request)
        wait_until(lambda: self.engine.tick() or future.done(), f"the reply to {request}")
        self.replies.append(future.result())
        return future.result()

    def settle(self) -> None:
        """Let all that is under way come to where nothing more happens without the next act."""

        def is_settled() -> bool:
            self.engine.tick()
            waiting = self.engine._runs._preparing
            return (
                waiting.is_idle()
                and self.engine._builds.are_idle()
                and self.engine._endpoints.are_settled()
                and self.engine._recorded.is_idle()
                and self.engine._requests.is_idle()
                and not any(one.ending for one in self.engine._runs._watched.values())
                and self.engine._runs.knows_its_data()
                and not self.engine._runs.ingest()
            )

        for _ in range(3):
            wait_until(is_settled, "an engine at rest")

    def submit(self) -> None:
        self._count += 1
        run_id = f"exp_{self._count}_{self.choice.randrange(1 << 20):x}"
        place = self.folder.run(run_id)
        snapshot.take(self.source, place, self.folder.blobs)
        output = OutputDataset(name="left", folder=str(self.source), definition='{"steps": []}')
        more = {f"{REGISTERED_OUTPUT}left": msgspec.json.encode(output).decode()} if self.choice.random() < 0.2 else {}
        environment = self.some("SELECT name || ':' || version FROM environment")
        request = r.SubmitRun(
            run_id=run_id,
            experiment=self.choice.choice(EXPERIMENTS),
            script="train.py" if self.choice.random() < 0.9 else "absent.py",
            source_directory=str(self.source),
            arguments=("--rate", "0.1", str(self.folder.root / "inputs"), self.word())[: self.choice.randrange(5)],
            environment=environment[0] if environment and self.choice.random() < 0.5 else "this-python",
            display_name=self.word(),
            tags=self.labels(),
            properties=self.labels(),
            env_vars={"A": self.word(), "DATA": str(self.folder.root / "datastores"), **more},
            timeout_s=self.choice.choice((None, 60.0)),
            parent=self.run_id() if self.choice.random() < 0.2 and self.rows("SELECT 1 FROM run") else "",
            description=self.word(),
        )
        manifests.write_request(self.folder, request)
        if not isinstance(self.ask(request), Done):
            snapshot.remove_folder(place)

    def begin_sweep(self) -> None:
        self._count += 1
        run_id = f"sweep_{self._count}"
        place = self.folder.run(run_id)
        snapshot.take(self.source, place, self.folder.blobs)
        space = space_of({"rate": parse("0.1, 0.2, 0.3"), "depth": parse("1, 2")})
        spec = SweepSpec(space, "a", Goal.MAXIMIZE, 3, concurrent=self.choice.randint(1, 2))
        request = r.SubmitRun(
            run_id=run_id, experiment="iris", script="train.py", environment="this-python", sweep=spec, tags={"t": "1"}
        )
        manifests.write_request(self.folder, request)
        if not isinstance(self.ask(request), Done):
            snapshot.remove_folder(place)

    def change_sweep(self) -> None:
        found, wanted = self.some("SELECT run_id FROM sweep"), self.choice.choice(("paused", "running", ""))
        asked = ((("--x", self.choice.randrange(3)), ("--seed", 1)),) if self.choice.randrange(2) else ()
        self.ask(ChangeSweep(run_id=(found or ("absent",))[0], wanted=wanted, trials=4, planned=asked))

    def record_elsewhere(self) -> None:
        self._count += 1
        run_id = f"notebook_{self._count}"
        place = self.folder.run(run_id)
        make_folders(place)
        snapshot.write_manifest(place, ())
        request = r.SubmitRun(
            run_id=run_id, experiment="iris", script="", environment="own-python", target=EXTERNAL, tags=self.labels()
        )
        manifests.write_request(self.folder, request)
        assert isinstance(self.ask(request), Done)
        self.external.add(run_id)
        (place / "journal" / "1-00000000.jsonl").write_bytes(encode({"k": "m", "name": "x", "t": 1.0, "v": 1}))

    def log(self) -> None:
        run_id = self.run_id()
        place = self.folder.run(run_id) / "journal"
        if not place.is_dir():
            return
        lines = [self._entry() for _ in range(self.choice.randrange(1, 6))]
        with (place.parent / "logs" / "files_read.jsonl").open("a") as listed:
            path = self.choice.choice((self.source / "train.py", self.folder.root / "inputs" / "gone.csv"))
            listed.write(json.dumps({"path": str(path), "size": 5, "ns": 1, "how": "opened"}) + "\n")
        with (place / "1-00000000.jsonl").open("ab") as journal:
            journal.write(b"".join(lines))

    def _entry(self) -> bytes:
        key, at = self.choice.choice("abc"), 1.0 + self.choice.random()
        return self.choice.choice(
            (
                encode({"k": "m", "name": key, "t": at, "v": self.choice.choice((1, 0.5, True, None, "x", 1 << 70))}),
                encode({"k": "row", "name": key, "t": at, "v": {"x": 1}}),
                encode({"k": "tag", "key": key, "v": self.word()}),
                encode({"k": "untag", "key": key}),
                encode({"k": "prop", "key": f"p{key}", "v": self.word()}),
                encode({"k": "name", "v": f"renamed {key}"}),
                encode({"k": "param", "key": key, "v": self.word()}),
                encode({"k": "doc", "kind": "input", "key": key, "v": {"digest": self.word()}}),
                encode({"k": "experiment", "v": self.choice.choice((*EXPERIMENTS, "of code", "no/plain: name"))}),
                b"00000000 damaged\n",
            )
        )

    def end(self) -> None:
        self.settle()
        outcomes = (
            RunOutcome(exit_code=0, started_at=10.0, ended_at=12.5),
            RunOutcome(exit_code=3, started_at=10.0, ended_at=11.0),
            RunOutcome(signal=9, reason="signal", message="killed", started_at=10.0, ended_at=11.0),
        )
        for run_id in self.executor.started[-3:]:
            with Database(self.folder.database, read_only=True) as db:
                attempt = runs.get(db, run_id).summary.attempt if runs.is_over(db, run_id) is False else 0
            if attempt and self.choice.random() < 0.7:
                outputs = self.folder.run(run_id) / "snapshot" / "outputs"
                if outputs.is_dir():
                    (outputs / "model.bin").write_text(self.word())
                self.executor.end(self.folder.run(run_id), attempt, self.choice.choice(outcomes))

    def take_in(self) -> None:
        over = self.some("SELECT id FROM run WHERE state IN ('Completed', 'Failed', 'Canceled')")
        if over:
            uploads = self.folder.run(over[0]) / "uploads"
            uploads.mkdir(exist_ok=True, parents=True)
            (uploads / "late.txt").write_text("late")
            self.ask(r.TakeInRun(run_id=over[0]))

    def import_run(self) -> None:
        ended = "state IN ('Completed', 'Failed', 'Canceled') AND id NOT IN (SELECT parent FROM run)"
        for run_id in (self.some(f"SELECT id FROM run WHERE {ended}") or ())[:1]:
            with Database(self.folder.database, read_only=True) as db:
                writing.write(db, self.folder, [run_id], file := self.folder.root.parent / run_id, "lab")
                self.ask(r.DeleteRun(run_id=run_id))
                asker = {"check_trust": lambda: None, "ask": lambda one, **_: self.ask(one)}
                reading.take_in(SimpleNamespace(db=db, folder=self.folder, **asker), file)  # type: ignore[arg-type]

    def update_run(self) -> None:
        self.ask(
            r.UpdateRun(
                run_id=self.run_id(),
                display_name=self.choice.choice((None, "named", "é 🚀")),
                tags=self.labels(),
                remove_tags=tuple("ab"[: self.choice.randrange(3)]),
                description=self.choice.choice((None, self.word())),
                properties={f"u{self.choice.randrange(3)}": "1"},
            )
        )

    def register_environment(self) -> None:
        text = f"numpy=={self.choice.randrange(3)}\n"
        self.ask(
            r.RegisterEnvironment(name=self.choice.choice(("env", "other")), kind="pip", text=text, description="d")
        )

    def build(self) -> None:
        found = self.some("SELECT name, version FROM environment") or ("absent", 1)
        self.ask(r.BuildEnvironment(name=found[0], version=found[1]))
        if self.choice.random() < 0.3:
            self.ask(r.CancelBuild(name=found[0], version=found[1]))

    def register_model(self) -> None:
        artifact = self.some("SELECT run_id, path FROM artifact") if self.choice.random() < 0.5 else None
        self.ask(
            r.RegisterModel(
                name=self.choice.choice(("m", "n")),
                run_id=artifact[0] if artifact else "",
                path=artifact[1] if artifact else "",
                file="" if artifact else str(self.source / "train.py"),
                description=self.word(),
                tags=self.labels(),
                cpu=self.choice.choice((None, 0.5)),
            )
        )

    def model(self) -> tuple[str, int]:
        return self.some("SELECT name, version FROM model") or ("absent", 1)

    def update_model(self) -> None:
        name, version = self.model()
        self.ask(
            r.UpdateModel(
                name=name, version=version, tags=self.labels(), description=self.word(), properties={"p": "1"}
            )
        )

    def delete_model(self) -> None:
        name, version = self.model()
        self.ask(r.DeleteModel(name=name, version=version))

    def deploy(self) -> None:
        name, version = self.model()
        self.ask(
            r.DeployModel(
                name=self.choice.choice(("serve", "other")),
                model_name=name,
                model_version=version,
                overwrite=self.choice.random() < 0.5,
                description=self.word(),
                tags=self.labels(),
                auth_enabled=True,
            )
        )
        self.settle()

    def endpoint(self) -> str:
        found = self.some("SELECT name FROM endpoint")
        return found[0] if found else "absent"

    def register_dataset(self) -> None:
        definition = f'{{"steps": [{self.choice.randrange(3)}], "at": "{self.folder.root}/datastores"}}'
        self.ask(
            r.RegisterDataset(
                kind=self.choice.choice(("file", "tabular")),
                definition=definition,
                name=self.choice.choice(("rows of May", "rows", "")),
                files=((str(self.source / "train.py"), 4, "0" * 64),),
                tags=self.labels(),
                create_new_version=True,
            )
        )

    def update_dataset(self) -> None:
        name, version = self.some("SELECT name, version FROM dataset_version") or ("absent", 1)
        self.ask(r.UpdateDataset(name=name, version=version, description=self.word(), tags=self.labels()))

    def side_files(self) -> None:
        compute = ComputeRecord(kind="AmlCompute", created_at=1.0, tags=self.labels())
        azure_records.computes(self.folder).put("cpu", compute)
        azure_records.experiments(self.folder).put("iris", ExperimentRecord(created_at=1.0, tags=self.labels()))
        azure_records.secrets(self.folder).put("key", SecretRecord(value=self.word()))

    def hand_over(self) -> None:
        """Another engine takes over, in good order."""
        self.engine.close()
        gc.collect()  # as the end of its process would do
        self.engine = self._new_engine()


def _endpoint_act(kind: type) -> Act:
    return lambda actor: (actor.ask(kind(name=actor.endpoint())), actor.settle(), None)[-1]


ACTS: dict[str, tuple[Act, tuple[type, ...]]] = {
    "submit a run": (Actor.submit, (r.SubmitRun,)),
    "record a run elsewhere": (Actor.record_elsewhere, ()),
    "begin a sweep": (Actor.begin_sweep, ()),
    "change a sweep": (Actor.change_sweep, (ChangeSweep,)),
    "log": (Actor.log, ()),
    "end scripts": (Actor.end, ()),
    "cancel a run": (lambda a: a.ask(r.CancelRun(run_id=a.run_id())), (r.CancelRun,)),
    "fail a run": (lambda a: a.ask(r.FailRun(run_id=a.run_id(), message=a.word())), (r.FailRun,)),
    "write about a run": (Actor.update_run, (r.UpdateRun,)),
    **ORGANISING,
    "take files in": (Actor.take_in, (r.TakeInRun,)),
    "import a run": (Actor.import_run, (ImportRun,)),
    "delete a run": (lambda a: a.ask(r.DeleteRun(run_id=a.run_id())), (r.DeleteRun,)),
    "register an environment": (Actor.register_environment, (r.RegisterEnvironment,)),
    "build an environment": (Actor.build, (r.BuildEnvironment, r.CancelBuild)),
    "forget builds": (lambda a: a.ask(r.ForgetBuilds(keys=("0" * 64,))), (r.ForgetBuilds,)),
    "register a model": (Actor.register_model, (r.RegisterModel,)),
    "write about a model": (Actor.update_model, (r.UpdateModel,)),
    "delete a model": (Actor.delete_model, (r.DeleteModel,)),
    "deploy": (Actor.deploy, (r.DeployModel,)),
    "write about an endpoint": (
        lambda a: a.ask(r.UpdateEndpoint(name=a.endpoint(), description=a.word(), tags=a.labels())),
        (r.UpdateEndpoint,),
    ),
    "replace a key": (_endpoint_act(r.SetEndpointKey), (r.SetEndpointKey,)),
    "stop an endpoint": (_endpoint_act(r.StopEndpoint), (r.StopEndpoint,)),
    "start an endpoint": (_endpoint_act(r.StartEndpoint), (r.StartEndpoint,)),
    "delete an endpoint": (_endpoint_act(r.DeleteEndpoint), (r.DeleteEndpoint,)),
    "register a dataset": (Actor.register_dataset, (r.RegisterDataset,)),
    "write about a dataset": (Actor.update_dataset, (r.UpdateDataset,)),
    "forget a dataset": (lambda a: a.ask(r.UnregisterDataset(name="rows")), (r.UnregisterDataset,)),
    "clean the store": (lambda a: a.ask(r.CleanStore()), (r.CleanStore,)),
    "write side files": (Actor.side_files, ()),
    "hand over": (Actor.hand_over, ()),
}
"""What can be done, and the requests that it is made of."""
FIRST = (
    "submit a run",
    "register an environment",
    "register a model",
    "submit a run",
    "deploy",
    "register a dataset",
    "end scripts",
)
"""What is done first, so that there is something for the others to act on."""


def some_history(actor: Actor, length: int) -> list[str]:
    """Do as many acts by the actor's own choice, with turns of the engine in between; return their names."""
    names = [*FIRST, *(actor.choice.choice(sorted(ACTS)) for _ in range(length))]
    for name in names:
        ACTS[name][0](actor)
        for _ in range(actor.choice.randrange(4)):
            actor.engine.tick()
    actor.settle()
    return names
