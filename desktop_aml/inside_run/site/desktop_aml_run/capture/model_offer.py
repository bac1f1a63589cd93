"""Keep the estimator that a script fitted last, as a file of the run, where the script saved no model itself.

What is kept is what the estimator held right after it was fitted, in an object of its own: the script's object lives
and dies as if nobody looked. It is written when the script is over, with joblib, into ``outputs/captured``.
"""

import os
import sys
import time

from desktop_aml_run import capture, files_read
from desktop_aml_run.capture import describing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO

    from desktop_aml_run.capture.noting import Notes


FOLDER = "captured"
_SUFFIXES = (
    ".joblib", ".pkl", ".pickle", ".sav", ".skops", ".onnx", ".pmml", ".model", ".mdl", ".h5", ".keras", ".pt", ".pth",
    ".ubj", ".cbm", ".dill", ".cloudpickle", ".joblib.gz", ".pkl.gz", ".joblib.z", ".bst", ".safetensors",
)  # fmt: skip
_MOST_FILES = 20000
_MOST_BYTES = 512 << 20
_MOST_S = 20.0
_PREDICTING = ("predict", "predict_proba", "decision_function")


class _TooLarge(Exception):
    """The model is larger than what is kept unasked."""


class _Offer(object):
    def __init__(self) -> None:
        self.began_at = time.time()
        self.kind: "type | None" = None
        self.held: "dict[str, Any]" = {}
        self.predicts = False


_offer = _Offer()


def finish(notes: "Notes") -> None:
    """Write the model, once the script is over."""
    kind, held = _offer.kind, _offer.held
    if kind is None or _failed():
        return
    if _saved_one(os.getcwd()) or os.path.lexists(_folder()):
        return
    path = os.path.join(_folder(), kind.__name__ + ".joblib")
    try:
        _write(kind, held, path)
    except _TooLarge:
        notes.tell("the model was not kept: it is larger than {:,} bytes or takes too long.".format(_MOST_BYTES))
    except Exception as error:  # noqa: BLE001 - anything may be in an estimator; told, and nothing else
        notes.tell("the model was not kept: {}: {}".format(type(error).__name__, str(error)[:500]))
    else:
        notes.document(
            "model", {"class": kind.__name__, "path": "outputs/{}/{}".format(FOLDER, os.path.basename(path))}
        )


def fitted(estimator: object) -> None:
    """Take what an estimator holds, in place of what one before it held."""
    kind = type(estimator)
    predicts = any(hasattr(kind, name) for name in _PREDICTING)
    if _offer.predicts and not predicts:
        return
    _offer.kind, _offer.held, _offer.predicts = kind, dict(estimator.__dict__), predicts


def _folder() -> str:
    return os.path.join(capture.directory, "snapshot", "outputs", FOLDER)


def _failed() -> bool:
    """Whether the script ended by an error."""
    return getattr(sys, "last_value", None) is not None or getattr(sys, "last_exc", None) is not None


def _saved_one(folder: str) -> bool:
    """Whether a file that looks like a model was written in the script's folders since it began."""
    if any(name.lower().endswith(_SUFFIXES) for name in files_read.written()):
        return True
    seen = 0
    places = {folder, os.path.join(capture.directory, "snapshot")}
    for place in places:
        for parent, folders, files in os.walk(place):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in files:
                seen += 1
                if seen > _MOST_FILES:
                    return False
                if name.lower().endswith(_SUFFIXES) and _is_new(os.path.join(parent, name)):
                    return True
    return False


def _is_new(path: str) -> bool:
    try:
        return os.stat(path).st_mtime >= _offer.began_at - 1.0
    except OSError:
        return False


def _write(kind: "Any", held: "dict[str, Any]", path: str) -> None:
    import joblib

    if _has_own_class(kind, held):
        raise TypeError("it is of a class of the script's own, which no other program could load")
    model = kind.__new__(kind)
    model.__dict__.update(held)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = path + ".part"
    try:
        with open(temporary, "wb") as stream:
            joblib.dump(model, _Limited(stream))
        os.rename(temporary, path)
    finally:
        if os.path.lexists(temporary):
            os.unlink(temporary)
        if not os.listdir(os.path.dirname(path)):
            os.rmdir(os.path.dirname(path))


def _has_own_class(kind: "Any", held: "dict[str, Any]") -> bool:
    model = kind.__new__(kind)
    model.__dict__.update(held)
    waiting, depth = [model], 0
    while waiting and depth < 1000:
        depth += 1
        one = waiting.pop()
        if type(one).__module__ == "__main__":
            return True
        waiting += [other for value in one.__dict__.values() for _, other in describing.inner(value)]
    return False


class _Limited(object):
    """Passes bytes on until they are too many, or take too long."""

    def __init__(self, stream: "BinaryIO") -> None:
        self._stream = stream
        self._left = _MOST_BYTES
        self._until = time.monotonic() + _MOST_S

    def write(self, data: bytes) -> int:
        size = memoryview(data).nbytes
        self._left -= size
        if self._left < 0 or time.monotonic() > self._until:
            raise _TooLarge
        return self._stream.write(data)

    def __getattr__(self, name: str) -> "Any":
        return getattr(self._stream, name)
