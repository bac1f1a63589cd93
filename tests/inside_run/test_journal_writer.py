"""The journal as it is written: whole, once, in order, by threads, forks and processes that are killed."""

from __future__ import annotations

import errno
import math
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inside_run.run_folder import RunFolder, decode_lines

SITE = Path(__file__).resolve().parents[2] / "desktop_aml" / "inside_run" / "site"


@pytest.fixture(scope="module")
def journal_module() -> ModuleType:
    """Return the writer's module, loaded as a script loads it."""
    sys.path.insert(0, str(SITE))
    try:
        from desktop_aml_run import journal

        return journal
    finally:
        sys.path.remove(str(SITE))


def logged(folder: Path) -> list[dict[str, object]]:
    return [record for path in sorted(folder.glob("*.jsonl")) for record in decode_lines(path.read_bytes())]


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(st.characters(exclude_categories=())),
)
TEXT = st.text(st.characters(exclude_categories=()))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXT, SCALARS, st.none() | st.integers()), max_size=8))
def test_every_scalar_comes_back_as_it_was(
    journal_module: ModuleType, entries: list[tuple[str, object, int | None]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        journal = journal_module.Journal(folder)
        for name, value, step in entries:
            journal.scalar(name, value, step)
        came_back = [(record["name"], record["v"], record["s"]) for record in logged(Path(folder))]
    for (name, value, step), (name_back, value_back, step_back) in zip(entries, came_back, strict=True):
        assert (name, step) == (name_back, step_back)
        assert type(value) is type(value_back)
        assert value == value_back or (math.isnan(value) and math.isnan(value_back))  # type: ignore[arg-type]


@given(st.binary(max_size=60))
def test_no_bytes_upset_the_reader(journal_module: ModuleType, data: bytes) -> None:
    assert journal_module.decode(data + b"\n") is None


def test_a_damaged_or_torn_line_is_not_read(journal_module: ModuleType, tmp_path: Path) -> None:
    journal = journal_module.Journal(str(tmp_path))
    journal.scalar("loss", 0.25)
    (path,) = tmp_path.glob("*.jsonl")
    line = path.read_bytes()
    assert journal_module.decode(line)["v"] == 0.25
    for cut in range(len(line)):
        assert journal_module.decode(line[:cut]) is None
    assert journal_module.decode(line.replace(b"0.25", b"0.26")) is None


class FullDisk:
    """Stands in for `os.write`: takes `room` bytes, then refuses until it is given more."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.write = os.write

    def __call__(self, descriptor: int, data: bytes) -> int:
        if self.room <= 0 and data:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = self.write(descriptor, bytes(data[: self.room]))
        self.room -= taken
        return taken


@pytest.mark.parametrize("room", [0, 1, 50, 110])
def test_a_full_disk_costs_nothing_once_there_is_room(
    journal_module: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    room: int,
) -> None:
    disk = FullDisk(room)
    journal = journal_module.Journal(str(tmp_path))
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", disk)
        for number in range(5):
            journal.scalar("x", number)
        with pytest.raises(journal_module.JournalError, match="No space left"):
            journal.flush()
        assert len(logged(tmp_path)) < 5
        disk.room = 10_000
        journal.scalar("x", 5)
        journal.flush()
    assert [record["v"] for record in logged(tmp_path)] == list(range(6))
    assert capsys.readouterr().err.count("No space left") == 1


def test_other_trouble_with_the_disk_is_not_swallowed(
    journal_module: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, data: bytes) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    journal = journal_module.Journal(str(tmp_path))
    journal.scalar("x", 1)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", refuse)
        with pytest.raises(OSError, match="Input/output error"):
            journal.scalar("x", 2)


def test_threads_share_one_file_and_lose_nothing(run_folder: RunFolder, python: str) -> None:
    done = run_folder.script(
        python,
        """
import threading
from azureml.core import Run
run = Run.get_context()
barrier = threading.Barrier(64)
def work(number):
    barrier.wait()
    for step in range(20):
        run.log("thread", number, step=step)
threads = [threading.Thread(target=work, args=(number,)) for number in range(64)]
for thread in threads: thread.start()
for thread in threads: thread.join()
""",
    )
    assert (done.returncode, done.stderr) == (0, "")
    points = [(record["v"], record["s"]) for record in run_folder.records()]
    assert sorted(points) == [(number, step) for number in range(64) for step in range(20)]
    for records in run_folder.records_by_file().values():
        assert [record["n"] for record in records] == list(range(len(records)))


def test_forks_write_files_of_their_own_even_in_the_middle_of_logging(run_folder: RunFolder, python: str) -> None:
    done = run_folder.script(
        python,
        """
import os, threading, warnings
warnings.simplefilter("ignore")
from azureml.core import Run
run = Run.get_context()
run.log("parent", -1)
over = threading.Event()
def chatter():
    while not over.is_set(): run.log("noise", 1)
thread = threading.Thread(target=chatter)
thread.start()
children = []
for number in range(6):
    pid = os.fork()
    if pid == 0:
        for step in range(20): run.log("child", number, step=step)
        os._exit(0)
    children.append(pid)
codes = [os.waitpid(pid, 0)[1] for pid in children]
over.set(); thread.join()
assert codes == [0] * 6, codes
""",
    )
    assert (done.returncode, done.stderr) == (0, "")
    points = [(record["v"], record["s"]) for record in run_folder.records() if record["name"] == "child"]
    assert sorted(points) == [(number, step) for number in range(6) for step in range(20)]
    assert len(run_folder.records_by_file()) == 7


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_workers_of_multiprocessing_log_into_the_same_run(run_folder: RunFolder, method: str) -> None:
    script = run_folder.path / "snapshot" / "train.py"
    script.write_text(
        f"""
import multiprocessing
from azureml.core import Run
def work(number):
    Run.get_context().log("worker", number)
if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    workers = [context.Process(target=work, args=(number,)) for number in range(3)]
    for worker in workers: worker.start()
    for worker in workers: worker.join()
"""
    )
    started = subprocess.run(
        [sys.executable, "train.py"], cwd=script.parent, env=run_folder.env_vars, capture_output=True, text=True
    )
    assert (started.returncode, started.stderr) == (0, "")
    assert sorted(run_folder.metrics("worker")) == [0, 1, 2]


def test_a_run_can_be_sent_to_a_worker(run_folder: RunFolder, edge_python: str) -> None:
    done = run_folder.script(
        edge_python,
        "import pickle\nfrom azureml.core import Run\nrun = Run.get_context()\n"
        "assert pickle.loads(pickle.dumps(run)) is run\n",
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_script_that_closes_every_descriptor_goes_on_logging(run_folder: RunFolder, edge_python: str) -> None:
    done = run_folder.script(
        edge_python,
        "import os\nfrom azureml.core import Run\nrun = Run.get_context()\n"
        "run.log('x', 1)\nos.closerange(3, 256)\nrun.log('x', 2)\nrun.log('x', 3)\n",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(run_folder.metrics("x")) == [1, 2, 3]


@pytest.mark.kill
@pytest.mark.parametrize("after", [1, 50, 200])
def test_a_killed_script_loses_nothing_that_was_logged(run_folder: RunFolder, after: int) -> None:
    script = """
import os
from azureml.core import Run
run = Run.get_context()
number = 0
while True:
    run.log("x", number)
    os.write(1, b"%d\\n" % number)
    number += 1
"""
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=run_folder.path / "snapshot",
        env=run_folder.env_vars,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        acknowledged = [int(process.stdout.readline()) for _ in range(after)]
        process.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in process.stdout.read().splitlines(keepends=True) if line.endswith(b"\n")]
    points = run_folder.metrics("x")
    assert points[: len(acknowledged)] == acknowledged
    assert len(points) - len(acknowledged) <= 1
    assert points == list(range(len(points)))


NUMPY_VALUES: list[tuple[str, Callable[[object], bool]]] = [
    *[(f"np.{kind}(3)", lambda value: value == 3 and type(value) is int) for kind in
      ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "intp")],
    *[(f"np.{kind}(0.5)", lambda value: value == 0.5 and type(value) is float) for kind in
      ("float16", "float32", "float64", "longdouble")],
    ("np.bool_(True)", lambda value: value is True),
    ("np.str_('a')", lambda value: value == "a"),
    ("np.array(2.5)", lambda value: value == 2.5),
    ("np.array([2.5])", lambda value: value == 2.5),
    ("np.array([[7]])", lambda value: value == 7),
    ("np.float32('nan')", lambda value: value != value),
    ("np.uint64(2**64 - 1)", lambda value: value == 2**64 - 1),
    ("np.array([1, 2])", lambda value: value == "array([1, 2])"),
    ("np.complex128(1j)", lambda value: value == "1j"),
    ("np.datetime64('2020-01-01')", lambda value: "2020" in value),
    ("decimal.Decimal('1.5')", lambda value: value == 1.5),
    ("fractions.Fraction(1, 4)", lambda value: value == 0.25),
    ("10**5000", lambda value: value == hex(10**5000)),
    ("2j", lambda value: value == "2j"),
    ("{'a': 1}", lambda value: value == "{'a': 1}"),
    ("b'raw'", lambda value: value == "b'raw'"),
]  # fmt: skip


def test_numbers_of_every_kind_are_logged_as_numbers(run_folder: RunFolder) -> None:
    lines = ["import decimal, fractions, numpy as np", "from azureml.core import Run", "run = Run.get_context()"]
    lines += [f"run.log('x', {code})" for code, _ in NUMPY_VALUES]
    lines += ["run.log('step', 1, step=np.int64(4))", "run.log('step', 1, step=2.0)"]
    lines += [
        "run.log_list('l', np.arange(3))",
        "run.log_list('l', np.array([0.5]))",
        "run.log_list('l', [np.int64(1)])",
    ]
    lines += ["run.log_row('r', a=np.int64(1), b=np.float32(0.5))", "run.log_table('t', {'a': np.arange(2)})"]
    lines += ["run.log_confusion_matrix('c', {'data': {'matrix': np.eye(2, dtype=int), 'n': np.int64(2)}})"]
    done = run_folder.script(sys.executable, "\n".join(lines))
    assert done.returncode == 0, done.stderr
    assert all("Azure keeps 255 characters" in line for line in done.stderr.splitlines()), done.stderr
    values = run_folder.metrics("x")
    wrong = [(code, value) for (code, is_right), value in zip(NUMPY_VALUES, values, strict=True) if not is_right(value)]
    assert wrong == []
    assert [record["s"] for record in run_folder.records() if record["k"] == "m"][-2:] == [4, 2]
    others = [record["v"] for record in run_folder.records() if record["k"] in {"list", "row", "table"}]
    assert others == [[0, 1, 2], [0.5], [1], {"a": 1, "b": 0.5}, {"a": [0, 1]}]
    chart = (run_folder.path / "uploads" / "c").read_text()
    assert chart == '{"data": {"matrix": [[1, 0], [0, 1]], "n": 2}}'


def test_logging_does_not_import_numpy(run_folder: RunFolder) -> None:
    done = run_folder.script(
        sys.executable,
        "import sys\nfrom azureml.core import Run\nRun.get_context().log('x', 1.0)\nassert 'numpy' not in sys.modules",
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_record_that_is_too_long_is_refused_and_nothing_else_is(
    journal_module: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "MAX_RECORD_BYTES", 1000)
    journal = journal_module.Journal(str(tmp_path))
    journal.append("list", name="l", v=["x" * 800])
    for refused in (lambda: journal.scalar("x", "y" * 1000), lambda: journal.append("tag", key="k", v="é" * 500)):
        with pytest.raises(journal_module.UserErrorException, match="One record takes 936 bytes at most"):
            refused()
    journal.scalar("x", 1)
    assert [(record["n"], record["k"]) for record in logged(tmp_path)] == [(0, "list"), (1, "m")]


NO_ROOM = """
import errno, os, sys
from azureml.core import Run
run, write = Run.get_context(), os.write
def full(descriptor, data): raise OSError(errno.{error}, "no")
os.write = full
for number in range(3): run.log("x", number)
os.write = write
run.log("x", 3)
"""


@pytest.mark.parametrize("error", ["ENOSPC", "EDQUOT", "EMFILE"])
@pytest.mark.parametrize("output", ["/dev/full", None])
def test_no_room_for_a_value_nor_for_the_word_about_it_ends_no_script(
    run_folder: RunFolder, edge_python: str, error: str, output: str | None
) -> None:
    words = [edge_python, "-c", NO_ROOM.format(error=error)]
    if output is None:
        words = ["/bin/sh", "-c", 'exec "$@" 2>&-', "sh", *words]
    with Path(output or os.devnull).open("w") as stream:
        ended = subprocess.run(words, env=run_folder.env_vars, stderr=stream, stdout=subprocess.PIPE)
    assert (ended.returncode, ended.stdout) == (0, b"")
    assert [record["v"] for record in run_folder.records()] == [0, 1, 2, 3]


def test_a_script_that_holds_all_files_open_to_its_end_loses_no_value(run_folder: RunFolder, edge_python: str) -> None:
    done = run_folder.script(
        edge_python,
        """
import resource
from azureml.core import Run
run = Run.get_context()
resource.setrlimit(resource.RLIMIT_NOFILE, (30, 30))
held = []
try:
    while True:
        held.append(open("/dev/null"))
except OSError:
    pass
run.log("late", 1)
""",
    )
    assert (done.returncode, run_folder.metrics("late")) == (0, [1]), done.stderr
    assert "They are kept in memory until there is." in done.stderr
    assert "is over" not in done.stderr


def test_values_that_found_no_room_to_the_end_are_told_of(run_folder: RunFolder, edge_python: str) -> None:
    source = NO_ROOM.format(error="ENOSPC").replace("os.write = write", "")
    ended = run_folder.script(edge_python, source + "from desktop_aml_run import journal\njournal.END_WAIT_S = 0\n")
    assert ended.returncode == 0
    assert "bytes of logged values are lost" in ended.stderr


def test_a_script_that_is_over_waits_for_room_for_what_it_logged(run_folder: RunFolder, edge_python: str) -> None:
    later = (
        "import threading\ndef free(): os.write = write\n"
        "soon = threading.Timer(0.5, free)\nsoon.daemon = True\nsoon.start()\n"
    )
    ended = run_folder.script(edge_python, NO_ROOM.format(error="ENOSPC").replace("os.write = write", later))
    assert ended.returncode == 0
    assert "waits until there is room" in ended.stderr
    assert [record["v"] for record in run_folder.records()] == [0, 1, 2, 3]
