"""The small faults that `tests.mutants` puts into the program are faults, and the right tests are asked."""

from __future__ import annotations

from pathlib import Path

import coverage
import pytest

from tests.mutants import CHECKOUT, MOST_COVERING, Faults, Mutant, covering, mirrors_of, modules


def spoilt(tree: Path, mutant: Mutant) -> str:
    source = (tree / mutant.file).read_bytes()
    return (source[: mutant.start] + mutant.text.encode() + source[mutant.end :]).decode()


@pytest.mark.parametrize(
    ("line", "spoilt_lines"),
    [
        ("x = a < b <= 3", ["x = a <= b <= 3", "x = a < b < 3", "x = a < b <= (3 + 1)"]),
        ("x = é not in b and c", ["x = é in b and c", "x = é not in b or c"]),
        ("x: int | None = a + 1", ["x: int | None = a - 1", "x: int | None = a + (1 + 1)"]),
        ("x = not a", ["x = a"]),
        ("f('w')", ["pass", "f('wXX')"]),
        ("x = f'{a + 1}'", []),
        ("'a docstring'", []),
    ],
)
def test_every_fault_of_a_line_is_found(tmp_path: Path, line: str, spoilt_lines: list[str]) -> None:
    (tmp_path / "m.py").write_text(f"{line}\n", encoding="utf-8")
    found = Faults(tmp_path, Path("m.py")).found
    assert sorted(spoilt(tmp_path, one).rstrip("\n") for one in found) == sorted(spoilt_lines)


def test_faults_leave_the_program_readable_and_different() -> None:
    file = Path("desktop_aml/domain/names.py")
    source = (CHECKOUT / file).read_text(encoding="utf-8")
    found = Faults(CHECKOUT, file).found
    assert len(found) > 100
    for one in found[::7]:
        text = spoilt(CHECKOUT, one)
        compile(text, one.name(), "exec")
        assert text != source


@pytest.mark.parametrize(
    ("module", "tests"),
    [
        ("domain/names.py", "tests/domain/test_names.py"),
        ("inside_run/supervision.py", "tests/inside_run/test_launcher.py"),
        ("inside_run/site/desktop_aml_run/journal.py", "tests/inside_run/test_journal_writer.py"),
    ],
)
def test_the_tests_that_mirror_a_module_are_asked(module: str, tests: str) -> None:
    assert Path("desktop_aml", module) in set(modules(CHECKOUT))
    assert tests in mirrors_of(CHECKOUT, Path("desktop_aml", module))


def test_the_tests_that_reach_a_line_are_asked_of_each_file_some_and_none_twice(tmp_path: Path) -> None:
    file = Path("desktop_aml/domain/names.py")
    data = coverage.CoverageData(str(tmp_path / "covered"))
    for test in (
        "tests/domain/test_names.py::test_a",
        *(f"tests/a/test_x.py::test_{n}" for n in range(60)),
        "tests/b.py::t",
    ):
        data.set_context(f"{test}|run")
        data.add_lines({str(CHECKOUT / file): [7]})
    found = covering(data, file, 7, ("tests/domain/test_names.py",))
    assert found[:3] == ("tests/a/test_x.py::test_0", "tests/b.py::t", "tests/a/test_x.py::test_1")
    assert len(found) == MOST_COVERING
    # A line that runs when the module is imported.
    assert covering(data, file, 8, ()) == covering(data, file, 7, ())
    assert covering(None, file, 7, ()) == covering(data, Path("desktop_aml/domain/errors.py"), 7, ()) == ()
