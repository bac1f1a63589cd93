"""Read-only SQL over the documented views of a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_aml.store.database import Database
from desktop_aml.workspace.service import Service

if TYPE_CHECKING:
    from desktop_aml.store.sql.query import Answer

__all__ = ["Queries"]


class Queries(Service):
    """Questions in SQL.

    Examples
    --------
    >>> run = workspace.runs.submit(script, arguments=["3"])
    >>> _ = workspace.runs.wait(run, timeout_s=60)
    >>> workspace.queries.ask("SELECT name, points, last FROM metrics").rows
    (('loss', 3, 0.25),)
    """

    def ask(self, sql: str, *, limit: int = 10_000, timeout_s: float = 30.0) -> Answer:
        """Answer one SELECT over the documented views, attached runs among them.

        Parameters
        ----------
        limit : int
            How many rows to return at most.
        timeout_s : float
            After so many seconds it is ended.

        Returns
        -------
        Answer
            ``columns``, ``rows`` and whether there are ``more``. NaN is None.

        Raises
        ------
        InvalidInput
            When it is no SELECT over the views, cannot be understood, takes too long or finds too much.
        """
        from desktop_aml.store.sql import query

        with Database(self._folder.database, read_only=True).unite() as db:
            return query.ask(db, sql, limit=limit, timeout_s=timeout_s)

    def views(self) -> dict[str, tuple[str, ...]]:
        """Return the views with their columns."""
        from desktop_aml.store.sql import query

        with Database(self._folder.database, read_only=True).unite() as db:
            return query.columns(db)
