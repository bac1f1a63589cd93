"""What differs between the versions of a model: metrics and arguments of their runs, framework, environment, files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_aml.domain.metrics import Scalar
from desktop_aml.domain.registry import ModelVersion
from desktop_aml.domain.runs import RunDetail
from desktop_aml.domain.scripts.arguments import join_words
from desktop_aml.domain.secret_words import masked_arguments
from desktop_aml.ui.look import formats
from desktop_aml.ui.look.labels import environment_text
from desktop_aml.ui.look.number_column import in_one_form
from desktop_aml.ui.widgets.list_table import Cell, ListTable

MOST: Final = 8
"""How many versions, the newest, stand beside each other."""

Row = tuple[str, tuple[str, ...]]


def _tr(text: str) -> str:
    return QCoreApplication.translate("VersionTable", text)


def differing_rows(versions: Sequence[ModelVersion], runs: Mapping[str, RunDetail]) -> tuple[Row, ...]:
    """Return what is not the same in all versions: its name, and for each version what it has of it.

    Parameters
    ----------
    runs : mapping of str to RunDetail
        The runs that versions came from, by id, as far as they are still there.
    """
    of = [runs.get(one.run_id) for one in versions]
    rows: list[Row] = [
        (_tr("Framework"), tuple(f"{one.framework} {one.framework_version}".strip() for one in versions)),
        (_tr("Environment"), tuple(environment_text(one.environment) for one in versions)),
        (
            _tr("Run"),
            tuple(run.summary.display_name if run else one.run_id for one, run in zip(versions, of, strict=True)),
        ),
        (_tr("Arguments"), tuple(join_words(masked_arguments(run.arguments)) if run else "" for run in of)),
    ]
    values = [dict(run.summary.summary) if run else {} for run in of]
    names = dict.fromkeys(name for one in values for name in one)
    rows += [(name, _of_metric([one.get(name) for one in values])) for name in names]
    hashes = [{file.path: file.sha256[:12] for file in one.files} for one in versions]
    paths = dict.fromkeys(path for one in hashes for path in one)
    rows += [(path, tuple(one.get(path, "") for one in hashes)) for path in paths]
    rows += [(_tr("Tags"), tuple(", ".join(f"{key}={value}" for key, value in one.tags.items()) for one in versions))]
    return tuple(row for row in rows if len(set(row[1])) > 1)


def _of_metric(values: Sequence[Scalar]) -> tuple[str, ...]:
    """Return the values of a metric, written alike; what a version does not have is empty."""
    return tuple("" if value is None else text for value, text in zip(values, in_one_form(values), strict=True))


def _run_name(one: ModelVersion, run: RunDetail | None) -> str:
    return run.summary.display_name if run is not None else one.run_id


class VersionTable(QWidget):
    """A column for each version; made anew for each reading, since the number of columns changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table: ListTable | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    def show_versions(self, versions: Sequence[ModelVersion], runs: Mapping[str, RunDetail]) -> bool:
        """Compare versions; return whether there is anything to show."""
        shown = versions[:MOST]
        rows = differing_rows(shown, runs) if len(shown) > 1 else ()
        if self.table is not None:
            self._layout.removeWidget(self.table)
            self.table.hide()
            self.table.deleteLater()
            self.table = None
        if rows:
            titles = [self.tr("Differs in"), *(self.tr("Version {0}").format(one.version) for one in shown)]
            self.table = ListTable(titles, self.tr("What differs between the versions"), self)
            for column in range(1, len(titles)):
                self.table.setColumnWidth(column, 112)
            self.table.fill(
                (name, (Cell(name), *(Cell(text or formats.NOTHING, text, text) for text in texts)))
                for name, texts in rows
            )
            self.table.fit_height(12)
            self._layout.addWidget(self.table)
        return bool(rows)
