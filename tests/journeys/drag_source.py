"""A program of its own whose window is a file to drag, as a file manager's is: ``drag_source.py X Y FILE...``."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel


class Source(QLabel):
    """Begins a drag of its files as soon as the pressed mouse moves."""

    def __init__(self, files: list[Path]) -> None:
        super().__init__("Drag me")
        self.files = files
        self.setWindowFlags(Qt.WindowType.FramelessWindowHint | Qt.WindowType.X11BypassWindowManagerHint)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            drag, data = QDrag(self), QMimeData()
            data.setUrls([QUrl.fromLocalFile(str(file)) for file in self.files])
            drag.setMimeData(data)
            drag.exec(Qt.DropAction.CopyAction)


if __name__ == "__main__":
    app = QApplication(sys.argv[:1])
    source = Source([Path(word) for word in sys.argv[3:]])
    source.setGeometry(int(sys.argv[1]), int(sys.argv[2]), 60, 30)
    source.show()
    print("ready", flush=True)
    sys.exit(app.exec())
