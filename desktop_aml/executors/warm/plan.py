"""Whether a job may be started warm, and what the interpreter must be like that it is forked from."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from desktop_aml.domain.jobs import Job
from desktop_aml.domain.values import dataclass
from desktop_aml.executors.warm.imports import imported, names_in, of_runs
from desktop_aml.inside_run.site.desktop_aml_run.source_imports import FOLDERS

_KEPT: Final = frozenset({"DESKTOP_AML_CAPTURE", "DESKTOP_AML_COMPATIBILITY", "DESKTOP_AML_FILES_READ"})
"""Variables of ours that the hooks of an interpreter look at when it starts."""

_PER_RUN: Final = frozenset({"MLFLOW_RUN_ID", "MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_TOKEN", "MLFLOW_EXPERIMENT_NAME"})
_PER_RUN_PREFIXES: Final = ("AZUREML_", "DESKTOP_AML_")
_ABSENT: Final = ("DESKTOP_AML_NONCE", "DESKTOP_AML_RUN_PACKAGES", FOLDERS, "DESKTOP_AML_OWN_PACKAGE")
"""What an interpreter that belongs to no run is not given: its hooks would act on it."""

_READ_ON_IMPORT: Final = ("matplotlibrc", ".numba_config.yaml")
"""Files in the working folder that a library looks for when it is imported."""

HASH_SEED: Final = "PYTHONHASHSEED"


@dataclass(frozen=True, slots=True)
class Kind:
    """What the interpreter is like: jobs of one kind may be forked from one interpreter.

    Parameters
    ----------
    imports : tuple of str
        Statements.
    first : int
        How many of them certainly come before anything else that the script does.
    env_vars : tuple of (str, str)
        Variables that are the same for all of them: any library may look at any of them when it is imported.
    told : tuple of str
        Names of the variables that differ from run to run.
    of_runs : tuple of str
        Statements that import our own package for runs.
    """

    python: str
    imports: tuple[str, ...]
    first: int
    env_vars: tuple[tuple[str, str], ...]
    told: tuple[str, ...]
    of_runs: tuple[str, ...] = ()

    def stand_ins(self, folder: Path, mark: str) -> dict[str, str]:
        """Return the variables of the interpreter itself: those of each run are there, and lead nowhere."""
        told = {name: mark for name in self.told if name not in _ABSENT}
        if "MLFLOW_TRACKING_URI" in told:
            told["MLFLOW_TRACKING_URI"] = f"http://127.0.0.1:9/{mark}"
        return {**dict(self.env_vars), **told, "DESKTOP_AML_RUN_DIR": str(folder)}


@dataclass(frozen=True, slots=True)
class Plan:
    """How a job may be started.

    Parameters
    ----------
    why_cold : str
        Why it cannot be started warm; empty where it can.
    own_names : frozenset of str
        Modules of its source, which go before installed ones of the same name.
    """

    why_cold: str = ""
    kind: Kind | None = None
    own_names: frozenset[str] = frozenset()


def plan(job: Job) -> Plan:
    """Return how a job may be started; its source must lie in its run's folder."""
    if job.module:
        return Plan(f"it is started as the module {job.module}")
    if Path(job.script).is_absolute():
        return Plan("it is no plain script, but a notebook or a command")
    if not job.script.endswith(".py") or job.script.startswith("-"):
        return Plan(f"“{job.script}” is not started by its name alone")
    snapshot = Path(job.run_directory) / "snapshot"
    for name in _READ_ON_IMPORT:
        if (snapshot / name).exists():
            return Plan(f"its source has a file {name}, which is read on import")
    script = snapshot / job.script
    own = [script.resolve().parent]
    folders = [*own, *(snapshot / one for one in job.env_vars.get(FOLDERS, "").split("\n") if one)]
    per_run = {name for name in job.env_vars if _is_per_run(name)}
    if job.tracking is not None:
        per_run |= {"MLFLOW_TRACKING_URI", *job.tracking.script}
    shared = {name: text for name, text in job.env_vars.items() if name not in per_run}
    names = names_in(folders)
    ours = () if "azureml" in names else of_runs(script)
    kind = Kind(job.python, *imported(script, folders), tuple(sorted(shared.items())), tuple(sorted(per_run)), ours)
    return Plan("", kind, names)


def _is_per_run(name: str) -> bool:
    return name in _PER_RUN or (name.startswith(_PER_RUN_PREFIXES) and name not in _KEPT)
