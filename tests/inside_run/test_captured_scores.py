"""What a script measures again and again is listed once, and each of its values is one of the metric."""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator
from types import CodeType

import pytest

from desktop_aml.inside_run.site.desktop_aml_run.capture.call_sites import first_argument
from tests.inside_run.run_folder import RunFolder
from tests.inside_run.test_capture import Captured


@pytest.fixture
def captured(run_folder: RunFolder) -> Captured:
    return Captured(run_folder)


def test_a_place_that_asks_in_a_loop_is_listed_once_with_how_often_and_its_last_value(captured: Captured) -> None:
    ended = captured.run(
        """
        import atexit, sys
        from desktop_aml_run.capture import naming

        def ask(value, estimator="SVC"):
            naming.note_value(sys._getframe(1), "accuracy_score", value, "y_test", estimator)

        atexit.register(naming.finish)
        for value in (0.5, 0.7, float("nan")):
            ask(value)
        ask(0.9)
        ask(0.8, "Pipeline"), ask(0.6)
        """
    )
    assert ended.returncode == 0, ended.stderr
    assert [repr(value) for _, value in captured.values()] == ["0.5", "0.7", "nan", "0.9", "0.8", "0.6"]
    found = captured.documents("score ")
    assert [(one["estimator"], one["value"], one.get("times")) for one in found] == [
        ("SVC", 0.5, None),
        ("SVC", 0.9, None),
        ("Pipeline", 0.8, None),
        ("SVC", 0.6, None),
        ("SVC", "nan", 3),
    ]
    keys = [one["key"] for one in captured.folder.records() if one["k"] == "doc"]
    assert keys == ["score 1", "score 2", "score 3", "score 4", "score 1"]


def test_code_is_taken_apart_once_however_many_calls_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    taken_apart: list[CodeType] = []
    real = dis.get_instructions

    def get_instructions(code: CodeType) -> Iterator[dis.Instruction]:
        taken_apart.append(code)
        return real(code)

    def name_of(*_: object) -> str:
        return first_argument(sys._getframe(1))

    monkeypatch.setattr(dis, "get_instructions", get_instructions)
    y_test, y_train = [1], [2]
    names = [name_of(y_test), name_of(y_train, y_test), name_of(3)]
    assert names == ["y_test", "y_train", ""]
    assert len(taken_apart) == 1
