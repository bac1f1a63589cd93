"""Everything else about a run: arguments, tags, properties, command, places, history."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.domain.captured.facts import CapturedFacts
from desktop_aml.domain.compare.repeated import Verdict
from desktop_aml.domain.datasets import DatasetUse
from desktop_aml.domain.files_read import Content, DataDifference, FileNow, FileRead, ReadHow
from desktop_aml.domain.parameters import ParameterSource
from desktop_aml.domain.runs import RunDetail
from desktop_aml.domain.secret_words import VARIABLES_MISSING, masked_arguments
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.runs.again import verdict
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.widgets import CopyField, CopyLabel, Heading, IconButton, SecondaryLabel, state_word

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_FILES_SHOWN = 20
_LONG_WORD = 32
"""Letters from which a word without a space would make the page wider than the window."""

_Data = tuple[tuple[DatasetUse, ...], tuple[FileRead, ...], tuple[DataDifference, ...], CapturedFacts, Verdict | None]

_GIT = {
    "azureml.git.commit": "Git commit",
    "azureml.git.branch": "Git branch",
    "azureml.git.dirty": "Git changes not committed",
    "azureml.git.repository_uri": "Git repository",
    "desktop_aml.start": "Start of the script",
    "desktop_aml.hash_seed": "Hash seed",
}


class RunInfo(QScrollArea):
    """Facts in sections; tags can be added, changed and removed."""

    register_wanted = Signal(str)
    """Path of the kept model, to register it."""

    def __init__(self, workspace: Workspace, bridge: Bridge, run_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._bridge = bridge
        self._run_id = run_id
        self._shown: RunDetail | None = None
        self._files: tuple[FileRead, ...] = ()
        self._datasets: tuple[DatasetUse, ...] = ()
        self._differences: tuple[DataDifference, ...] = ()
        self._captured = CapturedFacts()
        self._verdict: Verdict | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.key, self.value = QLineEdit(), QLineEdit()

    def show_detail(self, detail: RunDetail) -> None:
        """Show a run; nothing is rebuilt while nothing changed, so that typing is not disturbed."""
        if detail == self._shown:
            return
        self._shown = detail
        self._show()
        call_for(self, self._bridge, self._read_data, self._show_data)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Look again at the data: it, and runs that repeat this one, change without an event of this run."""
        super().showEvent(event)
        if self._shown is not None:
            call_for(self, self._bridge, self._read_data, self._show_data)

    def _read_data(self) -> _Data:
        space, run_id = self._workspace, self._run_id
        data = space.runs.data
        return (
            space.runs.datasets(run_id),
            data.list(run_id),
            data.differences(run_id),
            space.runs.captured(run_id),
            # Of two runs that ended it stays what it is, and every point of both is read for it.
            self._verdict if verdict.is_final(self._verdict) else verdict.verdict_of(space, run_id),
        )

    def _show_data(self, data: _Data) -> None:
        if data != (self._datasets, self._files, self._differences, self._captured, self._verdict):
            self._datasets, self._files, self._differences, self._captured, self._verdict = data
            self._show()

    def _show(self) -> None:
        detail = self._shown
        if detail is None:
            return
        body = QWidget()
        body.setProperty("surface", True)
        column = QVBoxLayout(body)
        column.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, theme.SPACE_L)
        column.setSpacing(theme.SPACE_S)
        summary = detail.summary
        self._section(
            column,
            self.tr("Run"),
            [
                (self.tr("Id"), summary.id),
                (self.tr("Experiment"), f"{summary.experiment}  #{summary.number}"),
                (self.tr("Attempt"), str(summary.attempt)),
                (self.tr("Created"), formats.exact_time(summary.created_at)),
                (self.tr("Time limit"), formats.duration(detail.timeout_s) if detail.timeout_s else ""),
                (self.tr("Exit"), detail.outcome.message if detail.outcome else ""),
            ],
        )
        self._section(column, self.tr("The same again?"), verdict.rows(self._verdict) if self._verdict else [])
        self._section(column, self.tr("Not kept"), self._not_kept(detail))
        missing = detail.properties.get(VARIABLES_MISSING, "")
        why = self.tr("a secret of the run before, which was not kept; this run has none")
        self._section(column, self.tr("Variables that it lacks"), [(one, why) for one in missing.split(", ") if one])
        self._copies(
            column,
            self.tr("Command"),
            [
                (self.tr("Command"), shlex.join(masked_arguments(detail.command))),
                (self.tr("Arguments"), shlex.join(masked_arguments(detail.arguments))),
                (self.tr("Source"), detail.source_directory),
                (self.tr("Run folder"), detail.run_directory),
            ],
        )
        self._section(
            column,
            self.tr("Parameters"),
            [(one.name, one.text) for one in detail.parameters if one.source is ParameterSource.LOGGED],
        )
        self._section(column, self.tr("Captured of the script"), self._captured_rows(detail))
        if self._captured.model:
            button = QPushButton(self.tr("Register the model that was kept…"))
            button.clicked.connect(lambda: self.register_wanted.emit(self._captured.model))
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self._tags(column, detail)
        self._section(
            column, self.tr("Properties"), [(_GIT.get(key, key), value) for key, value in detail.properties.items()]
        )
        self._section(column, self.tr("Datasets"), [(use.name, self._dataset_words(use)) for use in self._datasets])
        shown = [(Path(file.path).name, self._file_words(file)) for file in self._files[:_FILES_SHOWN]]
        more = len(self._files) - _FILES_SHOWN
        if more > 0:
            shown.append((self.tr("and {0} more").format(formats.count(more)), "desktop-aml run show --json"))
        self._section(column, self.tr("Read from elsewhere"), shown)
        self._section(
            column,
            self.tr("Other data than a run of the same code"),
            [(Path(one.path).name, self._difference_words(one)) for one in self._differences[:_FILES_SHOWN]],
        )
        self._section(
            column,
            self.tr("History"),
            [
                (state_word(change.state), f"{formats.exact_time(change.at)}  {change.note}")
                for change in detail.history
            ],
        )
        column.addStretch(1)
        self.setWidget(body)

    def _captured_rows(self, detail: RunDetail) -> list[tuple[str, str]]:
        """Return what was seen of a plain script: estimators, warnings, the model that was kept."""
        facts = self._captured
        rows = []
        for one in facts.estimators[:_FILES_SHOWN]:
            place = self.tr("line {0}").format(one.line)
            rows.append((one.name, f"{one.words()}  ·  {place}" if one.changed else place))
        more = len(facts.estimators) - _FILES_SHOWN
        if more > 0 or facts.more_estimators:
            rows.append((self.tr("and {0} more").format(formats.count(max(0, more) + facts.more_estimators)), " "))
        rows += [
            (one.name, one.text)
            for one in detail.parameters
            if one.source is ParameterSource.CAPTURED and ".best_params." in one.name
        ]
        shown = self.tr("shown {0} times")
        rows += [
            (
                one.category,
                f"{shown.format(formats.count(one.count))}  ·  {one.first.splitlines()[0] if one.first else ''}",
            )
            for one in facts.warnings
        ]
        if facts.model:
            rows.append((self.tr("Model that was kept"), facts.model))
        return rows

    def _not_kept(self, detail: RunDetail) -> list[tuple[str, str]]:
        rows = []
        if detail.damaged_records:
            words = self.tr("{0} damaged in the journal and passed over").format(formats.count(detail.damaged_records))
            rows.append((self.tr("Records"), words))
        rows += [(file.path, file.reason) for file in detail.left_out[:_FILES_SHOWN]]
        more = len(detail.left_out) - _FILES_SHOWN
        if more > 0:
            rows.append((self.tr("and {0} more").format(formats.count(more)), "desktop-aml run show --json"))
        return rows

    def _dataset_words(self, use: DatasetUse) -> str:
        known = use.dataset
        if known is None:
            return use.path or self.tr("no longer known")
        how = {
            "direct": "",
            "mount": self.tr("its files in a folder"),
            "download": self.tr("copies of its files"),
            "output": self.tr("left by the run"),
        }
        named = self.tr("{0}, version {1}").format(known.name, known.version)
        parts = (named if known.name else self.tr("without a name"), how[use.how])
        return "  ·  ".join(part for part in parts if part)

    def _file_words(self, file: FileRead) -> str:
        words = {
            FileNow.SAME: self.tr("as it was read"),
            FileNow.CHANGED: self.tr("changed since"),
            FileNow.GONE: self.tr("gone"),
            FileNow.ELSEWHERE: self.tr("not on this computer"),
        }
        more = {
            Content.CHANGED: self.tr("it changed before it was hashed"),
            Content.GONE: self.tr("it was removed before it was hashed"),
            Content.TOO_LARGE: self.tr("too large to be hashed"),
            Content.UNREADABLE: self.tr("it could not be read"),
        }
        how = {
            ReadHow.ARGUMENT: self.tr("named in the arguments"),
            ReadHow.CODE: self.tr("named in the code"),
        }
        size = self.tr("{0} names").format(formats.count(file.size_bytes)) if file.how is ReadHow.LISTED else ""
        parts = (
            size or formats.size(file.size_bytes),
            words[file.now],
            more.get(file.content, ""),
            how.get(file.how, ""),
        )
        return f"{file.shown_path}  ·  {', '.join(part for part in parts if part)}"

    def _difference_words(self, one: DataDifference) -> str:
        none = self.tr("not read")
        return self.tr("{0}  ·  here {1}; in {2} {3}").format(
            one.path, one.here or none, one.other_run, one.there or none
        )

    def _section(self, column: QVBoxLayout, title: str, rows: list[tuple[str, str]]) -> None:
        present = [(name, text) for name, text in rows if text]
        if not present:
            return
        form = self._form(column, title)
        for name, text in present:
            form.addRow(self._name(name), self._value(text))

    def _copies(self, column: QVBoxLayout, title: str, rows: list[tuple[str, str]]) -> None:
        form = self._form(column, title)
        for name, text in rows:
            if text:
                form.addRow(self._name(name), CopyField(text, name))

    def _form(self, column: QVBoxLayout, title: str) -> QFormLayout:
        if column.count():
            column.addSpacing(theme.SPACE_S)
        column.addWidget(Heading(title, 2))
        form = QFormLayout()
        form.setHorizontalSpacing(theme.SPACE_L)
        form.setVerticalSpacing(theme.SPACE_XS)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        column.addLayout(form)
        return form

    def _name(self, text: str) -> SecondaryLabel:
        label = SecondaryLabel(text)
        label.setWordWrap(False)
        label.setMinimumWidth(120)
        return label

    def _value(self, text: str) -> QLabel:
        """Return words that wrap and can be selected; an id, which cannot wrap, is shortened and copied by a click."""
        if len(text) > _LONG_WORD and " " not in text:
            label = CopyLabel(text)
            label.copied.connect(lambda _: self._bridge.tell(self.tr("Copied.")))
            return label
        value = QLabel(text)
        value.setTextFormat(Qt.TextFormat.PlainText)
        value.setWordWrap(True)
        value.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        return value

    def _tags(self, column: QVBoxLayout, detail: RunDetail) -> None:
        form = self._form(column, self.tr("Tags"))
        for key, text in detail.tags.items():
            remove = IconButton("close", self.tr("Remove tag {0}").format(key))
            remove.clicked.connect(lambda _=False, key=key: self._change(remove_tags=(key,)))
            row = QHBoxLayout()
            row.addWidget(self._value(text or "–"), 1)
            row.addWidget(remove)
            form.addRow(self._name(key), row)
        self.key, self.value = QLineEdit(), QLineEdit()
        self.key.setPlaceholderText(self.tr("Name"))
        self.value.setPlaceholderText(self.tr("Value"))
        self.key.setAccessibleName(self.tr("Name of a new tag"))
        self.value.setAccessibleName(self.tr("Value of a new tag"))
        add = QPushButton(self.tr("Add tag"))
        icons.set_icon(add, "plus", "secondary")
        add.clicked.connect(self.add_tag)
        self.value.returnPressed.connect(self.add_tag)
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_S)
        for widget in (self.key, self.value, add):
            row.addWidget(widget)
        row.addStretch(1)
        column.addLayout(row)

    def add_tag(self) -> None:
        """Add the tag that is typed."""
        key = self.key.text().strip()
        if key:
            self._change(tags={key: self.value.text().strip()})

    def _change(self, tags: dict[str, str] | None = None, remove_tags: tuple[str, ...] = ()) -> None:
        call_for(
            self, self._bridge, lambda: self._workspace.runs.update(self._run_id, tags=tags, remove_tags=remove_tags)
        )
