"""What was seen of a plain script beside metrics and parameters: estimators, scores, warnings, a model to register.

Read from documents that came out of the script's own process, so that anything may stand in them: what makes no sense
is passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

DOCUMENTS: Final = "captured"
"""The kind of those documents, as `desktop_aml_run.capture.noting` writes them."""


@dataclass(frozen=True, slots=True)
class FittedEstimator:
    """An estimator that the script itself fitted.

    Parameters
    ----------
    name : str
        Of its class.
    module : str
        Where the class is.
    line : int
        Line of the script that fitted it.
    parameters : dict of str to str
        All parameters, with those of the estimators in it.
    changed : tuple of str
        Names of the parameters that are not at their default.
    """

    name: str
    module: str
    line: int
    parameters: dict[str, str]
    changed: tuple[str, ...]

    def words(self) -> str:
        """Return the parameters that are not at their default, in words."""
        return ", ".join(f"{name}={self.parameters[name]}" for name in self.changed)


@dataclass(frozen=True, slots=True)
class Score:
    """A number that the script asked for at one place, once or again and again.

    Parameters
    ----------
    metric : str
        Name of the run's metric that it is a value of.
    function : str
        What was called.
    data : str
        Name of the variable that it was asked about; empty where it has none.
    estimator : str
        Class of the estimator that predicted; empty where that is not known.
    value : float
        The last one; all of them are values of the metric. Of a script that was killed it may be the first.
    times : int
        How often it was asked for there.
    """

    metric: str
    function: str
    data: str
    estimator: str
    value: float
    line: int
    times: int = 1


@dataclass(frozen=True, slots=True)
class ShownWarning:
    """A category of warnings that the script showed, how often, and the words of the first."""

    category: str
    count: int
    first: str


@dataclass(frozen=True, slots=True)
class CapturedFacts:
    """What was seen of a script.

    Parameters
    ----------
    more_estimators : int
        How many were fitted beyond those that are listed.
    model : str
        Path among the run's files of the estimator that was fitted last, kept as the script saved none; else empty.
    """

    estimators: tuple[FittedEstimator, ...] = ()
    scores: tuple[Score, ...] = ()
    warnings: tuple[ShownWarning, ...] = ()
    more_estimators: int = 0
    model: str = ""

    def is_empty(self) -> bool:
        """Whether nothing was seen."""
        return self == CapturedFacts()


def captured_facts(documents: Mapping[tuple[str, str], object]) -> CapturedFacts:
    """Return what the documents of a run say, in the order in which they came."""
    estimators, scores, warnings = list[FittedEstimator](), list[Score](), list[ShownWarning]()
    more, model = 0, ""
    for (kind, key), body in documents.items():
        if kind != DOCUMENTS:
            continue
        try:
            if key.startswith("estimator "):
                estimators.append(_estimator(cast(dict[str, object], body)))
            elif key.startswith("score "):
                scores.append(_score(cast(dict[str, object], body)))
            elif key.startswith("warning "):
                warnings.append(_warning(cast(dict[str, object], body)))
            elif key == "more estimators":
                more = int(str(body))
            elif key == "model":
                model = str(cast(dict[str, object], body)["path"])
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
    return CapturedFacts(tuple(estimators), tuple(scores), tuple(warnings), more, model)


def _estimator(body: dict[str, object]) -> FittedEstimator:
    given = cast(dict[str, object], body["parameters"])
    parameters = {str(name): str(text) for name, text in given.items() if text is not None}
    changed = tuple(str(name) for name in cast(list[object], body["set"]) if str(name) in parameters)
    return FittedEstimator(str(body["class"]), str(body["module"]), int(str(body["line"])), parameters, changed)


def _score(body: dict[str, object]) -> Score:
    metric, function, data, estimator = (str(body[name]) for name in ("metric", "function", "data", "estimator"))
    times = int(str(body.get("times", 1)))
    return Score(metric, function, data, estimator, float(str(body["value"])), int(str(body["line"])), times)


def _warning(body: dict[str, object]) -> ShownWarning:
    return ShownWarning(str(body["category"]), int(str(body["count"])), str(body["first"]))
