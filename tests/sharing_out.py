"""How tests are shared out among processes: the files that take longest first, `timing` tests alone at the end.

`python -m tests.sharing_out .cache/tests/junit.xml` writes the seconds of each long file again from a finished run.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

ROOT = Path(__file__).parents[1]
SECONDS = Path(__file__).with_name("long_files.txt")
ALONE = "timing"
MARK = "pytest.mark.timing"
LONG_S = 2.0


def known_seconds() -> dict[str, float]:
    """Return the seconds of each file that takes long, by its path from the checkout."""
    lines = [line.split() for line in SECONDS.read_text().splitlines() if line and not line.startswith("#")]
    return {path: float(seconds) for seconds, path in lines}


class LongestFirst(LoadFileScheduling):
    """Hand out whole files, so that their fixtures are made once; a long file that began last would be waited for."""

    def __init__(self, config: pytest.Config, log: object = None) -> None:
        super().__init__(config, log)
        self._seconds = known_seconds()
        self._timing: dict[str, set[str]] = {}

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        if file not in self._timing:
            self._timing[file] = timing_tests(ROOT / file)
        return ALONE if nodeid.partition("::")[2].partition("[")[0] in self._timing[file] else file

    def _assign_work_unit(self, node: WorkerController) -> None:
        if list(self.workqueue) == [ALONE]:
            self._give_the_last(node)
            return
        files = [scope for scope in self.workqueue if scope != ALONE]
        first = max(files, key=lambda file: (self._seconds.get(file, 0.0), len(self.workqueue[file])))
        self.workqueue.move_to_end(first, last=False)
        super()._assign_work_unit(node)

    def _reschedule(self, node: WorkerController) -> None:
        if list(self.workqueue) == [ALONE]:
            self._give_the_last(node)
        else:
            super()._reschedule(node)

    def _give_the_last(self, node: WorkerController) -> None:
        """Let this process end, unless it is the last one: that one gets what runs alone once the others are done."""
        awake = [one for one in self.nodes if not one.shutting_down]
        if node in awake and len(awake) > 1:
            node.shutdown()
            awake.remove(node)
        busy = any(self._pending_of(work) for one, work in self.assigned_work.items() if one not in awake)
        if awake and not busy:
            super()._assign_work_unit(awake[0])


def timing_tests(file: Path) -> set[str]:
    """Return the names of the functions of a file that bear the mark, by themselves or with the whole file.

    Who shares tests out sees no marks of theirs.
    """
    text = file.read_text()
    if MARK not in text:
        return set()
    tree = ast.parse(text)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    of_all = [node.value for node in tree.body if isinstance(node, ast.Assign) and names(node) == ["pytestmark"]]
    if any(MARK in ast.unparse(marks) for marks in of_all):
        return {one.name for one in functions}
    return {one.name for one in functions if any(ast.unparse(mark).startswith(MARK) for mark in one.decorator_list)}


def names(assignment: ast.Assign) -> list[str]:
    """Return the plain names that are given a value."""
    return [target.id for target in assignment.targets if isinstance(target, ast.Name)]


def seconds_of(junit: Path) -> dict[str, float]:
    """Return the seconds of each file of a finished run, by its path from the checkout."""
    found: defaultdict[str, float] = defaultdict(float)
    for case in ElementTree.parse(junit).iter("testcase"):
        words = case.get("classname", "").split(".")
        while words and not (ROOT / f"{'/'.join(words)}.py").is_file():
            words.pop()
        found["/".join(words) + ".py"] += float(case.get("time", 0))
    return dict(found)


def write_again(*junits: Path) -> None:
    """Write the list of long files again; files that did not run in any of `junits` keep their line."""
    found = {path: seconds for path, seconds in known_seconds().items() if (ROOT / path).is_file()}
    for junit in junits:
        found |= seconds_of(junit)
    longest = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    lines = [f"{seconds:6.1f} {path}" for path, seconds in longest if seconds >= LONG_S]
    heading = f"# Seconds of the files that take {LONG_S:g} s and longer: python -m tests.sharing_out JUNIT_FILE"
    SECONDS.write_text("\n".join([heading, *lines]) + "\n")


if __name__ == "__main__":
    write_again(*map(Path, sys.argv[1:]))
