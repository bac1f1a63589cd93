"""Leave libraries that were imported ahead to the operating system when a script ends.

At the end of a process Python takes every module apart and lets go of each object in it. Of libraries that lie in
memory shared with the interpreter that the script was forked from, each page would be copied first, only to be given
back: half a tenth of a second for each run. The modules of the script and of the standard library go as ever, and so
does a library in which something was put, or which has an object with a last will. Standard library only; Python 3.6
to 3.14.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


_PACKAGES = ("site-packages", "dist-packages")
_remembered: "list[tuple[str, ModuleType, int]]" = []


def remember() -> None:
    """Remember the libraries that are there now, for processes that are forked from this one."""
    import ctypes

    for name, module in list(sys.modules.items()):
        place = getattr(module, "__file__", None)
        is_library = type(place) is str and any(one in place for one in _PACKAGES)
        if is_library and not any(hasattr(type(value), "__del__") for value in list(vars(module).values())):
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
    for name, module, size in _remembered:
        if sys.modules.get(name) is module and len(vars(module)) == size:
            # What is no module is not taken apart; who still asks for it in the last moments finds what is in it.
            sys.modules[name] = _Left(module)  # type: ignore[assignment]


class _Left(object):
    """Stands for a module that is left as it is."""

    __slots__ = ("_module",)

    def __init__(self, module: "ModuleType") -> None:
        self._module = module

    def __getattr__(self, name: str) -> "Any":
        return getattr(self._module, name)
