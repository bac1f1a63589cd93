"""Beside the log it is noted when it grew and what was standard error, by each Python, in nobody's way."""

from __future__ import annotations

import os
import struct
import time
from pathlib import Path

import pytest

from desktop_aml.domain.jobs import Job
from desktop_aml.domain.summaries.log_notes import ERRORS, TIMES, LogNotes
from desktop_aml.inside_run.log_times import LogTimes
from desktop_aml.run_folder.log_notes import read_notes
from tests.conftest import wait_until
from tests.contracts.places import WarmPlace, begin, carry_out, finish

SPEAKS = """
import logging, os, subprocess, sys, threading, warnings
print("one")
sys.stderr.buffer.write("two \u00fc\\n".encode("utf-8"))
print("three")
warnings.warn("four")
logging.getLogger().warning("five")
print("part of six,", end=" ")
sys.stderr.flush()
print("and its end")
os.write(1, b"seven\\n")
if os.fork() == 0:
    print("eight", file=sys.stderr)
    os._exit(0)
os.wait()
descriptors = sorted(int(name) for name in os.listdir("/proc/self/fd"))
assert descriptors in ([0, 1, 2, 3], [0, 1, 2, 3, 1000]), descriptors
assert type(sys.stderr).__name__ == "TextIOWrapper" and sys.stderr is sys.__stderr__
assert sys.stderr.fileno() == 2 and sys.stderr.name == "<stderr>" and sys.stderr.errors == "backslashreplace"
raise ValueError("nine")
"""


@pytest.fixture
def place(tmp_path: Path, marked_processes: object) -> WarmPlace:
    return WarmPlace(tmp_path)


def notes(job: Job) -> LogNotes:
    return read_notes(Path(job.run_directory))


def error_lines(place: WarmPlace, job: Job) -> list[str]:
    found, start, known = [], 0, notes(job)
    for line in (Path(job.run_directory) / "logs" / "std_log.txt").read_bytes().splitlines(keepends=True):
        if known.is_error(start, start + len(line)):
            found.append(line.decode().strip())
        start += len(line)
    return found


def test_lines_of_standard_error_are_told_and_the_others_are_not(place: WarmPlace, python: str) -> None:
    job = place.job(SPEAKS, python=python, may_be_warm=False)
    assert carry_out(place.executor(), job).exit_code == 1
    found = error_lines(place, job)
    assert [found[0], found[-1]] == ["two ü", "ValueError: nine"]
    assert any("four" in line for line in found)
    assert "five" in found
    assert "eight" in found, "a process that was forked tells, too"
    assert not {"one", "three", "part of six, and its end", "seven"} & set(found)
    assert place.log(job).startswith("one\ntwo ü\nthree\n")


def test_a_script_whose_standard_error_goes_elsewhere_tells_nothing(place: WarmPlace) -> None:
    job = place.job(
        "import os, sys\nkept = os.dup(2)\nos.dup2(os.open('own', os.O_CREAT | os.O_WRONLY), 2)\n"
        "sys.stderr.write('a\\n')\nos.dup2(kept, 2)\nos.rename('../logs', '../gone')\nsys.stderr.write('b\\n')\n",
        may_be_warm=False,
    )
    carry_out(place.executor(), job)
    assert not list(Path(job.run_directory).rglob(f"{ERRORS}*"))


def test_each_line_has_the_time_at_which_it_came(place: WarmPlace) -> None:
    script = (
        "import os, time\nprint('first')\nopen('ready', 'w').close()\n"
        "while not os.path.exists('go'): time.sleep(0.02)\nprint('last')\n"
    )
    job = place.job(script, may_be_warm=False)
    before, executor = time.time(), place.executor()
    handle = begin(place, executor, job)
    wait_until(lambda: notes(job).time_of(0), "the time of the first line")
    middle = time.time()
    assert notes(job).time_of(6) is None, "it is not there yet"
    (place.snapshot(job) / "go").touch()
    finish(executor, handle)
    known = notes(job)
    assert before <= known.time_of(0) <= middle <= known.time_of(6) <= time.time()
    assert known.time_of(len(b"first\nlast\n")) is None


def test_a_second_attempt_goes_on_behind_a_torn_note(tmp_path: Path) -> None:
    (tmp_path / "std_log.txt").write_bytes(b"abc")
    first = LogTimes(os.fsencode(tmp_path))
    assert first.note()
    assert not first.note()
    with (tmp_path / TIMES).open("ab") as stream:
        stream.write(b"torn")
    (tmp_path / "std_log.txt").write_bytes(b"abcdef")
    assert LogTimes(os.fsencode(tmp_path)).note()
    assert (tmp_path / TIMES).stat().st_size == 32
    assert [size for _, size in struct.iter_unpack("<qq", (tmp_path / TIMES).read_bytes())] == [3, 6]


def test_odd_files_in_place_of_notes_stop_nothing(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "std_log.txt").write_bytes(b"abc")
    os.mkfifo(logs / TIMES)
    os.mkfifo(logs / f"{ERRORS}7")
    (logs / f"{ERRORS}8").write_bytes(struct.pack("<4q", -5, 3, 9, 2) + b"\xff" * 20)
    (logs / f"{ERRORS}9").symlink_to("/etc/hostname")
    times = LogTimes(os.fsencode(logs))
    assert not times.note()
    assert not times.note()
    known = read_notes(tmp_path)
    assert known.time_of(0) is None
    assert not known.is_error(0, 3)
    assert read_notes(tmp_path, known) is known
