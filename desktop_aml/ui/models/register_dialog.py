"""Register a model: from what a run left behind, or from a file on this computer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout

from desktop_aml.domain.errors import DesktopAMLError, InvalidName
from desktop_aml.domain.names import check_model_name
from desktop_aml.domain.registry import MODEL_ENDINGS, Framework, ModelVersion
from desktop_aml.domain.summaries.results import is_result, likeliest_first
from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.dialog_foot import dialog_foot
from desktop_aml.ui.widgets.error_line import ErrorLine
from desktop_aml.ui.widgets.labelled_fields import LabelledFields
from desktop_aml.ui.widgets.number_field import NumberField
from desktop_aml.ui.widgets.widgets import Heading, PrimaryButton, SecondaryLabel

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from desktop_aml.workspace import Workspace

_ENDINGS: Final = (*MODEL_ENDINGS, ".onnx", ".json", ".txt")
"""Endings of files that may be models, likeliest first."""


class RegisterDialog(QDialog):
    """Asks what the next version of a model is; `open` it, it does not block.

    Parameters
    ----------
    run_id, path : str
        A run and, when known, the artifact or folder of artifacts in it.
    file : str
        A file on this computer instead of a run.
    """

    registered = Signal(object)
    """The new `ModelVersion`."""

    def __init__(
        self,
        workspace: Workspace,
        bridge: Bridge,
        run_id: str = "",
        path: str = "",
        file: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("register_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Register model"))
        self._workspace = workspace
        self._bridge = bridge
        self._run_id = run_id
        self._path = path
        self._file = file
        self._build()
        if run_id:
            call_for(self, bridge, self._look_at_run, self._on_run_looked_at, self.error.show_error)
        else:
            self._set_name(Path(file).stem)
            self.path.set_choices([(file, file)])
            self._check()

    def _build(self) -> None:
        self.setMinimumWidth(448)
        self.name = QLineEdit(self)
        self.path = ChoiceField(self)
        self.framework = ChoiceField(self)
        self.framework.set_choices([("scikit-learn", Framework.SCIKITLEARN), (self.tr("Other"), Framework.CUSTOM)])
        self.framework_version = QLineEdit(self)
        self.description = QLineEdit(self)
        self.tags = QLineEdit(self)
        self.tags.setPlaceholderText("stage=test, area=iris")
        self.cpu = self._number()
        self.memory = self._number()
        self.error = ErrorLine(self)
        self.register_button = PrimaryButton(self.tr("Register model"), self)
        self.register_button.setDefault(True)
        self.register_button.setEnabled(False)
        self.register_button.clicked.connect(self.register_model)
        self.name.textChanged.connect(self._check)
        self.tags.textChanged.connect(self._check)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_XL, theme.SPACE_L, theme.SPACE_XL, theme.SPACE_L)
        layout.setSpacing(theme.SPACE_M)
        layout.addWidget(Heading(self.tr("Register model"), 1, self))
        hint = SecondaryLabel(self.tr("An existing name gets its next version."), self)
        hint.setWordWrap(False)
        layout.addWidget(hint)
        layout.addLayout(self._form())
        layout.addWidget(self.error)
        layout.addStretch(1)
        buttons = dialog_foot(self, self.tr("Cancel"), self.register_button)
        layout.addLayout(buttons)

    def _form(self) -> LabelledFields:
        form = LabelledFields()
        for label, field in (
            (self.tr("&Name"), self.name),
            (self.tr("&File"), self.path),
            (self.tr("F&ramework"), self.framework),
            (self.tr("Framework &version"), self.framework_version),
            (self.tr("&Description"), self.description),
            (self.tr("&Tags"), self.tags),
            (self.tr("&Processor cores"), self.cpu),
            (self.tr("&Memory in GB"), self.memory),
        ):
            form.add(label, field)
        return form

    def _number(self) -> NumberField:
        field = NumberField(whole=False, start=1, minimum=0, parent=self)
        field.set_placeholder(self.tr("No limit"))
        field.value_changed.connect(self._check)
        return field

    def register_model(self) -> None:
        """Register, and close when it is done; what goes wrong is said in the dialog."""
        tags = parse_tags(self.tags.text())
        name, path, run_id, file = self.name.text().strip(), str(self.path.value() or ""), self._run_id, self._file
        framework, framework_version = str(self.framework.value()), self.framework_version.text().strip()
        description = self.description.text().strip()
        cpu, memory = self.cpu.value() or None, self.memory.value() or None

        def work() -> ModelVersion:
            return self._workspace.models.register(
                name,
                run_id=run_id,
                path=path if run_id else "",
                file=file,
                framework=framework,
                framework_version=framework_version,
                description=description,
                tags=tags,
                cpu=cpu,
                memory_in_gb=memory,
            )

        self._set_busy(True)
        call_for(self, self._bridge, work, self._on_registered, self._on_register_failed)

    def _set_busy(self, busy: bool) -> None:
        self.register_button.setEnabled(not busy)
        self.register_button.setText(self.tr("Registering…") if busy else self.tr("Register model"))

    def _on_registered(self, model: ModelVersion) -> None:
        self._bridge.tell(self.tr("Registered the model {0}.").format(model.label), "success")
        self.registered.emit(model)
        self._bridge.go_to("model", model.label)
        self.accept()

    def _on_register_failed(self, error: DesktopAMLError) -> None:
        self._set_busy(False)
        self.error.show_error(error)

    def _look_at_run(self) -> tuple[str, list[str], str]:
        run = self._workspace.runs.get(self._run_id)
        paths = [artifact.path for artifact in self._workspace.runs.files.list(self._run_id)]
        lock = self._workspace.runs.lock(self._run_id)
        version = lock.version_of("scikit-learn") if lock else None
        return run.summary.experiment, model_paths(paths), version or ""

    def _on_run_looked_at(self, found: tuple[str, list[str], str]) -> None:
        experiment, paths, version = found
        self._set_name(experiment)
        self.path.set_choices([(path, path) for path in paths])
        if self._path:
            if self._path not in paths:
                self.path.addItem(self._path, self._path)
            self.path.set_value(self._path)
        if not version:
            self.framework_version.setPlaceholderText(self.tr("Unknown"))
        self.framework_version.setText(version)
        self._check()
        if not paths and not self._path:
            self.error.show_text(self.tr("This run left no file behind."), self.tr("Write the model into outputs/."))

    def _set_name(self, text: str) -> None:
        if not self.name.text():
            self.name.setText(re.sub(r"[^\w.\-]+", "-", text, flags=re.ASCII).strip("-._") or "model")
            self.name.selectAll()

    def _check(self) -> None:
        problem = ""
        try:
            check_model_name(self.name.text().strip())
        except InvalidName as error:
            problem = error.hint
        if not problem and parse_tags(self.tags.text()) is None:
            problem = self.tr("Write tags as name=value, with commas between them.")
        if not problem and (self.cpu.is_faulty() or self.memory.is_faulty()):
            problem = self.tr("Write cores and memory as numbers, or leave them empty.")
        self.error.show_text(problem)
        self.register_button.setEnabled(not problem and self.path.count() > 0)


def parse_tags(text: str) -> dict[str, str] | None:
    """Return the tags in ``name=value, name=value``; None when it is not that."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    pairs = [part.partition("=") for part in parts]
    if any(not separator or not key.strip() for key, separator, _ in pairs):
        return None
    return {key.strip(): value.strip() for key, _, value in pairs}


def model_paths(paths: Sequence[str]) -> list[str]:
    """Return the files a model may be in, likeliest first: known endings, then everything else of the run's outputs."""

    def rank(path: str) -> tuple[int, tuple[int, str]]:
        ending = PurePosixPath(path).suffix.lower()
        place = _ENDINGS.index(ending) if ending in _ENDINGS else len(_ENDINGS)
        return place, likeliest_first(path)

    return sorted(filter(is_result, paths), key=rank)
