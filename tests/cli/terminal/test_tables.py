"""Lists fit the terminal: what is copied stays whole, and what has no room is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from desktop_aml.cli.output import show_fields, show_table
from desktop_aml.cli.terminal.tables import print_table
from tests.cli.terminal.screens import Screen, plain

HEADINGS = ("id", "name", "experiment", "state", "created", "duration", "metrics")
ROW = (
    "churn_1700000000_00000000",
    "fleet-acorn-1",
    "churn",
    "Completed",
    "2026-09-21 14:13:20",
    "0:40",
    "loss=0.01581, accuracy=0.9921",
)


def shown(cells: list[tuple[str, ...]], columns: int, headings: tuple[str, ...] = HEADINGS) -> list[str]:
    screen = Screen()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(columns))
        patch.setenv("TERM", "xterm-256color")
        print_table(cells, headings, screen)
    return plain(screen.getvalue()).splitlines()


def test_a_wide_terminal_shows_all() -> None:
    heading, row = shown([ROW], 160)
    assert heading.split() == [name.upper() for name in HEADINGS]
    assert all(cell in row for cell in ROW)


def test_a_narrow_terminal_keeps_id_and_state_whole_and_names_what_is_missing() -> None:
    lines = shown([ROW], 80)
    assert ROW[0] in lines[1]
    assert "Completed" in lines[1]
    assert "fleet-acorn-1" in lines[1]
    assert "experiment" in "".join(lines[2:])


def test_seconds_go_before_letters_of_names() -> None:
    _, row = shown([ROW], 124)
    assert "2026-09-21 14:13  " in row
    assert "accuracy=0.99" in row


def test_a_long_id_goes_on_in_the_next_line() -> None:
    identity = "image-classification-with-augmentation_1700000000_00000010"
    lines = shown([(identity, *ROW[1:])], 100)
    assert "".join(line.split("  ")[0] for line in lines[1:4]).startswith(identity)


@pytest.mark.parametrize(("columns", "has_state"), [(60, True), (44, False)])
def test_where_hardly_anything_has_room_ids_and_states_are_whole_or_not_there(columns: int, has_state: bool) -> None:
    heading, row, *missing = shown([ROW], columns)
    assert row.startswith(ROW[0])
    assert ("Completed" in row.split(), "Compl" in row) == (has_state, has_state)
    assert all(name in " ".join(missing) for name in HEADINGS if name.upper() not in heading)


def test_the_first_column_stays_whatever_it_is() -> None:
    assert "sha" in shown([("sha256:" + "a" * 64, "1.2 MB")], 20, ("image", "size"))[1]


def test_numbers_stand_at_the_right() -> None:
    lines = shown([("a", "9", "1.2 MB"), ("b", "1,000", "900 B")], 80, ("name", "files", "size"))
    assert [line.rstrip()[-1] for line in lines] == ["E", "B", "B"]
    assert lines[1].index("9") == lines[2].index("1,000") + 4


@given(
    st.lists(st.tuples(*[st.text("ab 1é日", max_size=60)] * 7), min_size=1, max_size=4),
    st.integers(20, 200),
)
def test_no_line_is_wider_than_the_terminal(cells: list[tuple[str, ...]], columns: int) -> None:
    assert all(cell_len(line) <= columns for line in shown(cells, columns))


def test_a_name_moves_no_cursor_and_sets_no_title(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "loss\x1b[2J\x1b]0;owned\x07\r\x9b1m"
    show_table([(hostile, 1)], ("metric", "points"), "")
    show_fields([("tag", hostile), (hostile, "1")])
    printed = capsys.readouterr().out
    assert printed.replace("\n", "").isprintable()
    assert "\\x1b]0;owned\\x07\\r\\x9b1m" in printed


def test_a_value_of_several_lines_forges_no_other_field(capsys: pytest.CaptureFixture[str]) -> None:
    show_fields([("Tag note", "one\nState     Completed"), ("State", "Failed")])
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("State")] == ["State     Failed"]
