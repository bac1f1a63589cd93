"""The way of a sweep: trials are decided on, watched, stopped where the rule says so, and the sweep ends.

Deciding on a trial and queueing its run is one transaction: an engine that dies before it decides the same again, one
that dies after it finds the run in the queue. No trial is lost, and none is made twice.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from desktop_aml.domain.errors import Conflict, DesktopAMLError, InvalidInput, NotFound
from desktop_aml.domain.events import Event, MetricsLogged, RunDeleted, RunMoved, RunUpdated
from desktop_aml.domain.requests import Done, Reply, SubmitRun
from desktop_aml.domain.runs import SWEEP, RunOutcome, RunState
from desktop_aml.domain.sweeps import space
from desktop_aml.domain.sweeps.records import TRIAL_VALUES, Sweep, SweepSpec, no_best_words
from desktop_aml.domain.sweeps.requests import ChangeSweep
from desktop_aml.domain.sweeps.stopping import is_better
from desktop_aml.engine.core.boundary import boundary
from desktop_aml.engine.core.context import Desk, Failed
from desktop_aml.engine.runs.flow import RunFlow
from desktop_aml.engine.runs.submission import RunIntake
from desktop_aml.engine.sweeps import changes, notes
from desktop_aml.engine.sweeps.open_sweep import OpenSweep
from desktop_aml.engine.sweeps.tpe import OptunaProcess, check_optuna
from desktop_aml.record import manifests
from desktop_aml.run_folder import script_variables, snapshot
from desktop_aml.run_folder.collect import TRIALS_FAILED
from desktop_aml.store import runs
from desktop_aml.store.sweeps import table as sweeps
from desktop_aml.store.sweeps.table import StoredSweep
from desktop_aml.system import name_flushes

_log = logging.getLogger(__name__)

_MOST_FAULTS = 5
_TIME_IS_UP = "The time limit was reached."


class SweepFlow:
    """Carries out the sweeps of one workspace."""

    def __init__(self, desk: Desk, intake: RunIntake, run_flow: RunFlow) -> None:
        self._desk = desk
        self._intake = intake
        self._runs = run_flow
        self._open: dict[str, OpenSweep] = {}
        self._faults: dict[str, int] = {}
        self._optuna = OptunaProcess()

    # Requests. Each is called inside a commit.

    def submit(self, request: SubmitRun) -> Reply:
        """Take in a sweep whose source lies in the folder of its run; the same request again changes nothing.

        Raises
        ------
        InvalidInput
            When a name, the target of the trials or the script is none.
        NotFound
            When there is no such environment.
        """
        if request.sweep is None:
            raise InvalidInput(f"“{request.run_id}” is to be a sweep of nothing.", "Say what varies.")
        if request.sweep.search.learns:
            check_optuna()
        template = replace(request, sweep=None, sweep_properties={})
        self._intake.check(template)
        properties = {**request.properties, **request.sweep_properties}
        own = replace(request, target=SWEEP, properties=properties, timeout_s=None)
        reply = self._intake.submit(own)
        if not (isinstance(reply, Done) and reply.changed):
            return reply
        self._save(StoredSweep(run_id=own.run_id, spec=request.sweep, template=template))
        self._desk.afterwards(lambda: self._take_up(own.run_id))
        return reply

    def change(self, request: ChangeSweep) -> None:
        """Pause a sweep or let it go on, change what further trials there are; one that has ended is opened again.

        Raises
        ------
        Conflict
            When it is about to end, or has ended and nothing is left to try.
        """
        old, new = changes.changed(self._desk, request)
        self._desk.announce(RunUpdated(request.run_id))
        self._desk.afterwards(lambda: self._changed(old, new))

    def _changed(self, old: StoredSweep, new: StoredSweep) -> None:
        one = self._open.get(new.run_id)
        if one is not None:
            one.change(new)
        elif new != old:
            self._take_up(new.run_id)
        for words in changes.words_about(old, new):
            self._note(new.run_id, notes.API, words)
        self._desk.woken.set()

    def _save(self, stored: StoredSweep) -> None:
        sweeps.save(self._desk.db, stored)

    # What happened.

    def recover(self) -> None:
        """Take up the sweeps that an earlier engine left."""
        for run_id in sweeps.ids(self._desk.db, active=True):
            with self._boundary(run_id):
                self._take_up(run_id)

    def _take_up(self, run_id: str) -> None:
        self._open[run_id] = OpenSweep.load(self._desk.db, run_id)

    def see(self, event: Event) -> None:
        """Take note of what became of trials. Called on the engine's own thread for these events."""
        if not self._open or not isinstance(event, (RunMoved, MetricsLogged, RunDeleted)):
            return
        if isinstance(event, MetricsLogged):
            for one in self._open.values():
                if event.run_id in one.trials:
                    for name, points in event.curves:
                        if name == one.stored.spec.metric:
                            one.reported(event.run_id, points)
        elif isinstance(event, RunDeleted) or event.state.is_terminal():
            self._over(event.run_id)
        elif event.state is RunState.QUEUED:
            for one in self._open.values():
                one.queued_again(event.run_id)
        elif event.state is RunState.FINALIZING and any(one.finishes(event.run_id) for one in self._open.values()):
            self._desk.woken.set()

    def _over(self, run_id: str) -> None:
        self._open.pop(run_id, None)
        for sweep_id, one in self._open.items():
            if run_id in one.trials:
                number = one.trials[run_id]
                one.ended(run_id)
                self._note(sweep_id, notes.CONTROLLER, self._end_words(one, number))
                self._desk.announce(RunUpdated(sweep_id))

    def _end_words(self, one: OpenSweep, number: int) -> str:
        spec = one.stored.spec
        trial, logged = sweeps.trial(self._desk.db, one.stored.run_id, spec, number)
        words = f"Trial {number} is {trial.state or 'deleted'}."
        if trial.stopped is not None:
            words += f" {trial.stopped}"
        if trial.best is None:
            return f"{words} {no_best_words(spec.metric, logged) if one.best is None else ''}".strip()
        is_best = is_better(trial.best, one.best, spec.goal)
        one.best = trial.best if is_best else one.best
        return f"{words} {spec.metric} = {trial.best:.6g}{' (the best so far)' if is_best else ''}"

    # The loop.

    def look(self) -> None:
        """Have each sweep go a step further: at most one new trial, so that all else has its turn."""
        for run_id in list(self._open):
            with self._boundary(run_id):
                self._advance(self._open[run_id])

    def _advance(self, one: OpenSweep) -> None:
        run_id = one.stored.run_id
        summary = runs.get(self._desk.db, run_id).summary if self._may_act(one) else None
        if summary is None or summary.state is not RunState.RUNNING:
            return
        if one.stored.seconds_left(summary.started_at, self._desk.now()) <= 0 and not one.stored.exhausted:
            self._end_trying(one, _TIME_IS_UP)
            self.cancel_trials(run_id, f"Canceled: {_TIME_IS_UP}")
            return
        for trial in list(one.judged):
            self._judge(one, trial)
        if one.wants_trial() and one.stored.spec.search.learns and not one.stored.planned:
            self._ask_optuna(one)
        elif one.wants_trial():
            values = one.next_values(self._desk.db)
            if values is None:
                many = f"All {one.decided} combinations were tried."
                self._end_trying(one, many if one.decided != 1 else "The only combination was tried.")
            else:
                self._begin(one, values)

    def _ask_optuna(self, one: OpenSweep) -> None:
        """Have the values of the next trial worked out; it begins once they are there."""
        if one.is_asking:
            return
        one.is_asking = True
        run_id, spec, decided = one.stored.run_id, one.stored.spec, one.decided

        def propose() -> space.Values:
            # On a worker, all of it: of a sweep with thousands of trials it takes longer than the engine's turn.
            with self._desk.readers.one() as db:
                known = one.known.read(db, run_id, spec)
            repeat = space.next_repeat(spec.space, [trial.values for trial in known.trials])
            return self._optuna.propose(known) if repeat is None else repeat

        self._desk.later(propose, lambda found: self._proposed(one, spec, decided, found))

    def _proposed(self, one: OpenSweep, spec: SweepSpec, decided: int, found: space.Values | Failed) -> None:
        """Begin the trial that was worked out, unless what it was worked out of is so no more."""
        one.is_asking = False
        run_id = one.stored.run_id
        with self._boundary(run_id):
            if isinstance(found, Failed):
                raise found.error
            is_same = one.stored.spec.space == spec.space and not one.stored.planned
            is_current = self._open.get(run_id) is one and is_same
            is_running = runs.state_of(self._desk.db, run_id) is RunState.RUNNING
            if is_current and is_running and one.wants_trial() and one.decided == decided:
                self._begin(one, found)

    def close(self) -> None:
        """Let go of the process that works out values."""
        self._optuna.close()

    def _may_act(self, one: OpenSweep) -> bool:
        """Whether there is anything to do: asking the database for each sweep at each look would be too much."""
        return (
            one.wants_trial()
            or (one.stored.spec.time_limit_s is not None and not one.stored.exhausted)
            or (one.stored.spec.rule is not None and bool(one.trials))
        )

    def _end_trying(self, one: OpenSweep, remark: str) -> None:
        stored = replace(one.stored, exhausted=True, remark=remark)
        with self._desk.commit():
            self._save(stored)
            self._desk.announce(RunUpdated(stored.run_id))
        one.change(stored)
        self._note(stored.run_id, notes.CONTROLLER, remark)

    def _begin(self, one: OpenSweep, values: space.Values) -> None:
        sweep_id, number = one.stored.run_id, one.decided
        request = self._trial(one.stored, number, values)
        stored = one.stored
        if stored.planned:
            stored = replace(stored, planned=stored.planned[1:], as_planned=(*stored.as_planned, number))
        if runs.is_over(self._desk.db, request.run_id) is not None:
            # A run of ours would be among the trials already: this one is somebody else's, whose folder stays as it is.
            raise Conflict(f"There is a run “{request.run_id}” already.", "Begin the sweep under another id.")
        folder, own = self._desk.folder.run(request.run_id), self._desk.folder.run(sweep_id)
        # The folder comes first: whoever finds the run finds what it needs. Made again after a kill, it is the same.
        with name_flushes.together():
            snapshot.copy_manifest(own, folder, self._desk.blobs)
            script_variables.hand_on(folder, own)
            manifests.write_request(self._desk.folder, request)
        with self._desk.commit():
            self._intake.submit(request)
            sweeps.add_trial(self._desk.db, sweep_id, number, request.run_id, values)
            if stored is not one.stored:
                self._save(stored)
            if number == 0:
                self._desk.afterwards(lambda: self._note_start(one.stored))
            runs.set_labels(self._desk.db, sweep_id, "tag", self._tags(one.stored, request))
            self._desk.announce(RunUpdated(sweep_id))
        one.began(request.run_id, stored)
        given = " ".join(space.arguments_of((), values))
        self._note(sweep_id, notes.SCHEDULER, f"Trial {number}, the run {request.run_id}: {given}")

    def _trial(self, stored: StoredSweep, number: int, values: space.Values) -> SubmitRun:
        template = stored.template
        return replace(
            template,
            run_id=f"{stored.run_id}_{number}",
            arguments=space.arguments_of(template.arguments, values),
            parent=stored.run_id,
            display_name=f"{template.display_name} {number}" if template.display_name else "",
            properties={**template.properties, TRIAL_VALUES: json.dumps(values)},
        )

    def _tags(self, stored: StoredSweep, request: SubmitRun) -> dict[str, str]:
        """Return the tag by which Azure ML code finds what a trial was given."""
        if not runs.properties(self._desk.db, stored.run_id).get("runTemplate"):
            return {}
        return {f"_aml_system_{request.run_id}": json.dumps(dict(json.loads(request.properties[TRIAL_VALUES])))}

    def _note_start(self, stored: StoredSweep) -> None:
        for line in notes.opening_words(stored.spec, stored.template.arguments):
            self._note(stored.run_id, notes.GENERATOR, line)

    def _judge(self, one: OpenSweep, run_id: str) -> None:
        judged, verdict = one.judge(run_id)
        if judged == one.judged[run_id]:
            return
        sweep_id, number = one.stored.run_id, one.trials[run_id]
        with self._desk.commit():
            sweeps.set_judged(self._desk.db, sweep_id, number, judged)
            if verdict is not None and self._cancel(run_id, str(verdict)):
                sweeps.stop(self._desk.db, sweep_id, number, verdict)
        if verdict is None:
            one.judged[run_id] = judged
        else:
            one.judged.pop(run_id, None)

    def _cancel(self, run_id: str, note: str) -> bool:
        """Ask for the end of a trial; return False for one that is ending by itself."""
        try:
            self._runs.cancel(run_id, note)
        except Conflict:
            return False
        return True

    # What the run of a sweep asks, see `SweepExecutor`.

    def cancel_trials(self, run_id: str, note: str = "Canceled with its sweep.") -> None:
        """Ask for the end of all trials of a sweep."""
        one = self._open.get(run_id)
        for trial in list(one.trials) if one is not None else ():
            with self._desk.commit():
                self._cancel(trial, note)

    def outcome(self, run_id: str) -> RunOutcome | None:
        """Return how a sweep ended; None while trials go on or are to come."""
        one = self._open.get(run_id)
        if one is None:
            return RunOutcome(reason=TRIALS_FAILED, message="The record of this sweep is gone.")
        if one.trials:
            return None
        if runs.state_of(self._desk.db, run_id) is RunState.CANCEL_REQUESTED:
            self._tell_over(one)
            return RunOutcome(reason="canceled", message="Canceled on request.")
        if not one.has_all():
            return None
        sweep = self._tell_over(one)
        failed = [trial for trial in sweep.trials if trial.state is RunState.FAILED]
        if sweep.trials and len(failed) == len(sweep.trials):
            who = "The only trial failed. It" if len(failed) == 1 else f"All {len(failed)} trials failed. The first one"
            words = f"{who} said: {failed[0].error}"
            return RunOutcome(reason=TRIALS_FAILED, message=words)
        return RunOutcome(exit_code=0)

    def _tell_over(self, one: OpenSweep) -> Sweep:
        """Write down what a sweep came to, once its trials are over."""
        run_id = one.stored.run_id
        sweep = sweeps.read(self._desk.db, run_id)
        if one.is_told_over:
            return sweep
        best = sweep.best()
        if best is not None:
            found = {"score": repr(best.best), "best_child_run_id": best.run_id, "best_metric_status": "Succeeded"}
            words = f"The best is trial {best.number}: {sweep.spec.metric} = {best.best:.6g}"
        else:
            found, words = {"best_metric_status": "Failed"}, sweep.explanation() or "No trial was made."
        with self._desk.commit():
            runs.set_labels(self._desk.db, run_id, "property", found)
            self._desk.announce(RunUpdated(run_id))
        self._note(run_id, notes.CONTROLLER, words)
        one.is_told_over = True
        return sweep

    def _note(self, run_id: str, part: str, words: str) -> None:
        notes.note(self._desk.folder.run(run_id), part, words)

    @contextmanager
    def _boundary(self, run_id: str) -> Iterator[None]:
        """Take in what goes wrong with a sweep; one with which it is no use to go on ends in words."""
        with boundary(self._desk.folder.root, partial(self._fault, run_id)):
            yield
            self._faults.pop(run_id, None)

    def _fault(self, run_id: str, error: Exception) -> None:
        _log.error("A step with the sweep %s failed.", run_id, exc_info=error)
        self._faults[run_id] = self._faults.get(run_id, 0) + 1
        refused = isinstance(error, (InvalidInput, NotFound))
        if not refused and self._faults[run_id] < _MOST_FAULTS:
            return
        words = error.message if isinstance(error, DesktopAMLError) else f"{type(error).__name__}: {error}"
        try:
            with self._desk.commit():
                self._runs.fail(run_id, f"No further trial can be made: {words}")
        except Conflict:
            _log.warning("The sweep %s is ending already.", run_id)
