"""The environment variables of a script: the user's own, without ours, with what Azure ML v1 sets."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from desktop_aml.inside_run.site.desktop_aml_run import capture, mlflow_folder, run_packages
from desktop_aml.store.folder import WorkspaceIdentity

COMPATIBILITY_VARIABLE = "DESKTOP_AML_COMPATIBILITY"
"""Set to ``off``, nothing that newer libraries removed is restored for a script."""

WARM_VARIABLE = "DESKTOP_AML_WARM"
"""Set to ``off``, a run is never forked from an interpreter that has imported what it imports."""

CAPTURE_VARIABLE = capture.VARIABLE
"""Set to ``off``, nothing is recorded of a script but what it logs itself."""

PACKAGES = "packages"
"""Folder of a run, for the packages that its script installs."""

_SITE = Path(__file__).resolve().parent.parent / "inside_run" / "site"
_WITHOUT_PIP = _SITE.with_name("without_pip") / "bin"
_IN_FRONT = {
    one: _SITE.with_name("without_pip") / "in_front_of" / one for one in ("uv", "conda", "mamba", "micromamba")
}
"""What stands in front of a program that is there: where there is none, a script that looks for it must find none."""
# What belongs to another interpreter, shell, notebook or to this program, and would disturb a script.
_DROPPED = frozenset(
    {
        "VIRTUAL_ENV",
        "VIRTUAL_ENV_PROMPT",
        "PYTHONHOME",
        "PYTHONEXECUTABLE",
        "PYTHONPLATLIBDIR",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONSTARTUP",
        "PYTHONINSPECT",
        "__PYVENV_LAUNCHER__",
        "LD_PRELOAD",
        "LD_AUDIT",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "_",
        "PS1",
        "PROMPT_COMMAND",
        "BASH_ENV",
        "MPLBACKEND",
    }
)
_DROPPED_PREFIXES = (
    "QT_",
    "PYSIDE",
    "DESKTOP_AML_",
    "AZUREML_",
    "COV_CORE_",
    "PYTEST_",
    "CONDA_",
    "_CONDA_",
    "_CE_",
    "JPY_",
    "BASH_FUNC_",
)


_OUR_MLFLOW = frozenset(
    {
        "MLFLOW_TRACKING_URI",
        "MLFLOW_ALLOW_FILE_STORE",
        "MLFLOW_EXPERIMENT_NAME",
        "MLFLOW_RUN_ID",
        "MLFLOW_TRACKING_TOKEN",
    }
)


def sdk_path() -> Path:
    """Return the folder that makes ``import azureml`` work."""
    return _SITE


# What disturbs an interpreter even where an image brings it.
_NEVER = frozenset({"VIRTUAL_ENV", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "PYTHONSTARTUP", "__PYVENV_LAUNCHER__"})
_NEVER_PREFIXES = ("QT_", "PYSIDE", "DESKTOP_AML_", "AZUREML_", "COV_CORE_", "PYTEST_")


def of_the_user(source: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a process that mean something to a script: without those of its own interpreter."""
    kept = {k: v for k, v in source.items() if k not in _DROPPED and not k.startswith(_DROPPED_PREFIXES)}
    run = source.get("DESKTOP_AML_RUN_DIR")
    if run:
        # A run that submits another one: what leads MLflow into its own folder is no wish of its user's.
        if source.get("PIP_PREFIX") == source.get(run_packages.FOLDER):
            kept.pop("PIP_PREFIX", None)
        ours = {_mlflow(Path(run), "")["MLFLOW_TRACKING_URI"], source.get("DESKTOP_AML_TRACKING_URI")}
        if source.get("MLFLOW_TRACKING_URI") in ours - {None}:
            kept = {name: value for name, value in kept.items() if name not in _OUR_MLFLOW}
    activated = set(map(str, (_WITHOUT_PIP, *_IN_FRONT.values()))) | {
        str(Path(source[name]) / "bin") for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if source.get(name)
    }
    if "PATH" in kept:
        kept["PATH"] = os.pathsep.join(one for one in kept["PATH"].split(os.pathsep) if one not in activated)
    searched = [one for one in kept.pop("PYTHONPATH", "").split(os.pathsep) if one and Path(one) != _SITE]
    return {**kept, "PYTHONPATH": os.pathsep.join(searched)} if searched else kept


def with_python(found: Mapping[str, str], python: str) -> dict[str, str]:
    """Return variables with which ``python`` is an interpreter, and nothing of another one is in its way."""
    block = {k: v for k, v in found.items() if k not in _NEVER and not k.startswith(_NEVER_PREFIXES)}
    bin_folder = Path(python).parent
    # Whatever else is called pip belongs to another Python, which a script must not change.
    path = block.get("PATH", os.defpath)
    in_front = [str(folder) for name, folder in _IN_FRONT.items() if shutil.which(name, path=path)]
    block["PATH"] = os.pathsep.join([str(bin_folder), str(_WITHOUT_PIP), *in_front, path])
    if (bin_folder.parent / "pyvenv.cfg").is_file():
        block["VIRTUAL_ENV"] = str(bin_folder.parent)
    return block


def variables(
    *,
    run_id: str,
    experiment: str,
    workspace: WorkspaceIdentity,
    run_directory: Path,
    nonce: str,
    python: str,
    extra: Mapping[str, str],
    root_run_id: str = "",
    inherited: Mapping[str, str] | None = None,
    shares_environment: bool = True,
) -> dict[str, str]:
    """Return the whole environment block of a script.

    Parameters
    ----------
    extra : mapping of str
        What was named for this run; it wins over the rest, but for what the run needs to be found.
    inherited : mapping of str, optional
        What the script starts from: what `of_the_user` kept of the submitter's, or an image's. This process's own
        variables when None.
    shares_environment : bool
        Whether other runs have the same environment, so that what the script installs must lie elsewhere.
    """
    block = with_python(of_the_user(os.environ) if inherited is None else inherited, python)
    own_path = extra.get("PYTHONPATH") or block.get("PYTHONPATH")
    if not {*block, *extra} & {"MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_DIR"}:
        block = {**_mlflow(run_directory, experiment), **block}
    block |= {
        "PYTHONUNBUFFERED": "1",
        "MPLBACKEND": "Agg",
        "AZUREML_RUN_ID": run_id,
        "AZUREML_ROOT_RUN_ID": root_run_id or run_id,
        "AZUREML_ARM_SUBSCRIPTION": workspace.subscription_id or "desktop-aml",
        "AZUREML_ARM_RESOURCEGROUP": workspace.resource_group or "desktop-aml",
        "AZUREML_ARM_WORKSPACE_NAME": workspace.name,
        "AZUREML_ARM_PROJECT_NAME": experiment,
        "AZUREML_EXPERIMENT_ID": workspace.experiment_id(experiment),
        "AZUREML_EXPERIMENT_SCOPE": f"{workspace.scope}/experiments/{experiment}",
        "AZUREML_WORKSPACE_ID": workspace.subscription_id or "desktop-aml",
        "AZUREML_WORKSPACE_SCOPE": workspace.scope,
        "AZUREML_RUN_TOKEN": "local",
        "AZUREML_RUN_TOKEN_EXPIRY": "4102444800",
        "AZUREML_SERVICE_ENDPOINT": "local",
        "AZUREML_RUN_HISTORY_SERVICE_ENDPOINT": "local",
        "AZUREML_DISCOVERY_SERVICE_ENDPOINT": "local",
        "AZUREML_DATA_CONTAINER_ID": f"dcid.{run_id}",
        "AZUREML_FRAMEWORK": "Python",
        "AZUREML_TARGET_TYPE": "local",
        "AZUREML_NODE_COUNT": "1",
        "AZUREML_PROCESS_NAME": "main",
        "AZUREML_LOGDIRECTORY_PATH": "azureml-logs/",
        "AZUREML_CONTROLLOG_PATH": "azureml-logs/60_control_log.txt",
        "AZUREML_DRIVERLOG_PATH": "azureml-logs/70_driver_log.txt",
        **extra,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(_SITE), own_path])),
        "DESKTOP_AML_RUN_DIR": str(run_directory),
        "DESKTOP_AML_NONCE": nonce,
    }
    if shares_environment:
        block |= {run_packages.FOLDER: str(run_directory / PACKAGES), run_packages.PYTHON: python}
    return block


def _mlflow(run_directory: Path, experiment: str) -> dict[str, str]:
    """Return what has MLflow write into the outputs of a run, where nobody named a server for it."""
    return {
        "MLFLOW_TRACKING_URI": mlflow_folder.uri(str(run_directory)),
        # MLflow 3 reads and writes folders only where that is asked for.
        "MLFLOW_ALLOW_FILE_STORE": "true",
        "MLFLOW_EXPERIMENT_NAME": experiment,
    }
