"""`ScriptRunConfig`: a script, its folder, its arguments, and what it runs in."""

import os
import re
import shlex

from azureml._service import note
from azureml.core._submit.runconfig_parts import MpiConfiguration, PyTorchConfiguration, TensorflowConfiguration
from azureml.core.environment import Environment
from azureml.core.runconfig import DataPath, DockerConfiguration, RunConfiguration
from azureml.exceptions import ExperimentExecutionException, RunConfigurationException, UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so

MAX_DURATION_SECONDS_DEFAULT = 2592000
_DISTRIBUTED = (MpiConfiguration, TensorflowConfiguration, PyTorchConfiguration)
_COMMUNICATORS: "dict[type, str]" = {
    MpiConfiguration: "IntelMpi",
    TensorflowConfiguration: "ParameterServer",
    PyTorchConfiguration: "nccl",
}


class ScriptRunConfig(object):
    """What `Experiment.submit` needs to know of a script. The attributes may be changed until then."""

    def __init__(
        self,
        source_directory: "Any",
        script: "str | None" = None,
        arguments: "Any" = None,
        run_config: "RunConfiguration | None" = None,
        _telemetry_values: "Any" = None,
        compute_target: "Any" = None,
        environment: "Any" = None,
        distributed_job_config: "Any" = None,
        resume_from: "Any" = None,
        max_run_duration_seconds: "float | None" = MAX_DURATION_SECONDS_DEFAULT,
        command: "Any" = None,
        docker_runtime_config: "Any" = None,
    ) -> None:
        if command and (script or arguments):
            raise UserErrorException("Give either command or script and arguments.")
        if docker_runtime_config is not None and not isinstance(docker_runtime_config, DockerConfiguration):
            raise RunConfigurationException("docker_runtime_config must be a DockerConfiguration.")
        if distributed_job_config is not None and not isinstance(distributed_job_config, _DISTRIBUTED):
            raise RunConfigurationException(
                "distributed_job_config must be an MpiConfiguration, TensorflowConfiguration or PyTorchConfiguration."
            )
        self.source_directory = source_directory
        if run_config is not None:
            ignored = {
                "compute_target": compute_target,
                "environment": environment,
                "distributed_job_config": distributed_job_config,
                "docker_runtime_config": docker_runtime_config,
                "max_run_duration_seconds": max_run_duration_seconds != MAX_DURATION_SECONDS_DEFAULT,
            }
            for name, value in ignored.items():
                if value:
                    note("ScriptRunConfig ignores {} because run_config is given.".format(name))
            self.run_config = run_config
        else:
            self.run_config = self._configured(
                compute_target, environment, distributed_job_config, max_run_duration_seconds, docker_runtime_config
            )
        self._docker_given = docker_runtime_config is not None
        self.script = script or self.run_config.script
        self.arguments = arguments if arguments is not None else self.run_config.arguments or None
        self.command = command or self.run_config.command or None
        self._check_arguments()
        if resume_from is not None:
            self._resume_from(resume_from)

    @staticmethod
    def _configured(
        compute_target: "Any", environment: "Any", distributed: "Any", duration: "float | None", docker: "Any"
    ) -> "RunConfiguration":
        made = RunConfiguration()
        made.target = compute_target or "local"
        if environment is not None:
            if not isinstance(environment, Environment):
                raise UserErrorException(
                    "environment must be an Environment, not {}.".format(type(environment).__name__)
                )
            made.environment = environment
        made.max_run_duration_seconds = duration
        if distributed is not None:
            made.node_count = getattr(distributed, "node_count", 1)
            made.communicator = _COMMUNICATORS.get(type(distributed), "None")
        if docker is not None:
            made.docker = docker
        elif environment is not None:
            section = environment.docker
            made.docker = DockerConfiguration(
                section.enabled, section.shared_volumes, section.arguments, section.shm_size
            )
        return made

    def _check_arguments(self) -> None:
        for argument in self.arguments if isinstance(self.arguments, (list, tuple)) else ():
            if type(argument).__name__ in ("TabularDataset", "FileDataset"):
                raise UserErrorException(
                    "A dataset in arguments needs a way to the script: use dataset.as_named_input('name'), "
                    ".as_mount() or .as_download()."
                )

    def _resume_from(self, path: "Any") -> None:
        if not isinstance(path, DataPath) and type(path).__name__ != "DataPath":
            raise UserErrorException("resume_from must be a DataPath, not {}.".format(type(path).__name__))
        self.arguments = [*(self.arguments or []), "--resume-from", path]

    def _script_and_arguments(self) -> "tuple[str, list[Any], bool]":
        """Return the script, relative to the source directory, its arguments, and whether they are a command line.

        A command that is more than a script and its arguments is run by a shell: then the words are those of its line,
        and the script is the first one of the source directory that it names.

        Raises
        ------
        ExperimentExecutionException
            When there is no such folder or script.
        """
        folder = self._folder()
        if not os.path.isdir(folder):
            raise ExperimentExecutionException("There is no folder '{}' (source_directory).".format(folder))
        script, arguments, is_line = self.script, self.arguments, False
        if self.command:
            script, arguments, is_line = _from_command(self.command, folder)
        if not script:
            raise UserErrorException("The ScriptRunConfig names neither a script nor a command.")
        if not os.path.isfile(os.path.join(folder, script)):
            raise ExperimentExecutionException(
                "The script path doesn't exist: '{}' is not in '{}'.".format(script, folder)
            )
        return script, arguments.split() if isinstance(arguments, str) else list(arguments or []), is_line

    def _folder(self) -> str:
        """Return the folder of the source; it is looked for when the script is submitted."""
        return os.path.abspath(os.path.expanduser(str(self.source_directory or ".")))

    def __repr__(self) -> str:
        return "ScriptRunConfig(source_directory={!r}, script={!r}, arguments={!r})".format(
            self.source_directory, self.script, self.arguments
        )


_SHELL_SIGNS = re.compile(r"[&|;<>`$*?~(){}\n\\]")


def _from_command(command: "Any", folder: str) -> "tuple[str, list[Any], bool]":
    """Return script, arguments, and whether the arguments are the words of a line for the shell."""
    words = [command] if isinstance(command, str) else list(command)
    # Datasets and the like among the words get their text only when the run is submitted.
    line = " ".join(str(word) for word in words if not hasattr(word, "_for_run"))
    try:
        parts = shlex.split(line) if len(words) == 1 else words
    except ValueError as error:
        raise UserErrorException("The command {!r} cannot be read: {}.".format(line, error)) from error
    is_python = parts and os.path.basename(str(parts[0])) in ("python", "python3")
    if is_python and len(parts) > 1 and str(parts[1]).endswith(".py") and not _SHELL_SIGNS.search(line):
        return str(parts[1]), parts[2:], False
    script = _script_in(line, folder)
    if not script:
        raise UserErrorException(
            "The command must run a Python script of the source directory, as in 'python train.py --lr 0.1', and is "
            "{!r}; '{}' has no script that it names.".format(line, folder)
        )
    return script, words, True


def _script_in(line: str, folder: str) -> "str | None":
    """Return the first script of `folder` that a command line names, as a path or as a module; None without one."""
    for word in re.split(r"[\s&|;<>()'\"]+", line):
        module = word.replace(".", "/")
        for path in (word, module + ".py", module + "/__main__.py", "src/" + module + ".py"):
            if path.endswith(".py") and not os.path.isabs(path) and os.path.isfile(os.path.join(folder, path)):
                return os.path.normpath(path)
    return None


def get_run_config_from_script_run(script_run_config: "ScriptRunConfig") -> "RunConfiguration":
    """Return the run configuration with the script's name and arguments in it."""
    made = script_run_config.run_config
    made.script, made.arguments = script_run_config.script, script_run_config.arguments
    return made
