"""What a dataset keeps of its rows and columns: a list of steps, carried out when the table is read."""

import random

from azureml.data._expressions import evaluate
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    Step = list[Any]
    Item = TypeVar("Item")


def columns(words: "str | Iterable[object]") -> "list[str]":
    """Return a column name, or a list of them, as a list."""
    if isinstance(words, str):
        return [words]
    return [str(word) for word in words]


def seeded(seed: "Any") -> int:
    """Return a seed: the one that is given, else a new one, so that a dataset gives the same rows each time."""
    return random.SystemRandom().randrange(1 << 31) if seed is None else int(seed)


def share(text: str, value: "Any") -> float:
    """Return a share of rows, or say what is wrong with it."""
    if not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise UserErrorException("{} is a number from 0 to 1, and is {!r}.".format(text, value))
    return float(value)


def whole(text: str, value: "Any") -> int:
    """Return a number of rows, or say what is wrong with it."""
    if isinstance(value, bool) or int(value) != value or value < 0:
        raise UserErrorException("{} is a number of rows, and is {!r}.".format(text, value))
    return int(value)


def carry_out(frame: "Any", steps: "list[Step]") -> "Any":
    """Return the table after all `steps`."""
    for step in steps:
        frame = _DOING[step[0]](frame, *step[1:])
    return frame.reset_index(drop=True) if steps else frame


def carry_out_on_list(files: "list[Item]", steps: "list[Step]") -> "list[Item]":
    """Return what is left of a list of files after all `steps`."""
    for step in steps:
        if step[0] == "split":
            files = [file for file, is_chosen in zip(files, _chosen(len(files), *step[1:])) if is_chosen]
        else:
            files = files[: step[1]] if step[0] == "take" else files[step[1] :]
    return files


def _chosen(count: int, percentage: float, seed: int, is_first: bool) -> "list[bool]":
    drawing = random.Random(seed)  # noqa: S311 - a sample, no secret
    return [(drawing.random() < percentage) == is_first for _ in range(count)]


def _keep(frame: "Any", names: "list[str]") -> "Any":
    _check(frame, names)
    return frame[names]


def _drop(frame: "Any", names: "list[str]") -> "Any":
    _check(frame, names)
    return frame.drop(columns=names)


def _check(frame: "Any", names: "list[str]") -> None:
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise UserErrorException("The dataset has no column {}: {}.".format(missing, list(frame.columns)))


def _split(frame: "Any", percentage: float, seed: int, is_first: bool) -> "Any":
    return frame[_chosen(len(frame), percentage, seed, is_first)]


def _filter(frame: "Any", words: "list[Any]") -> "Any":
    return frame[evaluate(words, frame).astype(bool)]


_DOING: "dict[str, Callable[..., Any]]" = {
    "take": lambda frame, count: frame[:count],
    "skip": lambda frame, count: frame[count:],
    "keep_columns": _keep,
    "drop_columns": _drop,
    "split": _split,
    "filter": _filter,
}
