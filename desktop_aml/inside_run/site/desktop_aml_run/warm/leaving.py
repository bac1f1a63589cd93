"""Leave libraries that were imported ahead to the operating system when a script ends.

At the end of a process Python takes every module apart and lets go of each object in it. Of libraries that lie in
memory shared with the interpreter that the script was forked from, each page would be copied first, only to be given
back: half a tenth of a second for each run. The modules of the script and of the standard library go as ever, and so
does a library in which something was put, or which has an object with a last will. All go as ever where the script
leaves an object that has one: a list of a library may hold it, and a file in it would not get its last bytes. Standard
library only; Python 3.6 to 3.14.
"""

import sys
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_PACKAGES = ("site-packages", "dist-packages")
_remembered: "list[tuple[str, types.ModuleType, int]]" = []


def remember() -> None:
    """Remember the libraries that are there now, for processes that are forked from this one."""
    import ctypes

    for name, module in list(sys.modules.items()):
        # One of a class of its own may answer whatever it likes, or be imported by the question.
        place = vars(module).get("__file__") if type(module) is types.ModuleType else None
        is_library = type(place) is str and any(one in place for one in _PACKAGES)
        if is_library and not any(_has_will(type(value)) for value in list(vars(module).values())):
            _remembered.append((name, module, len(vars(module))))
    kept = [module for _, module, _ in _remembered]
    # For ever: with the last reference the module would go.
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(kept))


def thaw(namespace: "dict[str, Any]") -> None:
    """Have garbage of the script's own names be collected, as functions that use them make a circle with them.

    Frozen, they would never go: at the end of the script no file that it forgot to close would get its last bytes.
    """
    import ctypes

    for act in (ctypes.pythonapi.PyObject_GC_UnTrack, ctypes.pythonapi.PyObject_GC_Track):
        act.argtypes = (ctypes.py_object,)
        act.restype = None
        act(namespace)


def leave() -> None:
    """Have Python pass by what was remembered. It must be called last of all that is done at the end of a process."""
    import gc

    if _are_wills_left(gc.get_objects()):
        if hasattr(gc, "unfreeze"):
            gc.unfreeze()
        return
    for name, module, size in _remembered:
        if sys.modules.get(name) is module and len(vars(module)) == size:
            # What is no module is not taken apart; who still asks for it in the last moments finds what is in it.
            sys.modules[name] = _Left(module)  # type: ignore[assignment]


def _are_wills_left(made: "list[Any]") -> bool:
    """Whether one of the objects, which were made since the fork, has more to do in the end than the system does."""
    kinds = {kind for kind in set(map(type, made)) if _has_will(kind)}
    left = [one for one in made if type(one) in kinds and not _is_closed(one)]
    return bool(left) and (not all(map(_holds_nothing, left)) or _is_told_of_open_files())


def _has_will(kind: type) -> bool:
    """Whether objects of a class do something in the end; no code of the class is asked."""
    try:
        will = type.__getattribute__(kind, "__del__")
    except AttributeError:
        return False
    sockets = sys.modules.get("_socket")
    # The system closes these.
    return sockets is None or will is not sockets.socket.__del__


def _is_closed(one: "Any") -> bool:
    # The kinds of files that Python itself has, which answer without code of anybody's.
    return type(one).__module__ == "_io" and bool(one.closed)


def _holds_nothing(one: "Any") -> bool:
    """Whether an open file is one that holds no bytes which are still to be written, as a font that a picture needs."""
    import _io

    if type(one) is _io.TextIOWrapper:
        try:
            return type(one.buffer) is _io.BufferedReader
        except ValueError:
            return False  # it was taken apart
    return type(one) in (_io.FileIO, _io.BufferedReader, _io.BytesIO, _io.StringIO)


def _is_told_of_open_files() -> bool:
    """Whether Python says of each file that a script left open that it did: it ignores them where nobody asks."""
    warnings: "Any" = sys.modules.get("warnings")
    if warnings is None:
        return bool(sys.warnoptions)
    for action, message, category, module, line in warnings.filters:
        if issubclass(ResourceWarning, category) and action != "ignore":
            return True
        if issubclass(ResourceWarning, category) and message is None and module is None and not line:
            return False
    return True


class _Left(object):
    """Stands for a module that is left as it is."""

    __slots__ = ("_module",)

    def __init__(self, module: "types.ModuleType") -> None:
        self._module = module

    def __getattr__(self, name: str) -> "Any":
        return getattr(self._module, name)
