from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QLocale

from desktop_aml.ui.look import formats


@pytest.fixture(autouse=True)
def fixed_locale() -> None:
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "–"),
        (0, "0.0 s"),
        (4.21, "4.2 s"),
        (9.99, "0:09"),
        (41, "0:41"),
        (723, "12:03"),
        (3727, "1:02:07"),
        (-3, "0.0 s"),
    ],
)
def test_durations(seconds: float | None, words: str) -> None:
    assert formats.duration(seconds) == words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (None, "–"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1_234_567, "1.2 MB"),
        (12_345_678, "12 MB"),
        (999_600, "1.0 MB"),
        (3 * 10**12, "3.0 TB"),
        (10**19, "10,000 PB"),
    ],
)
def test_sizes(size: int | None, words: str) -> None:
    assert formats.size(size) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        (0.0, "0"),
        (0.123456, "0.1235"),
        (12345.678, "12346"),
        (1.5e-7, "1.500e-07"),
        (2.5e9, "2.500e+09"),
        (12345, "12,345"),
        (True, "True"),
        ("rbf", "rbf"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "-∞"),
    ],
)
def test_numbers_keep_four_digits(value: object, words: str) -> None:
    assert formats.number4(value) == words


@pytest.mark.parametrize(
    ("age_s", "words"),
    [
        (0, "just now"),
        (-5, "just now"),
        (185, "3 min ago"),
        (7200, "2 h ago"),
        (90000, "yesterday"),
        (3 * 86400, "3 days ago"),
    ],
)
def test_times_are_relative(age_s: float, words: str) -> None:
    assert formats.relative_time(1_000_000_000 - age_s, 1_000_000_000) == words


def test_old_times_are_dates() -> None:
    assert formats.relative_time(1_000_000_000 - 40 * 86400, 1_000_000_000) == "7/31/01"


def test_nothing_is_a_dash() -> None:
    assert formats.relative_time(None) == formats.exact_time(None) == "–"


def test_one_file_is_not_files() -> None:
    assert [formats.files(number) for number in (1, 2)] == ["1 file", "2 files"]
