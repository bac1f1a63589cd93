"""Where attached runs are read from. It imports little: whoever reads a run asks it."""

from __future__ import annotations

from desktop_aml.domain.values import dataclass
from desktop_aml.store import documents
from desktop_aml.store.attached.union import SOURCE
from desktop_aml.store.database import Database


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an attached run is read from.

    Parameters
    ----------
    name : str
        Of the attachment.
    key : str
        What finds the run in its source.
    artifacts : str
        The folder of its files; empty for none.
    """

    name: str
    kind: str
    path: str
    key: str
    artifacts: str


def origin_of(db: Database, run_id: str) -> Origin | None:
    """Return where a run is attached from; None for one of the workspace's own."""
    if not db.is_united:
        return None
    body = documents.of_run(db, run_id).get((SOURCE, "source"))
    return Origin(**body) if isinstance(body, dict) else None
