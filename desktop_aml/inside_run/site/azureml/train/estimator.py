"""`Estimator`: the older way to say what `ScriptRunConfig` and `Environment` say."""

from azureml._service import not_used, note
from azureml.core.conda_dependencies import CondaDependencies
from azureml.core.environment import Environment
from azureml.core.script_run_config import ScriptRunConfig
from azureml.exceptions import TrainingException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from azureml.core.runconfig import RunConfiguration


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so


class Mpi(object):
    """Processes of MPI, for ``distributed_training``: the script is one process here."""

    def __init__(self, process_count_per_node: int = 1) -> None:
        self.process_count_per_node = process_count_per_node


class Estimator(object):
    """A script with its arguments and packages. `Experiment.submit` takes it as it takes a `ScriptRunConfig`.

    Parameters
    ----------
    script_params : dict, optional
        Arguments of the script: ``{"--rate": 0.1, "--verbose": ""}``.
    inputs : list, optional
        Datasets as named inputs, and data references.
    """

    _usual_packages: "tuple[str, ...]" = ()

    def __init__(
        self,
        source_directory: str,
        *,
        compute_target: "Any" = None,
        vm_size: "Any" = None,
        vm_priority: "Any" = None,
        entry_script: "str | None" = None,
        script_params: "Any" = None,
        node_count: int = 1,
        process_count_per_node: int = 1,
        distributed_backend: "Any" = None,
        distributed_training: "Any" = None,
        use_gpu: bool = False,
        use_docker: bool = True,
        custom_docker_base_image: "Any" = None,
        custom_docker_image: "Any" = None,
        image_registry_details: "Any" = None,
        user_managed: bool = False,
        conda_packages: "Any" = None,
        pip_packages: "Any" = None,
        conda_dependencies_file_path: "Any" = None,
        pip_requirements_file_path: "Any" = None,
        conda_dependencies_file: "Any" = None,
        pip_requirements_file: "Any" = None,
        environment_variables: "Any" = None,
        environment_definition: "Environment | None" = None,
        inputs: "Any" = None,
        source_directory_data_store: "Any" = None,
        shm_size: "Any" = None,
        resume_from: "Any" = None,
        max_run_duration_seconds: "float | None" = None,
        _disable_validation: bool = True,
        _show_lint_warnings: bool = False,
        _show_package_warnings: bool = False,
    ) -> None:
        if entry_script is None:
            raise TrainingException("{} needs entry_script.".format(type(self).__name__))
        not_used(
            type(self).__name__,
            vm_size=vm_size,
            vm_priority=vm_priority,
            use_gpu=use_gpu,
            distributed_backend=distributed_backend,
            distributed_training=distributed_training,
            custom_docker_image=custom_docker_image or custom_docker_base_image,
            image_registry_details=image_registry_details,
            source_directory_data_store=source_directory_data_store,
        )
        environment = environment_definition or self._environment(
            user_managed,
            conda_packages,
            pip_packages,
            conda_dependencies_file or conda_dependencies_file_path,
            pip_requirements_file or pip_requirements_file_path,
        )
        self.source_directory = source_directory
        self._config = ScriptRunConfig(
            source_directory,
            script=entry_script,
            arguments=_words(script_params),
            compute_target=compute_target,
            environment=environment,
            resume_from=resume_from,
            **_limit(max_run_duration_seconds),
        )
        self.run_config.node_count = node_count
        self._choose_place(use_docker, shm_size)
        self.run_config.environment_variables.update(environment_variables or {})
        for one in inputs or []:
            name = getattr(one, "name", None) or one.data_reference_name
            self.run_config.data[name] = one

    def _choose_place(self, use_docker: bool, shm_size: "str | None") -> None:
        """Run in a container where the environment says so too: ``use_docker`` alone is everybody's default."""
        docker = self.run_config.docker
        docker.use_docker = bool(use_docker and self.run_config.environment.docker.enabled)
        docker.shm_size = shm_size or docker.shm_size
        # Without it, an environment may still ask for a container, also later.
        self._config._docker_given = not use_docker
        if shm_size and not docker.use_docker:
            not_used(type(self).__name__, shm_size=shm_size)
        if use_docker and not docker.use_docker:
            note(
                "{} starts the script without a container. For one, set environment_definition.docker.enabled, or use "
                "ScriptRunConfig with DockerConfiguration(use_docker=True).".format(type(self).__name__)
            )

    @property
    def run_config(self) -> "RunConfiguration":
        """What the script runs in; may be changed."""
        return self._config.run_config

    @property
    def conda_dependencies(self) -> "CondaDependencies | None":
        """Packages of the environment."""
        return self.run_config.environment.python.conda_dependencies

    @classmethod
    def _environment(
        cls,
        user_managed: bool,
        conda_packages: "Iterable[str] | None",
        pip_packages: "Iterable[str] | None",
        conda_file: "str | None",
        pip_file: "str | None",
    ) -> "Environment | None":
        """Return the environment of these packages, or None for the one that is at hand."""
        if user_managed:
            environment = Environment("user-managed-env")
            environment.python.user_managed_dependencies = True
            return environment
        if conda_file:
            return Environment.from_conda_specification("estimator-env", conda_file)
        if pip_file:
            return Environment.from_pip_requirements("estimator-env", pip_file)
        conda_packages, pip_packages = list(conda_packages or []), list(pip_packages or [])
        if not conda_packages and not pip_packages:
            return None
        names = {package.split("=")[0].split("<")[0].split(">")[0].strip() for package in conda_packages + pip_packages}
        conda_packages += [name for name in cls._usual_packages if name not in names]
        environment = Environment("estimator-env")
        environment.python.conda_dependencies = CondaDependencies.create(
            conda_packages=conda_packages, pip_packages=["azureml-defaults", *pip_packages]
        )
        return environment

    def _submit_to(self, experiment: "Any", tags: "dict[str, Any] | None" = None, **kwargs: "Any") -> "Any":
        return experiment.submit(self._config, tags=tags, **kwargs)


def _limit(seconds: "float | None") -> "dict[str, Any]":
    return {"max_run_duration_seconds": seconds} if seconds else {}


def _words(script_params: "dict[str, Any] | None") -> "list[Any]":
    words: "list[Any]" = []
    for name, value in (script_params or {}).items():
        words.append(name)
        if value is not None and not (isinstance(value, str) and not value):
            words.append(value)
    return words
