"""Which files of the store something still means: read from the database and from the manifests beside it.

Whatever looks like a digest in a record counts, so that a record of a kind that is not known here keeps its files, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.system.files import read_regular

_DIGEST: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_DIGEST_BYTES: Final = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_QUERIES: Final = (
    "SELECT body FROM model",
    "SELECT body FROM endpoint",
    "SELECT files FROM dataset",
)
# The folders of nested runs first: one that moves to its own place meanwhile is seen in either.
_OF_RUNS: Final = ("*/children/*/snapshot.json", "*/children/*/run.json", "*/snapshot.json", "*/run.json")
_OTHERS: Final = ("models", "endpoints", "datasets", "environments", "azureml", "requests")
_SLACK_NS: Final = 5 * 10**9


def referenced(folder: WorkspaceFolder, *, since_ns: int = 0, without: frozenset[str] = frozenset()) -> set[str]:
    """Return the digests that anything in a workspace means.

    Parameters
    ----------
    since_ns : int
        Unix time in nanoseconds: manifests that are older were read before and are passed over.
    without : frozenset of str
        Runs that do not count.
    """
    found: set[str] = set()
    with_slack = since_ns - _SLACK_NS
    for path in _manifests(folder, without):
        try:
            if path.stat().st_mtime_ns >= with_slack:
                found.update(one.decode() for one in _DIGEST_BYTES.findall(read_regular(path)))
        except OSError:
            continue  # it went meanwhile
    # After the manifests: a run that ends meanwhile is in the database before its manifest is written.
    db = Database(folder.database, read_only=True)
    try:
        for row in db.all("SELECT run_id, sha256 FROM artifact"):
            if row["run_id"] not in without:
                found.add(row["sha256"])
        for query in _QUERIES:
            for row in db.all(query):
                found.update(_DIGEST.findall(row[0]))
    finally:
        db.close()
    return found


def _manifests(folder: WorkspaceFolder, without: frozenset[str]) -> Iterator[Path]:
    for pattern in _OF_RUNS:
        for path in (folder.root / "runs").glob(pattern):
            if path.parent.name not in without:
                yield path
    for name in _OTHERS:
        yield from (folder.root / name).rglob("*.json")
