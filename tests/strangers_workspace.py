"""A workspace that was made elsewhere, with work of every kind waiting in it."""

from __future__ import annotations

from pathlib import Path

from desktop_aml.domain.environments import THIS_PYTHON
from desktop_aml.domain.registry import Endpoint, EndpointState
from desktop_aml.domain.requests import Done, RegisterModel, SubmitRun
from desktop_aml.engine.core import spool
from desktop_aml.run_folder import snapshot
from desktop_aml.store import registry
from desktop_aml.store.database import Database, migrate
from desktop_aml.store.folder import WorkspaceFolder
from tests.conftest import DrivenEngine

WOULD_RUN = (
    "the script mine.py (run “a long [2K night”)",
    "the script asked.py (a waiting request)",
    "1 waiting request",
    "the endpoint iris",
)
"""What is said of it."""


def with_work(root: Path, source: Path) -> WorkspaceFolder:
    """Make the workspace: a queued run, two requests, an endpoint that is to serve and one that is not."""
    folder = WorkspaceFolder(root)
    folder.make("stick")
    migrate(folder.database)
    source.mkdir()
    (source / "mine.py").write_text("open('/tmp/PWNED', 'w')\n")
    driven = DrivenEngine(folder, limit=0)
    snapshot.take(source, folder.run("r"), folder.blobs)
    assert driven.ask(_asked("r", "mine.py")) == Done(name="r")
    driven.close()
    with Database(folder.database, read_only=False) as db, db.transaction():
        # Words that no engine wrote: they stay on their line.
        db.run("UPDATE run SET display_name = ?", ("a long\x1b[2K\nnight",))
        for name, wanted in (("iris", "serving"), ("quiet", "stopped")):
            registry.put_endpoint(db, Endpoint(name, "m", 1, EndpointState.STOPPED, 1.0), wanted=wanted)
    for number, request in enumerate((_asked("s", "asked.py"), RegisterModel(name="m", file="/nowhere"))):
        (folder.requests / f"{number}-a.json").write_bytes(spool.encode(request))
    return folder


def _asked(run_id: str, script: str) -> SubmitRun:
    return SubmitRun(run_id=run_id, script=script, experiment="e", environment=THIS_PYTHON)
