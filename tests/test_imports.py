"""Which module imports which: no circles, and no arrow that runs up the layers of `pyproject.toml`."""

import ast
import configparser
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
# A package of the tree, and those that go into other interpreters under a name of their own.
ROOTS = {
    "desktop_aml": CHECKOUT / "desktop_aml",
    "azureml": CHECKOUT / "desktop_aml/inside_run/site/azureml",
    "desktop_aml_run": CHECKOUT / "desktop_aml/inside_run/site/desktop_aml_run",
}
Arrows = dict[str, set[str]]


def modules_of(name: str, folder: Path) -> dict[str, Path]:
    found = {}
    for file in folder.rglob("*.py"):
        parts = (name, *file.relative_to(folder).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imported(module: str, file: Path, known: Mapping[str, Path]) -> Iterator[str]:
    """Every module of `known` that a module imports: at its top, in its functions, and for type checkers alone."""
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield inner if inner in known else base


def arrows_of(known: Mapping[str, Path]) -> Arrows:
    return {
        module: {other for other in imported(module, file, known) if other in known and other != module}
        for module, file in known.items()
    }


def circles(arrows: Arrows) -> list[list[str]]:
    """The groups of modules that reach one another: what is left when those are taken away that import none left."""
    reached = {module: _reached_from(module, arrows) for module in arrows}
    groups = {tuple(sorted({module, *(one for one in reached[module] if module in reached[one])})) for module in arrows}
    return sorted(list(group) for group in groups if len(group) > 1)


def _reached_from(start: str, arrows: Arrows) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = arrows[waiting.pop()] - found
        found |= new
        waiting += new
    return found


@pytest.fixture(scope="module")
def tree() -> Arrows:
    return arrows_of(modules_of("desktop_aml", ROOTS["desktop_aml"]))


def test_a_circle_is_seen_also_within_a_function() -> None:
    arrows = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}
    assert circles(arrows) == [["a", "b", "c"]]
    assert circles({"a": {"b"}, "b": {"c"}, "c": set()}) == []


def test_what_functions_and_type_checkers_import_counts(tmp_path: Path) -> None:
    (tmp_path / "low.py").write_text("def act():\n    from pack import high\n")
    (tmp_path / "high.py").write_text("if TYPE_CHECKING:\n    from .low import act\n")
    assert circles(arrows_of(modules_of("pack", tmp_path))) == [["pack.high", "pack.low"]]


@pytest.mark.parametrize("name", ["azureml", "desktop_aml_run"])
def test_a_package_of_scripts_has_no_circle(name: str) -> None:
    assert circles(arrows_of(modules_of(name, ROOTS[name]))) == []


SITES = (CHECKOUT / "desktop_aml/inside_run/site", CHECKOUT / "desktop_aml/inside_model/site")


def run_by_scripts(node: ast.AST) -> Iterator[str]:
    """Every module that a file imports when it is loaded or used: all but what is for type checkers alone."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.If) and isinstance(inner.test, ast.Name) and inner.test.id == "TYPE_CHECKING":
            continue
        if isinstance(inner, ast.Import):
            yield from (alias.name for alias in inner.names)
        elif isinstance(inner, ast.ImportFrom) and inner.module:
            yield inner.module
        yield from run_by_scripts(inner)


def test_typing_costs_no_script_its_import() -> None:
    files = [file for site in SITES for file in site.rglob("*.py")]
    assert [file for file in files if "typing" in run_by_scripts(ast.parse(file.read_text()))] == []


def test_all_that_goes_into_other_interpreters_has_strict_types() -> None:
    config = configparser.ConfigParser()
    config.read(CHECKOUT / "packaging/mypy-inside.ini")
    checked = re.findall(r"\w+", config["mypy"]["packages"] + " " + config["mypy"]["modules"])
    assert sorted(checked) == sorted(path.stem for site in SITES for path in site.iterdir() if path.name[0] != "_")
    assert config["mypy"]["strict"] == "True"
    assert {key for name in config.sections()[1:] for key in config[name]} == {
        "ignore_missing_imports",
        "follow_imports",
    }


def test_the_tree_has_no_circle(tree: Arrows) -> None:
    assert circles(tree) == []


def layers() -> Iterator[tuple[str, list[set[str]]]]:
    contracts = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    for contract in contracts:
        if contract["type"] == "layers":
            lines = [set(re.findall(r"\w+", line)) for line in contract["layers"]]
            yield from ((container, lines) for container in contract["containers"])


@pytest.mark.parametrize(("container", "lines"), [pytest.param(*one, id=one[0]) for one in layers()])
def test_no_arrow_runs_up(tree: Arrows, container: str, lines: list[set[str]]) -> None:
    height = {f"{container}.{room}": -at for at, line in enumerate(lines) for room in line}

    def room_of(module: str) -> str:
        return ".".join(module.split(".")[: container.count(".") + 2])

    upward = [
        f"{module} -> {other}"
        for module, others in tree.items()
        for other in others
        if room_of(module) in height
        and room_of(other) in height
        and room_of(module) != room_of(other)
        and height[room_of(other)] >= height[room_of(module)]
    ]
    assert upward == []
