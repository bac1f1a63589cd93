"""Tell, in the log of a run, that an Azure ML SDK which is installed in its environment is not the one in use."""

import os
import re
import sys

from desktop_aml_run import telling

TOLD = "DESKTOP_AML_OTHER_SDK_TOLD"
"""Set in the environment of a process that told it, so that those it starts do not tell it again."""

_INSTALLED = re.compile(r"^azureml[_-]core-([^-]+)\.(dist|egg)-info$", re.IGNORECASE)


def find(path: "list[str] | None" = None) -> "str | None":
    """Return the version of the ``azureml-core`` that is installed, or None.

    Parameters
    ----------
    path : list of str, optional
        Folders to look in. Default: those that modules are imported from.
    """
    for folder in sys.path if path is None else path:
        try:
            names = os.listdir(folder or ".")
        except OSError:  # a zip file, or a folder that is not there
            continue
        for name in names:
            found = _INSTALLED.match(name)
            if found:
                return found.group(1)
    return None


def tell() -> None:
    """Print one line when there is one, once in a run."""
    if os.environ.get(TOLD):
        return
    os.environ[TOLD] = "1"
    version = find()
    if version is not None:
        telling.tell(
            "azureml-core {} is installed in this environment. Desktop AML's own azureml package takes its place, so "
            "nothing goes to Azure.".format(version)
        )
