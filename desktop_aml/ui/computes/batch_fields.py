"""What a batch system is asked for, for each node of a compute."""

from __future__ import annotations

import shlex
from typing import Final

from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_aml.domain.computes.batch import LONGEST_TIME_S, BatchJobs, BatchSystem
from desktop_aml.domain.targets import FAR_PYTHON
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.settings_fields import SettingsFields, WholeNumber

_MOST_CORES: Final = 4096
_MOST_MEMORY_GB: Final = 16_384


class BatchFields(QWidget):
    """Fields; zero and nothing stand for what the system gives."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.system = ChoiceField(self)
        self.system.set_choices(tuple((one.label, one.value) for one in BatchSystem))
        self.queue = QLineEdit(self)
        self.cores = WholeNumber(0, _MOST_CORES, "", self)
        self.memory = WholeNumber(0, _MOST_MEMORY_GB, self.tr(" GB"), self)
        self.time = WholeNumber(0, LONGEST_TIME_S // 3600, self.tr(" h"), self)
        self.more = QLineEdit(self)
        self.more.setPlaceholderText("--account=lab --gres=gpu:1")
        self.head = QLineEdit(self)
        self.python = QLineEdit(self)
        usual = self.tr("As the system gives")
        for number in (self.cores, self.memory, self.time):
            number.setSpecialValueText(usual)
        fields = SettingsFields()
        fields.add(self.tr("System"), self.system, self.tr("Its commands are on this computer."))
        fields.add(self.tr("Queue"), self.queue, self.tr("SLURM calls it partition. Empty: the usual one."))
        fields.add(self.tr("Cores"), self.cores, self.tr("Of each node."))
        fields.add(self.tr("Memory"), self.memory, self.tr("Of each node."))
        fields.add(self.tr("Time limit"), self.time, self.tr("After it the system ends a node, and its run."))
        fields.add(self.tr("More"), self.more, self.tr("Options as the system's own command takes them."))
        fields.add(self.tr("This computer"), self.head, self.tr("As nodes reach it. Empty: by its own name."))
        fields.add(self.tr("Their Python"), self.python, self.tr("Empty: the one of this program."))
        fields.setContentsMargins(0, 0, 0, 0)
        self.setLayout(fields)

    def asked(self) -> BatchJobs:
        """Return what is asked for."""
        try:
            more = tuple(shlex.split(self.more.text()))
        except ValueError:  # a quote that is not closed: as one line, which the system refuses in its own words
            more = (self.more.text().strip(),)
        return BatchJobs(
            system=BatchSystem(str(self.system.value())),
            queue=self.queue.text().strip(),
            cores=self.cores.value(),
            memory_mb=self.memory.value() * 1024,
            time_s=self.time.value() * 3600,
            directives=more,
            head=self.head.text().strip(),
        )

    def their_python(self) -> str:
        """Return the Python of the nodes."""
        return self.python.text().strip() or FAR_PYTHON
