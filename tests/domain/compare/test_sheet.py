"""Many runs as columns: what they were given as the values it means, and which columns to begin with."""

from __future__ import annotations

from dataclasses import replace

from desktop_aml.domain.compare.runs import ComparedRow, RunComparison, Section
from desktop_aml.domain.compare.sheet import of_comparison, of_summaries
from desktop_aml.domain.runs import RunState, RunSummary
from desktop_aml.domain.summaries.metrics import MetricSummary

RUN = RunSummary("a", 1, "e", "first", RunState.COMPLETED, "train.py", "local", "env", 0.0, None, None)


def test_texts_become_the_values_they_mean_and_what_a_run_lacks_is_nothing() -> None:
    one = replace(RUN, parameters={"lr": "1e-3", "flag": "True"}, metrics={"loss": MetricSummary(last=0.5)})
    two = replace(RUN, id="b", display_name="second", parameters={"lr": "0.1"}, tags={"who": "me"})
    sheet = of_summaries([one, two])
    assert sheet.ids == ("a", "b")
    assert {column.key: column.values for column in sheet.columns} == {
        "parameter:lr": (0.001, 0.1),
        "parameter:flag": (True, None),
        "tag:who": (None, "me"),
        "metric:loss": (0.5, None),
    }


def test_it_begins_with_what_differs_arguments_before_metrics_and_leaves_out_paths() -> None:
    def run(number: int) -> RunSummary:
        given = {"seed": "1", "depth": str(number), "out": f"/data/{number}"}
        logged = {"kernel": MetricSummary(last="rbf" if number % 2 else "poly"), "loss": MetricSummary(last=1 / number)}
        return replace(RUN, id=str(number), parameters=given, metrics=logged)

    assert of_summaries([run(number) for number in range(1, 61)]).first_keys() == ("parameter:depth", "metric:loss")


def test_a_comparison_gives_its_arguments_without_dashes_and_flags_as_true() -> None:
    rows = (
        ComparedRow(Section.METRICS, "loss", (0.5, float("nan"))),
        ComparedRow(Section.ARGUMENTS, "--augment", ("(set)", None)),
        ComparedRow(Section.ARGUMENTS, "--rate", ("0.1", "1")),
        ComparedRow(Section.RUN, "Script", ("a.py", "b.py")),
    )
    sheet = of_comparison(RunComparison((RUN, replace(RUN, id="b")), rows))
    assert [(column.key, column.values[:1]) for column in sheet.columns] == [
        ("parameter:augment", (True,)),
        ("parameter:rate", (0.1,)),
        ("metric:loss", (0.5,)),
    ]
