"""The problems of an environment's text, each with its place."""

from __future__ import annotations

from desktop_aml.domain.environments import SpecProblem
from desktop_aml.ui.environments.problem_list import ProblemList


def test_the_line_of_a_problem_is_told_once(qtbot) -> None:
    problems = ProblemList()
    qtbot.addWidget(problems)
    problems.show_problems(
        (
            SpecProblem("“numpi” is no package.", line=3, column=5),
            SpecProblem("Line 4: 'name' is there twice.", line=4, column=1),
        )
    )
    shown = [problems.item(row).text() for row in range(problems.count())]
    assert shown == ["Line 3, column 5: “numpi” is no package.", "Line 4: 'name' is there twice."]
