"""Modules that load the parts of the package only when a script asks for them.

Python 3.6 knows no ``__getattr__`` of a module, so the module's class has one.
"""

import importlib
import sys
from types import ModuleType

from azureml._missing import message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class _LazyModule(ModuleType):
    """A module some of whose names live in others."""

    def __getattr__(self, name: str) -> "Any":
        home = self.__dict__["_homes"].get(name)
        if home is None:
            return self._module(name)
        value = getattr(importlib.import_module(home), name)
        setattr(self, name, value)
        return value

    def _module(self, name: str) -> "Any":
        """Return a module of this package that nobody imported by name: the SDK's packages bring theirs."""
        fullname = "{}.{}".format(self.__name__, name)
        if "__path__" in self.__dict__ and name[:1].islower():
            try:
                return importlib.import_module(fullname)
            except ModuleNotFoundError:
                pass
        raise AttributeError(message(fullname))

    def __dir__(self) -> "list[str]":
        return sorted(set(super(_LazyModule, self).__dir__()) | set(self.__dict__["_homes"]))


def provide(module: str, homes: "Mapping[str, str]") -> None:
    """Make the names of `homes` (name -> module that has it) importable from `module`, loaded on first use."""
    here: "Any" = sys.modules[module]
    here._homes = dict(homes)
    here.__class__ = _LazyModule
