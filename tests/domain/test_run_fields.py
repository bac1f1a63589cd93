"""Columns that a table of runs can have."""

from __future__ import annotations

import math

import pytest

from desktop_aml.domain.run_fields import FieldKind, RunField, field_of_key, gathered


def test_fields_of_the_most_runs_come_first_and_say_whether_they_differ():
    columns = [
        ("lr", (0.1,), True),
        ("kernel", ("rbf", "rbf"), False),
        ("lr", (0.2,), True),
        ("one", (3,), True),
    ]
    assert gathered(FieldKind.PARAMETER, columns) == (
        RunField(FieldKind.PARAMETER, "lr", differs=True, is_number=True),
        RunField(FieldKind.PARAMETER, "kernel"),
        RunField(FieldKind.PARAMETER, "one", is_number=True),
    )


def test_one_value_that_is_a_text_makes_the_field_one():
    [field] = gathered(FieldKind.TAG, [("fold", [1], True), ("fold", ["last"], False)])
    assert not field.is_number


def test_nan_and_nothing_differ_from_no_value():
    [field] = gathered(FieldKind.METRIC, [("loss", (0.5, math.nan, None, 0.5), True)])
    assert not field.differs


@pytest.mark.parametrize("kind", list(FieldKind))
def test_a_key_tells_kind_and_name_again(kind):
    assert field_of_key(RunField(kind, "a:b c").key) == (kind, "a:b c")
    assert kind.is_of_metric() is (kind not in (FieldKind.PARAMETER, FieldKind.TAG, FieldKind.PROPERTY, FieldKind.USE))


@pytest.mark.parametrize("key", ["", "name", "colour:red", ":lr"])
def test_any_other_text_is_no_key(key):
    assert field_of_key(key) is None
