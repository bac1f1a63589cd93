"""Writing runs into one file: record, code, packages, logs, metrics and outputs, each with its hash."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from desktop_aml import __version__
from desktop_aml.domain.errors import FULL, Conflict, InvalidInput, StorageError, disk_full
from desktop_aml.domain.runs import RunDetail
from desktop_aml.domain.secret_words import MASK, is_secret_option
from desktop_aml.inside_run.site.desktop_aml_run.slots import SUFFIX
from desktop_aml.record import manifests
from desktop_aml.run_folder import snapshot
from desktop_aml.store import environments, runs
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.record import rows
from desktop_aml.system.files import flush, open_regular, read_regular
from desktop_aml.workspace.run.bundles import layout, submitted
from desktop_aml.workspace.run.bundles.layout import Index, Member

_CHUNK: Final = 1 << 20


def write(db: Database, folder: WorkspaceFolder, run_ids: Sequence[str], target: Path, workspace: str) -> Index:
    """Write runs, and all children of theirs, into the file `target`, complete or not at all.

    Parameters
    ----------
    workspace : str
        Name of the workspace, as the other side is told it.

    Raises
    ------
    InvalidInput
        When no run is named.
    Conflict
        When one of them has not ended.
    StorageError
        When the file cannot be written, or one of a run is gone or damaged.
    """
    everyone = _with_children(db, run_ids)
    if not everyone:
        raise InvalidInput("There is no run to export.", "Name at least one.")
    for detail in everyone:
        if not detail.summary.state.is_terminal():
            raise Conflict(
                f"The run “{detail.summary.id}” is {detail.summary.state} and cannot be exported yet.",
                "Wait for its end, or cancel it.",
            )
    try:
        # A link stays one: its file becomes the bundle.
        return _write(db, folder, everyone, target.resolve(), workspace)
    except OSError as error:
        if error.errno in FULL:
            raise disk_full(target, error) from error
        raise StorageError(
            f"“{target}” cannot be written: {error.strerror or error}.", "Choose another place."
        ) from error


def _with_children(db: Database, run_ids: Sequence[str]) -> list[RunDetail]:
    found: dict[str, RunDetail] = {}
    waiting = list(run_ids)
    while waiting:
        run_id = waiting.pop(0)
        if run_id not in found:
            found[run_id] = runs.get(db, run_id)
            waiting += [child.id for child in runs.children(db, run_id)]
    # Parents first: the other side takes a child in only below a parent that is there.
    return sorted(found.values(), key=lambda one: (_depth(found, one), one.summary.created_at))


def _depth(found: dict[str, RunDetail], one: RunDetail) -> int:
    depth = 0
    while one.summary.parent in found and depth < len(found):
        one, depth = found[one.summary.parent], depth + 1
    return depth


def _write(db: Database, folder: WorkspaceFolder, everyone: Sequence[RunDetail], target: Path, workspace: str) -> Index:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            writer = _Writer(archive)
            _add_all(writer, db, folder, everyone)
            index = Index(
                format=layout.FORMAT,
                program=__version__,
                exported_at=time.time(),
                workspace=workspace,
                computer=platform.node(),
                runs=tuple(one.summary.id for one in everyone),
                files=writer.files,
            )
            archive.writestr(layout.INDEX, json.dumps(asdict(index)))
        flush(beside)
        beside.replace(target)
        flush(target.parent)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return index


class _Writer:
    """Adds files to an archive and notes their hashes."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.files: dict[str, Member] = {}

    def add(self, name: str, source: Path) -> None:
        hasher, size = hashlib.sha256(), 0
        with open_regular(source) as data, self._archive.open(name, "w", force_zip64=True) as out:
            while chunk := data.read(_CHUNK):
                hasher.update(chunk)
                size += len(chunk)
                out.write(chunk)
        self.files[name] = Member(size, hasher.hexdigest())

    def add_text(self, name: str, text: bytes) -> None:
        self._archive.writestr(name, text)
        self.files[name] = Member(len(text), hashlib.sha256(text).hexdigest())


def _add_all(writer: _Writer, db: Database, folder: WorkspaceFolder, everyone: Sequence[RunDetail]) -> None:
    digests: dict[str, None] = {}
    locks: dict[str, None] = {}
    labels: dict[tuple[str, int], None] = {}
    for detail in everyone:
        run_id = detail.summary.id
        place = folder.run(run_id)
        at = f"{layout.RUNS}/{run_id}"
        request = manifests.read(folder.root, read_regular(place / manifests.REQUEST))
        writer.add_text(f"{at}/{manifests.REQUEST}", manifests.text_of(folder.root, _masked(request)))
        body = {**manifests.run_body(db, run_id), "handle": "", "nonce": ""}
        writer.add_text(f"{at}/{manifests.IMPORTED}", manifests.text_of(folder.root, _masked(body)))
        code = snapshot.manifest(place)
        writer.add(f"{at}/snapshot.json", place / "snapshot.json")
        with suppress(FileNotFoundError):
            writer.add(f"{at}/{snapshot.BARE_FOLDERS}", place / snapshot.BARE_FOLDERS)
        for path in _files_of(place):
            with suppress(OSError):  # a script may have put anything there; what is no plain file is no part of the run
                writer.add(f"{at}/{path.relative_to(place).as_posix()}", path)
        digests |= dict.fromkeys(one.sha256 for one in (*code, *runs.artifacts(db, run_id)) if one.sha256)
        if detail.lock_hash:
            locks[detail.lock_hash] = None
        if detail.environment_version:
            labels[detail.summary.environment.partition(":")[0], detail.environment_version] = None
    for digest in digests:
        writer.add(f"{layout.BLOBS}/{digest}", folder.blobs.verified(digest))
    for digest in locks:
        text = rows.lock(db, digest)
        if text is not None:
            writer.add_text(f"{layout.LOCKS}/{digest}.json", manifests.text_of(folder.root, {"body": text}))
    known = [environments.get(db, *label) for label in labels if _is_known(db, *label)]
    writer.add_text(
        layout.ENVIRONMENTS,
        json.dumps(
            [
                {"name": one.name, "version": one.version, "kind": one.kind, "text": one.text,
                 "description": one.description}
                for one in known
            ]
        ).encode(),
    )  # fmt: skip


def _is_known(db: Database, name: str, version: int) -> bool:
    return any(one.version == version for one in environments.versions(db, name))


def _files_of(place: Path) -> Iterator[Path]:
    """Return what a run printed and logged, and how its attempts ended."""
    for pattern in ("logs/*", "journal/*.jsonl", f"journal/*{SUFFIX}", "attempts/*/exit.json"):
        for path in sorted(place.glob(pattern)):
            if layout.place_of(f"{layout.RUNS}/x/{path.relative_to(place).as_posix()}") and path.is_file():
                yield path


def _masked(body: dict[str, Any]) -> dict[str, Any]:
    """Return a manifest without what looks like a password: the file goes to others."""
    shown = submitted.masked(body)
    if "parameters" in body:
        shown["parameters"] = [
            {**one, "text": MASK} if is_secret_option(str(one["name"])) else one for one in body["parameters"]
        ]
    return shown
