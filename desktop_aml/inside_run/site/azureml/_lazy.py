"""Modules that load the parts of the package only when a script asks for them.

Python 3.6 knows no ``__getattr__`` of a module, so the module's class has one.
"""

import importlib
import sys
from types import ModuleType

from azureml._missing import message


class _LazyModule(ModuleType):
    """A module some of whose names live in others."""

    def __getattr__(self, name):
        home = self.__dict__["_homes"].get(name)
        if home is None:
            raise AttributeError(message("{}.{}".format(self.__name__, name)))
        value = getattr(importlib.import_module(home), name)
        setattr(self, name, value)
        return value

    def __dir__(self):
        return sorted(set(super(_LazyModule, self).__dir__()) | set(self.__dict__["_homes"]))


def provide(module, homes):
    """Make the names of `homes` (name -> module that has it) importable from `module`, loaded on first use."""
    here = sys.modules[module]
    here._homes = dict(homes)
    here.__class__ = _LazyModule
