"""Handing in a run: its source is copied, its variables are kept, then the engine is asked to queue it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from desktop_aml.domain.environments import THIS_PYTHON
from desktop_aml.domain.errors import Conflict, DesktopAMLError, EngineUnavailable, InvalidInput
from desktop_aml.domain.names import check_experiment_name, check_thing_name
from desktop_aml.domain.organising.needs import Needs
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.runs import ATTACHED, DOCKER, EXTERNAL, SWEEP
from desktop_aml.domain.scripts.command_lines import CommandLine
from desktop_aml.domain.secret_words import VARIABLES_MISSING
from desktop_aml.domain.sweeps.records import SweepSpec
from desktop_aml.record import manifests
from desktop_aml.run_folder import nested_runs, script_arguments, script_env, script_variables, snapshot, source_imports
from desktop_aml.run_folder import properties as run_properties
from desktop_aml.run_folder.properties import DATA_CHANGED, RERUN_OF, SNAPSHOT_ID
from desktop_aml.settings import Settings
from desktop_aml.store import runs
from desktop_aml.system.whole_paths import whole_path
from desktop_aml.workspace.engine_client import EngineClient
from desktop_aml.workspace.locating import locate_script
from desktop_aml.workspace.run.code import limits_of
from desktop_aml.workspace.run.data import RunData

_CHANGED_SHOWN: Final = 10
_LONGEST_S: Final = 100_000_000
"""Three years; far beyond it the clocks of the system overflow."""

_POLICY: Final = "desktop_aml.python_pin_policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A run that is wanted, see `Runs.submit`."""

    script: Path | str
    source_directory: Path | str | None
    experiment: str
    environment: str
    target: str
    arguments: Sequence[str]
    display_name: str
    tags: Mapping[str, str]
    env_vars: Mapping[str, str]
    properties: Mapping[str, str]
    timeout_s: float | None
    compatibility: bool | None
    capture: bool | None
    as_module: bool
    parent: str
    submitters: Mapping[str, str]
    progress: Callable[[int, int], None] | None
    warn: Callable[[str], object] | None
    any_number: bool
    sweep: SweepSpec | None = None
    sweep_properties: Mapping[str, str] = field(default_factory=dict)
    run_id: str = ""


def submit(client: EngineClient, wanted: Wanted) -> str:
    """Copy the source of a run and queue it; return its id. See `Runs.submit`."""
    check_experiment_name(wanted.experiment)
    client.check_trust()  # before anything is copied into a stranger's folder
    if wanted.timeout_s is not None and not 0 < wanted.timeout_s <= _LONGEST_S:
        raise InvalidInput(
            f"The time limit must be greater than 0 seconds, and at most {_LONGEST_S:,}.",
            "Leave it out for a run without a limit.",
        )
    if wanted.as_module:
        source = whole_path(wanted.source_directory or ".")
        relative = source_imports.locate_module(str(wanted.script), source)
    else:
        source, relative = locate_script(wanted.script, wanted.source_directory)
    run_id = check_thing_name(wanted.run_id, "run") if wanted.run_id else _new_run_id(wanted.experiment)
    if client.folder.run(run_id).exists():
        raise Conflict(f"There is a run “{run_id}” already.", "Choose another id, or none.")
    with folder_of(client, run_id) as folder:
        snapshot.take(
            source,
            folder,
            client.folder.blobs,
            workspace=client.folder.root,
            progress=wanted.progress,
            limits=limits_of(client.settings, any_number=wanted.any_number),
            warn=wanted.warn,
        )
        return queue(client, _request(client, wanted, run_id, source, relative))


@contextmanager
def folder_of(client: EngineClient, run_id: str) -> Iterator[Path]:
    """Give the folder of a run that is to be; it goes again when the run is refused."""
    try:
        yield client.folder.run(run_id)
    except EngineUnavailable:
        # It may still be carried out.
        raise
    except DesktopAMLError:
        nested_runs.remove(client.folder, run_id)
        raise


def _request(client: EngineClient, wanted: Wanted, run_id: str, source: Path, relative: str) -> SubmitRun:
    folder = client.folder.run(run_id)
    inherited = wanted.submitters if wanted.target != DOCKER else None
    named = script_variables.keep(folder, wanted.env_vars, inherited, source)
    return SubmitRun(
        run_id=run_id,
        experiment=wanted.experiment,
        script=relative,
        source_directory=str(source),
        arguments=(words := tuple(map(str, wanted.arguments))),
        command_line=_command_line(client, folder, relative, words),
        environment=wanted.environment,
        target=wanted.target,
        display_name=wanted.display_name,
        tags=dict(wanted.tags),
        env_vars={
            **_switches(client, wanted),
            **({source_imports.MODULE: str(wanted.script)} if wanted.as_module else {}),
            **named,
        },
        timeout_s=wanted.timeout_s,
        properties={
            **run_properties.of_submission(source, folder, wanted.target),
            **_policy_of(client.settings, wanted.environment),
            **wanted.properties,
        },
        parent=client.find_run(wanted.parent) if wanted.parent else "",
        sweep=wanted.sweep,
        sweep_properties=dict(wanted.sweep_properties),
    )


def _command_line(client: EngineClient, folder: Path, script: str, words: Sequence[str]) -> CommandLine:
    return script_arguments.command_line(folder, client.folder.blobs, script) if words else CommandLine()


def _policy_of(settings: Settings, environment: str) -> dict[str, str]:
    """Return the property that says how a version of Python that this computer lacks is treated."""
    own = environment == THIS_PYTHON
    return {} if own else {_POLICY: str(settings.python_pin_policy)}


def _switches(client: EngineClient, wanted: Wanted) -> dict[str, str]:
    restores = client.settings.restore_removed_names if wanted.compatibility is None else wanted.compatibility
    captures = client.folder.captures() if wanted.capture is None else wanted.capture
    return {
        **({} if restores else {script_env.COMPATIBILITY_VARIABLE: "off"}),
        **({} if captures else {script_env.CAPTURE_VARIABLE: "off"}),
        **({} if client.settings.warm_starts else {script_env.WARM_VARIABLE: "off"}),
    }


def rerun(
    client: EngineClient,
    run_id: str,
    *,
    arguments: Sequence[str] | None,
    environment: str | None,
    target: str | None,
    display_name: str,
    env_vars: Mapping[str, str],
    submitters: Mapping[str, str],
) -> str:
    """Queue a run of an old run's own code; return its id. See `Runs.rerun`."""
    client.check_trust()
    old = client.run_detail(run_id)
    new_id = _new_run_id(old.summary.experiment)
    if old.summary.target in {EXTERNAL, ATTACHED}:
        raise InvalidInput(
            f"“{old.summary.display_name}” was recorded by a program of its own, which cannot be started here.",
            "Run that notebook or program again.",
        )
    if old.summary.target == SWEEP:
        raise InvalidInput(
            f"“{old.summary.display_name}” is a sweep, not a run of a script.",
            "Run one of its trials again, or begin another sweep.",
        )
    place = target or old.summary.target
    env_vars = {**runs.attempt_of(client.db, old.summary.id)[2], **env_vars}
    here = submitters if place != DOCKER else None
    with folder_of(client, new_id) as folder:
        snapshot.copy_manifest(Path(old.run_directory), folder, client.folder.blobs)
        named, missing = script_variables.keep_again(folder, Path(old.run_directory), env_vars, here)
        lacking = {VARIABLES_MISSING: ", ".join(missing)} if missing else {}
        words = tuple(map(str, old.arguments if arguments is None else arguments))
        kept = {key: value for key, value in old.properties.items() if "git" in key or key in (SNAPSHOT_ID, _POLICY)}
        return queue(
            client,
            SubmitRun(
                run_id=new_id,
                experiment=old.summary.experiment,
                script=old.summary.script,
                source_directory=old.source_directory,
                from_run=old.summary.id,
                display_name=display_name,
                arguments=words,
                command_line=_command_line(client, folder, old.summary.script, words),
                environment=environment or old.summary.environment,
                target=place,
                tags=old.tags,
                env_vars=named,
                timeout_s=old.timeout_s,
                properties={
                    **run_properties.of_submission(None, folder, place),
                    **_policy_of(client.settings, environment or old.summary.environment),
                    **kept,
                    **Needs.of(old.properties).as_properties(),
                    RERUN_OF: old.summary.id,
                    **lacking,
                    **_data_changed(client, old.summary.id),
                },
            ),
        )


def _data_changed(client: EngineClient, run_id: str) -> dict[str, str]:
    changed = RunData(client).changed(run_id)
    names = ", ".join(one.shown_path for one in changed[:_CHANGED_SHOWN])
    more = f" and {len(changed) - _CHANGED_SHOWN:,} more" if len(changed) > _CHANGED_SHOWN else ""
    return {DATA_CHANGED: names + more} if changed else {}


def queue(client: EngineClient, request: SubmitRun) -> str:
    """Write down what a run was asked for with, then ask the engine to queue it; return the run's id."""
    manifests.write_request(client.folder, request)
    return client.ask(request).name


def _new_run_id(experiment: str) -> str:
    # Azure ML's own form; the experiment's part is cut so that the id stays a usable folder name.
    return f"{experiment[:100]}_{int(time.time())}_{os.urandom(4).hex()}"
