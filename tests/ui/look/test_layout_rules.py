"""The layout's rules hold in every pane of the contact sheet, small and large, light and dark."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_aml.ui.look import theme
from desktop_aml.ui.session.session import Session
from desktop_aml.workspace import endpoints
from desktop_aml.workspace.endpoint import states
from tests.screenshots import Camera, panes, stay_away
from tests.seeded_workspace import make
from tests.ui.look.layout_rules import broken, pale

DEADLINE_S = 60
SIZES = ((1024, 640), (1280, 800))


class Hurried(Camera):
    """Waits for what was asked for, not for a picture that stands still."""

    def settle(self) -> None:
        end, calm = time.monotonic() + DEADLINE_S, 0
        while calm < 4 and time.monotonic() < end:
            self.app.processEvents()
            self.app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            session = self.window.session
            calm = 0 if session is not None and session.bridge.is_busy() else calm + 1
            time.sleep(0.002)


@pytest.fixture(scope="module")
def camera(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hurried]:
    home = tmp_path_factory.mktemp("layout")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESKTOP_AML_HOME", str(home))
        patch.setattr(Session, "start", stay_away)
        for module in (states, endpoints):
            patch.setattr(module, "as_it_is", lambda _db, _folder, endpoint: endpoint)
        seeded = make(home / "made", at=time.time() - 1200, long_points=500)
        theme.apply(qapp, "light")
        made = Hurried(qapp, seeded, home)
        qapp.removeEventFilter(made._stir)  # for pictures that stand still: to look at each event costs much
        made.window.resize(*SIZES[0])
        made.window.show()
        assert made.window.open_folder(seeded.folder)
        yield made
        made.window.close_session()
        made.window.close()
        made.window.deleteLater()
        qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        theme.apply(qapp, "light")


def test_every_pane_keeps_the_rules_at_both_sizes(camera: Hurried, qapp: QApplication) -> None:
    # One after the other, and not in any order: a window takes on the dark as it does for people, after the light.
    assert {name: broken_rules(camera, qapp, name) for name in ("light", "dark")} == {"light": {}, "dark": {}}


def broken_rules(camera: Hurried, qapp: QApplication, name: str) -> dict[str, str]:
    theme.apply(qapp, name)
    found: dict[str, str] = {}
    kind = ""
    every = list(panes(camera.seeded))
    for number, pane in enumerate(every):
        if kind != pane.name.split()[0] or camera.dialog is not None:
            camera.tidy()
            kind = pane.name.split()[0]
        # A page that is open shows another of its tabs: to open it again would cost most of the time.
        pane.open(camera)
        # Places are the same in both: in the dark each pane is looked at in one of the sizes, by turns.
        for size in SIZES if name == "light" else SIZES[number % 2 :][:1]:
            camera.window.resize(*size)
            camera.settle()
            for words in [*broken(camera.window), *(broken(camera.dialog) if camera.dialog is not None else [])]:
                found.setdefault(words, f"{pane.name} at {size[0]}x{size[1]}, {name}")
    camera.tidy()
    assert len(every) > 80
    return found


def test_what_breaks_a_rule_is_found(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    layout.setSpacing(5)
    layout.setContentsMargins(0, 0, 0, 0)
    cut, pale, field = QLabel("words that need much room"), QLabel("pale words"), QLineEdit()
    cut.setFixedWidth(40)
    pale.setStyleSheet("color: #c0c0c0")
    row = QWidget()
    inner = QHBoxLayout(row)
    inner.setContentsMargins(0, 0, 0, 0)
    inner.setSpacing(0)
    one, other = QPushButton("one"), QPushButton("other words")
    for widget in (one, other):
        widget.setMinimumWidth(90)
        inner.addWidget(widget)
    for widget in (cut, pale, field, row):
        layout.addWidget(widget)
    window.resize(400, 200)
    window.show()
    row.setFixedWidth(120)
    qtbot.wait(1)
    other.move(20, other.y())
    found = broken(window)
    kinds = ("clipped", "over each other", "contrast", "spacing [5]", "no accessible name")
    assert [kind for kind in kinds if not any(words.startswith(kind) for words in found)] == []
    assert len(found) <= 7


def test_the_words_of_a_field_are_looked_at_as_those_of_a_label(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    rows = QVBoxLayout(window)
    for words, hint in (("typed", ""), ("", "a hint")):
        field = QLineEdit(words, placeholderText=hint, accessibleName=words or hint)
        field.setStyleSheet("QLineEdit { color: #c0c0c0; placeholder-text-color: #c0c0c0; background: white }")
        rows.addWidget(field)
    window.show()
    window.setFocus()
    found = pale(window, window.findChildren(QLineEdit), window.grab().toImage())
    assert [words.partition("“")[2].partition("”")[0] for words in found] == ["typed", "a hint"]


@pytest.mark.parametrize("scale", [1, 1.5, 2])
def test_contrast_is_looked_for_where_the_text_is_at_every_scale(qtbot: QtBot, scale: float) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(300, 200)
    # Twice as far from the corner nothing is written: who forgets the scale looks there.
    button, label = QPushButton("Readable", window), QLabel("Pale words", window)
    button.setStyleSheet("color: white; background: #0b57c1; border: none")
    label.setStyleSheet("color: #c0c0c0; background: white")
    button.setGeometry(40, 30, 90, 28)
    label.setGeometry(180, 150, 100, 28)
    window.show()
    image = QImage(round(300 * scale), round(200 * scale), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    window.render(image)
    assert [words.partition("“")[2].partition("”")[0] for words in pale(window, [button, label], image)] == [
        "Pale words"
    ]
