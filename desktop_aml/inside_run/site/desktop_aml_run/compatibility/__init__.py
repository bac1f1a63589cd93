"""Restore for the user's own code what newer numpy, scikit-learn, pandas and Python removed.

Scripts of 2018 to 2021 name things that are gone. An import hook notices when one of the libraries is imported and
hangs the missing names where they were; code of libraries does not see them. Whatever was used is told in one line when
the process ends. Nothing is restored whose meaning would change: then the library's own error stands.

Python 3.6 to 3.13. This module is loaded before every script: it imports nothing heavy.
"""

import os
import sys

from desktop_aml_run import belonging
from desktop_aml_run.callers import (
    hide_when_printed,
    hide_when_walked,
    is_named_by_user,
    is_own_code,
    out_of_sight,
    passing_on,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import FrameType, ModuleType
    from typing import Any, NoReturn


NOTE_VARIABLE = "DESKTOP_AML_COMPATIBILITY_NOTE"
_TOLD = "compatibility.told"
_HERE = __name__

# What to do right after a library was imported: module of this package.
_PATCHES = {
    "lightgbm": "lightgbm_calls",
    "numpy": "numpy_names",
    "pandas": "pandas_names",
    "sklearn.calibration": "sklearn_calls",
    "sklearn.cluster": "sklearn_calls",
    "sklearn.decomposition": "sklearn_calls",
    "sklearn.ensemble": "sklearn_calls",
    "sklearn.feature_extraction": "sklearn_calls",
    "sklearn.feature_extraction.text": "sklearn_calls",
    "sklearn.linear_model": "sklearn_calls",
    "sklearn.manifold": "sklearn_calls",
    "sklearn.metrics": "sklearn_calls",
    "sklearn.model_selection": "sklearn_calls",
    "sklearn.preprocessing": "sklearn_calls",
    "sklearn.svm": "sklearn_calls",
    "sklearn.tree": "sklearn_calls",
    "xgboost": "xgboost_calls",
}
# The same in every run: for what a run has no windows for, and no server.
_SHOWING = {
    "PIL.ImageShow": "pillow_images",
    "altair": "altair_charts",
    "joblib": "model_files",
    "matplotlib": "matplotlib_windows",
    "matplotlib.animation": "animations",
    "matplotlib.pyplot": "matplotlib_windows",
    "mlflow": "mlflow_place",
    "mlflow.tracking.fluent": "mlflow_runs",
    "pip": "own_pip",
    "plotly.io": "plotly_figures",
    "webbrowser": "browser_pages",
}
# Modules that were only moved: the name that scripts use, and where its content is now.
_MOVED = {
    "sklearn.externals.joblib": "joblib",
    "sklearn.externals.six": "six",
    "sklearn.grid_search": "sklearn.model_selection",
    "sklearn.learning_curve": "sklearn.model_selection",
    "sklearn.cross_validation": _HERE + ".lost.cross_validation",
    "sklearn.datasets.samples_generator": "sklearn.datasets",
    "sklearn.ensemble.forest": "sklearn.ensemble",
    "sklearn.ensemble.gradient_boosting": "sklearn.ensemble",
    "sklearn.linear_model.base": "sklearn.linear_model",
    "sklearn.linear_model.logistic": "sklearn.linear_model",
    "sklearn.metrics.classification": "sklearn.metrics",
    "sklearn.metrics.ranking": "sklearn.metrics",
    "sklearn.metrics.regression": "sklearn.metrics",
    "sklearn.metrics.scorer": "sklearn.metrics",
    "sklearn.neighbors.classification": "sklearn.neighbors",
    "sklearn.preprocessing.data": "sklearn.preprocessing",
    "sklearn.preprocessing.label": "sklearn.preprocessing",
    "sklearn.svm.classes": "sklearn.svm",
    "sklearn.tree.tree": "sklearn.tree",
    "imp": _HERE + ".lost.imp_module",
    "imghdr": _HERE + ".lost.image_header",
    "distutils": _HERE + ".lost.distutils_package",
    "distutils.util": _HERE + ".lost.distutils_package",
    "distutils.version": _HERE + ".lost.distutils_package",
}
_MOVED_PACKAGES = ("sklearn.externals.joblib.",)
_OF_PYTHON = ("imp", "imghdr", "distutils")

_used: "list[str]" = []
_told: "list[str]" = []


def install(restores: bool = True, others: "Mapping[str, str] | tuple[()]" = ()) -> None:
    """Begin to watch imports; a second call changes nothing.

    Parameters
    ----------
    restores : bool
        Whether what was removed is restored; else only what would be shown is kept.
    others : dict, optional
        What else is to be done right after a library was imported, and before anything is restored: module with a
        function ``patch`` by module of the library.
    """
    if any(isinstance(finder, _Watcher) for finder in sys.meta_path):
        return
    import atexit

    hide_when_printed()

    own = dict(_PATCHES, **_SHOWING) if restores else _SHOWING
    sys.meta_path.insert(0, _Watcher({name: (_HERE + "." + patch,) for name, patch in own.items()}))
    watch_too(dict(others))
    if not restores:
        return
    sys.meta_path.append(_Replacements())
    atexit.register(tell)


def watch_too(others: "Mapping[str, str]") -> None:
    """Do something else, too, right after libraries were imported; `others` as for `install`."""
    for watcher in [finder for finder in sys.meta_path if isinstance(finder, _Watcher)][:1]:
        for name, patch in others.items():
            watcher.patches[name] = (patch, *watcher.patches.get(name, ()))


def note(name: str) -> None:
    """Remember that something was restored."""
    if name in _told or name in _used:
        return
    _used.append(name)
    # The kernel of somebody's notebook lives on, and its standard error is gone at its end: say it in the cell.
    if "ipykernel" in sys.modules and not belonging.run_directory():
        tell()


def tell() -> None:
    """Say in one line what was restored, once for each run."""
    if not _used:
        return
    run_directory = belonging.run_directory()
    if run_directory:
        try:
            os.close(os.open(os.path.join(run_directory, _TOLD), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError:
            return
    words = (
        "Desktop AML restored what newer libraries removed, so that this script could go on: {}. Pin the versions it "
        "was written for in its environment, or {}, to do without.\n"
    ).format(
        ", ".join(_used),
        "submit it with --no-compatibility" if run_directory else "set DESKTOP_AML_COMPATIBILITY=off",
    )
    # The standard error of a notebook's kernel is gone when the kernel ends: whoever started it says where to write.
    elsewhere = os.environ.get(NOTE_VARIABLE)
    if elsewhere:
        with open(elsewhere, "a") as stream:
            stream.write(words)
    else:
        from desktop_aml_run import telling

        telling.write(words)
    _told.extend(_used)
    del _used[:]


def restore_names(module: "Any", names: "Mapping[str, Callable[[], Any]]", prefix: str) -> None:
    """Give a module names that it lost, for the user's own code only.

    Parameters
    ----------
    names : dict
        What makes the thing, by name: called without arguments when the name is first used.
    """
    own = module.__dict__.get("__getattr__")

    @out_of_sight
    def find(name: str) -> "Any":
        if name in names and is_named_by_user():
            note("{}.{}".format(prefix, name))
            return names[name]()
        with passing_on:
            return own(name) if own is not None else _has_not(module.__name__, name)

    module.__getattr__ = find


@out_of_sight
def _has_not(module: str, name: str) -> "NoReturn":
    with passing_on:
        raise AttributeError("module {!r} has no attribute {!r}".format(module, name))


def _asker() -> "FrameType | None":
    """Return the frame that wants a module, or None where one only looks whether it is there."""
    frame: "FrameType | None" = sys._getframe(2)  # noqa: SLF001 - the documented way to see who asks
    while frame is not None and "importlib" in frame.f_code.co_filename:
        if frame.f_code.co_name == "find_spec":
            # importlib.util's, or another finder's: whoever asks them imports nothing.
            return None
        frame = frame.f_back
    return frame


class _Watcher(object):
    """First of the finders: has the real ones find a library, and patches it once it was loaded."""

    def __init__(self, patches: "dict[str, tuple[str, ...]]") -> None:
        self.patches = patches

    def find_spec(
        self, fullname: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        """Return a spec whose loader patches, or None for what is not watched."""
        if fullname not in self.patches:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    _patch_after(spec.loader, fullname, self.patches[fullname])
                return spec
        return None


def _patch_after(loader: "Any", fullname: str, patches: "tuple[str, ...]") -> None:
    original = loader.exec_module

    def exec_module(module: "ModuleType") -> None:
        del loader.exec_module
        with passing_on:
            original(module)
        hide_when_walked()
        for patch in patches:
            try:
                _import(patch).patch(module)
            except Exception as error:  # noqa: BLE001 - what restores old names must never be what breaks a script
                from desktop_aml_run import telling

                telling.write("Desktop AML left {} as it is: {}\n".format(fullname, error))

    loader.exec_module = exec_module


class _Replacements(object):
    """Last of the finders: knows where lost modules went."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> "ModuleSpec | None":  # noqa: ARG002 - the import system's signature
        """Return a spec for a module that was moved, or None."""
        place = _MOVED.get(fullname)
        for package in _MOVED_PACKAGES:
            if fullname.startswith(package):
                place = _MOVED[package[:-1]] + "." + fullname[len(package) :]
        if place is None:
            return None
        asker = _asker()
        if asker is None or (fullname.partition(".")[0] in _OF_PYTHON and not is_own_code(asker)):
            return None
        from importlib.machinery import ModuleSpec

        try:
            found = _import(place)
        except ImportError:
            return None
        note(fullname)
        alias: "Any" = _Alias(found)  # a loader by what it does, not by its base class, which would have to be imported
        return ModuleSpec(fullname, alias, is_package=hasattr(found, "__path__"))


class _Alias(object):
    """Loader that gives a module which exists already under another name."""

    def __init__(self, module: "ModuleType") -> None:
        self.module = module
        self.own_spec = module.__spec__

    def create_module(self, spec: "ModuleSpec") -> "ModuleType":  # noqa: ARG002 - the import system's signature
        """Return the module itself."""
        return self.module

    def exec_module(self, module: "ModuleType") -> None:
        """Leave the module as it was."""
        module.__spec__ = self.own_spec


def _import(name: str) -> "ModuleType":
    from importlib import import_module

    return import_module(name)
