"""Values as JSON, for those who read what commands print."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from desktop_aml.cli.output import show_fields, show_json
from desktop_aml.domain.summaries.metrics import MetricSummary
from tests.domain.compare.test_sheet import RUN


def test_the_parts_of_a_metric_s_summary_have_names(capsys: pytest.CaptureFixture[str]):
    show_json([replace(RUN, metrics={"loss": MetricSummary(2.0, 0.5, math.nan, 3, count=7)})])
    [shown] = json.loads(capsys.readouterr().out)
    assert shown["metrics"] == {"loss": {"first": 2.0, "last": 0.5, "least": "nan", "greatest": 3, "count": 7}}
    assert shown["id"] == RUN.id


def test_one_long_name_makes_no_line_as_long_as_itself(capsys: pytest.CaptureFixture[str]):
    show_fields([("x" * 5000, 1), *((f"tag {number}", number) for number in range(5))])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert max(map(len, lines)) < 200
