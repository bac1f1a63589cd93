"""A study of Optuna becomes an ended sweep: its trials are laid out as runs, which the engine takes in.

The file is read by Optuna, from a copy and in a process apart with limits of its own; what that process says is
checked like any word from outside. The same study again is the same sweep, so an import that was cut short is finished
by the next.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import msgspec

from desktop_aml.domain.errors import DesktopAMLError, InvalidInput, MissingOnComputer, NotFound
from desktop_aml.domain.journal import encode
from desktop_aml.domain.names import check_experiment_name, title
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.runs import EXTERNAL, SWEEP, RunDetail, RunOutcome, RunState, RunSummary
from desktop_aml.domain.sweeps.expressions import Value
from desktop_aml.domain.sweeps.foreign import MOST_TRIALS, ForeignStudy, ForeignTrial, named, space_of_study
from desktop_aml.domain.sweeps.records import TRIAL_VALUES, SweepSpec
from desktop_aml.domain.sweeps.space import Values, arguments_of
from desktop_aml.engine.sweeps.tpe import OptunaProcess
from desktop_aml.record import manifests
from desktop_aml.store import runs
from desktop_aml.store.sweeps.table import StoredSweep
from desktop_aml.system.files import open_regular
from desktop_aml.workspace.engine_client import EngineClient
from desktop_aml.workspace.run.bundles.reading import take_in_folder

_LARGEST: Final = 1 << 30
_PART: Final = 1 << 20
_INTERMEDIATE: Final = "intermediate"
_REMARK: Final = "Imported from a study of Optuna."
_STATES: Final = {"COMPLETE": RunState.COMPLETED, "FAIL": RunState.FAILED, "PRUNED": RunState.CANCELED}


def take_in(
    client: EngineClient, file: Path, study: str, experiment: str, progress: Callable[[int, int], object] | None
) -> str:
    """Take in a study; return the id of the sweep. See `Sweeps.import_study`."""
    client.check_trust()
    check_experiment_name(experiment)
    found = _read(file, study)
    if not found.trials:
        raise InvalidInput(f"The study “{found.name}” has no trial that has ended.", "Nothing was taken in.")
    sweep_id = _id_of(found)
    root = client.folder.root / "runs"
    root.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=".importing-") as name:
        for place, (run_id, lay_out) in enumerate(_runs(found, sweep_id, experiment)):
            if runs.is_over(client.db, run_id) is None:
                staged = Path(name) / run_id
                lay_out(client, staged)
                take_in_folder(client, staged, run_id)
            if progress is not None:
                progress(place, len(found.trials))
    return sweep_id


def _read(file: Path, study: str) -> ForeignStudy:
    with tempfile.TemporaryDirectory(prefix="desktop-aml-study-") as name:
        # Optuna writes into what it opens, and the file is its owner's.
        copy = Path(name) / "study.db"
        _copy(file, copy)
        try:
            with closing(OptunaProcess()) as process:
                answer = process.read(str(copy), study)
        except MissingOnComputer:
            raise
        except DesktopAMLError as error:
            why = error.message.partition("\n")[0]
            for known in ("Optuna could not do it: ", "ValueError: "):
                why = why.removeprefix(known)
            raise InvalidInput(
                f"“{file}” cannot be taken in: {why}", "Name a storage of SQLite that Optuna wrote, and a study in it."
            ) from error
    try:
        found = msgspec.convert(answer, ForeignStudy)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"“{file}” holds no study that can be read: {error}", "Nothing was taken in.") from error
    if len(found.trials) > MOST_TRIALS:
        raise InvalidInput(f"The study has more than {MOST_TRIALS:,} trials.", "Nothing was taken in.")
    return replace(found, trials=tuple(one for one in found.trials if one.state in _STATES))


def _copy(file: Path, copy: Path) -> None:
    try:
        with open_regular(file) as source, copy.open("wb") as target:
            total = 0
            while part := source.read(_PART):
                total += len(part)
                if total > _LARGEST:
                    raise InvalidInput(f"“{file}” is larger than 1 GiB.", "Copy the study into a storage of its own.")
                target.write(part)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file “{file}”.", "Check the path.") from error
    except OSError as error:
        raise InvalidInput(f"“{file}” cannot be read: {error.strerror or error}.", "Name a file of SQLite.") from error


def _id_of(study: ForeignStudy) -> str:
    """Return the same id for the same study, wherever its file lies."""
    known = json.dumps([study.name, study.trials[0].started_at, [name for name, _ in study.trials[0].values]])
    word = re.sub(r"[^A-Za-z0-9]+", "-", study.name).strip("-")[:40] or "study"
    return f"{word}_{hashlib.sha256(known.encode()).hexdigest()[:10]}"


LayOut = Callable[[EngineClient, Path], None]


def _runs(study: ForeignStudy, sweep_id: str, experiment: str) -> Iterator[tuple[str, LayOut]]:
    """Yield the runs and what lays each out, the sweep before its trials: they find their parent."""
    space, names = space_of_study(study), named(study)
    spec = SweepSpec(
        space=space,
        metric=title(study.metric) or "value",
        goal=study.goal,
        trials=len(study.trials),
        concurrent=1,
    )
    started = min(one.started_at or 0.0 for one in study.trials)
    ended = max(one.ended_at or one.started_at or 0.0 for one in study.trials)
    asked = SubmitRun(run_id=sweep_id, experiment=experiment, script="", environment="own-python", target=EXTERNAL)
    given = [_given(one, names) for one in study.trials]
    trial_rows = [[place, f"{sweep_id}_{place}", json.dumps(values), 0, ""] for place, values in enumerate(given)]
    detail = _detail(asked, SWEEP, RunState.COMPLETED, study.name, started, ended)

    def lay_out_sweep(client: EngineClient, folder: Path) -> None:
        stored = StoredSweep(run_id=sweep_id, spec=spec, template=asked, exhausted=True, remark=_REMARK)
        body = json.dumps(client.db.portable.kept(asdict(stored)))
        _write(client, folder, asked, {**asdict(detail), "sweep": {"body": body, "trials": trial_rows}})

    yield sweep_id, lay_out_sweep
    for place, (one, values) in enumerate(zip(study.trials, given, strict=True)):
        yield f"{sweep_id}_{place}", _trial(asked, one, values, place, spec.metric)


def _trial(asked: SubmitRun, one: ForeignTrial, values: Values, place: int, metric: str) -> LayOut:
    own = replace(
        asked,
        run_id=f"{asked.run_id}_{place}",
        parent=asked.run_id,
        arguments=arguments_of((), values),
        properties={TRIAL_VALUES: json.dumps(values)},
    )
    at = one.started_at or 0.0
    detail = _detail(own, EXTERNAL, _STATES[one.state], f"{asked.run_id} {place}", at, one.ended_at or at)

    def lay_out(client: EngineClient, folder: Path) -> None:
        _write(client, folder, own, asdict(detail))
        logged: list[tuple[str, float, int | None]] = [(_INTERMEDIATE, value, step) for step, value in one.intermediate]
        if one.value is not None:
            logged.append((metric, one.value, None))
        (folder / "journal").mkdir()
        with (folder / "journal" / "1-00000000.jsonl").open("wb") as journal:
            for number, (name, value, step) in enumerate(logged):
                journal.write(encode({"n": number, "t": at, "k": "m", "name": name, "v": value, "s": step}))

    return lay_out


def _given(one: ForeignTrial, names: Mapping[str, str]) -> Values:
    return tuple((names[name], _plain(value)) for name, value in one.values)


def _plain(value: Value | None) -> Value:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return str(value)
    return value


def _detail(asked: SubmitRun, target: str, state: RunState, name: str, started: float, ended: float) -> RunDetail:
    return RunDetail(
        summary=RunSummary(
            id=asked.run_id,
            number=1,
            experiment=asked.experiment,
            display_name=title(name) or asked.run_id,
            state=state,
            script="",
            target=target,
            environment=asked.environment,
            created_at=started,
            started_at=started,
            ended_at=max(started, ended),
            attempt=0,
            parent=asked.parent,
        ),
        arguments=asked.arguments,
        command=(),
        source_directory="",
        run_directory="",
        environment_version=None,
        lock_hash="",
        python_version="",
        timeout_s=None,
        properties=dict(asked.properties),
        outcome=RunOutcome(exit_code=0) if state is RunState.COMPLETED else None,
    )


def _write(client: EngineClient, folder: Path, asked: SubmitRun, body: Mapping[str, Any]) -> None:
    folder.mkdir(mode=0o700)
    root = client.folder.root
    (folder / manifests.REQUEST).write_bytes(manifests.text_of(root, asdict(asked)))
    (folder / manifests.IMPORTED).write_bytes(manifests.text_of(root, body))
