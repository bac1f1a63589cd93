"""Find, read and write the ``config.json`` that names a workspace, in the order in which Azure ML looks."""

import json
import os
import shlex

from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


_FOLDERS = (".azureml", "aml_config", "")
_NAMES = ("config.json", "project.json")


def find(path: "str | None", file_name: "str | None" = None) -> str:
    """Return the configuration meant by `path`: that file, else the first one above that folder.

    Azure ML looks for ``.azureml`` all the way up first, then for ``aml_config``, then for a bare file.

    Raises
    ------
    UserErrorException
        When there is none.
    """
    start = os.path.abspath(os.path.expanduser(path or "."))
    if os.path.isfile(start):
        return start
    names = (file_name,) if file_name else _NAMES
    for folder in _FOLDERS:
        for parent in _upwards(start):
            for name in names:
                candidate = os.path.join(parent, folder, name)
                if os.path.isfile(candidate):
                    return candidate
    if not os.path.exists(start):
        raise UserErrorException(
            "There is no file or folder '{}', and no workspace configuration ({}) above it.".format(
                start, " or ".join(names)
            )
        )
    raise UserErrorException(
        "No workspace configuration ({}) was found in '{}' or above it. Make a workspace there with: "
        "desktop-aml workspace create {}".format(" or ".join(names), start, shlex.quote(start))
    )


def _upwards(folder: str) -> "Iterator[str]":
    while True:
        yield folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return
        folder = parent


def read(path: str) -> "tuple[str, str, str]":
    """Return subscription, resource group and name of the workspace that a configuration names.

    Raises
    ------
    UserErrorException
        When it is no JSON, or does not name a workspace.
    """
    try:
        with open(path, "rb") as stream:
            values = json.loads(stream.read().decode("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise UserErrorException("The configuration '{}' cannot be read: {}.".format(path, error)) from None
    if not isinstance(values, dict):
        raise UserErrorException("The configuration '{}' holds no JSON object.".format(path))
    if values.get("Scope"):
        parts = str(values["Scope"]).split("/")
        if len(parts) < 9:
            raise UserErrorException("The Scope in '{}' does not name a workspace.".format(path))
        return parts[2], parts[4], parts[8]
    wanted = ("subscription_id", "resource_group", "workspace_name")
    absent = [name for name in wanted if not values.get(name)]
    if absent:
        raise UserErrorException("The configuration '{}' lacks {}.".format(path, ", ".join(absent)))
    return str(values[wanted[0]]), str(values[wanted[1]]), str(values[wanted[2]])


def write(path: "str | None", file_name: "str | None", scope: str) -> str:
    """Write a configuration below the folder `path` and return where it is.

    Azure's first tutorial names the folder ``.azureml`` itself, and means a file that `from_config` finds.
    """
    base = os.path.abspath(os.path.expanduser(path or "."))
    old = os.path.join(base, "aml_config")
    folder = old if os.path.isdir(old) else os.path.join(base, ".azureml")
    if os.path.basename(base) in (".azureml", "aml_config"):
        folder = base
    target = os.path.join(folder, file_name or "config.json")
    try:
        os.makedirs(folder, exist_ok=True)
        with open(target, "w") as stream:
            json.dump({"Id": None, "Scope": scope}, stream, indent=4)
            stream.write("\n")
    except PermissionError as error:
        raise UserErrorException("'{}' cannot be written: {}.".format(target, error.strerror)) from None
    return target
