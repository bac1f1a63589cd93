"""The words at an axis are the values, and tell neighbours apart."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from desktop_aml.ui.plots.value_axis import ValueAxis, tick_words


def read(words: str) -> float:
    """Return the number that the words at a tick stand for."""
    plain = words.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    factor, power = re.fullmatch(r"(-?[\d.]*·?)10(-?\d+)", plain).groups() if plain != words else (plain, "0")
    return float(factor.rstrip("·") or 1) * 10 ** int(power) if factor != "-" else -(10.0 ** int(power))


def ticks(low: float, high: float, *, log: bool) -> list[tuple[float, str]]:
    axis = ValueAxis("left")
    axis.setLogMode(False, log)
    levels = axis.tickValues(low, high, 200)
    named = [pair for spacing, at in levels for pair in zip(at, axis.tickStrings(at, 1.0, spacing), strict=True)]
    return [(at, words) for at, words in named if low <= at <= high and words]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.25, "0.25"),
        (1500.0, "1500"),
        (2e-7, "2·10⁻⁷"),
        (1e9, "10⁹"),
        (-1e9, "-10⁹"),
        (1.5e12, "1.5·10¹²"),
        (0.0, "0"),
    ],
)
def test_a_tick_is_short_and_exact(value: float, words: str):
    assert tick_words(value) == words


@pytest.mark.parametrize("low", [-6.0, -0.3, 2.1, 2.31, 5.0])
@pytest.mark.parametrize("span", [0.02, 0.3, 1.0, 4.0, 40.0])
def test_a_log_axis_names_values_at_any_zoom(qtbot: QtBot, low: float, span: float):
    found = ticks(low, low + span, log=True)
    assert len(found) >= 2
    for at, words in found:
        assert read(words) == pytest.approx(10**at, rel=1e-6)


@given(st.floats(-1e12, 1e12), st.floats(1e-6, 1e6))
def test_no_two_ticks_read_alike(qapp: object, low: float, span: float):
    found = ticks(low, low + span, log=False)
    if span > abs(low) * 1e-9:
        assert len({words for _, words in found}) == len({at for at, _ in found})
        for at, words in found:
            assert read(words) == pytest.approx(at, rel=1e-9, abs=span / 500)
