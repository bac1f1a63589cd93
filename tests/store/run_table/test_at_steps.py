"""A metric at a step as a column: found in rows and in blocks, sorted by, and the last one written of several."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.metrics import Scalar
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.run_fields import FieldKind, RunField, metric_and_step, name_at_step
from desktop_aml.domain.runs import RunQuery
from desktop_aml.store import metrics, runs
from desktop_aml.store.database import Database
from desktop_aml.store.points.packed import SIZE
from desktop_aml.store.run_table.view import RunView

Points = Sequence[tuple["int | None", Scalar]]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "desktop_aml.db", read_only=False) as database:
        yield database


@pytest.fixture
def view(db: Database) -> Iterator[RunView]:
    view = RunView(db.path)
    yield view
    view.close()


@pytest.fixture
def add(db: Database) -> Callable[[str, Points], None]:
    def add(name: str, points: Points) -> None:
        request = SubmitRun(run_id=name, experiment="e", script="t.py", environment="this-python", display_name=name)
        with db.transaction():
            runs.insert(db, request, environment="this-python", version=None, seed=1, at=0.0)
            metrics.add_points(db, name, [("loss", step, 1.0, value) for step, value in points])

    return add


def at(view: RunView, step: int) -> dict[str, Scalar]:
    key = f"at:{step}:loss"
    snapshot = view.apply(RunQuery(at_steps=(key,)))
    found = [run for run in view.page(snapshot.token, 0, 100) if run is not None]
    return {run.id: run.at_steps[key] for run in found if key in run.at_steps}


def test_a_point_counts_at_its_step_and_without_one_at_its_index(view: RunView, add: Callable[..., None]) -> None:
    add("stepped", [(10, 0.5), (20, 0.25)])
    add("counted", [(None, value) for value in range(12)])
    assert at(view, 10) == {"stepped": 0.5, "counted": 10}
    assert at(view, 20) == {"stepped": 0.25}
    assert at(view, 15) == {}


def test_of_several_at_one_step_the_last_one_written_counts(view: RunView, add: Callable[..., None]) -> None:
    add("again", [(0, 1.0), (1, 2.0), (0, 3.0), (1, 4.0)])
    add("in blocks", [(step % 3000, float(step)) for step in range(3 * SIZE)])
    assert at(view, 0) == {"again": 3.0, "in blocks": 6000.0}


@pytest.mark.parametrize(
    ("points", "step", "value"),
    [
        ([(None, n / 2) for n in range(3 * SIZE)], 2 * SIZE + 1, (2 * SIZE + 1) / 2),
        ([(5 + 10 * n, n / 2) for n in range(3 * SIZE)], 5 + 10 * (SIZE + 7), (SIZE + 7) / 2),
        ([(-n, n / 2) for n in range(3 * SIZE)], -SIZE, SIZE / 2),
        ([(7, n / 2) for n in range(2 * SIZE)], 7, (2 * SIZE - 1) / 2),
        ([(n * n, n / 2) for n in range(3 * SIZE)], 256, 8.0),
        ([(n * n, n / 2) for n in range(3 * SIZE)], (SIZE + 1) ** 2, (SIZE + 1) / 2),
        ([(n, n) for n in range(2 * SIZE)], 3, 3),
        ([(n, math.inf if n == 4 else 1.0) for n in range(2 * SIZE)], 4, math.inf),
    ],
)
def test_points_are_found_in_blocks(
    view: RunView, add: Callable[..., None], points: Points, step: int, value: Scalar
) -> None:
    add("long", points)
    found = at(view, step)["long"]
    assert (found, type(found)) == (value, type(value))
    assert at(view, -(1 << 63)) == at(view, (1 << 63) - 1) == {}


def test_what_is_no_plain_number_is_itself(view: RunView, add: Callable[..., None]) -> None:
    add("text", [(1, "warm-up")])
    add("truth", [(1, True)])
    add("great", [(1, 1 << 70)])
    add("none", [(1, math.nan)])
    found = at(view, 1)
    assert math.isnan(found.pop("none"))  # type: ignore[arg-type]
    assert found == {"text": "warm-up", "truth": True, "great": 1 << 70}


def test_runs_sort_by_a_metric_at_a_step_with_the_ones_without_it_last(view: RunView, add: Callable[..., None]) -> None:
    add("without", [(3, 9.0)])
    add("packed", [(n, n / 1000) for n in range(2 * SIZE)])
    add("great", [(1, 1.0), (2, 1 << 70)])
    add("low", [(2, -1.0)])
    query = RunQuery(order_by="at:2:loss", descending=False)
    names = [run.id for run in view.page(view.apply(query).token, 0, 9) if run]
    assert names == ["low", "packed", "great", "without"]
    names = [run.id for run in view.page(view.apply(RunQuery(order_by="at:2:loss")).token, 0, 9) if run]
    assert names == ["great", "packed", "low", "without"]


def test_a_step_is_a_field_of_the_table_only_where_it_was_asked_for(view: RunView, add: Callable[..., None]) -> None:
    add("one", [(2, 1.0)])
    asked = view.apply(RunQuery(at_steps=("at:2:loss",)))
    plain = view.apply(RunQuery())
    assert asked.fields.fields == (*plain.fields.fields, RunField(FieldKind.AT_STEP, "2:loss", is_number=True))
    assert view.page(plain.token, 0, 1)[0].at_steps == {}
    assert view.page(asked.token, 0, 1)[0].at_steps == {"at:2:loss": 1.0}


@pytest.mark.parametrize("name", ["loss", ":loss", "1:", "1.5:loss", "٣:loss", f"{1 << 63}:loss", "1);DROP:loss"])
def test_what_names_no_step_is_refused(view: RunView, name: str) -> None:
    assert metric_and_step(name) is None
    with pytest.raises(InvalidInput, match="no metric at a step"):
        view.apply(RunQuery(order_by=f"at:{name}"))


def test_a_name_at_a_step_tells_its_parts_again() -> None:
    assert metric_and_step(name_at_step("val: loss", -3)) == ("val: loss", -3)
