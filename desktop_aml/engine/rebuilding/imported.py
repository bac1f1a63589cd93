"""Runs of other workspaces are taken in, as a rebuild takes in those of its own: their folder describes them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from desktop_aml.domain.errors import Conflict, DesktopAMLError, InvalidInput
from desktop_aml.domain.events import RunSubmitted
from desktop_aml.domain.inside_paths import part
from desktop_aml.domain.names import check_any_experiment_name, check_thing_name
from desktop_aml.domain.requests import Done, Reply, SubmitRun
from desktop_aml.domain.runs import RunDetail
from desktop_aml.domain.sharing.requests import ImportRun
from desktop_aml.engine.core.context import Desk
from desktop_aml.engine.rebuilding.runs import FoundRun, restore
from desktop_aml.record import manifests, reading
from desktop_aml.record.reading import Manifest
from desktop_aml.store import runs
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.record import rows


def take_in(desk: Desk, request: ImportRun) -> Reply:
    """Store a run as the folder says that was laid out for it. Call inside a commit.

    It gets the next number of its experiment here. A parent that is not here is left out.

    Raises
    ------
    InvalidInput
        When the folder does not describe an ended run of this id.
    """
    db, folder = desk.db, desk.folder
    check_thing_name(request.run_id, "run")
    if runs.is_over(db, request.run_id) is not None:
        return Done(name=request.run_id, changed=False)
    try:
        found = _found(db, folder, request.run_id)
        with db.savepoint():
            _restore_lock(db, folder, str(found.manifest.body.get("lock_hash") or "") if found.manifest else "")
            restore(db, folder, found)
    except reading.NewerWorkspace as error:
        raise InvalidInput(
            f"The run “{request.run_id}” was exported by a newer version of Desktop AML.",
            "Update Desktop AML, then try again.",
        ) from error
    except DesktopAMLError:
        raise
    except (*reading.READING_ERRORS, AttributeError, OverflowError) as error:
        raise InvalidInput(
            f"What was exported of the run “{request.run_id}” cannot be read: {error!r}",
            "Export it again; the file may have been changed.",
        ) from error
    desk.announce(RunSubmitted(request.run_id, found.request.experiment))
    return Done(name=request.run_id)


def _found(db: Database, folder: WorkspaceFolder, run_id: str) -> FoundRun:
    place = folder.run(run_id)
    asked = msgspec.convert(reading.read(folder, place / manifests.REQUEST).body, SubmitRun)
    manifest = reading.read(folder, place / manifests.IMPORTED)
    body: dict[str, Any] = manifest.body
    body["summary"]["summary"] = ()  # the last values of what it logged come from its journal
    summary = msgspec.convert(body, RunDetail).summary
    if not summary.state.is_terminal():
        raise Conflict(f"The run “{run_id}” had not ended when it was exported.", "Export it again after its end.")
    if not run_id == summary.id == asked.run_id:
        raise InvalidInput(f"The folder of the run “{run_id}” describes another run.", "Export it again.")
    check_any_experiment_name(summary.experiment)
    # It may have been moved, or its experiment renamed, since it was asked for.
    asked = replace(asked, experiment=summary.experiment)
    known = rows.experiment(db, summary.experiment)
    body["summary"]["number"] = known.runs + 1 if known else 1
    body["summary"]["parent"] = summary.parent if _is_here(db, summary.parent) else ""
    return FoundRun(asked, place, Manifest(manifest.path, body), summary.created_at, 0)


def _is_here(db: Database, run_id: str) -> bool:
    return bool(run_id) and runs.is_over(db, run_id) is not None


def _restore_lock(db: Database, folder: WorkspaceFolder, digest: str) -> None:
    """Store the packages that the run used, where its export has them and they are what their name says."""
    if not digest or rows.lock(db, digest) is not None:
        return
    try:
        body: Mapping[str, Any] = reading.read(folder, part(folder.root / "locks", f"{digest}.json")).body
    except (*reading.READING_ERRORS, DesktopAMLError):
        return
    text = str(body.get("body", ""))
    if hashlib.sha256(text.encode()).hexdigest() == digest:
        rows.restore_lock(db, digest, text)
