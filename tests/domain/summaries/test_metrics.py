"""What a table says of metrics is one value for each name, made when it is asked for."""

from __future__ import annotations

import pytest

from desktop_aml.domain.summaries.endpoint_use import EndpointUse
from desktop_aml.domain.summaries.metrics import MetricSummaries, MetricSummary

LOSS = MetricSummary(first=3.0, last=1.0, least=0.5, greatest=3.0, count=7)
TEXT = MetricSummary(first="rbf", last="rbf", count=1)


def test_summaries_come_back_as_they_were() -> None:
    found = MetricSummaries.of({"loss": LOSS, "kernel": TEXT})
    assert dict(found) == {"loss": LOSS, "kernel": TEXT}
    assert repr(found) == repr({"loss": LOSS, "kernel": TEXT})
    assert ("loss" in found, "Loss" in found, len(found)) == (True, False, 2)
    with pytest.raises(KeyError):
        found["Loss"]


def test_every_answer_of_an_endpoint_is_counted_once() -> None:
    assert EndpointUse(since=1.0, at=2.0, answered=5, refused=3, failed=1).total == 9
