"""A study of Optuna that is kept from one proposal to the next, so that only what is new is told to it.

What it holds is always what a study would hold that is made of the request alone: where that is not sure, it is made
anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Told = Mapping[str, Any]
"""A trial as it is told: its values, state and value."""


class KnownStudy:
    """Keeps the study of the sweep that was asked for last.

    Parameters
    ----------
    make : callable
        Makes a study of a request.
    freeze : callable
        Makes a trial of Optuna's of one that is told, for the space of a request.
    """

    shared: set[str] | None
    """The arguments that all trials have which came to a value; None while there is none of these."""

    def __init__(
        self, make: Callable[[Mapping[str, Any]], Any], freeze: Callable[[Mapping[str, Any], Told], Any]
    ) -> None:
        self._make, self._freeze = make, freeze
        self._study: Any = None
        self._of: tuple[object, object] | None = None
        self._told: list[Told] = []
        self.shared = None

    def study_for(self, request: Mapping[str, Any]) -> Any:
        """Return a study that holds the trials of a request, and nothing else."""
        of, trials = (request["goal"], request["space"]), request["trials"]
        if of != self._of or not self._catches_up(request, trials):
            self._study, self._of, self.shared = self._make(request), of, None
            self._share(self._study.get_trials(deepcopy=False))
        self._told = list(trials)
        return self._study

    def was_asked(self, values: Sequence[tuple[str, Any]]) -> None:
        """Take note of the trial that the study has made itself, with the values that it proposed."""
        self._told.append({"values": [list(pair) for pair in values], "state": "RUNNING", "value": None})

    def forget(self) -> None:
        """Have a study made for the next request."""
        self._study, self._of, self._told = None, None, []

    def _catches_up(self, request: Mapping[str, Any], trials: Sequence[Told]) -> bool:
        """Tell the study what became of trials since; False when it holds what is not so."""
        known = len(self._told)
        if self._study is None or len(trials) < known:
            return False
        names = {str(one[0]) for one in request["space"]}
        told = self._told
        changed = [n for n, now in enumerate(trials[:known]) if now is not told[n] and now != told[n]]
        if not all(_is_later(self._told[number], trials[number], names) for number in changed):
            return False
        import optuna

        for number in changed:
            one = trials[number]
            if one["state"] != "RUNNING":
                self._share([self._study.tell(number, one["value"], state=optuna.trial.TrialState[one["state"]])])
        fresh = [self._freeze(request, one) for one in trials[known:]]
        self._study.add_trials(fresh)
        self._share(fresh)
        return True

    def _share(self, trials: Sequence[Any]) -> None:
        for one in trials:
            if one.state.name == "COMPLETE":
                self.shared = one.distributions.keys() & (one.distributions if self.shared is None else self.shared)


def _is_later(was: Told, now: Told, names: set[str]) -> bool:
    """Whether a trial is the same one, which went on."""
    return was["state"] == "RUNNING" and _given(was, names) == _given(now, names)


def _given(one: Told, names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in one["values"] if name in names}
