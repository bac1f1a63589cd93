from __future__ import annotations

import itertools
import math

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from desktop_aml.domain.environments import BuildState
from desktop_aml.domain.registry import EndpointState
from desktop_aml.domain.runs import RunState
from desktop_aml.ui.look import theme
from desktop_aml.ui.look.stylesheet import stylesheet
from desktop_aml.ui.look.tokens import DARK, LIGHT, STATE_ICONS, STATE_ROLES, Tokens

COLORED = ("accent", "queued", "preparing", "running", "completed", "failed", "warning")
PAIRS = [
    *itertools.product(("text", "secondary"), ("window", "surface", "raised", "hover", "pressed", "selection")),
    *itertools.product(COLORED, ("window", "surface", "raised", "selection")),
    ("accent_text", "accent"),
    ("accent_text", "accent_hover"),
]


def luminance(color: str) -> float:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "background"), PAIRS)
def test_every_text_can_be_read_on_its_background(tokens: Tokens, text: str, background: str) -> None:
    assert contrast(getattr(tokens, text), getattr(tokens, background)) >= 4.5


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_edges_of_controls_and_the_focus_ring_stand_out(tokens: Tokens) -> None:
    for edge, background in (
        ("outline", "surface"),
        ("outline", "window"),
        ("accent", "surface"),
        ("accent", "window"),
    ):
        assert contrast(getattr(tokens, edge), getattr(tokens, background)) >= 3


def test_contrast_is_computed_as_wcag_says() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("state", [*RunState, *EndpointState, *BuildState])
def test_every_state_has_a_colour_and_an_icon(state: str) -> None:
    assert str(state) in STATE_ROLES
    assert str(state) in STATE_ICONS


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_the_style_sheet_has_no_hole(tokens: Tokens) -> None:
    sheet = stylesheet(tokens)
    assert "$" not in sheet
    assert sheet.count("{") == sheet.count("}")


def test_switching_changes_palette_and_tells(qapp: QApplication, qtbot: QtBot) -> None:
    theme.apply(qapp, "light")
    with qtbot.waitSignal(theme.changed):
        theme.apply(qapp, "dark")
    assert theme.is_dark()
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == DARK.window
    theme.apply(qapp, "light")
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == LIGHT.window


def test_the_colours_that_are_on_already_are_put_on_no_second_time(qapp: QApplication, qtbot: QtBot) -> None:
    theme.apply(qapp, "light")
    with qtbot.assertNotEmitted(theme.changed):
        theme.apply(qapp, "light")
    qapp.setStyleSheet("")
    with qtbot.waitSignal(theme.changed):
        theme.apply(qapp, "light")


def test_the_system_is_followed_only_when_asked(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    theme.set_system_dark(True)
    assert not theme.is_dark()
    theme.apply(qapp, "system")
    assert theme.is_dark()
    theme.set_system_dark(False)
    assert not theme.is_dark()


def lightness_and_hue(color: QColor, sight: list[list[float]]) -> list[float]:
    """Return a colour as CIE Lab as an eye sees it, `sight` being its matrix (Machado and others, 2009)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.getRgbF()[:3]]
    seen = [min(1.0, max(0.0, sum(a * b for a, b in zip(row, linear, strict=True)))) for row in sight]
    to_xyz = [[0.4339, 0.3762, 0.1899], [0.2126, 0.7152, 0.0722], [0.0177, 0.1095, 0.8728]]
    x, y, z = (sum(a * b for a, b in zip(row, seen, strict=True)) for row in to_xyz)
    f = [part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z)]
    return [116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]


EYES = {
    "most": ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], 25),
    "deuteranopia": ([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]], 15),
    "protanopia": ([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]], 15),
}


@pytest.mark.parametrize("choice", ["light", "dark"])
@pytest.mark.parametrize("eye", EYES)
def test_twelve_series_are_told_apart_with_any_eye_and_stand_out(qapp: QApplication, choice: str, eye: str) -> None:
    theme.apply(qapp, choice)
    sight, least = EYES[eye]
    seen = [lightness_and_hue(theme.series_color(i), sight) for i in range(12)]
    assert min(math.dist(one, other) for one, other in itertools.combinations(seen, 2)) >= least
    surface = theme.color("surface").name()
    assert min(contrast(theme.series_color(i).name(), surface) for i in range(12)) >= 3


def test_the_thirteenth_series_is_dashed(qapp: QApplication) -> None:
    assert theme.series_color(12) == theme.series_color(0)
    assert [theme.series_style(i) for i in (0, 11)] == [Qt.PenStyle.SolidLine] * 2
    assert len({theme.series_style(i) for i in (0, 12, 24, 36)}) == 4


def test_a_widget_deep_inside_is_styled_anew_no_more_often_than_one_at_the_top(qtbot, qapp):
    class Counting(QWidget):
        styled = 0

        def changeEvent(self, event: QEvent) -> None:
            self.styled += event.type() is QEvent.Type.StyleChange
            super().changeEvent(event)

    theme.apply(qapp, "light")
    top = Counting()
    qtbot.addWidget(top)
    deep = top
    for _ in range(12):
        deep = Counting(deep)
    top.show()
    top.styled = deep.styled = 0
    theme.apply(qapp, "dark")
    assert 0 < deep.styled <= 2
    assert deep.styled == top.styled
    assert deep.palette().color(QPalette.ColorRole.Window) == theme.color("window")
    theme.apply(qapp, "light")


def test_a_tab_that_has_the_keyboard_is_framed_and_moves_nothing(qapp: QApplication, qtbot: QtBot) -> None:
    theme.apply(qapp, "light")
    bar = QTabBar()
    qtbot.addWidget(bar)
    for title in ("Metrics", "Log"):
        bar.addTab(title)
    bar.resize(bar.sizeHint())
    with qtbot.waitExposed(bar):
        bar.show()
    top_edge, accent = bar.tabRect(0).center(), QColor(LIGHT.accent)
    top_edge.setY(0)
    place = bar.tabRect(1)
    for has_keyboard in (False, True):
        bar.setFocus() if has_keyboard else bar.clearFocus()
        qtbot.waitUntil(lambda has=has_keyboard: bar.hasFocus() is has)
        assert (bar.grab().toImage().pixelColor(top_edge) == accent) is has_keyboard
        assert bar.tabRect(1) == place
