"""What an executor gets of a run: its job, with the whole environment block of its script."""

from __future__ import annotations

import logging
import math
import secrets
import time
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Final
from urllib.parse import unquote

import msgspec

from desktop_aml.domain.environments import BuildProgress, BuiltEnvironment
from desktop_aml.domain.jobs import CONTAINER, ContainerOptions, Job
from desktop_aml.domain.organising.needs import Needs
from desktop_aml.domain.runs import RunDetail
from desktop_aml.inside_run import command_runner, notebook_runner
from desktop_aml.inside_run.site.desktop_aml_run.dataset_variables import INPUT_PLACES
from desktop_aml.inside_run.site.desktop_aml_run.slots import VARIABLE as SCALARS_VARIABLE
from desktop_aml.inside_run.site.desktop_aml_run.source_imports import FOLDERS, PACKAGE
from desktop_aml.run_folder import script_env, script_variables, source_imports, tracking_door
from desktop_aml.run_folder.collect import CONTROL_LOG
from desktop_aml.run_folder.properties import TARGET_NOTE
from desktop_aml.store import runs
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.run_table import facts
from desktop_aml.system import users
from desktop_aml.system.files import append_to_regular, own_folder

_log = logging.getLogger(__name__)
_NOTEBOOK_RUNNER = Path(notebook_runner.__file__).resolve()
_COMMAND_RUNNER = Path(command_runner.__file__).resolve()
COMMAND = "DESKTOP_AML_COMMAND"
"""Variable in which Azure ML code that submits a run names the command line that is run in place of the script."""

"""Variable in which Azure ML code says, as JSON, what a run asks of its container: see `ContainerOptions`."""

"""In the run's ``logs``: what was done before the script began."""
_THREADS: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
)
_ROOT: Final = "AZUREML_ROOT_RUN_ID"


def own_variables(db: Database, detail: RunDetail) -> dict[str, str]:
    """Return what a run adds to its script's variables: those it was given, and the first of its ancestors."""
    _, _, given = runs.attempt_of(db, detail.summary.id)
    root, above = detail.summary.id, detail.summary.parent
    while above:
        root, above = above, facts.parent(db, above)
    return {**given, _ROOT: root}


def make(
    detail: RunDetail,
    folder: WorkspaceFolder,
    built: BuiltEnvironment | None,
    *,
    grace_s: float,
    extra_env_vars: dict[str, str],
    has_followers: bool = False,
    may_travel: bool = False,
) -> Job:
    """Return the job of the present attempt of a run; `built` is None where no script is run.

    Parameters
    ----------
    may_travel : bool
        Whether it may be carried out where the files of this computer are not seen.
    """
    run = detail.summary
    python = built.python if built else ""
    nonce = secrets.token_hex(16)
    brought = script_variables.brought(folder.run(run.id))
    imports = source_imports.of(
        folder.run(run.id) / "snapshot",
        run.script,
        module=extra_env_vars.get(source_imports.MODULE, ""),
        name=PurePath(detail.source_directory).name,
    )
    env_vars = script_env.variables(
        run_id=run.id,
        experiment=run.experiment,
        root_run_id=extra_env_vars.get(_ROOT, ""),
        workspace=folder.identity(),
        run_directory=folder.run(run.id),
        nonce=nonce,
        python=python,
        extra={**extra_env_vars, **(brought.given if brought else {})},
        inherited=_base_of(built) if built and built.image else brought.inherited if brought else None,
        shares_environment=not (built and built.image),
    )
    env_vars |= {FOLDERS: "\n".join(imports.folders), PACKAGE: imports.package}
    script, arguments, module = run.script, detail.arguments, imports.module
    command = extra_env_vars.get(COMMAND)
    if command:
        script, arguments, module = str(_COMMAND_RUNNER), (command, *arguments), ""
    elif is_notebook(script):
        script, arguments = str(_NOTEBOOK_RUNNER), (script, *arguments)
    needs = Needs.of(detail.properties)
    is_here = not (built and built.image)
    takes_along = may_travel or not is_here
    return Job(
        run_id=run.id,
        attempt=run.attempt,
        run_directory=str(folder.run(run.id)),
        python=python,
        script=script,
        module=module,
        arguments=arguments,
        nonce=nonce,
        timeout_s=detail.timeout_s,
        grace_s=grace_s,
        # What is mapped into memory there is seen here at once where it is this computer's memory.
        env_vars={**_thread_limits(needs), **env_vars, **({} if takes_along else {SCALARS_VARIABLE: "mapped"})},
        image=built.image if built else "",
        # A container sees only what exists when it starts, so the folders are there before anything is in them.
        shared_folders=tuple(map(str, folder.shared_with_runs())) if takes_along else (),
        read_only_paths=_inputs_elsewhere(extra_env_vars) if takes_along else (),
        cpus=needs.cpus if is_here else None,
        memory_bytes=needs.memory_bytes if is_here else None,
        container=_container_options(extra_env_vars).within(needs),
        # What an interpreter imported before knows nothing of the cores of a run.
        may_be_warm=extra_env_vars.get(script_env.WARM_VARIABLE) != "off" and not needs.is_limited,
        has_followers=has_followers,
        tracking=tracking_door.of_run(folder.root, run, env_vars) if built else None,
    )


def _thread_limits(needs: Needs) -> dict[str, str]:
    """Return the variables by which libraries learn how many threads are of use: not all of them look at the cores."""
    return {} if needs.cpus is None else dict.fromkeys(_THREADS, str(math.ceil(needs.cpus)))


def _inputs_elsewhere(env_vars: Mapping[str, str]) -> tuple[str, ...]:
    """Return the files and folders outside the workspace that the submitting code gave the run to read."""
    places = [unquote(word) for word in env_vars.get(INPUT_PLACES, "").split(",") if word]
    # What is gone by now the script itself shall say; the root of the computer is no input.
    kept = {place for place in places if Path(place).is_absolute() and place != "/" and Path(place).exists()}
    return tuple(sorted(place for place in kept if not any(str(parent) in kept for parent in Path(place).parents)))


def _container_options(env_vars: Mapping[str, str]) -> ContainerOptions:
    try:
        return msgspec.json.decode(env_vars.get(CONTAINER, "{}"), type=ContainerOptions)
    except msgspec.MsgspecError as error:
        # Azure ML code has checked them before: whoever sets the variable by hand is told in the log.
        _log.warning("What the run asks of its container cannot be read, and is left out: %s", error)
        return ContainerOptions()


def first_step(detail: RunDetail) -> BuildProgress:
    """Return the first step of a preparation, with what the user should know of where the run goes."""
    return BuildProgress("Copying the source", detail.properties.get(TARGET_NOTE, ""))


def is_notebook(script: str) -> bool:
    """Whether what a run executes is a notebook."""
    return script.lower().endswith(".ipynb")


def _base_of(built: BuiltEnvironment | None) -> dict[str, str] | None:
    """Return the variables that a script in an image starts from; None for this process's own."""
    if built is None or built.base_env_vars is None:
        return None
    # A container has no home of this user's: what wants to write there shall find a folder that it may write.
    name = users.user_name()
    return {"HOME": "/tmp", "USER": name, "LOGNAME": name, **dict(built.base_env_vars)}  # noqa: S108


def note(run_directory: Path, progress: BuildProgress) -> None:
    """Add a step of the preparation to the run's control log; a full disk is only noted."""
    try:
        with (
            own_folder(run_directory / "logs", within=run_directory) as logs,
            append_to_regular(logs / CONTROL_LOG) as log,
        ):
            moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
            line = f"{moment} {progress.stage}{': ' if progress.message else ''}{progress.message}\n"
            log.write(line.encode("utf-8", "replace"))
    except OSError as error:
        _log.warning("The control log of the run in %s could not be written: %s", run_directory, error)
