"""What a dataset keeps of its rows and columns: a list of steps, carried out when the table is read."""

import random

from azureml.data._expressions import evaluate
from azureml.exceptions import UserErrorException


def columns(words):
    """Return a column name, or a list of them, as a list."""
    if isinstance(words, str):
        return [words]
    return [str(word) for word in words]


def seeded(seed):
    """Return a seed: the one that is given, else a new one, so that a dataset gives the same rows each time."""
    return random.SystemRandom().randrange(1 << 31) if seed is None else int(seed)


def share(text, value):
    """Return a share of rows, or say what is wrong with it."""
    if not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise UserErrorException("{} is a number from 0 to 1, and is {!r}.".format(text, value))
    return float(value)


def whole(text, value):
    """Return a number of rows, or say what is wrong with it."""
    if isinstance(value, bool) or int(value) != value or value < 0:
        raise UserErrorException("{} is a number of rows, and is {!r}.".format(text, value))
    return int(value)


def carry_out(frame, steps):
    """Return the table after all `steps`."""
    for step in steps:
        frame = _DOING[step[0]](frame, *step[1:])
    return frame.reset_index(drop=True) if steps else frame


def carry_out_on_list(files, steps):
    """Return what is left of a list of files after all `steps`."""
    for step in steps:
        if step[0] == "split":
            files = [file for file, is_chosen in zip(files, _chosen(len(files), *step[1:])) if is_chosen]
        else:
            files = files[: step[1]] if step[0] == "take" else files[step[1] :]
    return files


def _chosen(count, percentage, seed, is_first):
    drawing = random.Random(seed)  # noqa: S311 - a sample, no secret
    return [(drawing.random() < percentage) == is_first for _ in range(count)]


def _keep(frame, names):
    _check(frame, names)
    return frame[names]


def _drop(frame, names):
    _check(frame, names)
    return frame.drop(columns=names)


def _check(frame, names):
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise UserErrorException("The dataset has no column {}: {}.".format(missing, list(frame.columns)))


def _split(frame, percentage, seed, is_first):
    return frame[_chosen(len(frame), percentage, seed, is_first)]


def _filter(frame, words):
    return frame[evaluate(words, frame).astype(bool)]


_DOING = {
    "take": lambda frame, count: frame[:count],
    "skip": lambda frame, count: frame[count:],
    "keep_columns": _keep,
    "drop_columns": _drop,
    "split": _split,
    "filter": _filter,
}
