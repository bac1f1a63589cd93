"""Record what a plain script does with scikit-learn: what it fits, scores and searches, and what warns.

Nothing of the script or the library is replaced: functions of scikit-learn stay the same objects and get a way in
(`watched`), which looks at a call only where the script itself made it (`asking`). What is seen goes to a journal of
its own kinds (`noting`), so that what a script logged by itself is not touched, and its own questions are answered as
if nobody looked. Whatever goes wrong here is told in the log of the run's launcher, and nowhere else.

Only in the process of the script itself, or the kernel of a notebook: neither in children, nor in workers of joblib.
Python 3.6 to 3.14; loaded before every script, so it imports nothing heavy.
"""

import os
import sys

VARIABLE = "DESKTOP_AML_CAPTURE"
"""Set to ``off``, nothing is captured."""

PATCHES = {
    "sklearn.base": __name__ + ".estimators",
    "sklearn.metrics": __name__ + ".measures",
    "sklearn.model_selection": __name__ + ".measures",
}
"""What hangs itself on a library once it was imported: by module of the library."""

_NOTING = __name__ + ".noting"

directory = ""
"""The folder of the run that is captured."""


def is_wanted(run_directory: "str | None") -> bool:
    """Whether this process is the script of a run that is to be captured."""
    global directory
    if not run_directory or os.environ.get(VARIABLE) == "off":
        return False
    directory = run_directory
    script = os.environ.get("DESKTOP_AML_SCRIPT_PID")
    # The cells of a notebook are the script: they run in the kernel, which the run's first process starts.
    is_kernel = os.environ.get("DESKTOP_AML_NOTEBOOK") == "executed" and script == str(os.getppid())
    return (script == str(os.getpid()) or is_kernel) and os.path.isdir(os.path.join(run_directory, "journal"))


def prepare() -> None:
    """Hang what captures on the libraries that are there, in an interpreter that runs are forked from."""
    if os.environ.get(VARIABLE) == "off":
        return
    from importlib import import_module

    from desktop_aml_run import compatibility

    compatibility.watch_too({name: patch for name, patch in PATCHES.items() if name not in sys.modules})
    for name, patch in PATCHES.items():
        if name in sys.modules:
            import_module(patch).patch(sys.modules[name])


def begin(run_directory: str) -> None:
    """Capture a run from now on that was forked from an interpreter in which this was prepared."""
    if not is_wanted(run_directory):
        return
    from importlib import import_module

    import_module(_NOTING).notes().begin(run_directory)
    estimators = sys.modules.get(PATCHES["sklearn.base"])
    if estimators is not None:
        estimators.finish_at_exit()
