"""Lines that are nothing but a name and a number are read; no other is."""

from __future__ import annotations

import pytest

from desktop_aml.domain.captured.printed import NAMES_AT_MOST, VALUES_AT_MOST, printed_values


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Accuracy: 0.95", ("Accuracy", 0.95)),
        ("accuracy = 0.95", ("accuracy", 0.95)),
        ("  Mean squared error:   2548.07 ", ("Mean squared error", 2548.07)),
        ("Test-set  R^2: -1e-3", ("Test-set R^2", -0.001)),
        ("Accuracy on test set (20 %): 7", ("Accuracy on test set (20 %)", 7.0)),
        ("Share: 95.5 %", ("Share (%)", 95.5)),
        ("CV: 0.95 (+/- 0.02)", ("CV", 0.95)),
        ("CV: 0.95 +/- 0.02", ("CV", 0.95)),
        ("done: .5.", ("done", 0.5)),
        ("loss: nan", ("loss", float("nan"))),
        ("alpha 0.0001 fold 3: 0.4", ("alpha 0.0001 fold 3", 0.4)),
        ("Genauigkeit für Größe: 1", ("Genauigkeit für Größe", 1.0)),
    ],
)
def test_a_name_and_a_number_are_read(line: str, expected: tuple[str, float]) -> None:
    assert repr(list(printed_values([line]))) == repr([expected])


@pytest.mark.parametrize(
    "line",
    [
        "Accuracy: good",
        "0.95",
        "12:30: 5",
        "epoch 1 loss: 0.5 acc: 0.7",
        "INFO:root: 3",
        "WARNING: 3",
        "ValueError: 3",
        '  File "train.py", line 3',
        "{'a': 1}",
        "a: 1, 2",
        "k 2 silhouette 0.32868933341757006 inertia: 3338.9",
        "train 12.50213, test: 0.4",
        "time: 3.2s",
        "version: 1.2.3",
        "x: 5" + " " * 300,
        "name" * 60 + ": 1",
        "https://127.0.0.1:8080",
        "=: 3",
        "Desktop AML: 3",
        "shape: (3,)",
    ],
)
def test_anything_else_is_no_result(line: str) -> None:
    assert list(printed_values([line])) == []


def test_a_flood_of_names_is_cut_off_and_known_names_go_on() -> None:
    lines = [f"n{chr(97 + number % 26)}x{'y' * (number // 26)}: {number}" for number in range(500)]
    found = list(printed_values([*lines, lines[0]]))
    assert len({name for name, _ in found}) == NAMES_AT_MOST
    assert found[-1] == found[0]


def test_a_flood_of_values_is_cut_off() -> None:
    assert [value for _, value in printed_values(f"loss: {n}" for n in range(VALUES_AT_MOST + 5))][
        -1
    ] == VALUES_AT_MOST - 1
