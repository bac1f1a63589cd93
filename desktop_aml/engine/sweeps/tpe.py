"""Asking Optuna, which lives in a process of its own: its import alone would hold the window up."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from desktop_aml.domain.errors import DesktopAMLError, MissingOnComputer
from desktop_aml.domain.sweeps.records import Sweep, Trial
from desktop_aml.domain.sweeps.space import COMMAND, Values, Variation, at, in_order, seeds_of, settings_of
from desktop_aml.engine.sweeps.known_trials import AskedOf

_LONGEST_READ_S = 120.0
_STATES = {True: "COMPLETE", False: "FAIL"}


class OptunaProcess:
    """The process, started when it is first asked. Safe to ask from several threads; each waits for its turn."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._told: tuple[object, tuple[Trial, ...]] | None = None
        """What the process knows of the trials of one sweep: of which, and all of them."""

    def propose(self, sweep: Sweep | AskedOf) -> Values:
        """Return what the next trial of a sweep is given.

        Raises
        ------
        DesktopAMLError
            When Optuna is missing or fails.
        """
        space, seeds = sweep.spec.space, seeds_of(sweep.spec.space)
        found = self._ask({**_how_asked(sweep), "act": "propose"}, news_of=sweep)
        # An argument of a subcommand is asked for by both names, and given by its own.
        return in_order(space, (*((str(name).rpartition(" ")[2], value) for name, value in found), *at(seeds, 0)))

    def importances(self, sweep: Sweep) -> tuple[tuple[str, float], ...]:
        """Return how much of the differences between trials each argument explains, the greatest first."""
        # Of arguments that some trials do not have, no share can be told.
        space = _space([one for one in settings_of(sweep.spec.space) if not one.command])
        found = self._ask({**described(sweep), "act": "importances", "space": space})
        return tuple((str(name), float(share)) for name, share in found)

    def export(self, sweep: Sweep, path: str) -> int:
        """Write a sweep into a file that Optuna's own tools open; return how many trials it holds."""
        return int(self._ask({**described(sweep), "act": "export", "path": path, "name": sweep.run_id}))

    def read(self, path: str, study: str) -> Any:
        """Return what a storage of Optuna holds of a study, as JSON values that nobody has checked yet.

        Parameters
        ----------
        path : str
            A file that may be written to.
        study : str
            Its name; empty where there is but one.
        """
        return self._ask({"act": "read", "path": path, "study": study}, limit_s=_LONGEST_READ_S)

    def _ask(
        self, request: Mapping[str, Any], limit_s: float | None = None, news_of: Sweep | AskedOf | None = None
    ) -> Any:
        check_optuna()
        with self._lock, self._limited(limit_s):
            process = self._started()
            if news_of is not None:
                request = {**request, **self._news(news_of)}
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(json.dumps(request) + "\n")
                process.stdin.flush()
                line = process.stdout.readline()
            except OSError:
                line = ""
            if not line:
                self._end()
                raise DesktopAMLError("The process that asks Optuna ended without an answer.", "Try again.")
        answer = json.loads(line)
        if "error" in answer:
            self._told = None
            raise DesktopAMLError(f"Optuna could not do it: {answer['error']}", "Search at random instead.")
        return answer["answer"]

    def _news(self, sweep: Sweep | AskedOf) -> dict[str, object]:
        """Return what the process does not know yet of the trials of a sweep, which it knows from then on.

        Of thousands of trials one or two have changed from one proposal to the next.
        """
        of, trials = (sweep.run_id, sweep.spec.goal, sweep.spec.space), sweep.trials
        known = self._told[1] if self._told is not None and self._told[0] == of else ()
        if len(known) > len(trials):
            known = ()
        changed = [n for n, (now, was) in enumerate(zip(trials, known, strict=False)) if now is not was and now != was]
        keys = {one.key for one in sweep.spec.space}
        news = [(number, _trial(trials[number], keys)) for number in (*changed, *range(len(known), len(trials)))]
        self._told = of, tuple(trials)
        return {"known": len(known), "news": news}

    @contextmanager
    def _limited(self, limit_s: float | None) -> Iterator[None]:
        """End the process when it takes longer; whoever asked is told then."""

        def stop() -> None:
            if self._process is not None:
                self._process.kill()

        timer = threading.Timer(limit_s, stop) if limit_s is not None else None
        if timer is not None:
            timer.start()
        try:
            yield
        finally:
            if timer is not None:
                timer.cancel()

    def _started(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is not None:
            self._end()
        if self._process is None:
            # It ends when its input does, however this process ends.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "desktop_aml.engine.sweeps.tpe_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
            )
        return self._process

    def close(self) -> None:
        """Let the process go."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        self._told = None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()


def check_optuna() -> None:
    """Raise `MissingOnComputer` where Optuna is not installed."""
    if find_spec("optuna") is None:
        raise MissingOnComputer("Optuna is not installed here.", "Install optuna, or search at random.")


def asked_of(sweep: Sweep) -> dict[str, object]:
    """Return what a proposal follows from, as JSON values."""
    return {**described(sweep), **_how_asked(sweep)}


def _how_asked(sweep: Sweep | AskedOf) -> dict[str, object]:
    digest = hashlib.sha256(f"{sweep.spec.seed}:{len(sweep.trials)}".encode()).digest()
    return {
        "goal": str(sweep.spec.goal),
        "space": _space(settings_of(sweep.spec.space)),
        "search": sweep.spec.search,
        "seed": int.from_bytes(digest[:4], "big"),
        "sweep_seed": sweep.spec.seed,
    }


def described(sweep: Sweep) -> dict[str, object]:
    """Return what Optuna needs to know of a sweep, as JSON values."""
    return {
        "goal": str(sweep.spec.goal),
        "space": _space(sweep.spec.space),
        "trials": [_trial(trial, {one.key for one in sweep.spec.space}) for trial in sweep.trials],
    }


def _space(space: Sequence[Variation]) -> list[list[object]]:
    commands = dict.fromkeys(one.command for one in space if one.command)
    found: list[list[object]] = [[COMMAND, "choice", list(commands)]] if commands else []
    return found + [[one.key, one.expression.kind, list(one.expression.args)] for one in space]


def _trial(trial: Trial, keys: Collection[str]) -> dict[str, object]:
    command = dict(trial.values).get(COMMAND, "")
    is_over = trial.state is None or trial.state.is_terminal()
    state = _STATES[trial.best is not None] if is_over else "RUNNING"
    return {
        "run_id": trial.run_id,
        "values": [[own if (own := f"{command} {name}") in keys else name, value] for name, value in trial.values],
        "state": state,
        "value": trial.best if state == "COMPLETE" else None,
    }
