"""What a script left behind: its outputs and logs become artifacts, its failure becomes words."""

from __future__ import annotations

import json
import math
import os
import shutil
import zlib
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import field, replace
from pathlib import Path
from typing import Final

from desktop_aml.domain.journal import MAX_RECORD_BYTES
from desktop_aml.domain.names import storable
from desktop_aml.domain.runs import Artifact, LeftOut, RunOutcome
from desktop_aml.domain.values import dataclass
from desktop_aml.run_folder import left_files, snapshot, working_copies
from desktop_aml.store.blobs import BlobStore
from desktop_aml.store.holding import Hold
from desktop_aml.system.files import first_hole, is_own_folder, open_regular

CONTROL_LOG = "control_log.txt"
"""What the engine says about a run, in the folder of its logs."""

SWEEP_LOG = "hyperdrive.txt"
"""What the engine says about a sweep, in the form of Azure ML, in the folder of its logs."""

TRIALS_FAILED = "trials"
"""Reason of the outcome of a sweep that has nothing to show for it."""

_HEAD_BYTES = 80
_TOO_LONG = "It is longer than the disk that it lies on: a file of holes."


@dataclass(frozen=True, slots=True)
class Collected:
    """What of a run is kept now, and what is not, with the reason.

    Parameters
    ----------
    looks : dict of str to list
        How the kept files of the working folder looked, see `working_copies`.
    hold : Hold, optional
        On the store; closed once the artifacts are in the database.
    installed : dict of str
        Packages that the script installed for this run alone, names with versions.
    on_gpus : dict of str
        Peaks of what it used of GPUs.
    """

    artifacts: tuple[Artifact, ...]
    left_out: tuple[LeftOut, ...] = ()
    looks: dict[str, working_copies.Look] = field(default_factory=dict)
    hold: Hold | None = None
    installed: dict[str, str] = field(default_factory=dict)
    on_gpus: dict[str, float] = field(default_factory=dict)

    def recorded(self) -> None:
        """Give the store back: the database names what was added."""
        if self.hold is not None:
            self.hold.close()


_REMOVED: Final = {
    "user_logs/std_log.txt": "The log was removed while the run went on.",
    "journal": "It was removed while the run went on: what was logged and not read before is lost.",
}


def candidates(run_directory: Path) -> dict[str, Path]:
    """Return every file that counts as an artifact, by artifact path.

    What the script left in its working folder (see `left_files`), what it uploaded by name (which wins over a file
    collected under the same path), and the log of the script itself.
    """
    return _look(run_directory)[0]


def _look(run_directory: Path) -> tuple[dict[str, Path], list[LeftOut]]:
    left = left_files.gather(run_directory)
    left_out = left.left_out
    found = {storable(path): file for path, file in left.files.items()}
    uploads = run_directory / "uploads"
    if is_own_folder(uploads):
        found.update((storable(relative), path) for relative, path in _files(uploads, left_out))
    elif os.path.lexists(uploads):
        left_out.append(LeftOut("uploads", "It is no folder of the run."))
    inside = run_directory.resolve()
    for name, file in azure_logs(run_directory).items():
        # The folder, too, is what the script made of it.
        is_inside = file.parent.resolve().is_relative_to(inside)
        if is_inside and file.is_file() and not file.is_symlink():
            found[name] = file
        elif os.path.lexists(file):
            left_out.append(LeftOut(name, "It is not a plain file."))
    if "azureml-logs/process_info.json" in found:
        # Both were there when its script began.
        for name, place in (("user_logs/std_log.txt", "logs/std_log.txt"), ("journal", "journal")):
            if not os.path.lexists(run_directory / place):
                left_out.append(LeftOut(name, _REMOVED[name]))
    return found, left_out


def azure_logs(run_directory: Path) -> dict[str, Path]:
    """Return the files that Azure ML v1 shows beside a run's own, by the names it gives them.

    Two names of one file are two artifacts that share their bytes.
    """
    logs = run_directory / "logs"
    place = run_directory / "attempts"
    attempts = [path for path in place.glob("*") if is_own_folder(path)] if is_own_folder(place) else []
    latest = max(attempts, key=lambda path: path.stat().st_mtime, default=run_directory)
    return {
        "user_logs/std_log.txt": logs / "std_log.txt",
        "azureml-logs/70_driver_log.txt": logs / "std_log.txt",
        "azureml-logs/60_control_log.txt": logs / CONTROL_LOG,
        "azureml-logs/hyperdrive.txt": logs / SWEEP_LOG,
        "azureml-logs/process_info.json": latest / "process.json",
        "azureml-logs/process_status.json": latest / "exit.json",
    }


def _files(folder: Path, left_out: list[LeftOut]) -> list[tuple[str, Path]]:
    """Return the plain files below a folder; what is none, or cannot be looked into, is added to `left_out`."""

    def named(path: Path) -> str:
        return storable(path.relative_to(folder).as_posix())

    def unreadable(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            left_out.append(LeftOut(named(Path(error.filename)), error.strerror or str(error)))

    found = []
    for parent, _, names in os.walk(folder, onerror=unreadable):
        for name in names:
            path = Path(parent) / name
            # A link could lead out of the run's folder; only what is really there is collected.
            if path.is_file() and not path.is_symlink():
                found.append((path.relative_to(folder).as_posix(), path))
            elif os.path.lexists(path):
                left_out.append(
                    LeftOut(named(path), "It is a link." if path.is_symlink() else "It is not a plain file.")
                )
    return found


def collect(run_directory: Path, blobs: BlobStore, *, known: AbstractSet[str] = frozenset()) -> Collected:
    """Put every artifact of a run but the `known` into the blob store and return their list, by path.

    What cannot be read is left out, and named. Call `Collected.recorded` once they are stored.

    Raises
    ------
    DiskFull
        When there is no room for them.
    """
    hold = blobs.use()
    try:
        return replace(_collect(run_directory, blobs, known), hold=hold)
    except BaseException:
        hold.close()
        raise


def _collect(run_directory: Path, blobs: BlobStore, known: AbstractSet[str]) -> Collected:
    found, left_out = _look(run_directory)
    kept: list[Artifact] = []
    added: dict[Path, tuple[str, int] | str] = {}
    looks: dict[str, working_copies.Look] = {}
    working = run_directory.resolve() / "snapshot"
    # A file of holes can be longer than any disk, and would be read for days.
    longest = shutil.disk_usage(run_directory).total
    for name, source in sorted(found.items()):
        if name in known:
            continue
        if source not in added:
            too_long = _size(source) > longest
            added[source] = _TOO_LONG if too_long else _add(blobs, source, working, looks)
        result = added[source]
        if isinstance(result, str):
            left_out.append(LeftOut(name, result))
        else:
            kept.append(Artifact(name, result[1], result[0]))
    blobs.flush()
    # The last word on a path stands: two folders can hold one of the same name.
    by_path = {file.path: file for file in left_out}
    names = {artifact.path for artifact in kept} | known
    left = tuple(file for path, file in sorted(by_path.items()) if path not in names)
    return Collected(tuple(kept), left, looks)


def _size(source: Path) -> int:
    try:
        return source.lstat().st_size
    except OSError:
        return 0


def _add(blobs: BlobStore, source: Path, working: Path, looks: dict[str, working_copies.Look]) -> tuple[str, int] | str:
    """Return what the blob store says of a file and note how it looked; words when it cannot be read."""
    try:
        look = snapshot.look(source.lstat())
        digest, size = blobs.add(source)
        if source.is_relative_to(working) and snapshot.look(source.lstat()) == look:
            looks[source.relative_to(working).as_posix()] = [*look, digest]
    except OSError as error:
        return f"It cannot be read: {error.strerror or error}."
    return digest, size


def resolve(run_directory: Path, wanted: str) -> list[tuple[str, Path]]:
    """Return the files that an artifact path or folder means while the run goes on: ``(path, file)``."""
    return sorted((path, file) for path, file in candidates(run_directory).items() if is_meant(path, wanted))


def is_meant(path: str, wanted: str) -> bool:
    """Whether a file is what `wanted` names, or lies in the folder that it names; ``.`` is everything."""
    named = "/".join(part for part in wanted.split("/") if part not in {"", "."})
    return path == named or not named or path.startswith(named + "/")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run failed, in words."""

    message: str
    hint: str = ""
    details: str = ""


def explain(
    outcome: RunOutcome,
    run_directory: Path,
    *,
    source_directory: str = "",
    is_image: bool = False,
    notes: tuple[str, ...] = (),
) -> Failure:
    """Say why a script failed: what was observed, the error that ended it, and what to do.

    Parameters
    ----------
    source_directory : str
        Where the run's code was copied from, to say what was left behind.
    is_image : bool
        Whether the environment of the run is an image or a Dockerfile of the user's.
    notes : tuple of str
        What its lock tells of the environment, such as what could not be added to it.
    """
    if outcome.reason == "timeout":
        return Failure("The script was stopped: it reached its time limit.", "Give it more time, or make it quicker.")
    if outcome.reason == "memory":
        return Failure(outcome.message, "Give it more with --memory, or let it keep less at once.")
    if outcome.reason == TRIALS_FAILED:
        return Failure(outcome.message, "Look at the log of a trial: they are listed as children of the run.")
    if outcome.reason in {"lost", "not_started"}:
        return Failure(
            outcome.message or "The supervisor of the script ended without a word, so its end was not seen.",
            "Nothing that it logged is lost. Run it again when you want to.",
        )
    # Imported here: their tables of known errors cost more than all else, and most runs do not fail.
    from desktop_aml.run_folder import script_ends, signal_ends
    from desktop_aml.run_folder.hints import environment_files
    from desktop_aml.run_folder.hints.failures import hint_for, not_added

    if outcome.signal is not None:
        own = script_ends.of_signal(outcome.signal, run_directory)
        if own is None:
            crash = signal_ends.explain(outcome.signal, run_directory / "logs" / "std_log.txt")
            return Failure(crash.message, crash.hint, crash.details)
        return Failure(own.message, hint_for(own.error, is_image=is_image), own.details)
    reported = reported_failure(run_directory)
    if reported is not None:
        return Failure(reported.message or "The run was ended with fail().", "", reported.stack_trace)
    found = script_ends.reason(outcome, run_directory)
    near = _hint_of_what_lies_near(found.error, run_directory, source_directory)
    hint = found.hint or near or not_added(found.error, notes)
    if not hint:
        beside = environment_files.near(source_directory)
        hint = hint_for(found.error, is_image=is_image, environment_file=str(beside or ""))
    return Failure(found.message, hint, found.details)


def _hint_of_what_lies_near(error: str, run_directory: Path, source_directory: str) -> str:
    from desktop_aml.run_folder.hints import missing_local

    # It comes first: advice to install a package of that name would bring in a stranger's.
    origin = missing_local.Origin.of_run(source_directory, run_directory)
    return missing_local.hint_for(error, origin) if origin is not None else ""


@dataclass(frozen=True, slots=True)
class ReportedFailure:
    """What the code of a run said with ``Run.fail``."""

    message: str
    code: str = "UserError"
    error_type: str = ""
    stack_trace: str = ""


def reported_failure(run_directory: Path) -> ReportedFailure | None:
    """Return the last failure that the code of a run reported by itself, or None."""
    found: list[tuple[float, ReportedFailure]] = []
    journal = run_directory / "journal"
    for path in sorted(journal.glob("*.jsonl")) if is_own_folder(journal) else ():
        with suppress(OSError), open_regular(path) as stream:
            # A journal has no holes; what has could be read for years.
            left = first_hole(stream.fileno())
            stream.seek(0)
            while left > 0 and (line := stream.readline(MAX_RECORD_BYTES)):
                left -= len(line)
                # Most lines are metrics, and there may be millions: look before the costly part.
                if b'"k": "fail"' in line[:_HEAD_BYTES] and line.endswith(b"\n"):
                    with suppress(ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError):
                        found.append(_reported(line))
    return max(found, key=lambda item: item[0])[1] if found else None


def _reported(line: bytes) -> tuple[float, ReportedFailure]:
    if int(line[:8], 16) != zlib.crc32(line[9:-1]):
        raise ValueError("damaged")
    entry = json.loads(line[9:])
    words = [storable(str(entry.get(name) or "")) for name in ("message", "code", "type", "trace")]
    at = float(entry["t"])
    if math.isnan(at):
        raise ValueError("no time")
    return at, ReportedFailure(words[0], words[1] or "UserError", *words[2:])
