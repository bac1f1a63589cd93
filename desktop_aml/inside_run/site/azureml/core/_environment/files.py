"""Environments as files of the user: requirements, Dockerfiles, and the folder that `save_to_directory` writes."""

import json
import os
import re

from azureml._objects import public
from azureml.core._yaml_text import read_text
from azureml.core.conda_dependencies import CONDA_FILE_NAME, CondaDependencies
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any


_DEFINITION, _DOCKERFILE = "azureml_environment.json", "BaseDockerfile"


def requirements(path: str) -> "list[str]":
    """Return the requirements in a file, each whole, without comments, with those of the files that it includes.

    Bounds from a file that ``-c`` names become ``--constraint`` lines of their own: an environment is no file any more.
    """
    found: "list[str]" = []
    for line in _logical_lines(read_text(path)):
        included = re.match(r"(-r\s*|--requirement[=\s]\s*|-c\s*|--constraint[=\s]\s*)[\"']?([^\"']+?)[\"']?$", line)
        if included is None or re.search("[<>=~]", included.group(2)):
            found.append(line)
            continue
        name = re.sub("^file:(//)?", "", included.group(2))
        inner = requirements(os.path.join(os.path.dirname(path), name))
        if included.group(1).lstrip("-").startswith("c"):
            inner = ["--constraint " + one.split(" --hash")[0] for one in inner if not one.startswith("-")]
        found += inner
    return found


def _logical_lines(text: str) -> "Iterator[str]":
    """Yield the lines of a requirements file: those that end with a backslash joined to the next, comments cut."""
    begun = ""
    for line in text.splitlines():
        whole = begun + line
        if whole.rstrip().endswith("\\") and not whole.lstrip().startswith("#"):
            begun = whole.rstrip()[:-1] + " "
            continue
        begun = ""
        plain = " ".join(re.sub(r"(^|\s)#.*$", "", whole).split())
        if plain:
            yield plain
    if begun.strip():
        yield " ".join(begun.split())


def text_of(path_or_text: str) -> str:
    """Return the text of a file, or the text itself when there is no such file."""
    if "\n" not in path_or_text and os.path.isfile(path_or_text):
        with open(path_or_text, encoding="utf-8") as stream:
            return stream.read()
    return path_or_text


def with_packages(name: str, conda_specification: "str | None", pip_requirements: "str | None") -> "Any":
    """Return an environment with the packages of one of two files; with neither, those of its image."""
    environment = public("Environment")
    if conda_specification and pip_requirements:
        raise UserErrorException("Give either a conda specification or pip requirements.")
    if conda_specification:
        return environment.from_conda_specification(name, conda_specification)
    if pip_requirements:
        return environment.from_pip_requirements(name, pip_requirements)
    made = environment(name)
    made.python.user_managed_dependencies = True
    return made


def save(environment: "Any", path: str, overwrite: bool) -> None:
    """Write the definition of an environment into a folder.

    Raises
    ------
    FileExistsError
        When there is one already and `overwrite` is false.
    """
    target = os.path.join(path, _DEFINITION)
    if os.path.exists(target) and not overwrite:
        raise FileExistsError("'{}' is there already: use overwrite=True.".format(target))
    os.makedirs(path, exist_ok=True)
    values = environment._definition()
    conda = environment.python.conda_dependencies
    if isinstance(conda, CondaDependencies):
        values["python"]["condaDependencies"] = None
        conda.save(os.path.join(path, CONDA_FILE_NAME))
    dockerfile = values["docker"].get("baseDockerfile")
    if dockerfile:
        values["docker"]["baseDockerfile"] = None
        with open(os.path.join(path, _DOCKERFILE), "w", encoding="utf-8") as stream:
            stream.write(dockerfile)
    with open(target, "w", encoding="utf-8") as stream:
        json.dump(values, stream, indent=4)
        stream.write("\n")


def load(kind: "Callable[[str], Any]", path: str) -> "Any":
    """Return the environment in a folder; `kind` is its class."""
    if not os.path.isdir(path):
        raise FileNotFoundError("There is no folder '{}' to load an environment from.".format(path))
    with open(os.path.join(path, _DEFINITION), encoding="utf-8") as stream:
        values = json.load(stream)
    made = kind(values["name"])
    made._take(values)
    conda = os.path.join(path, CONDA_FILE_NAME)
    if os.path.isfile(conda):
        made.python.conda_dependencies = CondaDependencies(conda)
    dockerfile = os.path.join(path, _DOCKERFILE)
    if os.path.isfile(dockerfile):
        made.docker.base_dockerfile = text_of(dockerfile)
    return made
