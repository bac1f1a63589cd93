"""Reads a picture from a file that is open already, so that nothing else can be read in its place; shows nothing."""

from __future__ import annotations

from io import BufferedReader

from PySide6.QtCore import QFile, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader


def read_picture(stream: BufferedReader, largest: int) -> tuple[QImage, str]:
    """Return the picture in a file, and why there is none when it is null. Called off the GUI thread.

    Parameters
    ----------
    largest : int
        Pixels of the longer side; a larger picture is made smaller while it is read.
    """
    file = QFile()
    # By descriptor: by its name, a FIFO or a link could have taken its place meanwhile.
    if not file.open(stream.fileno(), QIODevice.OpenModeFlag.ReadOnly):
        return QImage(), file.errorString()
    reader = QImageReader(file)
    reader.setDecideFormatFromContent(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > largest:
        reader.setScaledSize(size.scaled(QSize(largest, largest), Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read(), reader.errorString()
