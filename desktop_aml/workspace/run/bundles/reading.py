"""Reading runs from a file that came from anywhere: nothing in it is believed that its hashes do not say."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from desktop_aml.domain.errors import (
    FULL,
    Conflict,
    DesktopAMLError,
    InvalidInput,
    NotFound,
    StorageError,
    disk_full,
)
from desktop_aml.domain.names import check_thing_name
from desktop_aml.domain.requests import DeleteRun, RegisterEnvironment
from desktop_aml.domain.sharing.requests import ImportRun
from desktop_aml.record import manifests
from desktop_aml.run_folder import snapshot
from desktop_aml.run_folder.properties import IMPORTED_FROM
from desktop_aml.store import environments, runs
from desktop_aml.system.files import flush, open_regular, read_regular
from desktop_aml.workspace.engine_client import EngineClient
from desktop_aml.workspace.run.bundles import layout, submitted
from desktop_aml.workspace.run.bundles.layout import Index, Member

_INDEX_AT_MOST: Final = 256 << 20
_MANIFEST_AT_MOST: Final = 64 << 20
_CHUNK: Final = 1 << 20
_TIMEOUT_S: Final = 600.0


@dataclass(frozen=True, slots=True)
class _Bundle:
    """An open archive that was checked."""

    path: Path
    archive: zipfile.ZipFile
    index: Index


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import: runs that are new here, those that were here already, and where they come from."""

    runs: tuple[str, ...]
    here_already: tuple[str, ...]
    origin: str


def take_in(client: EngineClient, path: Path) -> Imported:
    """Take in the runs of an exported file. All of it is checked before anything of it is kept.

    Raises
    ------
    NotFound
        When there is no such file.
    InvalidInput
        When it is no exported file, damaged, or of a newer version.
    Conflict
        When the folder of one of its runs is there already, though no run is.
    StorageError
        When there is no room, or the disk fails.
    """
    client.check_trust()
    try:
        with _opened(path) as archive:
            return _take_in(client, _Bundle(path, archive, _checked(archive, path)))
    except OSError as error:
        if error.errno in FULL:
            raise disk_full(client.folder.root, error) from error
        raise StorageError(f"“{path}” cannot be read: {error.strerror or error}.") from error


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with open_regular(path, follow_links=True) as stream, zipfile.ZipFile(stream) as archive:
            yield archive
    except FileNotFoundError as error:
        raise NotFound(f"There is no file “{path}”.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, why: str) -> InvalidInput:
    return InvalidInput(
        f"“{path.name}” is no export of runs, or it is damaged.",
        "Export the runs again with: desktop-aml run export RUN --to FILE",
        details=why,
    )


def _checked(archive: zipfile.ZipFile, path: Path) -> Index:
    """Return what an archive says of itself, once every file in it is what that says."""
    try:
        body = json.loads(_read(archive, layout.INDEX, _INDEX_AT_MOST))
        if isinstance(body, dict) and isinstance(body.get("format"), int) and body["format"] > layout.FORMAT:
            raise InvalidInput(
                f"“{path.name}” was exported by a newer version of Desktop AML.", "Update Desktop AML, then try again."
            )
        index = msgspec.convert(body, Index)
        for run_id in index.runs:
            check_thing_name(run_id, "run")
    except (KeyError, ValueError, RecursionError, msgspec.ValidationError) as error:
        raise _damaged(path, repr(error)) from error
    if math.isnan(index.exported_at) or len(set(index.runs)) < len(index.runs):
        raise _damaged(path, "It names a run twice, or does not say when it was exported.")
    for name, member in index.files.items():
        place = layout.place_of(name)
        if place is None or (place.run_id and place.run_id not in index.runs):
            raise _damaged(path, f"It holds “{name[:200]}”, which is no part of an export.")
        try:
            found = _hash(archive, name, member.size_bytes)
        except KeyError as error:
            raise _damaged(path, f"“{name}” is missing.") from error
        if found != member:
            raise _damaged(path, f"“{name}” is not what was exported.")
    return index


def _read(archive: zipfile.ZipFile, name: str, at_most: int) -> bytes:
    with archive.open(name) as stream:
        data = stream.read(at_most + 1)
    if len(data) > at_most:
        raise ValueError(f"“{name}” is too long.")
    return data


def _hash(archive: zipfile.ZipFile, name: str, at_most: int) -> Member:
    # Never more than was declared: a few bytes of an archive can stand for very many.
    hasher, size = hashlib.sha256(), 0
    with archive.open(name) as stream:
        while size <= at_most and (chunk := stream.read(_CHUNK)):
            hasher.update(chunk)
            size += len(chunk)
    return Member(size, hasher.hexdigest())


def _take_in(client: EngineClient, bundle: _Bundle) -> Imported:
    index = bundle.index
    day = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(min(max(index.exported_at, 0.0), 4e9)))
    origin = f"{index.workspace} on {index.computer}, {day}"[:300]
    new = tuple(one for one in index.runs if runs.is_over(client.db, one) is None)
    for run_id in new:
        if client.folder.run(run_id).exists():
            raise Conflict(
                f"The folder of the run “{run_id}” is there already, but no run.",
                f"Rebuild the workspace, or move the folder away: {client.folder.run(run_id)}",
            )
    versions = _environments(client, bundle)
    root = client.folder.root / "runs"
    root.mkdir(mode=0o700, exist_ok=True)
    with client.folder.blobs.use(), tempfile.TemporaryDirectory(dir=root, prefix=".importing-") as name:
        stage = Path(name)
        _keep_blobs(client, bundle, stage)
        for run_id in new:
            _lay_out(bundle, stage / run_id, origin, versions)
        _take_in_all(client, stage, new)
    return Imported(new, tuple(one for one in index.runs if one not in new), origin)


def _take_in_all(client: EngineClient, stage: Path, run_ids: tuple[str, ...]) -> None:
    """Take in every run that was laid out; where the engine refuses one, none of them stays."""
    taken: list[str] = []
    try:
        for run_id in run_ids:
            take_in_folder(client, stage / run_id, run_id)
            taken.append(run_id)
    except DesktopAMLError:
        for run_id in reversed(taken):
            with suppress(DesktopAMLError):
                client.ask(DeleteRun(run_id=run_id))
        raise


def take_in_folder(client: EngineClient, staged: Path, run_id: str) -> None:
    """Move a folder that was laid out for an ended run among the runs, and have the engine take it in.

    Raises
    ------
    Conflict
        When there is a folder of this name that is no run's.
    """
    place = client.folder.run(run_id)
    try:
        staged.rename(place)
    except OSError as error:
        raise Conflict(f"There is a folder “{place}” already.", "Move it away, then import again.") from error
    flush(place.parent)
    try:
        client.ask(ImportRun(run_id=run_id), timeout_s=_TIMEOUT_S)
    except DesktopAMLError:
        if runs.is_over(client.db, run_id) is None:
            shutil.rmtree(place, ignore_errors=True)
        raise
    (place / manifests.IMPORTED).unlink(missing_ok=True)


def _keep_blobs(client: EngineClient, bundle: _Bundle, stage: Path) -> None:
    blobs = client.folder.blobs
    for name, member in bundle.index.files.items():
        place = layout.place_of(name)
        assert place is not None
        if place.room == layout.BLOBS:
            file = stage / "blob"
            _copy(bundle.archive, name, member, file)
            digest, _ = blobs.add(file)
            file.unlink()
            if digest != place.path:
                raise _damaged(bundle.path, f"“{name}” has other bytes than its name says.")
        elif place.room == layout.LOCKS:
            target = client.folder.root / "locks" / place.path
            if not target.exists():
                target.parent.mkdir(mode=0o700, exist_ok=True)
                _copy(bundle.archive, name, member, target)
    blobs.flush()


def _copy(archive: zipfile.ZipFile, name: str, member: Member, target: Path) -> None:
    left = member.size_bytes
    with archive.open(name) as data, target.open("xb") as out:
        while left > 0 and (chunk := data.read(min(left, _CHUNK))):
            out.write(chunk)
            left -= len(chunk)
    target.chmod(0o600)


def _lay_out(bundle: _Bundle, folder: Path, origin: str, versions: dict[tuple[str, int], int]) -> None:
    """Make the folder of a run among the staged ones, durable, with where it comes from in its manifest."""
    run_id = folder.name
    folder.mkdir(mode=0o700)
    for name, member in bundle.index.files.items():
        place = layout.place_of(name)
        assert place is not None
        if place.run_id != run_id:
            continue
        target = folder / place.path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _copy(bundle.archive, name, member, target)
    path, asked = folder / manifests.IMPORTED, folder / manifests.REQUEST
    try:
        body = submitted.within_its_run(json.loads(read_regular(path, _MANIFEST_AT_MOST)))
        request = submitted.within_its_run(json.loads(read_regular(asked, _MANIFEST_AT_MOST)))
        body["properties"] = {**body["properties"], IMPORTED_FROM: origin}
        label = body["summary"]["environment"].partition(":")[0], body["environment_version"]
        body["environment_version"] = versions.get(label, body["environment_version"])
        with suppress(NotFound):
            snapshot.manifest(folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, StorageError) as error:
        raise _damaged(bundle.path, f"{run_id}: {error!r}") from error
    path.write_bytes(json.dumps(body).encode())
    asked.write_bytes(json.dumps(request).encode())
    for file in sorted(folder.rglob("*")):
        flush(file)
    flush(folder)


def _environments(client: EngineClient, bundle: _Bundle) -> dict[tuple[str, int], int]:
    """Register the environments of the runs where they are not here, and return which version here is which there."""
    if layout.ENVIRONMENTS not in bundle.index.files:
        return {}
    found: dict[tuple[str, int], int] = {}
    try:
        for one in json.loads(_read(bundle.archive, layout.ENVIRONMENTS, _MANIFEST_AT_MOST)):
            name, version = str(one["name"]), int(one["version"])
            same = [
                known.version
                for known in environments.versions(client.db, name)
                if (str(known.kind), known.text) == (one["kind"], one["text"])
            ]
            if same:
                found[name, version] = version if version in same else same[0]
                continue
            wanted = RegisterEnvironment(
                name=name, kind=str(one["kind"]), text=str(one["text"]), description=str(one["description"])
            )
            try:
                found[name, version] = client.ask(wanted).version
            except DesktopAMLError:
                continue  # one that every installation has, or that this one does not know: the label says which it was
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(bundle.path, repr(error)) from error
    return found
