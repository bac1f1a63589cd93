"""How an `Environment` is kept in a workspace, and how it comes back.

What Desktop AML builds from is a conda specification, or the path of an interpreter for packages that the user manages.
The rest of Azure ML's definition (variables, the Docker section, Spark) travels in one comment line below the
specification, so that it stays with its version.
"""

import json
import os
import re
import shutil
import sys

from azureml.core._environment.sections import DEFAULT_CPU_IMAGE, DEFAULT_GPU_IMAGE
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


MARK = "# azureml: "
_KEPT = ("environmentVariables", "docker", "spark", "databricks", "inferencingStackVersion")


def specification(environment: "Any", in_container: bool) -> "tuple[str, str, str]":
    """Return kind, text and description to register an environment with.

    Parameters
    ----------
    in_container : bool
        Whether an image that the environment names may stand for its packages.

    Raises
    ------
    UserErrorException
        When the interpreter of an environment that the user manages is not on this computer.
    """
    extras = json.dumps(_extras(environment), sort_keys=True)
    if environment.python.user_managed_dependencies:
        docker = environment.docker
        comment = "\n{}{}".format(MARK, extras) if extras != "{}" else ""
        if in_container and docker.base_dockerfile:
            return "dockerfile", docker.base_dockerfile.rstrip("\n") + comment + "\n", ""
        if in_container and docker.base_image not in (None, DEFAULT_CPU_IMAGE, DEFAULT_GPU_IMAGE):
            return "image", docker.base_image, MARK + extras
        return "existing", interpreter_of(environment), MARK + extras if extras != "{}" else ""
    text = environment.python.conda_dependencies._for_desktop_aml()
    if extras != "{}":
        text = "{}\n{}{}\n".format(text.rstrip("\n"), MARK, extras)
    return "conda", text, ""


def interpreter_of(environment: "Any") -> str:
    """Return the full path of the interpreter that the user manages; ``python`` is the one that runs this code."""
    named = environment.python.interpreter_path or "python"
    if named in ("python", "python3"):
        return sys.executable
    found = named if os.path.isabs(named) and os.path.isfile(named) else shutil.which(named)
    if found is None:
        raise UserErrorException(
            "The interpreter '{}' of the environment '{}' is not on this computer.".format(named, environment.name)
        )
    return os.path.abspath(found)


def _extras(environment: "Any") -> "dict[str, Any]":
    """Return the parts of the definition that are not as they are in a new environment."""
    whole, usual = environment._definition(), type(environment)("usual")._definition()
    return {key: whole[key] for key in _KEPT if whole[key] != usual[key]}


def fill(environment: "Any", found: "dict[str, Any]") -> None:
    """Fill an environment with what a workspace keeps of it: the answer of ``environments.get``."""
    text, kind = found["text"], found["kind"]
    comment = text if kind in ("conda", "dockerfile") else found.get("description") or ""
    extras = re.search(r"^{}(\{{.*\}})$".format(re.escape(MARK)), comment, re.MULTILINE)
    if extras:
        environment._take(json.loads(extras.group(1)))
    conda = environment.python.conda_dependencies
    if kind == "existing":
        environment.python.user_managed_dependencies = True
        environment.python.interpreter_path = text.strip()
    elif kind in ("image", "dockerfile"):
        environment.python.user_managed_dependencies = True
        if kind == "image":
            environment.docker.base_image = text.strip()
    elif kind == "conda" and isinstance(found["tree"], dict):
        conda._conda = found["tree"]
        conda._text = re.sub(r"^{}.*\n?".format(re.escape(MARK)), "", text, flags=re.MULTILINE)
        conda._python_was_asked_for = True
    elif kind == "pip":
        lines = [line.strip() for line in text.splitlines()]
        conda._set_pip([line for line in lines if line and not line.startswith("#")])
        conda._python_was_asked_for = False
    environment._remember(found["name"], str(found["version"]), found["curated"])
