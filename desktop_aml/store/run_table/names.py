"""The names that searches may use: parameters, metrics and tags of the runs of a workspace."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from desktop_aml.domain.filters.keys import OWN, written_key
from desktop_aml.domain.filters.nodes import Source
from desktop_aml.store.database import Database

# From one name to the next through the index: a hundred names of 100,000 runs take a hundred steps.
_EVERY: Final = (
    "WITH RECURSIVE step (name) AS (SELECT min({0}) FROM {1} UNION ALL"
    " SELECT (SELECT min({0}) FROM {1} AND {0} > step.name) FROM step WHERE step.name IS NOT NULL LIMIT 5000)"
    " SELECT name FROM step WHERE name IS NOT NULL"
)
_QUESTIONS: Final = {
    Source.PARAMETER: _EVERY.format("name", "parameter WHERE 1"),
    Source.LAST: _EVERY.format("name", "metric WHERE kind = 'scalar'"),
    Source.TAG: _EVERY.format("key", "label WHERE kind = 'tag'"),
}
_WRITTEN: Final = {Source.PARAMETER: "params", Source.LAST: "metrics", Source.TAG: "tags"}
_CLOSE: Final = 0.6


@dataclass(frozen=True, slots=True)
class Names:
    """Names by where they come from: `Source.PARAMETER`, `Source.LAST` (metrics) and `Source.TAG`."""

    of: dict[Source, tuple[str, ...]]

    def meant(self, written: str) -> list[tuple[Source, str]]:
        """Return what a name without a prefix means: those that are so, else those but for capitals and hyphens."""
        exact = [(source, written) for source, names in self.of.items() if written in names]
        if exact:
            return exact
        plain = _plain(written)
        return [(source, name) for source, names in self.of.items() for name in names if _plain(name) == plain]

    def nearest(self, written: str) -> str:
        """Return the key, as it is written in a search, that is most like a name; empty where none is."""
        known = {own: own for own in OWN}
        for source, names in self.of.items():
            known |= {_plain(name): written_key(_WRITTEN[source], name) for name in names}
        found = get_close_matches(_plain(written), known, n=1, cutoff=_CLOSE)
        return known[found[0]] if found else ""


def read(db: Database) -> Names:
    """Return the names of a workspace."""
    return Names({source: tuple(row[0] for row in db.all(question)) for source, question in _QUESTIONS.items()})


def _plain(name: str) -> str:
    return name.lstrip("-").replace("-", "_").casefold()
