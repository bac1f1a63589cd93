"""Submit a `ScriptRunConfig`: say what its configuration means on this computer, and queue the run."""

import os

from azureml._service import call, labels, note
from azureml.core._submit import container_options as _container_options
from azureml.core._submit import given_data as _given_data
from azureml.data._run_data import join
from azureml.exceptions import ExperimentExecutionException, SnapshotException, UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from azureml._objects import ExperimentLike, WorkspaceLike


_COMMAND = "DESKTOP_AML_COMMAND"
_ERRORS = {"NotFound": ExperimentExecutionException, "StorageError": SnapshotException}


def submit(
    experiment: "ExperimentLike",
    config: "Any",
    tags: "Mapping[str, Any] | None" = None,
    parent: str = "",
    **more: "Any",
) -> str:
    """Queue the run that a configuration describes, as a child of the run `parent` if there is one; return its id.

    Parameters
    ----------
    more : dict
        What makes it a sweep.
    """
    script, arguments, is_line = config._script_and_arguments()
    settings = config.run_config
    words, env_vars = _words(experiment.workspace, arguments)
    join(env_vars, _given_data.variables(experiment.workspace, settings))
    words = [_given_data.put_in(word, settings, env_vars) for word in words]
    in_container = _in_container(config)
    env_vars.update(_container_options.of(_docker_of(config)))
    env_vars.update(_variables(settings))
    if is_line:
        env_vars[_COMMAND], words = " ".join(words), []
    _tell_what_has_no_effect(settings)
    target = "" if settings.target == "local" else str(settings.target or "")
    answer = call(
        "runs.submit",
        experiment.workspace,
        _ERRORS,
        experiment=experiment.name,
        script=script,
        source_directory=config._folder(),
        arguments=words,
        environment=_environment(experiment.workspace, settings, in_container),
        compute=target,
        use_docker=in_container,
        tags=labels("tags", tags),
        env_vars=env_vars,
        submitters=_own_variables(),
        properties={"_azureml.ComputeTargetType": "amlcompute" if target else "local"},
        timeout_s=settings.max_run_duration_seconds,
        parent=parent,
        any_number_of_files=bool(os.environ.get("AML_SNAPSHOT_NO_FILE_LIMIT")),
        **more,
    )
    for text in answer["notes"]:
        note(text)
    found: str = answer["id"]
    return found


def _own_variables() -> "dict[str, str]":
    """Return the variables of this process, which the run starts from; those of a container stay in it."""
    return {} if os.path.exists("/.dockerenv") else dict(os.environ)


def _words(workspace: "WorkspaceLike", arguments: "Iterable[Any]") -> "tuple[list[str], dict[str, str]]":
    """Return the arguments as texts, and the variables that datasets among them need.

    A dataset, a data reference or an output says itself what the script gets: ``_for_run(workspace)`` returns that word
    and variables.
    """
    words = []
    env_vars: "dict[str, str]" = {}
    for argument in arguments:
        if hasattr(argument, "_for_run"):
            word, needed = argument._for_run(workspace)
            join(env_vars, needed)
        elif argument is None or isinstance(argument, (list, dict, tuple)):
            raise UserErrorException(
                "An argument must be text or a number, and one is {!r}. Give each word as an element of its "
                "own.".format(argument)
            )
        else:
            word = str(argument)
        words.append(word)
    return words, env_vars


def _in_container(config: "Any") -> bool:
    """Whether the configuration asks for a container, in the newer way or in the older one of the environment.

    A `DockerConfiguration` that was given is the last word.
    """
    return bool(config.run_config.docker.use_docker or _is_older_way(config))


def _is_older_way(config: "Any") -> bool:
    return bool(config.run_config.environment.docker.enabled and not getattr(config, "_docker_given", False))


def _docker_of(config: "Any") -> "Any":
    """Return the section that says how the container is to be, where the code asks for one."""
    settings = config.run_config
    return settings.environment.docker if _is_older_way(config) and not settings.docker.use_docker else settings.docker


def _environment(workspace: "WorkspaceLike", settings: "Any", in_container: bool) -> str:
    environment = settings.environment
    if environment._is_untouched_default():
        note("no environment is given: the run uses the Python of Desktop AML itself, which has scikit-learn.")
        return "this-python"
    found: str = environment._reference(workspace, in_container=in_container)
    return found


def _variables(settings: "Any") -> "dict[str, str]":
    given = dict(settings.environment.environment_variables or {})
    given.update(settings.environment_variables or {})
    return {str(name): str(value) for name, value in given.items()}


def _tell_what_has_no_effect(settings: "Any") -> None:
    if (settings.node_count or 1) > 1 or settings.mpi.process_count_per_node > 1:
        note("the run is one process on this computer, whatever the number of nodes and processes.")
    if str(settings.framework).lower() not in ("python", "none"):
        note("the framework {} has no effect: the script runs in Python.".format(settings.framework))
