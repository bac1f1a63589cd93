"""What runs read is compared by its bytes where they are known, and said in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop_aml.domain.files_read import (
    Content,
    FileNow,
    FileRead,
    FileRecord,
    ReadHow,
    change_in_words,
    differences,
    in_words,
    side_by_side,
)

ROWS = FileRecord("/data/rows.csv", 1024, 1_700_000_000_123_000_000, sha256="ab" * 32, content=Content.HASHED)
FILE = FileRead("/data/rows.csv", 1024, 1_700_000_000.0, FileNow.SAME, content=Content.HASHED)


def by_path(*records: FileRecord) -> dict[str, FileRecord]:
    return {record.path: record for record in records}


def test_the_same_bytes_are_no_difference_whatever_their_time():
    touched = replace(ROWS, modified_ns=ROWS.modified_ns + 10**9, identity="1-2-3")
    assert differences(by_path(ROWS), "other", by_path(touched)) == ()


def test_other_bytes_are_named_with_what_each_run_found():
    [found] = differences(by_path(ROWS), "other", by_path(replace(ROWS, sha256="cd" * 32)))
    assert (found.other_run, found.path) == ("other", "/data/rows.csv")
    assert (found.here, found.there) == ("1,024 bytes, abababababab", "1,024 bytes, cdcdcdcdcdcd")


def test_where_one_side_was_not_hashed_the_time_of_change_stands_for_both():
    unhashed = replace(ROWS, sha256="", content=Content.TOO_LARGE)
    assert differences(by_path(ROWS), "other", by_path(unhashed)) == ()
    [found] = differences(by_path(ROWS), "other", by_path(replace(unhashed, modified_ns=1_700_000_001_000_000_000)))
    assert found.here == "1,024 bytes, of 2023-11-14 22:13:20.123 UTC"
    assert found.there == "1,024 bytes, of 2023-11-14 22:13:21.000 UTC"


def test_what_only_one_run_read_counts_when_both_were_watched():
    more = replace(ROWS, path="/data/more", how=ReadHow.LISTED, size_bytes=3)
    [found] = differences(by_path(ROWS, more), "other", by_path(ROWS))
    assert (found.path, found.here, found.there) == ("/data/more", "3 names, abababababab", "")
    assert differences(by_path(ROWS, more), "other", {}) == ()


def test_runs_stand_side_by_side_in_the_order_of_their_paths():
    first, second = by_path(ROWS), by_path(replace(ROWS, path="/a"), ROWS)
    assert side_by_side([first, second]) == {
        "/a": (None, "1,024 bytes, abababababab"),
        ROWS.path: ("1,024 bytes, abababababab",) * 2,
    }


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (FILE, "/data/rows.csv (as it was read)"),
        (replace(FILE, how=ReadHow.CODE), "/data/rows.csv (as it was read, named in its code)"),
        (replace(FILE, now=FileNow.GONE, content=Content.TOO_LARGE), "/data/rows.csv (gone, too large to be hashed)"),
        (replace(FILE, path="/data/\udcff.csv"), "/data/?.csv (as it was read)"),
    ],
)
def test_a_file_and_how_it_stands_are_said_in_words(file, words):
    assert in_words(file) == words


def test_a_change_is_said_in_words():
    assert change_in_words(replace(FILE, now=FileNow.GONE)) == "/data/rows.csv is gone"
    assert change_in_words(FILE).startswith("/data/rows.csv changed since: it was 1,024 bytes, of 2023-11-1")
    assert "3 names, of" in change_in_words(replace(FILE, how=ReadHow.LISTED, size_bytes=3))


@pytest.mark.parametrize(
    ("now", "content", "changed"),
    [
        (FileNow.SAME, Content.HASHED, False),
        (FileNow.ELSEWHERE, Content.PENDING, False),
        (FileNow.CHANGED, Content.HASHED, True),
        (FileNow.GONE, Content.HASHED, True),
        (FileNow.SAME, Content.CHANGED, True),
        (FileNow.SAME, Content.GONE, True),
    ],
)
def test_a_file_has_changed_when_another_run_would_not_find_it_so(now, content, changed):
    assert replace(FILE, now=now, content=content).has_changed() is changed
