"""The numbers of a column of the runs table line up at the point, whichever rows are shown."""

from __future__ import annotations

from desktop_aml.store import metrics
from desktop_aml.store.database import Database
from desktop_aml.ui.runs.columns import tooltip
from desktop_aml.ui.runs.table import PAGE
from tests.ui.runs.test_table import add_one, calls, column, open_page  # noqa: F401 - fixtures


def decimals(texts: list[str]) -> set[int]:
    return {len(text.partition(".")[2]) for text in texts}


def test_a_row_further_down_that_needs_more_decimals_gives_them_to_all(qtbot, folder, open_page) -> None:  # noqa: F811
    values = [0.123456, *(0.5 + number % 2 / 4 for number in range(PAGE))]
    run_ids = [add_one(folder.database, f"run{number}") for number in range(len(values))]
    with Database(folder.database, read_only=False) as db, db.transaction():
        for run_id, value in zip(run_ids, values, strict=True):
            metrics.add_points(db, run_id, [("score", None, 1.0, value)])
    page = open_page(rows=len(values))
    table, place = page.table, column(page, "metric:score")
    assert decimals([table.row(row).text(place) for row in range(PAGE)]) == {2}
    further_down = table.row(PAGE)
    assert set(further_down._texts) == {None}, "what is not in sight is not written"
    with qtbot.waitSignal(table.dataChanged):
        assert further_down.text(place) == "0.1235"
    assert [number for number, text in enumerate(further_down._texts) if text is not None] == [place]
    assert decimals([table.row(row).text(place) for row in range(PAGE + 1)]) == {4}
    # What is copied, exported and told in the tip has every digit.
    assert tooltip(table.run_at(PAGE), table.shown_columns[place]) == "0.123456"
    assert table.tsv([(PAGE, PAGE)], ["metric:score"]).splitlines()[1] == "0.123456"
