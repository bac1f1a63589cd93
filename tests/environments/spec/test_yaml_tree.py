"""Hostile YAML is refused quickly, with a position, and nothing is run or built of it."""

from __future__ import annotations

import time

import pytest

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.errors import InvalidSpec
from desktop_aml.environments.spec.parsing import check
from desktop_aml.environments.spec.yaml_tree import MAX_SIZE_BYTES, Mapping, Scalar, Sequence, read

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(12)
)
HOSTILE = {
    "python object": "dependencies: !!python/object/apply:os.system ['touch /tmp/x']\n",
    "own tag": "dependencies:\n- !evil numpy\n",
    "binary tag": "dependencies:\n- !!binary bnVtcHk=\n",
    "aliases": BOMB,
    "unknown alias": "dependencies: *nothing\n",
    "flow depth": "dependencies: " + "[" * 5000 + "]" * 5000,
    "open brackets": "{" * 100_000,
    "brackets on lines": "[\n" * 60_000,
    "block depth": "- " * 2000 + "a\n",
    "keys as lists": "? " * 2000 + "a\n",
    "indented depth": "".join(" " * i + "a:\n" for i in range(400)),
    "many entries": "dependencies:\n" + "- a\n" * 60_000,
    "long line": "dependencies: " + "a" * 100_000,
    "large": "# comment\n" * 200_000,
    "50 MB": "a" * 50_000_000,
    "two documents": "a: b\n---\na: b\n",
    "twice the same key": "dependencies: [a]\ndependencies: [b]\n",
    "NUL": "dependencies:\n- num\0py\n",
    "surrogate": "dependencies:\n- \ud800\n",
    "directives": "%FOO\n" * 40_000,
    "exclamation marks": ("!" * 4000 + "\n") * 60,
    "quotes": "'" + "a\n\n" * 80_000,
    "merge": "a: &a {dependencies: [x]}\n<<: *a\n",
    "version": "%YAML 9.9\n---\ndependencies: []\n",
}


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.timing
def test_hostile_yaml_is_refused_quickly(case: str):
    started = time.process_time()
    problems = check(HOSTILE[case], EnvironmentKind.CONDA)
    spent = time.process_time() - started
    assert [problem for problem in problems if problem.severity == "error"]
    assert len(problems) <= 50
    assert all(len(problem.message) < 500 for problem in problems)
    assert spent < 1.0


@pytest.mark.parametrize(
    "text",
    [
        "a: word word\n" * 1 + "b: " + "\n   word" * 30_000,
        "x: |\n" + "  a b c\n" * 30_000,
        "x: >\n" + "  a b c\n" * 30_000,
        "\n" * MAX_SIZE_BYTES,
    ],
)
@pytest.mark.timing
def test_the_slowest_harmless_text_takes_no_longer(text: str):
    started = time.process_time()
    check(text[:MAX_SIZE_BYTES], EnvironmentKind.CONDA)
    assert time.process_time() - started < 1.5


def test_a_tree_knows_lines_and_columns():
    root = read("name: x\ndependencies:\n  - a=1\n  - pip:\n    - 'b c'\n")
    assert isinstance(root, Mapping)
    key, value = root.entries[1]
    assert (key.text, key.line, key.column) == ("dependencies", 2, 1)
    assert isinstance(value, Sequence)
    assert value.items[0] == Scalar("a=1", 3, 5)
    pip = value.items[1]
    assert isinstance(pip, Mapping)
    assert isinstance(pip.entries[0][1], Sequence)
    assert pip.entries[0][1].items == (Scalar("b c", 5, 7, quoted=True),)


def test_a_modest_alias_is_read():
    root = read("a: &x [numpy]\nb: *x\n")
    assert isinstance(root, Mapping)
    assert root.entries[0][1] == root.entries[1][1]


def test_the_position_of_a_forbidden_character_is_told():
    with pytest.raises(InvalidSpec) as raised:
        read("a: b\nc: \x01\n")
    assert (raised.value.line, raised.value.column) == (2, 4)


def test_tabs_are_named_as_the_cause():
    with pytest.raises(InvalidSpec) as raised:
        read("a:\n\t- b\n")
    assert raised.value.line == 2
    assert "tabs" in raised.value.hint
