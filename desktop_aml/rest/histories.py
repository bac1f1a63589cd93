"""Routes about the points of metrics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from desktop_aml.rest import messages
from desktop_aml.rest.asking import Asked
from desktop_aml.rest.errors import INVALID, RestError
from desktop_aml.rest.paging import paged
from desktop_aml.workspace.tracking.values import TrackedMetric

_MOST_POINTS: Final = 50_000
_MOST_OF_SEVERAL: Final = 25_000
_MOST_RUNS: Final = 100
_MOST_OF_A_RUN: Final = 2500


def history(asked: Asked) -> messages.Message:
    """Return every point of a metric."""
    arguments = asked.arguments
    run_id = arguments.text("run_id", "") or arguments.text("run_uuid")
    points = asked.tracker.history(run_id, arguments.text("metric_key"))
    page, token = paged(points, arguments, default=max(1, len(points)), most=max(_MOST_POINTS, len(points)))
    return {"metrics": [messages.metric(one) for one in page], **token}


def of_several(asked: Asked) -> messages.Message:
    """Return every point of a metric of several runs, run by run, in the order of their times."""
    arguments = asked.arguments
    run_ids, key = arguments.texts("run_id"), arguments.text("metric_key", "")
    if not run_ids:
        raise RestError(INVALID, "GetMetricHistoryBulk request must specify at least one run_id.")
    if len(run_ids) > _MOST_RUNS:
        raise RestError(
            INVALID,
            f"GetMetricHistoryBulk request cannot specify more than {_MOST_RUNS} run_ids. Received {len(run_ids)} "
            "run_ids.",
        )
    if not key:
        raise RestError(INVALID, "GetMetricHistoryBulk request must specify a metric_key.")
    most = min(arguments.whole("max_results") or _MOST_OF_SEVERAL, _MOST_OF_SEVERAL)
    found: list[messages.Message] = []
    for run_id in sorted(run_ids):
        points = sorted(asked.tracker.history(run_id, key), key=lambda one: (one.timestamp_ms, *one.rank()))
        found += [_of_run(one, run_id) for one in points[: max(0, most - len(found))]]
    return {"metrics": found}


def sampled(asked: Asked) -> messages.Message:
    """Return points of a metric of several runs: those of evenly spaced steps, the same for all, and both ends of each.

    Of a run that has very many points in few steps, evenly spaced ones are returned.
    """
    arguments = asked.arguments
    run_ids, key = arguments.texts("run_ids"), arguments.text("metric_key")
    first, last = arguments.whole("start_step"), arguments.whole("end_step")
    most = arguments.whole("max_results", _MOST_OF_A_RUN) or 0
    if len(run_ids) > _MOST_RUNS:
        raise RestError(
            INVALID,
            f"GetMetricHistoryBulkInterval request must specify at most {_MOST_RUNS} run_ids. Received {len(run_ids)} "
            "run_ids.",
        )
    if not 1 <= most <= _MOST_OF_A_RUN:
        raise RestError(INVALID, f"max_results must be between 1 and {_MOST_OF_A_RUN}.")
    if (first is None) != (last is None):
        raise RestError(INVALID, "If either start step or end step are specified, both must be specified.")
    if first is not None and last is not None and first > last:
        raise RestError(
            INVALID, f"end_step must be greater than start_step. Found start_step={first} and end_step={last}."
        )
    points = {
        run_id: [
            one
            for one in sorted(asked.tracker.history(run_id, key), key=TrackedMetric.rank)
            if first is None or last is None or first <= one.step <= last
        ]
        for run_id in dict.fromkeys(run_ids)
    }
    steps = sorted({one.step for some in points.values() for one in some})
    wanted = sampled_steps(steps, most)
    # Where no step is left out, points that have one in common are what there may be too many of.
    most_of_a_run = most if len(steps) <= most else _MOST_OF_A_RUN
    wanted |= {one.step for some in points.values() for one in (*some[:1], *some[-1:])}
    return {
        "metrics": [
            _of_run(one, run_id)
            for run_id, some in points.items()
            for one in _thinned([one for one in some if one.step in wanted], most_of_a_run)
        ]
    }


def sampled_steps(steps: Sequence[int], most: int) -> set[int]:
    """Return evenly spaced ones of steps that are in order: at most `most` of them, and the last one."""
    if len(steps) <= most:
        return set(steps)
    return {steps[place * len(steps) // most] for place in range(most)} | {steps[-1]}


def _thinned(points: Sequence[TrackedMetric], most: int) -> Sequence[TrackedMetric]:
    """Return evenly spaced ones of the points, first and last among them; of one alone the last."""
    if len(points) <= most:
        return points
    last = len(points) - 1
    return [points[place * last // (most - 1)] for place in range(most)] if most > 1 else points[-1:]


def _of_run(one: TrackedMetric, run_id: str) -> messages.Message:
    return {**messages.metric(one), "run_id": run_id}
