"""Views of the runs table by name: the search, the states, the order, the shelf and the columns."""

from __future__ import annotations

import json
from typing import Any, Final

from PySide6.QtCore import QSettings

from desktop_aml.domain.organising.shelf import Shelf
from desktop_aml.domain.runs import RunQuery, RunState

_VERSION: Final = 1


def written(query: RunQuery) -> dict[str, Any]:
    """Return what a query asks for, of whichever experiment, as what JSON can hold."""
    return {
        "search": query.search,
        "states": [str(state) for state in query.states],
        "order_by": query.order_by,
        "descending": query.descending,
        "shelf": str(query.shelf),
        "group_by": query.group_by,
    }


def read(kept: object) -> RunQuery | None:
    """Return the query that `written` made of; None where it cannot be read."""
    try:
        assert isinstance(kept, dict)
        return RunQuery(
            search=str(kept["search"]),
            states=tuple(RunState(state) for state in kept["states"]),
            order_by=str(kept["order_by"]),
            descending=bool(kept["descending"]),
            shelf=Shelf(kept["shelf"]),
            group_by=str(kept.get("group_by", "")),
        )
    except (AssertionError, KeyError, ValueError, TypeError):
        return None


class SavedViews:
    """What was saved of the tables of one kind, in the order of their names.

    Parameters
    ----------
    settings : QSettings
        Where they are kept, under ``views/`` and `name`.
    """

    def __init__(self, settings: QSettings, name: str) -> None:
        self._settings = settings
        self._key = f"views/{name}"

    def names(self) -> list[str]:
        """Return the names there are."""
        return sorted(self._read(), key=str.casefold)

    def save(self, name: str, query: RunQuery, layout: dict[str, Any]) -> None:
        """Keep a view, in the place of one of this name."""
        self._write({**self._read(), name: {**written(query), "layout": layout}})

    def kept(self, name: str) -> object:
        """Return what is kept of a view, for `put`; None where there is none of this name."""
        return self._read().get(name)

    def put(self, name: str, kept: object) -> None:
        """Keep again what `kept` returned; None forgets the view."""
        others = {key: value for key, value in self._read().items() if key != name}
        self._write(others if kept is None else {**others, name: kept})

    def query(self, name: str) -> RunQuery | None:
        """Return what a view asks for, of all experiments; None where it cannot be read."""
        return read(self._read().get(name))

    def layout(self, name: str) -> dict[str, Any]:
        """Return the columns of a view; nothing where there is none."""
        kept = self._read().get(name)
        layout = kept.get("layout") if isinstance(kept, dict) else None
        return layout if isinstance(layout, dict) else {}

    def _read(self) -> dict[str, Any]:
        try:
            kept = json.loads(str(self._settings.value(self._key, "{}")))
        except ValueError:
            return {}
        views = kept.get("views") if isinstance(kept, dict) and kept.get("v") == _VERSION else None
        return views if isinstance(views, dict) else {}

    def _write(self, views: dict[str, Any]) -> None:
        self._settings.setValue(self._key, json.dumps({"v": _VERSION, "views": views}))
