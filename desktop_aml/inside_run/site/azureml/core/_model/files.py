"""Where models lie on this computer: the cache that `Model.get_model_path` fills, and what scoring scripts find."""

import os

from azureml._service import call
from azureml.exceptions import ModelNotFoundException, WebserviceException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from azureml._objects import WorkspaceLike


CACHE = "azureml-models"


def path_of(name: str, version: "int | None" = None, workspace: "WorkspaceLike | None" = None) -> str:
    """Return the file or folder of a model, downloaded when it has to be.

    Raises
    ------
    ModelNotFoundException
        When neither the workspace nor this folder has it.
    """
    if version is not None and (isinstance(version, bool) or not isinstance(version, int)):
        raise WebserviceException("The version of a model is a whole number, not {!r}.".format(version))
    if version is not None:
        cached = _only_entry(os.path.join(CACHE, name, str(version)))
        if cached is not None:
            return cached
    if workspace is not None:
        return _downloaded(workspace, name, version or 0)
    return _local(name, version)


def _downloaded(workspace: "WorkspaceLike", name: str, version: int) -> str:
    found = call("models.get", workspace, {"*": ModelNotFoundException}, name=name, version=version)
    target = os.path.join(CACHE, name, str(found["version"]))
    return _only_entry(target) or download(workspace, found, target)


def download(workspace: "WorkspaceLike", found: "dict[str, Any]", target: str) -> str:
    """Copy the files of a model into the folder `target` and return the file, or the folder that holds them all."""
    os.makedirs(target, exist_ok=True)
    paths = call(
        "models.download",
        workspace,
        {"*": WebserviceException},
        name=found["name"],
        version=found["version"],
        to=os.path.abspath(target),
    )
    if len(paths) == 1 and len(found["files"]) == 1:
        return os.path.join(target, os.path.basename(paths[0]))
    return os.path.join(target, common_folder(found["files"]))


def common_folder(paths: "list[str]") -> str:
    """Return the first folder of paths with ``/`` when all of them are in it, else nothing."""
    heads = {path.split("/")[0] for path in paths}
    return heads.pop() if len(heads) == 1 and all("/" in path for path in paths) else ""


def _local(name: str, version: "int | None") -> str:
    base = os.path.join(CACHE, name)
    if version is None and os.path.isdir(base):
        numbers = sorted((int(entry) for entry in os.listdir(base) if entry.isdigit()), reverse=True)
        if numbers:
            found = _only_entry(os.path.join(base, str(numbers[0])))
            if found is not None:
                return found
    given = os.environ.get("AZUREML_MODEL_DIR")
    if given and os.path.isdir(given):
        for candidate in (os.path.join(given, name), given):
            found = _only_entry(candidate)
            if found is not None and (candidate != given or name in given.replace(os.sep, "/").split("/")):
                return found
    if version is None and os.path.exists(name):
        return name
    raise (ModelNotFoundException if version is None else WebserviceException)(
        "The model '{}'{} is neither in {} nor in this folder ({}), and no workspace is known here.".format(
            name, "" if version is None else " version {}".format(version), CACHE, os.getcwd()
        )
    )


def _only_entry(folder: str) -> "str | None":
    try:
        entries = os.listdir(folder)
    except OSError:
        return None
    return os.path.join(folder, entries[0]) if len(entries) == 1 else None
