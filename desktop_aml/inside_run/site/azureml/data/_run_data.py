"""What a run gets of datasets: a word in its arguments and variables in its environment; and how it finds them there.

Files are shown to a run below the workspace's folder ``inputs``, which is named by the dataset's id: the folder of a
dataset is made once and shared by all runs that use it.
"""

import json
import os
import shutil
from urllib.parse import quote

from desktop_aml_run import belonging
from desktop_aml_run.dataset_variables import INPUT_IDS, INPUT_PLACES, INPUTS, OUTPUTS, REGISTERED_OUTPUT, TAKEN

from azureml._objects import public
from azureml._service import call, note
from azureml.data._datastore_files import copy_file
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from azureml._objects import WorkspaceLike


REFERENCE = "AZUREML_DATAREFERENCE_"
"""How the variables begin that hold the paths of data references."""

_LISTS = (INPUTS, INPUT_IDS, INPUT_PLACES, OUTPUTS)


def for_input(config: "Any", workspace: "WorkspaceLike") -> "tuple[str, dict[str, str]]":
    """Return what stands for a `DatasetConsumptionConfig` in the arguments, and the variables that it needs."""
    dataset = config.dataset
    identifier = dataset._saved(workspace)
    word = identifier if config.mode == "direct" else _shown(dataset, identifier, config.mode, workspace)
    variables = {
        config.name: word,
        INPUTS: "{}:{}".format(config.name, config.mode),
        INPUT_IDS: "{}:{}".format(config.name, identifier),
    }
    places = dataset._sources.places() if config.mode == "direct" else [word]
    outside = [quote(place) for place in places if not _is_shared(place, workspace)]
    if outside:
        # A container is given these as well, to read; without one the variable means nothing.
        variables[INPUT_PLACES] = ",".join(outside)
    return word, variables


def _is_shared(place: str, workspace: "WorkspaceLike") -> bool:
    """Whether every container of a run sees a path: what lies where the workspace keeps its data."""
    return any(place.startswith(os.path.join(workspace._path, name, "")) for name in ("datastores", "inputs"))


def for_output(config: "Any", workspace: "WorkspaceLike") -> "tuple[str, dict[str, str]]":
    """Return the folder that stands for an `OutputFileDatasetConfig` in the arguments, and its variables."""
    datastore, folder = config._place()
    marks = {"{run-id}": os.urandom(8).hex(), "{output-name}": config.name}
    for mark, text in marks.items():
        folder = folder.replace(mark, text)
    place = os.path.join(call("datastores.get", workspace, name=datastore)["path"], *folder.split("/"))
    os.makedirs(place, exist_ok=True)
    variables = {config.name: place, OUTPUTS: config.name}
    if config._registration:
        entry = {"datastore": datastore, "path": folder + "/**"}
        definition = {"kind": "file", "format": "files", "paths": [entry], "options": {}, "steps": []}
        wanted = dict(config._registration, folder=place, definition=json.dumps(definition, sort_keys=True))
        variables[REGISTERED_OUTPUT + config.name] = json.dumps(wanted)
    return place, variables


def for_reference(reference: "Any", workspace: "WorkspaceLike") -> "tuple[str, dict[str, str]]":  # noqa: ARG001 - the same for all three
    """Return the path that stands for a `DataReference` in the arguments, and its variable."""
    place = reference._folder
    if reference.mode == "upload":
        os.makedirs(place, exist_ok=True)
    elif not os.path.exists(place):
        if reference.mode == "mount" and "." not in os.path.basename(place.rstrip("/")):
            # A mounted place is written to as well, and then it is a folder that the script makes.
            os.makedirs(place)
            note(
                "there is nothing at {!r} on the datastore '{}' yet: the run gets an empty folder, {}.".format(
                    reference.path_on_datastore, reference.datastore.name, place
                )
            )
            return _referred(reference, place)
        raise UserErrorException(
            "There is nothing at {!r} on the datastore '{}': {}.".format(
                reference.path_on_datastore, reference.datastore.name, place
            )
        )
    return _referred(reference, place)


def _referred(reference: "Any", place: str) -> "tuple[str, dict[str, str]]":
    return place, {REFERENCE + reference.data_reference_name: place}


def join(variables: "dict[str, str]", more: "dict[str, str]") -> None:
    """Add variables; those that are lists grow."""
    for name, value in more.items():
        before = variables.get(name) if name in _LISTS else None
        if before is None:
            variables[name] = value
        elif value not in before.split(","):
            variables[name] = before + "," + value


class InputDatasets(dict):  # type: ignore[type-arg]  # what it holds cannot be named before Python 3.9
    """The inputs of this run by name: the dataset itself, or the path of its files; what is assigned is recorded."""

    def __init__(self, run: "Any", found: "dict[str, Any]") -> None:
        super().__init__(found)
        self._run = run

    def __missing__(self, name: object) -> "NoReturn":
        raise KeyError(
            "This run has no input dataset {!r}. It has: {}. An input is given to a run as "
            "dataset.as_named_input({!r}).".format(name, ", ".join(sorted(self)) or "none", name)
        )

    def __setitem__(self, name: str, dataset: "Any") -> None:
        self._run.add_properties({TAKEN + str(name): dataset._saved(self._run.experiment.workspace)})
        super().__setitem__(name, dataset)


def inputs(run: "Any") -> "InputDatasets":
    """Return the input datasets of the run that this process belongs to."""
    found = {}
    for entry in filter(None, (belonging.variable(INPUTS) or "").split(",")):
        name, mode = entry.split(":")
        value = belonging.variable(name) or ""
        direct = mode == "direct"
        found[name] = public("AbstractDataset").get_by_id(run.experiment.workspace, value) if direct else value
    return InputDatasets(run, found)


def details(workspace: "WorkspaceLike | None", run_id: str) -> "tuple[list[dict[str, Any]], list[dict[str, Any]]]":
    """Return what ``get_details`` says of a run's datasets: a list of its inputs and one of its outputs."""
    taken, left = [], []
    for use in call("datasets.of_run", workspace, run_id=run_id):
        known = use["dataset"]
        dataset = None if known is None else public("AbstractDataset")._found(workspace, known)
        if use["how"] == "output":
            left.append(
                {
                    "identifier": {"savedId": None if known is None else known["id"]},
                    "outputType": "RunOutput",
                    "outputDetails": {"outputName": use["name"]},
                    "dataset": dataset or public("FileDatasetFactory").from_files(use["path"] + "/**", validate=False),
                }
            )
        else:
            consumption = {"type": "RunInput", "inputName": use["name"], "mechanism": use["how"].capitalize()}
            taken.append({"dataset": dataset, "consumptionDetails": consumption})
    return taken, left


def outputs() -> "dict[str, str]":
    """Return the folders of this run's output datasets by name."""
    return {
        name: belonging.variable(name) or "" for name in filter(None, (belonging.variable(OUTPUTS) or "").split(","))
    }


def _shown(dataset: "Any", identifier: str, mode: str, workspace: "WorkspaceLike") -> str:
    """Return the path of a folder that shows a dataset's files, or of its only file when it is used as a file."""
    steps, folder = dataset._definition["steps"], dataset._sources.folder()
    if mode == "mount" and folder and not steps:
        found: str = folder
        return found
    files = dataset._chosen() if hasattr(dataset, "_chosen") else dataset._files()
    place = os.path.join(workspace._path, "inputs", "{}-{}".format(identifier, mode))
    if not os.path.isdir(place):
        unfinished = "{}.{}".format(place, os.urandom(4).hex())
        try:
            for file in files:
                _show(file, os.path.join(unfinished, file.relative), mode, workspace)
            os.rename(unfinished, place)
        except OSError as error:
            if not os.path.isdir(place):  # else another process was quicker
                words = "The files of the dataset cannot be shown to the run: {}.".format(error)
                raise UserErrorException(words) from None
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    # Azure gives the file itself where a dataset of one file is mounted.
    as_file = dataset._definition["options"].get("is_file") or (mode == "mount" and dataset._sources.is_one_file())
    if as_file and len(files) == 1:
        return os.path.join(place, files[0].relative)
    return place


def _show(file: "Any", target: str, mode: str, workspace: "WorkspaceLike") -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if mode == "download":
        copy_file(file.path, target)
    elif file.path.startswith(os.path.join(workspace._path, "")):
        # Relative: the link moves with the workspace, and `target` is renamed to a folder beside this one.
        os.symlink(os.path.relpath(file.path, os.path.dirname(target)), target)
    else:
        # A link of another kind is seen in a container too, where only the workspace's own folders are.
        try:
            os.link(file.path, target)
        except OSError:
            copy_file(file.path, target)
