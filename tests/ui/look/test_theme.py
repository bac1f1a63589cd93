from __future__ import annotations

import itertools

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication
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


def test_the_system_is_followed_only_when_asked(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    theme.set_system_dark(True)
    assert not theme.is_dark()
    theme.apply(qapp, "system")
    assert theme.is_dark()
    theme.set_system_dark(False)
    assert not theme.is_dark()


def test_series_colours_differ_and_repeat_after_eight(qapp: QApplication) -> None:
    names = [theme.series_color(i).name() for i in range(9)]
    assert len(set(names[:8])) == 8
    assert names[8] == names[0]
