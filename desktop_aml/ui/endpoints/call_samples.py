"""The same request as a shell command and as Python, to copy into other programs."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QTabBar, QVBoxLayout, QWidget

from desktop_aml.ui.endpoints.score_call import BODY_FILE, curl_call, python_call
from desktop_aml.ui.look import icons, theme
from desktop_aml.ui.viewers.code import CodeView
from desktop_aml.ui.widgets.widgets import SecondaryLabel


class CallSamples(QWidget):
    """Shows one of the calls for the request that the form holds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._uri = ""
        self._body = "{}"
        self._auth_enabled = False
        self.languages = QTabBar(self)
        self.languages.addTab("curl")
        self.languages.addTab("Python")
        self.languages.setAccessibleName(self.tr("Language of the call"))
        self.copy_button = QPushButton(self.tr("Copy"), self)
        icons.set_icon(self.copy_button, "copy", "text")
        self.code = CodeView(self)
        self.code.setAccessibleName(self.tr("Call to copy"))
        self.note = SecondaryLabel("", self)
        self._timer = QTimer(self, singleShot=True, interval=50)
        self._timer.timeout.connect(self._show)
        top = QHBoxLayout()
        top.addWidget(self.languages)
        top.addStretch(1)
        top.addWidget(self.copy_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_L, theme.SPACE_S, theme.SPACE_L, theme.SPACE_M)
        layout.setSpacing(theme.SPACE_S)
        layout.addLayout(top)
        layout.addWidget(self.code, 1)
        layout.addWidget(self.note)
        self.languages.currentChanged.connect(self._show)
        self.copy_button.clicked.connect(self.copy)

    def set_endpoint(self, uri: str, *, auth_enabled: bool) -> None:
        """Say where the request goes."""
        self._uri, self._auth_enabled = uri, auth_enabled
        self._timer.start()

    def set_body(self, body: str) -> None:
        """Say what is sent."""
        self._body = body
        self._timer.start()

    def text(self) -> str:
        """Return the call that is shown."""
        make = python_call if self.languages.currentIndex() == 1 else curl_call
        return make(self._uri, self._body, auth_enabled=self._auth_enabled)

    def copy(self) -> None:
        """Put the call on the clipboard."""
        QGuiApplication.clipboard().setText(self.text())

    def _show(self) -> None:
        self.copy_button.setEnabled(bool(self._uri))
        if not self._uri:
            self.code.show_text("", "call.sh")
            self.note.setText(self.tr("Start the endpoint to see its address."))
            return
        self.code.show_text(self.text(), "call.py" if self.languages.currentIndex() == 1 else "call.sh")
        key = self.tr("Put one of the endpoint's keys in place of YOUR_KEY.")
        form = self.tr("The request is the one in the form.")
        file = self.tr("The form holds no request: write one there, or into {0}.").format(BODY_FILE)
        about = form if self._body.strip() else file
        self.note.setText(f"{about} {key}" if self._auth_enabled else about)
