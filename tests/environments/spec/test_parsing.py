"""Specifications: what they are, what is wrong with them, what they ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.errors import InvalidSpec
from desktop_aml.environments.spec.parsing import check, detect_kind, parse

SEED = """\
name: sklearn-training-env
dependencies:
  - python=3.6.2
  - scikit-learn
  - numpy
  - pip:
    - azureml-defaults
"""


def conda(*entries: str) -> str:
    return "dependencies:\n" + "".join(f"  - {entry}\n" for entry in entries)


def errors(text: str, kind: EnvironmentKind = EnvironmentKind.CONDA):
    return [problem for problem in check(text, kind) if problem.severity == "error"]


def test_the_seeds_specification_asks_for_its_python_and_packages():
    spec = parse(SEED, EnvironmentKind.CONDA)
    assert spec.python is not None
    assert (spec.python.specifier, spec.python.line) == ("==3.6.2.*", 3)
    assert [(wanted.text, wanted.line) for wanted in spec.requirements] == [("scikit-learn", 4), ("numpy", 5)]
    assert any("azureml-defaults" in note and "provides" in note for note in spec.notes)
    assert errors(SEED) == []


@pytest.mark.parametrize(
    ("entry", "requirement"),
    [
        ("numpy", "numpy"),
        ("numpy=1.19", "numpy==1.19.*"),
        ("numpy=1.19.5", "numpy==1.19.5.*"),
        ("numpy==1.19.5", "numpy==1.19.5"),
        ("numpy=1.19.*", "numpy==1.19.*"),
        ("numpy 1.19.5", "numpy==1.19.5"),
        ("numpy 1.19.5 py36_0", "numpy==1.19.5"),
        ("numpy=1.19.5=py36h_0", "numpy==1.19.5.*"),
        ("numpy>=1.2,<2", "numpy>=1.2,<2"),
        ("numpy >=1.2, <2", "numpy>=1.2,<2"),
        ("numpy>=1.2,*", "numpy>=1.2"),
        ("numpy!=1.3", "numpy!=1.3"),
        ("numpy=*", "numpy"),
        ("numpy=1.19*", "numpy==1.19.*"),
        ("conda-forge::numpy=1.19", "numpy==1.19.*"),
        ("pytorch=1.9", "torch==1.9.*"),
        ("py-xgboost", "xgboost"),
        ("matplotlib-base", "matplotlib"),
        ("opencv", "opencv-python"),
        ("setuptools", "setuptools"),
    ],
)
def test_a_conda_entry_becomes_a_requirement(entry: str, requirement: str):
    assert [wanted.text for wanted in parse(conda(entry), EnvironmentKind.CONDA).requirements] == [requirement]


@pytest.mark.parametrize(
    ("entry", "specifier"),
    [
        ("python=3.6.2", "==3.6.2.*"),
        ("python=3.8", "==3.8.*"),
        ("python==3.8", "==3.8.*"),
        ("python==3.6.15", "==3.6.15"),
        ("python>=3.8", ">=3.8"),
        ("python>=3.8,<3.11", ">=3.8,<3.11"),
        ("python 3.9", "==3.9.*"),
        ("python", ""),
        ("conda-forge::python=3.10.*", "==3.10.*"),
    ],
)
def test_a_python_entry_becomes_a_pin(entry: str, specifier: str):
    spec = parse(conda(entry), EnvironmentKind.CONDA)
    assert spec.python is not None
    assert spec.python.specifier == specifier
    assert spec.requirements == ()


@pytest.mark.parametrize("entry", ["mkl=2019.4", "cudatoolkit=10.1", "libgcc-ng", "_openmp_mutex", "git"])
def test_what_exists_only_in_conda_is_left_out_with_a_note(entry: str):
    problems = check(conda(entry), EnvironmentKind.CONDA)
    assert [(problem.severity, problem.line) for problem in problems] == [("note", 2)]
    assert parse(conda(entry), EnvironmentKind.CONDA).requirements == ()


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        (conda("numpy", "r-base"), 3, "r-base"),
        (conda("numpy[version='1.2']"), 2, "brackets"),
        (conda("numpy=1.2|1.3"), 2, "|"),
        (conda("numpy; touch x"), 2, "numpy"),
        (conda("$(id)"), 2, "$(id)"),
        (conda("python=2.7"), 2, "3.6"),
        (conda("python=3.5"), 2, "3.6"),
        (conda("python=3.8", "python=3.9"), 3, "twice"),
        (conda("numpy: 1.19"), 2, "numpy"),
        (conda(""), 2, "dash"),
        (conda("[a, b]"), 2, "list"),
        ("name: x\ndependencys:\n- a\n", 2, "dependencys"),
        ("name: x\n", 1, "dependencies"),
        ('name: "a\\nRUN id"\ndependencies: [a]\n', 1, "cannot be the `name`"),
        ("dependencies: [a]\nname: $(id)\n", 2, "cannot be the `name`"),
        ("name: ../x\ndependencies: [a]\n", 1, "cannot be the `name`"),
        ("name: [a]\ndependencies: [a]\n", 1, "cannot be the `name`"),
        ("channels: conda-forge\ndependencies: [a]\n", 1, "list"),
        (conda("'numpy\\n--index-url x'"), 2, "numpy"),
        ("dependencies: numpy\n", 1, "list"),
        ("", 1, "conda"),
        ("- numpy\n", 1, "keys"),
        ("dependencies:\n- pip:\n  - numpy==\n", 3, "numpy=="),
        ("dependencies:\n- pip:\n  - --index-url http://evil\n", 3, "--index-url"),
        ("dependencies:\n- pip: numpy\n", 2, "list"),
        ("dependencies:\n\t- numpy\n", 2, "YAML"),
        ("dependencies:\n- numpy\n  - b: [\n", 3, "YAML"),
    ],
)
def test_an_error_names_its_line(text: str, line: int, word: str):
    found = errors(text)
    assert found, "no error"
    assert found[0].line == line
    assert word in found[0].message
    with pytest.raises(InvalidSpec) as raised:
        parse(text, EnvironmentKind.CONDA)
    assert raised.value.line == line


def test_an_error_names_its_column():
    (problem,) = errors("dependencies:\n  - pip:\n    - numpy=1.19\n")
    assert (problem.line, problem.column) == (3, 12)
    assert "numpy==1.19" in problem.hint


def test_all_errors_are_reported_at_once_in_the_order_of_lines():
    assert [problem.line for problem in errors(conda("r-base", "numpy", "a b c d", "python=2.7"))] == [2, 4, 5]


@pytest.mark.parametrize(
    ("name", "meant"),
    [("scikit-lern", "scikit-learn"), ("nunpy", "numpy"), ("matplotlb", "matplotlib"), ("xgbost", "xgboost")],
)
def test_a_near_miss_is_suggested_but_not_refused(name: str, meant: str):
    for text, kind in [(conda(name), EnvironmentKind.CONDA), (f"{name}==1.0\n", EnvironmentKind.PIP)]:
        (problem,) = check(text, kind)
        assert problem.severity == "note"
        assert f"did you mean {meant}?" in problem.message


@pytest.mark.parametrize("name", ["numpy", "numpydoc", "scikit-learn-intelex", "dash", "ray", "my-own-package"])
def test_a_real_name_is_no_near_miss(name: str):
    assert check(f"{name}\n", EnvironmentKind.PIP) == ()


@pytest.mark.parametrize(
    "line",
    [
        "-e .",
        "-r other.txt",
        "-c limits.txt",
        "--index-url http://evil",
        "--extra-index-url=http://evil/simple",
        "--find-links ./wheels",
        "--trusted-host evil",
        "--global-option=x",
        "git+https://example.org/a.git",
        "https://example.org/a.whl",
        "file:///a.whl",
        "./a.whl",
        "a @ https://example.org/a.whl",
        "numpy; touch x",
        "numpy && id",
        "numpy==1.0\x07",
    ],
)
def test_what_would_fetch_code_from_elsewhere_is_refused(line: str):
    (problem,) = errors(f"scipy\n{line}\n", EnvironmentKind.PIP)
    assert problem.line == 2
    assert problem.message


def test_the_options_that_the_azure_sdk_writes_are_ignored_with_a_note():
    text = "--extra-index-url https://pypi.python.org/simple\n--find-links https://pypi.python.org/simple\nnumpy\n"
    assert [problem.severity for problem in check(text, EnvironmentKind.PIP)] == ["note", "note"]
    assert [wanted.text for wanted in parse(text, EnvironmentKind.PIP).requirements] == ["numpy"]


def test_a_requirements_file_is_read_as_pip_reads_it():
    text = """\
# a comment
numpy>=1.19,<2  # why
pandas[performance]==1.5.3 ; python_version >= "3.8"
--pre
scipy==1.9.0 \\
    --hash=sha256:ABCD \\
    --hash=sha256:ef01
azureml-core==1.48.*
sklearn
"""
    spec = parse(text, EnvironmentKind.PIP)
    assert [(wanted.name, wanted.line) for wanted in spec.requirements] == [
        ("numpy", 2),
        ("pandas", 3),
        ("scipy", 5),
        ("scikit-learn", 9),
    ]
    assert spec.requirements[2].hashes == ("sha256:abcd", "sha256:ef01")
    assert spec.requirements[2].text == "scipy==1.9.0"
    assert spec.allow_prereleases
    assert spec.python is None


def test_who_asks_for_azures_data_packages_gets_pandas_once():
    text = "dependencies:\n- pip:\n  - azureml-dataprep[fuse]\n  - azureml-dataset-runtime[pandas,fuse]\n"
    spec = parse(text, EnvironmentKind.CONDA)
    assert spec.requirements == ()
    assert [one.line for one in spec.brought if one.name == "pandas"] == [3]
    assert any("azureml-dataprep is not installed" in note and "pandas" in note for note in spec.notes)
    own = parse(text + "  - pandas==1.5\n", EnvironmentKind.CONDA)
    assert [one.text for one in own.requirements] == ["pandas==1.5"]
    assert "pandas" not in {one.name for one in own.brought}


def test_condas_pip_is_wished_for_in_its_version():
    spec = parse("dependencies:\n- pip=20.2.4\n- pip:\n  - numpy\n", EnvironmentKind.CONDA)
    assert [(one.text, one.line) for one in spec.brought] == [("pip==20.2.4.*", 2)]
    assert [one.text for one in spec.requirements] == ["numpy"]


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        (SEED, "", EnvironmentKind.CONDA),
        ("numpy\n", "env.yml", EnvironmentKind.CONDA),
        ("numpy\n", "requirements.txt", EnvironmentKind.PIP),
        ("numpy\n", "", EnvironmentKind.PIP),
        ("/usr/bin/python3\n", "", EnvironmentKind.EXISTING),
        ("~/venv", "", EnvironmentKind.EXISTING),
        ("/opt/conda/envs/iris\n", "mine.txt", EnvironmentKind.EXISTING),
        ("", "", EnvironmentKind.PIP),
        ("python:3.11-slim\n", "image.txt", EnvironmentKind.IMAGE),
        ("registry.example.org/team/base\n", "image.txt", EnvironmentKind.IMAGE),
        ("numpy\n", "image.txt", EnvironmentKind.PIP),
        ("numpy==1.26.4\n", "image.txt", EnvironmentKind.PIP),
        ("./wheels/own-1.0-py3-none-any.whl\n", "requirements.txt", EnvironmentKind.PIP),
        ("git+https://example.org/own.git\n", "requirements.txt", EnvironmentKind.PIP),
        ("numpy; python_version < '3.9'\n", "requirements.txt", EnvironmentKind.PIP),
    ],
)
def test_the_kind_is_recognised(text: str, name: str, kind: EnvironmentKind):
    assert detect_kind(text, name) is kind


def test_an_existing_python_must_be_there(tmp_path: Path):
    python = tmp_path / "env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    assert "no Python" in errors(str(python), EnvironmentKind.EXISTING)[0].message
    python.write_text("#!/bin/sh\n")
    assert "cannot be run" in errors(str(python), EnvironmentKind.EXISTING)[0].message
    python.chmod(0o755)
    assert errors(str(python), EnvironmentKind.EXISTING) == []
    assert parse(str(tmp_path / "env"), EnvironmentKind.EXISTING).interpreter == str(python)
    assert errors("bin/python", EnvironmentKind.EXISTING)
    assert errors("/a\n/b", EnvironmentKind.EXISTING)


@pytest.mark.parametrize(
    "name", ["pkg-resources==0.0.0", "pkg_resources==0.0.0", "json", "pickle", "asyncio==3.4.3", "typing"]
)
def test_what_is_no_package_of_the_index_is_left_out_with_a_note(name: str):
    text = f"numpy\n{name}\n"
    assert [wanted.text for wanted in parse(text, EnvironmentKind.PIP).requirements] == ["numpy"]
    (problem,) = check(text, EnvironmentKind.PIP)
    assert (problem.severity, problem.line) == ("note", 2)


@pytest.mark.parametrize(
    ("line", "read", "told"),
    [
        ("scipy >=0.15.*, <2", "scipy<2,>=0.15", "star"),
        ("scipy==1.5.*,!=1.5.2.*", "scipy!=1.5.2.*,==1.5.*", ""),
        ('scipy --global-option="--no-libyaml" --config-settings a=b', "scipy", "not needed"),
        ("scipy\u00a0==1.5", "scipy==1.5", ""),
        ("\u200bscipy", "scipy", ""),
    ],
)
def test_what_older_tools_and_pages_write_is_read_as_it_was_meant(line: str, read: str, told: str):
    assert [wanted.text for wanted in parse(line, EnvironmentKind.PIP).requirements] == [read]
    assert all(told and told in note.message for note in check(line, EnvironmentKind.PIP))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (".", "source directory"),
        (".[dev]", "source directory"),
        ("../own", "source directory"),
        ("@EXPLICIT", "conda env export"),
        ("numpy=1.19.2=py38h54aff64_0", "conda env export"),
    ],
)
def test_what_cannot_be_taken_is_called_by_its_name(line: str, words: str):
    [problem] = errors(line, EnvironmentKind.PIP)
    assert words in problem.hint


def test_a_module_of_python_in_a_conda_file_is_left_out_too():
    spec = parse("dependencies:\n- os\n- pip:\n  - json\n  - dataclasses\n", EnvironmentKind.CONDA)
    assert [wanted.text for wanted in spec.requirements] == ["dataclasses"]


def test_the_label_of_a_build_is_taken_off_a_version():
    (wanted,) = parse("torch==1.13.1+cu117\n", EnvironmentKind.PIP).requirements
    assert wanted.text == "torch==1.13.1"
    assert "names one build" in check("torch==1.13.1+cu117\n", EnvironmentKind.PIP)[0].message


def test_options_of_pip_are_understood():
    text = "--only-binary=numpy,scipy\n--only-binary :all:\n--no-binary pandas\n-U\n--constraint numpy<2\nnumpy\n"
    spec = parse(text, EnvironmentKind.PIP)
    assert spec.only_binary == ("numpy", "scipy", ":all:")
    assert spec.constraints == ("numpy<2",)
    assert {problem.severity for problem in check(text, EnvironmentKind.PIP)} == {"note"}


def test_all_lines_of_a_conda_freeze_are_named_at_once():
    text = "anyio @ file:///croot/anyio_1\njoblib\nnumpy @ file:///croot/numpy_1/work\n"
    with pytest.raises(InvalidSpec) as caught:
        parse(text, EnvironmentKind.PIP)
    assert "Line 1: anyio is taken from an address" in caught.value.message
    assert "Line 3: numpy is taken from an address" in caught.value.hint
