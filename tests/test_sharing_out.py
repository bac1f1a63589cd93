"""The order of the tests: long files first, `timing` tests alone and last, however many processes there are."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import sharing_out
from tests.sharing_out import LongestFirst


class Process:
    """One that runs tests as xdist's do: the last of those that it was given only when told to end."""

    def __init__(self, names: list[str]) -> None:
        self.names, self.waiting, self.ran, self.shutting_down = names, [], [], False
        self.gateway = SimpleNamespace(id=str(id(self)))

    def send_runtest_some(self, numbers: list[int]) -> None:
        self.waiting += numbers

    def shutdown(self) -> None:
        self.shutting_down = True

    def can_run(self) -> bool:
        return len(self.waiting) > (0 if self.shutting_down else 1)


def run_all(names: list[str], processes: int) -> list[tuple[str, int]]:
    """Share the tests out, run one of each process in turn, and return each with how many other ones could run."""
    words = {"tx": ["popen"] * processes, "maxprocesses": None}
    option = SimpleNamespace(loadscopereorder=True, debug=False)
    sharing = LongestFirst(SimpleNamespace(getvalue=words.get, option=option, rootpath=sharing_out.ROOT))
    workers = [Process(names) for _ in range(processes)]
    for worker in workers:
        sharing.add_node(worker)
        sharing.add_node_collection(worker, names)
    sharing.schedule()
    ran = []
    while any(worker.can_run() for worker in workers):
        for worker in [worker for worker in workers if worker.can_run()]:
            number = worker.waiting.pop(0)
            others = sum(bool(one.waiting) for one in workers if one is not worker)
            ran.append((names[number], others))
            sharing.mark_test_complete(worker, number)
    assert not sharing.has_pending
    return ran


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files of tests: three quick ones, a long one, and a measuring one in two of them."""
    for name in ("a", "b", "c", "long"):
        (tmp_path / f"test_{name}.py").write_text(
            "import pytest\n\ndef test_plain(): ...\n\n"
            + (
                '@pytest.mark.parametrize("n", [1])\n@pytest.mark.timing\ndef test_quick(n): ...\n'
                if name < "c"
                else ""
            )
        )
    (tmp_path / "long_files.txt").write_text("# s\n  90.5 test_long.py\n   2.5 test_c.py\n")
    monkeypatch.setattr(sharing_out, "ROOT", tmp_path)
    monkeypatch.setattr(sharing_out, "SECONDS", tmp_path / "long_files.txt")
    return tmp_path


NAMES = [f"test_{file}.py::test_plain[{number}]" for file in ("a", "b", "c", "long") for number in range(5)]
MEASURING = ["test_a.py::test_quick[1]", "test_b.py::test_quick[1]"]


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize("processes", [1, 2, 3, 4, 7])
def test_every_test_runs_once_and_those_that_measure_run_alone_at_the_end(processes: int):
    ran = run_all([*NAMES[:9], *MEASURING, *NAMES[9:]], processes)
    assert sorted(name for name, _ in ran) == sorted(NAMES + MEASURING)
    assert ran[-2:] == [(name, 0) for name in MEASURING]


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize("names", [MEASURING, MEASURING[:1], NAMES, NAMES[:1], []])
def test_what_is_asked_alone_runs_too(names: list[str]):
    assert sorted(name for name, _ in run_all(names, 3)) == sorted(names)


@pytest.mark.usefixtures("checkout")
def test_the_file_that_takes_longest_begins_first():
    ran = [name for name, _ in run_all(NAMES, 2)]
    assert ran[0].startswith("test_long.py")
    assert ran[1].startswith("test_c.py")


@pytest.mark.parametrize("marks", ["pytest.mark.timing", "[pytest.mark.kill, pytest.mark.timing]"])
def test_a_file_that_measures_as_a_whole_runs_alone_too(checkout: Path, marks: str):
    (checkout / "test_c.py").write_text(f"import pytest\n\npytestmark = {marks}\n\ndef test_plain(n): ...\n")
    ran = run_all(NAMES, 3)
    assert ran[-5:] == [(f"test_c.py::test_plain[{number}]", 0) for number in range(5)]


def test_the_list_of_long_files_is_written_from_a_finished_run(checkout: Path):
    junit = checkout / "junit.xml"
    case = '<testcase classname="{}" time="{}"/>'
    cases = [("test_a", "1.5"), ("test_a.TestOf", "1.5"), ("test_b", "0.1"), ("test_c", "7")]
    junit.write_text(f"<a>{''.join(case.format(*words) for words in cases)}</a>")
    sharing_out.write_again(junit)
    assert sharing_out.known_seconds() == {"test_long.py": 90.5, "test_c.py": 7.0, "test_a.py": 3.0}
