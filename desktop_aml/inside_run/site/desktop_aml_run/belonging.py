"""What this process was told of its run, also after the script emptied `os.environ`.

Scripts clear their variables, or put others in their place, to be alike everywhere. They do not mean to leave the run
by that: who wants an offline run takes ``AZUREML_RUN_ID`` away and lets the rest stand. Python 3.6 to 3.14.
"""

import os

RUN_ID = "AZUREML_RUN_ID"
RUN_DIRECTORY = "DESKTOP_AML_RUN_DIR"


def variable(name: str) -> "str | None":
    """Return a variable as it is now; where the script took all away, as this process was started with it."""
    found = os.environ.get(name)
    if found is not None or os.environ.get(RUN_DIRECTORY):
        return found
    first = _first()
    return first.get(name) if RUN_DIRECTORY in first else None


def run_directory() -> "str | None":
    """Return the folder of the run that this process belongs to; None outside of one."""
    return variable(RUN_DIRECTORY) or None


def _first() -> "dict[str, str]":
    # Asked anew each time: what a process forked from a warm interpreter was started with is set after the fork.
    try:
        with open("/proc/self/environ", "rb") as stream:
            pairs = (entry.partition(b"=") for entry in stream.read().split(b"\0"))
            return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs if name}
    except OSError:
        return {}
