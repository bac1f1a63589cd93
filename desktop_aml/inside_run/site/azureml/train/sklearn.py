"""`SKLearn`: an `Estimator` whose environment has scikit-learn."""

from azureml.train.estimator import Estimator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from azureml.core.environment import Environment


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so


class SKLearn(Estimator):
    """A scikit-learn script with its arguments and packages, see `azureml.train.estimator.Estimator`."""

    FRAMEWORK_NAME = "SKLearn"
    DEFAULT_VERSION = "0.20.3"

    _usual_packages: "tuple[str, ...]" = ("scikit-learn", "numpy")

    def __init__(
        self,
        source_directory: str,
        *,
        compute_target: "Any" = None,
        vm_size: "Any" = None,
        vm_priority: "Any" = None,
        entry_script: "str | None" = None,
        script_params: "Any" = None,
        use_docker: bool = True,
        custom_docker_image: "Any" = None,
        image_registry_details: "Any" = None,
        user_managed: bool = False,
        conda_packages: "Any" = None,
        pip_packages: "Any" = None,
        conda_dependencies_file: "Any" = None,
        pip_requirements_file: "Any" = None,
        environment_variables: "Any" = None,
        environment_definition: "Environment | None" = None,
        inputs: "Any" = None,
        shm_size: "Any" = None,
        resume_from: "Any" = None,
        max_run_duration_seconds: "float | None" = None,
        framework_version: "Any" = None,
        _enable_optimized_mode: bool = False,
        _disable_validation: bool = True,
        _show_lint_warnings: bool = False,
        _show_package_warnings: bool = False,
    ) -> None:
        super(SKLearn, self).__init__(
            source_directory,
            compute_target=compute_target,
            vm_size=vm_size,
            vm_priority=vm_priority,
            entry_script=entry_script,
            script_params=script_params,
            use_docker=use_docker,
            custom_docker_image=custom_docker_image,
            image_registry_details=image_registry_details,
            user_managed=user_managed,
            conda_packages=_with_version(conda_packages, framework_version),
            pip_packages=pip_packages,
            conda_dependencies_file=conda_dependencies_file,
            pip_requirements_file=pip_requirements_file,
            environment_variables=environment_variables,
            environment_definition=environment_definition,
            inputs=inputs,
            shm_size=shm_size,
            resume_from=resume_from,
            max_run_duration_seconds=max_run_duration_seconds,
        )


def _with_version(conda_packages: "list[str] | None", version: "str | None") -> "list[str] | None":
    return [*(conda_packages or []), "scikit-learn=={}".format(version)] if version else conda_packages
