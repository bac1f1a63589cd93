from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from desktop_aml.domain.runs import LogChunk
from desktop_aml.ui.logs.follower import LogFollower


class GrowingLog:
    """A log in memory, read as the workspace reads a file."""

    def __init__(self, data: bytes = b"") -> None:
        self.data = data
        self.largest_read = 0

    def read(self, offset: int, limit: int) -> LogChunk:
        part = self.data[offset : offset + limit]
        self.largest_read = max(self.largest_read, len(part))
        return LogChunk(part, offset + len(part), len(self.data))


def lines_of(update) -> list[str]:
    return ["".join(span.text for span in line) for line in update.lines]


def drained(follower: LogFollower) -> tuple[list[str], str, int]:
    lines: list[str] = []
    skipped = 0
    while True:
        update = follower.poll()
        lines.extend(lines_of(update))
        skipped += update.skipped_bytes
        if not update.is_behind:
            return lines, "".join(span.text for span in update.open_line), skipped


def test_lines_arrive_once_as_the_log_grows():
    log = GrowingLog(b"one\ntw")
    follower = LogFollower(log.read)
    assert drained(follower) == (["one"], "tw", 0)
    log.data += b"o\nthree\n"
    assert drained(follower) == (["two", "three"], "", 0)
    assert drained(follower) == ([], "", 0)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cn", "Co"]), max_size=60), st.integers(1, 7))
def test_a_character_cut_by_a_chunk_border_is_whole(text: str, chunk_bytes: int):
    text = text.replace("\ufffc", "")
    log = GrowingLog(text.encode() + b"\n")
    assert drained(LogFollower(log.read, chunk_bytes=chunk_bytes))[0] == [text]


def test_bytes_that_are_no_utf8_are_replaced():
    assert drained(LogFollower(GrowingLog(b"caf\xe9 \xff\n").read))[0] == ["caf\ufffd \ufffd"]


def test_one_poll_reads_a_bounded_amount():
    log = GrowingLog(b"x" * 99 + b"\n")
    log.data *= 1000
    follower = LogFollower(log.read, chunk_bytes=1000)
    assert len(follower.poll().lines) == 10
    drained(follower)
    assert log.largest_read == 1000


def test_a_reader_that_is_too_far_behind_skips_to_whole_lines_near_the_end():
    log = GrowingLog(b"".join(b"line %06d\n" % i for i in range(100_000)))
    lines, _, skipped = drained(LogFollower(log.read, chunk_bytes=5000, max_behind_bytes=100_000, keep_bytes=50_001))
    assert lines[-1] == "line 099999"
    assert lines == [f"line {i:06d}" for i in range(100_000 - len(lines), 100_000)]
    assert skipped + 12 * len(lines) == len(log.data)


def test_a_short_log_is_never_skipped():
    log = GrowingLog(b"word\n" * 20_000)
    lines, _, skipped = drained(LogFollower(log.read))
    assert (len(lines), skipped) == (20_000, 0)


def test_a_log_that_the_run_truncated_starts_again():
    log = GrowingLog(b"old\n" * 10)
    follower = LogFollower(log.read)
    drained(follower)
    log.data = b"new\n"
    update = follower.poll()
    assert update.was_truncated
    assert lines_of(update) == ["new"]


def test_a_reader_that_gives_a_later_part_counts_as_skipped():
    def read(offset: int, limit: int) -> LogChunk:
        return LogChunk(b"lf\nwhole\n", 109, 109, truncated_before=100) if offset == 0 else LogChunk(b"", 109, 109)

    update = LogFollower(read).poll()
    assert lines_of(update) == ["whole"]
    assert update.skipped_bytes == 103


def test_a_hundred_megabytes_leave_little_behind(tmp_path: Path):
    path = tmp_path / "std_log.txt"
    with path.open("wb") as file:
        file.truncate(100_000_000)

    def read(offset: int, limit: int) -> LogChunk:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read(limit)
        return LogChunk(data, offset + len(data), 100_000_000)

    _, open_line, skipped = drained(LogFollower(read))
    assert skipped > 97_000_000
    assert len(open_line) < 6000
