"""Ask whether the tests notice when the code is wrong: ``python -m tests.mutants [--count 300] [--seed 1]``.

A mutant is the program with one small fault: a comparison turned, a number one larger, a condition denied. It is made
in a copy of the tree, and the tests that mirror its module are asked, one mutant after the other. One that no test
notices has survived, and is printed with its line: either a test is missing, or the fault makes no difference. What is
chosen depends on the seed and the tree alone. The tests are forked from one warm interpreter, which saves their start.

Those that mirror a module are not all that know it. ``--covered FILE`` names what ``pytest --cov=desktop_aml
--cov-branch --cov-context=test`` wrote: then tests that reach the very line are asked, too, before a mutant counts as
survived.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import itertools
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Before the forks: what every test needs, and nothing of the program itself, which is in the copy.
import coverage
import hypothesis.stateful
import msgspec
import numpy
import psutil
import PySide6.QtTest
import PySide6.QtWidgets
import pytest

CHECKOUT = Path(__file__).parent.parent
JOURNALS = "inside_run/site/desktop_aml_run/journal.py"
SUPERVISION = "inside_run/supervision.py"
ROOMS = ("domain", "engine", "store", "workspace/tracking", SUPERVISION, JOURNALS)
MIRRORS = {
    JOURNALS: ("tests/inside_run/test_journal_writer.py", "tests/inside_run/test_journal.py"),
    SUPERVISION: ("tests/inside_run/test_launcher.py",),
}
"""Where the tests of a module stand that have not its name."""
MOST_FILES = 4
MOST_COVERING = 40
MOST_BASELINE_S = 60.0
LOADED_WORDS = "Module already imported so cannot be rewritten"
LOADED = (PySide6.QtTest, PySide6.QtWidgets, hypothesis.stateful, msgspec, numpy, sqlite3, urllib.request)

TURNED = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip
CALCULATED = {
    ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*"), ast.FloorDiv: ("//", "/"),
    ast.Mod: ("%", "/"), ast.BitAnd: ("&", "|"), ast.LShift: ("<<", ">>"), ast.RShift: (">>", "<<"),
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One small fault."""

    file: Path
    line: int
    start: int
    end: int
    text: str
    words: str

    def name(self) -> str:
        """Return where it is and what it does."""
        return f"{self.file}:{self.line} {self.words}"


class Faults(ast.NodeVisitor):
    """Collects the faults that can be put into one module."""

    def __init__(self, tree: Path, file: Path) -> None:
        self.file = file
        self.source = (tree / file).read_bytes()
        self.starts = [0]
        for line in self.source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.found: list[Mutant] = []
        self.visit(ast.parse(self.source))

    def at(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Return where a node begins and ends, in bytes."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.starts[node.lineno - 1] + node.col_offset, self.starts[node.end_lineno - 1] + node.end_col_offset

    def put(self, start: int, end: int, text: str, line: int) -> None:
        """Note a fault: other text between two places."""
        before = self.source[start:end].decode()
        words = f"{before.strip()!r} -> {text.strip()!r}"
        self.found.append(Mutant(self.file, line, start, end, text, words if len(words) < 160 else words[:160] + "…"))

    def between(self, left: ast.expr, right: ast.expr, old: str, new: str) -> None:
        """Note another operator between two operands."""
        start, end = self.at(left)[1], self.at(right)[0]
        place = self.source.find(old.encode(), start, end)
        if place >= 0:
            self.put(place, place + len(old), new, left.end_lineno or left.lineno)

    def visit_Compare(self, node: ast.Compare) -> None:
        """Turn each comparison."""
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            old = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is",
                   ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in"}[type(operator)]  # fmt: skip
            self.between(left, right, old, TURNED[type(operator)])
            left = right
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        """Swap ``and`` and ``or``."""
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self.between(left, right, old, new)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Calculate something else; `X | None` of a type is no calculation."""
        pair = CALCULATED.get(type(node.op))
        if pair is not None:
            self.between(node.left, node.right, *pair)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """Take a ``not`` away."""
        if isinstance(node.op, ast.Not):
            self.put(self.at(node)[0], self.at(node.operand)[0], "", node.lineno)
        self.generic_visit(node)

    def visit_If(self, node: ast.If) -> None:
        """Deny the condition; what only checkers see has none."""
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            for inner in node.orelse:
                self.visit(inner)
            return
        start, end = self.at(node.test)
        self.put(start, end, f"not ({self.source[start:end].decode()})", node.lineno)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Take another number, word or truth."""
        start, end = self.at(node)
        if isinstance(node.value, bool):
            self.put(start, end, str(not node.value), node.lineno)
        elif isinstance(node.value, int | float):
            self.put(start, end, f"({self.source[start:end].decode()} + 1)", node.lineno)
        elif isinstance(node.value, str | bytes) and node.value and self.source[start:end].count(b"\n") == 0:
            self.put(start, end, repr(node.value + (b"XX" if isinstance(node.value, bytes) else "XX")), node.lineno)

    def visit_Return(self, node: ast.Return) -> None:
        """Return nothing."""
        if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
            self.put(*self.at(node.value), "None", node.lineno)
        self.generic_visit(node)

    def visit_Break(self, node: ast.Break) -> None:
        """Go on instead."""
        self.put(*self.at(node), "continue", node.lineno)

    def visit_Continue(self, node: ast.Continue) -> None:
        """End instead."""
        self.put(*self.at(node), "break", node.lineno)

    def visit_Expr(self, node: ast.Expr) -> None:
        """Leave out a call; pass over text that stands alone: docstrings."""
        if isinstance(node.value, ast.Call):
            self.put(*self.at(node), "pass", node.lineno)
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Pass over: places inside such text are not told by Python 3.11."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Leave the type alone."""
        if node.value is not None:
            self.visit(node.value)

    def visit_arg(self, node: ast.arg) -> None:
        """Leave the type alone."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Leave what it returns and its decorators alone."""
        for inner in (node.args, *node.body):
            self.visit(inner)


def modules(tree: Path) -> Iterator[Path]:
    """Yield the modules that are asked about, by their paths in the tree."""
    for room in ROOMS:
        place = tree / "desktop_aml" / room
        yield from (one.relative_to(tree) for one in ([place] if place.suffix else sorted(place.rglob("*.py"))))


def mirrors_of(tree: Path, file: Path) -> tuple[str, ...]:
    """Return the test file that mirrors a module; else those of its name, that import it, or of its room."""
    inner = file.relative_to("desktop_aml").as_posix()
    if inner in MIRRORS:
        return MIRRORS[inner]
    mirror = _mirror(file)
    if (tree / mirror).is_file():
        return (mirror.as_posix(),)
    parent, name = ".".join(file.parent.parts), file.stem
    importing = re.compile(rf"^(?:from {parent} import .*\b{name}\b|from {parent}\.{name} import)", re.MULTILINE)
    files = sorted((tree / "tests").rglob("test_*.py"), key=lambda one: one.stat().st_size)
    room = tree / Path(*mirror.parts[:2])
    users = [one for one in files if one.name == mirror.name and room in one.parents]
    users += [one for one in files if one not in users and importing.search(one.read_text())]
    if not users:
        # What is inside a larger thing is tested with it.
        larger = [
            one.relative_to(tree) for one in (tree / "desktop_aml").rglob("*.py") if importing.search(one.read_text())
        ]
        users = [one for one in files if one.relative_to(tree) in {_mirror(each) for each in larger}]
    users = users or [one for one in files if tree / mirror.parent in one.parents]
    return tuple(one.relative_to(tree).as_posix() for one in users[:MOST_FILES])


def _mirror(file: Path) -> Path:
    return Path("tests", *file.parts[1:-1], f"test_{file.name}")


def covering(data: coverage.CoverageData | None, file: Path, line: int, asked: tuple[str, ...]) -> tuple[str, ...]:
    """Return tests that reach a line and were not asked yet: of each file some, so that many kinds are among them."""
    if data is None:
        return ()
    by_line = data.contexts_by_lineno(str(CHECKOUT / file))
    # A table or a default is made when the module is imported, by no test: whoever uses the module may use it.
    contexts = [one for one in by_line.get(line, ()) if one] or [one for each in by_line.values() for one in each]
    by_file: dict[str, list[str]] = {}
    for test in sorted({name.partition("|")[0] for name in contexts if "::" in name}):
        place = test.partition("::")[0]
        if place not in asked:
            by_file.setdefault(place, []).append(test)
    rounds = itertools.zip_longest(*by_file.values())
    return tuple(itertools.islice((test for tests in rounds for test in tests if test), MOST_COVERING))


def ask(copy: Path, tests: tuple[str, ...], timeout_s: float) -> str:
    """Ask tests in a process of their own; return ``passed``, ``failed`` or ``timeout``."""
    pid = os.fork()
    if not pid:
        code = 1
        with contextlib.suppress(BaseException):
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.setsid()
            nothing = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(nothing, descriptor)
            os.chdir(copy)
            sys.path[:] = [str(copy), *(one for one in sys.path if Path(one or ".").resolve() != CHECKOUT)]
            for name in [one for one in sys.modules if one.partition(".")[0] in {"tests", "desktop_aml"}]:
                del sys.modules[name]
            marks = "not timing and not xvfb and not kill"
            few = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-W", f"ignore:{LOADED_WORDS}"]
            code = int(pytest.main([*few, "-m", marks, f"--basetemp={copy}.tmp", *tests]))
        os._exit(code)
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            end_leftovers(copy)
            return "passed" if status == 0 else "failed"
        time.sleep(0.05)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    end_leftovers(copy)
    return "timeout"


def end_leftovers(copy: Path) -> None:
    """End what a broken program left running: whoever has the copy in its environment."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get("DESKTOP_AML_MUTANTS") == str(copy):
                process.kill()


def write(file: Path, data: bytes, turn: int) -> None:
    """Write a module so that no compiled one is taken for it: each time with a time of its own."""
    file.write_bytes(data)
    os.utime(file, (1_000_000_000 + turn, 1_000_000_000 + turn))


def main() -> int:
    """Ask about a sample; return 0 when at least the wanted share was noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--skip", type=int, default=0, help="how many of the sample to pass over, to go on with one")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--covered", type=Path, help="coverage with a context for each test, see above")
    parser.add_argument("--only", default="", help="part of a module's path")
    parser.add_argument("--share", type=float, default=0.85, help="what part must be noticed")
    wanted = parser.parse_args()
    covered = coverage.CoverageData(str(wanted.covered)) if wanted.covered else None
    if covered is not None:
        covered.read()
    os.nice(5)
    # So that the copy goes when it is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    until = time.monotonic() + wanted.minutes * 60
    with tempfile.TemporaryDirectory(prefix="desktop-aml-mutants-") as place:
        copy = Path(place) / "tree"
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=True)
        for name in filter(None, listed.stdout.split("\0")):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            if (CHECKOUT / name).is_file():
                shutil.copy2(CHECKOUT / name, copy / name)
        sites = [one for file in modules(copy) if wanted.only in file.as_posix() for one in Faults(copy, file).found]
        random.Random(wanted.seed).shuffle(sites)
        os.environ |= {"DESKTOP_AML_MUTANTS": str(copy), "PYTHONPATH": str(copy), "QT_QPA_PLATFORM": "offscreen"}
        counts = asked(copy, sites[wanted.skip :], wanted.skip, wanted.count, until, covered)
    killed, all_ = counts["failed"] + counts["timeout"], sum(counts.values()) - counts["not asked"]
    print(f"{len(sites)} possible faults, {all_} asked: {killed} noticed ({killed / max(1, all_):.1%}), {dict(counts)}")
    return 0 if all_ and killed / all_ >= wanted.share else 1


def asked(
    copy: Path, sites: list[Mutant], first: int, count: int, until: float, covered: coverage.CoverageData | None
) -> Counter[str]:
    """Ask about one mutant after the other, the first of which has a number, and print those that nobody noticed."""
    counts: Counter[str] = Counter()
    baselines: dict[tuple[str, ...], float] = {}
    for turn, mutant in enumerate(sites, first):
        if sum(counts.values()) - counts["not asked"] >= count or time.monotonic() > until:
            break
        tests = mirrors_of(copy, mutant.file)
        if tests not in baselines:
            began = time.monotonic()
            passes = bool(tests) and ask(copy, tests, MOST_BASELINE_S) == "passed"
            baselines[tests] = time.monotonic() - began if passes else 0.0
        if not baselines[tests]:
            counts["not asked"] += 1
            print(f"not asked  {turn} {mutant.name()} [{' '.join(tests) or 'no tests'}]", flush=True)
            continue
        target = copy / mutant.file
        before = target.read_bytes()
        try:
            write(target, before[: mutant.start] + mutant.text.encode() + before[mutant.end :], 2 * turn)
            verdict = ask(copy, tests, max(20.0, 4 * baselines[tests]))
            more = covering(covered, mutant.file, mutant.line, tests) if verdict == "passed" else ()
            if more:
                verdict = ask(copy, more, MOST_BASELINE_S)
        finally:
            write(target, before, 2 * turn + 1)
        if more and verdict != "passed" and ask(copy, more, MOST_BASELINE_S) != "passed":
            verdict = "passed"  # They fail here, or take too long, without any fault: they say nothing.
        counts[verdict] += 1
        if verdict == "passed":
            print(f"survived   {turn} {mutant.name()} [{' '.join(tests)} and {len(more)} more]", flush=True)
    return counts


if __name__ == "__main__":
    raise SystemExit(main())
