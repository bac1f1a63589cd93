"""Files of projects and of their locks: what they depend on is read as it is meant, or refused in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop_aml.domain.environments import PROJECT_FILES, EnvironmentKind
from desktop_aml.domain.errors import InvalidSpec
from desktop_aml.environments.spec.files import own_name_of, read_spec_file
from desktop_aml.environments.spec.parsing import Specification, parse


def read(folder: Path, name: str, text: str) -> Specification:
    (folder / name).write_text(text)
    return parse(*read_spec_file(folder / name))


def poetry(folder: Path, *lines: str) -> list[str]:
    text = "\n".join(("[tool.poetry]", 'name = "shop"', "[tool.poetry.dependencies]", *lines))
    return [wanted.text for wanted in read(folder, "pyproject.toml", text).requirements]


def test_a_project_is_read_as_what_it_depends_on(tmp_path: Path):
    file = tmp_path / "pyproject.toml"
    file.write_text(
        '[project]\nname = "shop"\nrequires-python = ">=3.8, <3.13"\n'
        'dependencies = ["joblib==1.4.2", "tomli>=1; python_version < \'3.11\'"]\n'
    )
    text, kind = read_spec_file(file)
    spec = parse(text, kind)
    assert kind is EnvironmentKind.CONDA
    assert [wanted.name for wanted in spec.requirements] == ["joblib", "tomli"]
    assert spec.python is not None
    assert spec.python.specifier == ">=3.8,<3.13"
    assert own_name_of(text, file.name) == "shop"


def test_a_pipfile_is_read_as_what_it_depends_on(tmp_path: Path):
    file = tmp_path / "Pipfile"
    file.write_text(
        '[packages]\njoblib = "==1.4.2"\nrequests = {version = "*", extras = ["socks"]}\n'
        '[dev-packages]\npytest = "*"\n[requires]\npython_version = "3.8"\n'
    )
    spec = parse(*read_spec_file(file))
    assert [wanted.text for wanted in spec.requirements] == ["joblib==1.4.2", "requests[socks]"]
    assert spec.python is not None
    assert spec.python.specifier == "==3.8.*"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("pyproject.toml", "[project]\n", "no dependencies"),
        ("pyproject.toml", "[project\n", "not TOML"),
        ("Pipfile", '[packages]\nx = {git = "https://example.invalid/x"}\n', "from a git"),
        ("Pipfile", '[packages]\nx = "1.0"\n', "is not a version"),
        ("Pipfile", "", "no [packages]"),
        ("setup.py", "from setuptools import setup\nsetup()\n", "has no install_requires"),
        ("setup.py", "setup(**words)\n", "which only running it would tell"),
        ("pdm.lock", "", "pdm export"),
    ],
)
def test_a_project_that_is_not_taken_says_what_is(tmp_path: Path, name: str, text: str, words: str):
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(InvalidSpec) as caught:
        read_spec_file(file)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("^1.2.3", "<2.0,>=1.2.3"),
        ("^1.2", "<2.0,>=1.2"),
        ("^1", "<2,>=1"),
        ("^0.2.3", "<0.3,>=0.2.3"),
        ("^0.0.3", "<0.0.4,>=0.0.3"),
        ("^0.0", "<0.1,>=0.0"),
        ("^0", "<1,>=0"),
        ("^1.2.*", "<2.0,>=1.2"),
        ("~1.2.3", "<1.3,>=1.2.3"),
        ("~1.2", "<1.3,>=1.2"),
        ("~1", "<2,>=1"),
        ("~=1.4.2", "~=1.4.2"),
        ("*", ""),
        ("1.2.*", "==1.2.*"),
        ("1.2.3", "==1.2.3"),
        ("=1.2.3", "==1.2.3"),
        (">= 1.2, < 2", "<2,>=1.2"),
        (">=1.2 <2", "<2,>=1.2"),
        (">=1.2,<2,!=1.5", "!=1.5,<2,>=1.2"),
        ("^1.2 || ^2.0", "<3.0,>=1.2"),
        ("^2.0|^1.2", "<3.0,>=1.2"),
        ("1.2.* || 1.3.*", "<1.4,>=1.2"),
    ],
)
def test_a_constraint_of_poetry_becomes_the_range_that_it_means(tmp_path: Path, written: str, meant: str):
    assert poetry(tmp_path, f'lib = "{written}"') == [f"lib{meant}"]


@pytest.mark.parametrize("written", ["^1.0 || ^3.0", "1.0 || 2.0", ">=1 || <0.5", "latest", "^", "1..2", "", "^1.x"])
def test_a_constraint_that_pip_has_no_words_for_is_refused(tmp_path: Path, written: str):
    with pytest.raises(InvalidSpec, match=r"pyproject\.toml: lib ="):
        poetry(tmp_path, f'lib = "{written}"')


def test_a_package_of_poetry_may_have_extras_markers_and_alternatives(tmp_path: Path):
    found = poetry(
        tmp_path,
        'requests = {version = "^2.28", extras = ["socks"]}',
        'numpy = [{version = "<1.25", python = "<3.9"}, {version = "^1.25", python = "^3.9"}]',
        'pywin = {version = "*", markers = "sys_platform == \'win32\'"}',
        'uvloop = {version = "0.17.0", platform = "linux", python = ">=3.8.1"}',
    )
    assert found == [
        "requests[socks]<3.0,>=2.28",
        'numpy<1.25; python_version < "3.9"',
        'numpy<2.0,>=1.25; python_version >= "3.9" and python_version < "4.0"',
        'pywin; sys_platform == "win32"',
        'uvloop==0.17.0; python_full_version >= "3.8.1" and sys_platform == "linux"',
    ]


def test_the_python_of_poetry_is_the_environments_and_groups_are_named_as_left_out(tmp_path: Path):
    file = tmp_path / "pyproject.toml"
    file.write_text(
        '[tool.poetry]\nname = "shop"\n[tool.poetry.dependencies]\npython = "^3.8"\njoblib = "1.4.2"\n'
        'torch = {version = "^2", optional = true}\n[tool.poetry.group.test.dependencies]\npytest = "*"\n'
    )
    text, kind = read_spec_file(file)
    spec = parse(text, kind)
    assert spec.python is not None
    assert spec.python.specifier == ">=3.8,<4.0"
    assert [wanted.text for wanted in spec.requirements] == ["joblib==1.4.2"]
    assert own_name_of(text, file.name) == "shop"
    assert "# Groups that are not taken: test." in text
    assert "# Only extras ask for: torch." in text


def test_the_projects_own_table_goes_before_poetrys(tmp_path: Path):
    text = '[project]\ndependencies = ["numpy>=1"]\n[tool.poetry.dependencies]\nnumpy = "^2"\n'
    assert [one.text for one in read(tmp_path, "pyproject.toml", text).requirements] == ["numpy>=1"]


def test_setuptools_may_read_the_dependencies_from_files(tmp_path: Path):
    (tmp_path / "base.txt").write_text("joblib==1.4.2\n")
    dynamic = '[tool.setuptools.dynamic]\ndependencies = {file = ["base.txt"]}\n'
    spec = read(tmp_path, "pyproject.toml", f'[project]\ndynamic = ["dependencies"]\n{dynamic}')
    assert [one.text for one in spec.requirements] == ["joblib==1.4.2"]
    spec = read(tmp_path, "setup.cfg", "[options]\ninstall_requires = file: base.txt\n")
    assert [one.text for one in spec.requirements] == ["joblib==1.4.2"]


SETUP = """
from setuptools import setup

COMMON = ["numpy>=1.20", "joblib==1.4.2"]
if __name__ == "__main__":
    setup(name="shop", python_requires=">=3.8", install_requires=COMMON + ["pandas"], extras_require={"x": ["y"]})
"""


def test_a_setup_py_is_read_without_being_run(tmp_path: Path):
    proof = tmp_path / "was-run"
    text = f"open({str(proof)!r}, 'w')\n" + SETUP
    spec = read(tmp_path, "setup.py", text)
    assert [one.text for one in spec.requirements] == ["numpy>=1.20", "joblib==1.4.2", "pandas"]
    assert spec.python is not None
    assert spec.python.specifier == ">=3.8"
    assert not proof.exists()


@pytest.mark.parametrize(
    "code",
    [
        "setup(install_requires=open('requirements.txt').read().split())",
        "need = ['a']\nneed.append('b')\nsetup(install_requires=need)",
        "need = ['a']\nneed += ['b']\nsetup(install_requires=need)",
        "need = ['a']\nneed[0] = 'b'\nsetup(install_requires=need)",
        "need = ['a']\nmore(need)\nsetup(install_requires=need)",
        "a = b + ['x']\nb = a + ['y']\nsetup(install_requires=a)",
        "setup(install_requires=['a', name()])",
        "setup(install_requires=[f'a=={version}'])",
    ],
)
def test_a_setup_py_that_computes_what_it_needs_is_refused(tmp_path: Path, code: str):
    with pytest.raises(InvalidSpec, match="computes its install_requires"):
        read(tmp_path, "setup.py", code)


def test_a_setup_cfg_is_read_as_what_it_depends_on(tmp_path: Path):
    text = (
        "[metadata]\nname = shop\n[options]\npython_requires = >=3.8, <3.13\ninstall_requires =\n"
        "    numpy>=1.20\n    # why\n    tomli; python_version < '3.11'\n"
    )
    spec = read(tmp_path, "setup.cfg", text)
    assert [one.name for one in spec.requirements] == ["numpy", "tomli"]
    assert spec.python is not None
    assert spec.python.specifier == ">=3.8,<3.13"


def test_a_lock_of_pipenv_is_what_it_lists_with_its_hashes(tmp_path: Path):
    digest = f"sha256:{'a' * 64}"
    tree = {
        "_meta": {"requires": {"python_version": "3.11"}},
        "default": {
            "joblib": {"version": "==1.4.2", "hashes": [digest], "markers": "python_version >= '3.8'", "index": "pypi"},
            "requests": {"version": "==2.31.0", "extras": ["socks"]},
        },
        "develop": {"pytest": {"version": "==8.0"}},
    }
    spec = read(tmp_path, "Pipfile.lock", json.dumps(tree))
    assert [one.name for one in spec.requirements] == ["joblib", "requests"]
    assert spec.requirements[0].hashes == (digest,)
    assert spec.requirements[1].text == "requests[socks]==2.31.0"
    assert spec.python is not None
    assert spec.python.specifier == "==3.11.*"


def test_a_lock_that_is_longer_than_an_environment_may_be_keeps_its_versions(tmp_path: Path):
    many = [f"sha256:{number:064x}" for number in range(100)]
    tree = {"default": {f"lib{number}": {"version": "==1.0", "hashes": many} for number in range(100)}}
    (tmp_path / "Pipfile.lock").write_text(json.dumps(tree))
    text, kind = read_spec_file(tmp_path / "Pipfile.lock")
    assert "# Its hashes are too many." in text
    assert len(parse(text, kind).requirements) == 100


UV_LOCK = """
version = 1
requires-python = ">=3.8"

[[package]]
name = "shop"
version = "0.1"
source = { editable = "." }
dependencies = [
    { name = "app", extra = ["fast"] },
    { name = "lib", version = "1.0", marker = "python_full_version < '3.9'" },
    { name = "lib", version = "2.0", marker = "python_full_version >= '3.9'" },
]

[package.dev-dependencies]
dev = [{ name = "pytest" }]

[[package]]
name = "app"
version = "3.1"
source = { registry = "https://index.invalid/simple" }

[[package]]
name = "lib"
version = "1.0"
source = { registry = "https://index.invalid/simple" }
resolution-markers = ["python_full_version < '3.9'"]

[[package]]
name = "lib"
version = "2.0"
source = { registry = "https://index.invalid/simple" }
resolution-markers = ["python_full_version >= '3.9'"]
"""


def test_a_lock_of_uv_is_what_its_project_asks_for_bound_to_its_versions(tmp_path: Path):
    spec = read(tmp_path, "uv.lock", UV_LOCK)
    assert [one.text for one in spec.requirements] == [
        "app[fast]",
        'lib; python_full_version < "3.9"',
        'lib; python_full_version >= "3.9"',
    ]
    assert spec.constraints == (
        "app==3.1",
        'lib==1.0; python_full_version < "3.9"',
        'lib==2.0; python_full_version >= "3.9"',
    )
    assert spec.python is not None
    assert spec.python.specifier == ">=3.8"


def test_the_lock_of_this_project_is_read(tmp_path: Path):
    root = Path(__file__).parents[3]
    spec = parse(*read_spec_file(root / "uv.lock"))
    asked = {one.name for one in parse(*read_spec_file(root / "pyproject.toml")).requirements}
    assert {one.name for one in spec.requirements} == asked
    assert len(spec.constraints) > len(asked)


def test_a_lock_of_poetry_bounds_what_the_project_beside_it_asks_for(tmp_path: Path):
    lock = """
        [[package]]
        name = "lib"
        version = "1.3"
        groups = ["main"]

        [[package]]
        name = "pytest"
        version = "8.0"
        groups = ["dev"]
        [metadata]
        lock-version = "2.1"
    """
    with pytest.raises(InvalidSpec, match=r"no pyproject\.toml beside it"):
        read(tmp_path, "poetry.lock", lock)
    poetry(tmp_path, 'python = "^3.8"', 'lib = "^1.2"')
    spec = read(tmp_path, "poetry.lock", lock)
    assert [one.text for one in spec.requirements] == ["lib<2.0,>=1.2"]
    assert spec.constraints == ("lib==1.3", "pytest==8.0")


PYLOCK = """
lock-version = "1.0"
requires-python = ">=3.9"
default-groups = ["default"]

[[packages]]
name = "joblib"
version = "1.4.2"
marker = "'default' in dependency_groups"
wheels = [{ url = "https://index.invalid/j.whl", hashes = { sha256 = "aa" } }]

[[packages]]
name = "pytest"
version = "8.0"
marker = "'dev' in dependency_groups"

[[packages]]
name = "tomli"
version = "2.0"
marker = "python_version < '3.11'"
"""


@pytest.mark.parametrize("name", ["pylock.toml", "pylock.train.toml"])
def test_a_standard_lock_is_what_it_lists_without_its_groups(tmp_path: Path, name: str):
    spec = read(tmp_path, name, PYLOCK)
    assert [one.text for one in spec.requirements] == ["joblib==1.4.2", 'tomli==2.0; python_version < "3.11"']
    assert spec.requirements[0].hashes == ("sha256:aa",)


GIT = 'source = { git = "https://example.invalid/x" }'


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("pyproject.toml", '[tool.poetry.dependencies]\nx = {git = "https://example.invalid/x"}\n', "x from a git"),
        ("pyproject.toml", '[tool.poetry.dependencies]\nx = {version = "1", source = "own"}\n', "x from a source of"),
        ("pyproject.toml", '[project]\ndependencies = ["x"]\n[tool.uv.sources]\nX = {path = "../x"}\n', "from a path"),
        (
            "pyproject.toml",
            '[project]\ndependencies = ["x"]\n[[tool.uv.sources.x]]\nindex = "own"\n',
            "from an index of its own",
        ),
        ("uv.lock", UV_LOCK + f'[[package]]\nname = "x"\nversion = "1"\n{GIT}\n', "takes x from a git"),
        ("poetry.lock", '[[package]]\nname = "x"\nversion = "1"\nsource = {type = "git"}\n', "takes x from a git"),
        ("Pipfile.lock", '{"default": {"x": {"path": "."}}}', "takes x from a path"),
        ("pylock.toml", '[[packages]]\nname = "x"\nvcs = {type = "git"}\n', "takes x from a vcs"),
    ],
)
def test_a_package_from_elsewhere_is_refused_in_every_file_of_a_project(
    tmp_path: Path, name: str, text: str, words: str
):
    with pytest.raises(InvalidSpec, match=words):
        read(tmp_path, name, text)


@pytest.mark.parametrize("name", PROJECT_FILES)
@pytest.mark.parametrize("text", ["", "[]", "{", "[package]\n", "\0", "(" * 5000])
def test_a_damaged_file_of_a_project_is_refused_in_words(tmp_path: Path, name: str, text: str):
    with pytest.raises(InvalidSpec, match=name):
        read(tmp_path, name, text)
