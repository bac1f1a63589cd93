"""One workspace for MLflow's clients: what they may read of it, and what they may add."""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from desktop_aml.domain.errors import DesktopAMLError, InvalidInput, NotFound
from desktop_aml.domain.filters import clauses as clauses_of
from desktop_aml.domain.registry import ModelVersion
from desktop_aml.domain.runs import EXTERNAL, RunOutcome
from desktop_aml.executors.attempt_files import AttemptFiles
from desktop_aml.executors.external import ATTEMPT, record_for
from desktop_aml.store import experiments, runs
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.tracking import search as run_search
from desktop_aml.system.processes import identity_of
from desktop_aml.workspace.tracking.artifacts import Artifacts
from desktop_aml.workspace.tracking.experiments import Experiments, own_name
from desktop_aml.workspace.tracking.late import LateRecords
from desktop_aml.workspace.tracking.models import LoggedModel, LoggedModels
from desktop_aml.workspace.tracking.newest import Newest
from desktop_aml.workspace.tracking.parts import PartedUploads
from desktop_aml.workspace.tracking.points import KnownPoints
from desktop_aml.workspace.tracking.reading import RunReader
from desktop_aml.workspace.tracking.registry import RegisteredModel, Registry
from desktop_aml.workspace.tracking.resumed import ResumedRuns
from desktop_aml.workspace.tracking.values import (
    CLAIM,
    LIFECYCLE,
    LIVE_STATUSES,
    NAME_TAG,
    NOTE_TAG,
    PARENT_TAG,
    START,
    DocumentKind,
    NewRun,
    ParameterChanged,
    TrackedMetric,
    TrackedRun,
    files_root,
)
from desktop_aml.workspace.tracking.writing import RunJournal
from desktop_aml.workspace.workspace import Workspace

_KEPT_JOURNALS: Final = 64
_READ_AT_ONCE: Final = 100
_KEPT_RUNS: Final = 256
"""Runs whose parameters are remembered; of others they are read again."""


class Tracker:
    """Reads and writes runs of one workspace. Safe to use from several threads.

    Parameters
    ----------
    workspace : Workspace
        Asks the engine, where runs are made.
    own_run : str
        The run that this tracker is for: its script may write to others, but new runs are its children. Empty for none.
    """

    def __init__(self, workspace: Workspace, own_run: str = "") -> None:
        self.workspace = workspace
        self.own_run = own_run
        self._folder = WorkspaceFolder(workspace.path)
        self._db = Database(self._folder.database, read_only=True)
        self._lock = threading.RLock()
        self.turn = threading.Lock()
        """Held by whoever reads something, changes it and writes all of it back: of two at once, one would be lost."""
        self._reader = RunReader(self._folder, self._db)
        self.experiments = Experiments(self._folder, self._db)
        self.artifacts = Artifacts(self._folder, self._db)
        self.parts = PartedUploads(self._folder, self._db, self.artifacts)
        self._journals: dict[str, RunJournal] = {}
        self._parameters = Newest[str, dict[str, str]](_KEPT_RUNS)
        self._in_trash = Newest[str, bool](_KEPT_RUNS)
        self._points = KnownPoints(self._reader)
        self.models = LoggedModels(self._reader, self._db)
        self._late = LateRecords(workspace)
        self.registry = Registry(workspace, self._folder, self._db, self.model)
        self.resumed, self._named = ResumedRuns(), ""

    def close(self) -> None:
        """Hand over what ended runs were given, and let everything go."""
        with self._lock:
            written = [run_id for run_id, journal in self._journals.items() if journal.is_open()]
            self._missed([one for one in written if self._reader.is_behind(one)])
        self.parts.close()
        self._late.close()
        with self._lock:
            for journal in self._journals.values():
                journal.close()
            self._db.close()

    # Reading.

    def run(self, run_id: str) -> TrackedRun:
        """Return a run as it is now.

        Until its script resumes it, the tracker's own run is told to belong to the experiment that the script chose
        before: MLflow's client refuses to resume one of another experiment.
        """
        with self._lock:
            found = self._reader.run(run_id)
        if run_id == self.own_run and self._named and (DocumentKind.RUN, CLAIM) not in found.documents:
            found.experiment = self._named
        return found

    def history(self, run_id: str, key: str) -> list[TrackedMetric]:
        """Return every point of a metric, in the order in which they were logged."""
        with self._lock:
            self._reader.run(run_id)
            return self._reader.history(run_id, key)

    def search(
        self,
        *,
        filter_text: str,
        order: Sequence[str],
        experiment_ids: Sequence[str],
        deleted: bool | None,
        offset: int,
        limit: int,
    ) -> list[TrackedRun]:
        """Return the runs of some experiments that a filter asks for, once the engine has stored what is logged.

        Raises
        ------
        InvalidFilter
            When filter or order cannot be read.
        """
        clauses = clauses_of.parsed(filter_text)
        orderings = [clauses_of.parsed_order(one) for one in order]
        self.settle()
        with self._lock:
            wanted = [one for one in self.experiments.all() if one.id in experiment_ids]
            names = [one.name for one in wanted if deleted is not False or one.deleted_at is None]
            places = {one.name: files_root(one.id) for one in wanted}
            search = run_search.RunSearch(clauses, orderings, names, deleted, places=places)
            ids = run_search.find(self._db, search, offset=offset, limit=limit)
        found: list[TrackedRun] = []
        for start in range(0, len(ids), _READ_AT_ONCE):
            with self._lock:  # in between, others have their turn
                found += self._reader.many(ids[start : start + _READ_AT_ONCE])
        return found

    def choose_experiment(self, name: str) -> None:
        """Note which experiment the script asked for last: the one in which it means to resume its own run."""
        self._named = own_name(name)

    def settle(self, timeout_s: float = 5.0) -> None:
        """Wait until the engine has stored what this tracker wrote, so that queries over all runs find it."""
        with self._lock:
            waiting = [run_id for run_id, journal in self._journals.items() if journal.is_open()]
        until = time.monotonic() + timeout_s
        asked = False
        while waiting and time.monotonic() < until:
            with self._lock:
                waiting = [one for one in waiting if self._reader.is_behind(one)]
                missed = self._missed(waiting)
            if waiting:
                if not asked or missed:
                    self._late.hurry()
                if not asked:
                    asked = True
                    self.workspace.hand_over()
                time.sleep(0.02)

    def _missed(self, behind: Sequence[str]) -> bool:
        """Have those taken in that ended while they were written to: the last look at their journals was too early."""
        over = [one for one in behind if runs.is_over(self._db, one)]
        for run_id in over:
            self._late.add(run_id)
        return bool(over)

    # Writing.

    def log(
        self,
        run_id: str,
        *,
        metrics: Sequence[TrackedMetric] = (),
        parameters: Sequence[tuple[str, str]] = (),
        tags: Sequence[tuple[str, str]] = (),
        documents: Mapping[tuple[str, str], object] | None = None,
    ) -> None:
        """Add to a run, all of it or nothing; on return it is on the disk.

        Raises
        ------
        NotFound
            When there is no such run.
        ParameterChanged
            When a parameter was logged before with another value.
        """
        with self._lock:
            self._check_there(run_id)
            new = self._new_parameters(run_id, parameters)
            points = self._points.new(run_id, metrics)
            entries: list[dict[str, object]] = [{"k": "param", "key": key, "v": text} for key, text in new.items()]
            for key, value in tags:
                entries.append({"k": "tag", "key": key, "v": value})
                entries += [{"k": "name", "v": value}] if key == NAME_TAG and value.strip() else []
            entries += [
                {"k": "doc", "kind": kind, "key": key, "v": body} for (kind, key), body in (documents or {}).items()
            ]
            self._append(run_id, entries, tuple(points.values()))
            self._known_parameters(run_id).update(new)
            self._points.add(run_id, points)
            if documents and (DocumentKind.RUN, LIFECYCLE) in documents:
                self._in_trash.forget(run_id)
        notes = [value for key, value in tags if key == NOTE_TAG]
        if notes:
            self._describe(run_id, notes[-1])

    def check_active(self, run_id: str) -> None:
        """Raise `InvalidInput` when a run lies in MLflow's trash, where nothing may be added to it."""
        with self._lock:
            if self._in_trash.of(run_id, lambda: self._reader.run(run_id).is_deleted):
                raise InvalidInput(f"The run {run_id} must be in the 'active' state. Current state is deleted.")

    def remove_tag(self, run_id: str, key: str) -> None:
        """Remove a tag of a run.

        Raises
        ------
        NotFound
            When it has none of this name.
        """
        with self._lock:
            if key not in self._reader.run(run_id).tags:
                raise NotFound(f"No tag with name: {key} in run with id {run_id}")
            self._append(run_id, [{"k": "untag", "key": key}])

    def create(self, new: NewRun) -> TrackedRun:
        """Begin a run that a client records: a child of the one that it names, else of the tracker's own."""
        run_id = uuid.uuid4().hex
        parent = new.tags.get(PARENT_TAG) or self.own_run
        with self._lock:
            is_known = bool(parent) and runs.is_over(self._db, parent) is not None
        folder = self.workspace.runs.external.start(
            run_id=run_id,
            experiment=own_name(new.experiment),
            display_name=new.name,
            parent=parent if is_known else "",
            any_name=True,
        )
        own = (identity_of(new.client) if new.client else None) or identity_of(os.getpid())
        if own is None or record_for(folder, own) is None:
            raise InvalidInput(f"The run “{run_id}” was ended before it began.")
        with self._lock:
            name = new.name or self._reader.run(run_id).name
        start = new.start_time if new.start_time is not None else round(time.time() * 1000)
        self.log(
            run_id,
            tags=[*({**new.tags, NAME_TAG: name}).items()],
            documents={(DocumentKind.RUN, START): {"start_time": start, "user_id": new.user}},
        )
        return self.run(run_id)

    def update(self, run_id: str, *, status: str = "", end_time: int | None = None, name: str = "") -> TrackedRun:
        """Rename a run, and note what a client says of its state; one that clients record ends with that."""
        with self._lock:
            old = self._reader.run(run_id)
            named: list[dict[str, object]] = [{"k": "name", "v": name}, {"k": "tag", "key": NAME_TAG, "v": name}]
            entries = named if name else []
            if status:
                claim = dict(old.document(DocumentKind.RUN, CLAIM))
                claim["status"] = status
                if end_time is not None or status not in LIVE_STATUSES:
                    claim["end_time"] = round(time.time() * 1000) if end_time is None else end_time
                if run_id == self.own_run and self._named not in {"", old.experiment}:
                    entries.append({"k": "experiment", "v": self._named})
                entries.append({"k": "doc", "kind": DocumentKind.RUN, "key": CLAIM, "v": claim})
            self._append(run_id, entries)
            if status and status not in LIVE_STATUSES and old.target == EXTERNAL and not old.state.is_terminal():
                self._end(old, status, end_time)
        return self.run(run_id)

    def rename_experiment(self, experiment_id: str, name: str) -> None:
        """Give an experiment another name; its runs go with it, one by one, and leave the old name free."""
        self.settle()  # a run that has just moved here goes with it
        with self._lock:
            old, new = self.experiments.renamed(experiment_id, name)
            for run_id in experiments.runs_of(self._db, old.name):
                self._append(run_id, [{"k": "experiment", "v": new.name}])
        self.settle()

    # Logged models.

    def log_model(self, run_id: str, experiment: str, given: Mapping[str, object]) -> LoggedModel:
        """Begin to log a model with a run."""
        with self._lock:
            made = self.models.new(run_id, experiment, given)
        self.change_model(made)
        return made

    def change_model(self, model: LoggedModel) -> None:
        """Keep what changed about a logged model."""
        with self._lock:
            document = self.models.document(model)
        self.log(model.run_id, documents=document)

    def forget_model(self, model: LoggedModel) -> None:
        """Forget a logged model."""
        with self._lock:
            document = dict.fromkeys(self.models.document(model))
        self.log(model.run_id, documents=document)

    def model(self, model_id: str) -> LoggedModel:
        """Return a logged model."""
        with self._lock:
            return self.models.get(model_id)

    def all_models(self) -> list[LoggedModel]:
        """Return every logged model, newest first."""
        with self._lock:
            return self.models.all()

    def model_metrics(self, model_id: str) -> list[object]:
        """Return the points of a logged model, as messages."""
        with self._lock:
            return self.models.metrics(model_id)

    def register(
        self, name: str, source: str, *, description: str, tags: Mapping[str, str], run_id: str, run_link: str
    ) -> tuple[RegisteredModel, ModelVersion]:
        """Register what a client names as the next version of a model, see `Registry.register`."""
        self._late.hurry()  # files that were uploaded after the end of their run are taken in first
        return self.registry.register(
            name, source, description=description, tags=tags, run_id=run_id, run_link=run_link
        )

    def points_for_models(self, run_id: str, added: Mapping[str, Sequence[object]]) -> dict[tuple[str, str], object]:
        """Return what has to be logged with a run, so that these points belong to these models, too."""
        with self._lock:
            return self.models.with_metrics(run_id, added)

    def _end(self, run: TrackedRun, status: str, end_time: int | None) -> None:
        files = AttemptFiles(self._folder.run(run.run_id) / "attempts" / ATTEMPT)
        words = {"FAILED": "The code that recorded the run says that it failed.", "KILLED": "The run was stopped."}
        files.end(
            RunOutcome(
                exit_code=0 if status == "FINISHED" else 1,
                reason="canceled" if status == "KILLED" else "exit",
                message=words.get(status, ""),
                started_at=run.start_ms / 1000,
                ended_at=time.time() if end_time is None else end_time / 1000,
            )
        )
        self._late.wake()

    def _describe(self, run_id: str, note: str) -> None:
        with suppress(DesktopAMLError):  # the tag is kept; the description is a copy of it for the window
            self.workspace.runs.update(run_id, description=note)

    def _check_there(self, run_id: str) -> None:
        if runs.is_over(self._db, run_id) is None:
            self._parameters.forget(run_id)
            raise NotFound(f"Run with id={run_id[:300]} not found")

    def _new_parameters(self, run_id: str, given: Sequence[tuple[str, str]]) -> dict[str, str]:
        known = self._known_parameters(run_id)
        new: dict[str, str] = {}
        for key, text in given:
            old = known.get(key, new.get(key))
            if old is not None and old != text:
                raise ParameterChanged(run_id, key, (old, text), is_of_script=run_id == self.own_run)
            if old is None:
                new[key] = text
        return new

    def _known_parameters(self, run_id: str) -> dict[str, str]:
        return self._parameters.of(run_id, lambda: self._reader.run(run_id).parameters)

    def _append(
        self, run_id: str, entries: Sequence[Mapping[str, object]], points: Sequence[TrackedMetric] = ()
    ) -> None:
        if not entries and not points:
            return
        journal = self._journals.pop(run_id, None) or RunJournal(self._folder.run(run_id))
        self._journals[run_id] = journal
        if len(self._journals) > _KEPT_JOURNALS:
            self._journals.pop(next(iter(self._journals))).close()
        journal.append(entries, points)
        if runs.is_over(self._db, run_id):
            self._late.add(run_id)

    def uploaded(self, run_id: str) -> None:
        """Note that a run was given a file; of one that has ended it has to be taken in."""
        with self._lock:
            if runs.is_over(self._db, run_id):
                self._late.add(run_id)
