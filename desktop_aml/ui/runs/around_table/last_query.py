"""What a table of runs was last asked for: its order, search and states come back by themselves."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import QSettings

from desktop_aml.domain.organising.shelf import Shelf
from desktop_aml.domain.runs import RunQuery
from desktop_aml.ui.runs.around_table.saved_views import read, written

_KEY: Final = "runs/last"


class LastQuery:
    """Remembers the query of one table; groups come back by a saved view, the archive and the trash by the menu.

    Parameters
    ----------
    settings : QSettings
        Where it is kept, with the queries of the other tables of the workspace.
    experiment : str
        Whose runs the table shows; empty for all.
    """

    def __init__(self, settings: QSettings, experiment: str) -> None:
        self._settings = settings
        self._experiment = experiment

    def query(self) -> RunQuery:
        """Return what was asked for last, or what a new table shows."""
        found = read(self._all().get(self._experiment)) or RunQuery()
        return replace(found, experiment=self._experiment or None)

    def keep(self, query: RunQuery) -> None:
        """Remember a query; that of a new table takes no room."""
        asked = written(replace(query, shelf=Shelf.ACTIVE, group_by=""))
        kept = self._all()
        others = {key: value for key, value in kept.items() if key != self._experiment}
        now = others if asked == written(RunQuery()) else {**others, self._experiment: asked}
        if now != kept:
            self._settings.setValue(_KEY, json.dumps(now))

    def _all(self) -> dict[str, Any]:
        try:
            kept = json.loads(str(self._settings.value(_KEY, "{}")))
        except ValueError:
            return {}
        return kept if isinstance(kept, dict) else {}
