"""Counting very many lines by columns of pixels."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor

from desktop_aml.ui.plots.across.line_counts import LineCounts, shaded


def marks(*shown: int) -> np.ndarray:
    found = np.zeros(40, dtype=bool)
    found[list(shown)] = True
    return found


def made() -> LineCounts:
    heights = np.random.default_rng(3).uniform(-5, 70, size=(40, 3)).astype(np.float32)
    return LineCounts([2, 30, 50], heights, 64)


def test_lines_that_come_and_go_leave_the_same_as_those_alone() -> None:
    led, fresh = made(), made()
    for shown in (range(40), range(5, 40), range(5, 30), (7,), (7, 8), range(10)):
        led.show(marks(*shown))
    fresh.show(marks(*range(10)))
    assert np.array_equal(led.counts(), fresh.counts())
    led.show(marks())
    assert not led.counts().any()


def test_a_line_is_whole_from_axis_to_axis_however_steep() -> None:
    counts = LineCounts([0, 4], np.array([[0, 63], [63, 0]], dtype=np.float32), 64)
    counts.show(np.array([True, False]))
    found = counts.counts()
    assert found[:4].any(axis=0).all(), "each row of pixels is met by a line from top to bottom"
    assert not found[4:].any()
    assert found.max() == 1
    counts.show(np.array([False, True]))
    assert counts.counts()[:4].any(axis=0).all()


def test_more_lines_are_less_seen_through_and_none_not_at_all() -> None:
    pixels = shaded(np.array([[0, 1, 3, 9999]], dtype=np.int32), QColor("#ff0000"), 0.2, 1.0)
    alphas = (pixels[:, 0] >> 24).tolist()
    assert alphas[0] == 0
    assert alphas[1] == 51
    assert alphas == sorted(set(alphas))
    assert alphas[-1] == 255
