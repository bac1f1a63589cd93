"""Runs come back from their folders: as their manifests say, and beyond that as their attempts and journals say.

A run that goes on keeps the handle of its attempt, and the next engine looks after it as after any that an engine left:
it finds the claim of its launcher, or the record of its end. Nothing is decided here.
"""

from __future__ import annotations

import secrets
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import msgspec

from desktop_aml.domain.files_read import FileRecord
from desktop_aml.domain.names import pleasant_name, title
from desktop_aml.domain.parameters import of_arguments
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.runs import EXTERNAL, SWEEP, Artifact, RunDetail, RunState, RunSummary
from desktop_aml.domain.values import dataclass
from desktop_aml.engine.runs.ingest import JournalReader
from desktop_aml.executors import external
from desktop_aml.executors.attempt_files import AttemptFiles, Handle
from desktop_aml.record import manifests, reading
from desktop_aml.record.reading import Findings, Manifest
from desktop_aml.run_folder import reading_list
from desktop_aml.store import files_read, runs
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.record import rows, run_restoring
from desktop_aml.store.record.run_restoring import Attempt

_BEGUN: Final = (RunState.QUEUED, RunState.PREPARING)


@dataclass(frozen=True, slots=True)
class FoundRun:
    """A run as its folder describes it; `manifest` is None where only its attempts tell that there was one."""

    request: SubmitRun
    folder: Path
    manifest: Manifest | None
    created_at: float
    order: int


def find(folder: WorkspaceFolder, found: Findings) -> list[FoundRun]:
    """Return the runs in the order in which they were submitted."""
    all_found = [one for asked in reading.runs(folder, found) if (one := _of(folder, asked, found)) is not None]
    return sorted(all_found, key=lambda one: (one.created_at, one.order))


def _of(folder: WorkspaceFolder, asked: Manifest, found: Findings) -> FoundRun | None:
    place = asked.path.parent
    try:
        request = msgspec.convert(asked.body, SubmitRun)
    except msgspec.ValidationError as error:
        found.note(asked.path, f"It cannot be read: {error}")
        return None
    manifest = _manifest(folder, place, found)
    if manifest is None and not _has_begun(place):
        found.note(place, "This run was asked for and never taken in. Submit it again where it is wanted.")
        return None
    if manifest is None:
        return FoundRun(request, place, None, asked.path.stat().st_mtime, 0)
    order = manifest.body.get("order", 0)
    created_at = float(manifest.body["summary"]["created_at"])
    return FoundRun(request, place, manifest, created_at, order if isinstance(order, int) else 0)


def _manifest(folder: WorkspaceFolder, place: Path, found: Findings) -> Manifest | None:
    path = place / manifests.RUN
    if not path.exists():
        return None
    try:
        manifest = reading.read(folder, path)
        # The last values of what it logged come from its journal again, and may be of any type.
        manifest.body["summary"]["summary"] = ()
        detail = msgspec.convert(manifest.body, RunDetail)
    except reading.NewerWorkspace:
        raise
    except reading.READING_ERRORS as error:
        found.note(path, f"It cannot be read, so the run comes back without its names, notes and labels: {error!r}")
        return None
    if detail.summary.id != place.name:
        found.note(path, "It describes another run, and is passed over.")
        return None
    return manifest


def _has_begun(place: Path) -> bool:
    return any(path.name.isdecimal() or path.name == external.ATTEMPT for path in (place / "attempts").glob("*/"))


def restore(db: Database, folder: WorkspaceFolder, found: FoundRun) -> bool:
    """Store one run, with all that it logged, read and left. Call inside a transaction.

    Returns
    -------
    bool
        Whether its manifest says all that was stored.
    """
    body = found.manifest.body if found.manifest is not None else {}
    detail = msgspec.convert(body, RunDetail) if body else _from_request(db, found)
    known = Attempt(detail.summary.attempt, str(body.get("handle") or ""), str(body.get("nonce") or ""))
    state = detail.summary.state
    attempt = known if state.is_terminal() else _present(folder, found, detail, known)
    if attempt.number and state is RunState.QUEUED and attempt != known:
        state = RunState.PREPARING
    if "parameters" not in body:
        detail = replace(detail, parameters=of_arguments(detail.arguments, found.request.command_line))
    documents = {(kind, key): value for kind, key, value in body.get("documents", ())}
    run_restoring.restore(db, found.request, detail, attempt, state=state, order=found.order, kept_documents=documents)
    run_id = found.request.run_id
    runs.replace_artifacts(db, run_id, msgspec.convert(body.get("artifacts", []), list[Artifact]))
    if "sweep" in body:
        trials = msgspec.convert(body["sweep"]["trials"], list[tuple[int, str, str, int, str]])
        rows.restore_sweep(db, run_id, str(body["sweep"]["body"]), trials)
    _restore_files_read(db, run_id, found.folder, body)
    known_journals = _journals(body) if "journal" in body else None
    _replay(db, run_id, found.folder, known_journals, is_over=state.is_terminal())
    return found.manifest is not None and found.manifest.is_current and attempt == known


def _from_request(db: Database, found: FoundRun) -> RunDetail:
    """Return what can be said of a run whose manifest is gone."""
    request = found.request
    name, _, version = request.environment.partition(":")
    known = rows.experiment(db, request.experiment)
    number = known.runs + 1 if known else 1
    seed = zlib.crc32(request.run_id.encode())
    return RunDetail(
        summary=RunSummary(
            id=request.run_id,
            number=number,
            experiment=request.experiment,
            display_name=title(request.display_name) or pleasant_name(seed, number),
            state=RunState.PREPARING,
            script=request.script,
            target=SWEEP if request.sweep is not None else request.target,
            environment=name,
            created_at=found.created_at,
            started_at=None,
            ended_at=None,
            attempt=0,
            parent=request.parent,
        ),
        arguments=request.arguments,
        command=(),
        source_directory=request.source_directory,
        run_directory="",
        environment_version=int(version) if version.isdecimal() else None,
        lock_hash="",
        python_version="",
        timeout_s=request.timeout_s,
        tags=request.tags,
        properties=request.properties,
        description=request.description,
    )


def _present(folder: WorkspaceFolder, found: FoundRun, detail: RunDetail, known: Attempt) -> Attempt:
    """Return the attempt that a run is at: what its manifest says may be older than what lies in its folder."""
    place = folder.run(found.request.run_id)
    target = detail.summary.target
    if target == EXTERNAL:
        begun = (place / "attempts" / external.ATTEMPT).is_dir()
        is_new = begun and not known.handle and detail.summary.state not in _BEGUN
        return replace(known, handle=f"{external.PREFIX}{place}") if is_new else known
    numbers = [int(path.name) for path in (place / "attempts").glob("*/") if path.name.isdecimal()]
    latest = max(numbers, default=0)
    if not latest or latest < known.number or (latest == known.number and known.handle):
        return known
    nonce = AttemptFiles(place / "attempts" / str(latest)).nonce()
    # Without its mark nothing of the attempt can be found; one that nobody bears finds nothing, and never too much.
    nonce = nonce or secrets.token_hex(16)
    return Attempt(latest, str(Handle(target, latest, nonce, place)), nonce)


def _restore_files_read(db: Database, run_id: str, place: Path, body: dict[str, Any]) -> None:
    kept = tuple(msgspec.convert(body.get("files_read", []), list[FileRecord]))
    if "files_read_to" in body:
        position, more = int(body["files_read_to"]), bool(body["files_read_more"])
    else:
        # A manifest of an earlier version: with the hashes, but not with how far the list was read.
        listed = reading_list.read(place, 0)
        kept, position, more = (*kept, *listed.found), listed.end, listed.more
    if kept or position:
        files_read.add(db, run_id, kept, position=position, more=more)


def _journals(body: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return msgspec.convert(body["journal"], dict[str, tuple[int, int]])


def _replay(db: Database, run_id: str, place: Path, known: dict[str, tuple[int, int]] | None, *, is_over: bool) -> None:
    """Store what a run logged.

    Labels up to where its manifest has `known` the journals are in the manifest, and may have been changed since by
    others. What a run logged after its end waits for `run collect`, as it did. A manifest of an earlier version does
    not say how far the journals were read: one that was written at the end has all labels.
    """
    if known is None:
        _replay_with(JournalReader(db), run_id, place, labels=not is_over)
        return
    until = {file: position for file, (position, _) in known.items()}
    _replay_with(JournalReader(db, until=until), run_id, place, labels=False)
    for file, (_, damaged) in known.items():
        rows.restore_damaged(db, run_id, file, damaged)
    if not is_over:
        _replay_with(JournalReader(db), run_id, place, labels=True)


def _replay_with(reader: JournalReader, run_id: str, place: Path, *, labels: bool) -> None:
    while stretches := reader.read(run_id, place):
        reader.store(stretches, labels=labels)
        reader.stored(stretches)
