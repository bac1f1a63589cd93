"""The part of ``imp`` that scripts use; the module is gone since Python 3.12."""

import importlib.util
import sys
import types
from importlib import reload  # noqa: F401 - given on


def new_module(name: str) -> "types.ModuleType":
    """Return a new empty module."""
    return types.ModuleType(name)


def load_source(name: str, pathname: str, file: object = None) -> "types.ModuleType":  # noqa: ARG001 - the old signature
    """Load a module from a file of source code."""
    spec = importlib.util.spec_from_file_location(name, pathname)
    if spec is None or spec.loader is None:
        raise ImportError("There is no module in {}.".format(pathname))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
