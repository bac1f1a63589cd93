"""Files that hold a specification: what they include is copied in, and what projects depend on is read."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from desktop_aml.domain.errors import InvalidSpec
from desktop_aml.environments.spec.files import names_for, own_name_of, read_spec_file
from desktop_aml.environments.spec.parsing import check, parse
from tests.environments.bench import Bench
from tests.environments.spec.test_parsing import SEED


def test_a_conda_file_may_name_its_environment():
    assert own_name_of(SEED, "env.yml") == "sklearn-training-env"
    assert own_name_of("numpy\n", "my reqs.txt") == ""
    assert own_name_of("name: Churn env  # of 2021\ndependencies: [a]\n", "env.yml") == "Churn env"
    assert own_name_of("name:\nchannels: [a]\n", "env.yml") == "", "the next line is no name"


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("churn/environment.yml", ["environment", "environment-churn", "environment-churn-2"]),
        ("a b/my reqs.txt", ["my-reqs", "my-reqs-a-b", "my-reqs-a-b-2"]),
        ("…/…", ["environment", "environment", "environment-2"]),
    ],
)
def test_a_file_without_a_name_is_named_after_itself_then_after_its_folder(path: str, names: list[str]):
    assert list(itertools.islice(names_for(Path("/work") / path), 3)) == names


def test_a_file_is_read_with_the_files_that_it_includes(tmp_path: Path):
    (tmp_path / "more.txt").write_text("# hello\nscipy\n-r most.txt\n")
    (tmp_path / "most.txt").write_text("joblib\n")
    file = tmp_path / "environment.yml"
    file.write_text("dependencies:\n  - numpy\n  - pip:\n    - -r more.txt\n")
    text, kind = read_spec_file(file)
    assert [wanted.text for wanted in parse(text, kind).requirements] == ["numpy", "scipy", "joblib"]


def test_a_file_cannot_include_what_lies_outside_its_folder_or_itself(tmp_path: Path):
    (tmp_path / "secret.txt").write_text("numpy\n")
    folder = tmp_path / "project"
    folder.mkdir()
    file = folder / "requirements.txt"
    for line in ("-r ../secret.txt", f"-r {tmp_path}/secret.txt", "-r requirements.txt", "-r absent.txt"):
        file.write_text(f"numpy\n{line}\n")
        with pytest.raises(InvalidSpec):
            read_spec_file(file)


@pytest.mark.parametrize("data", [b"\xff\xfe\xfa", b"numpy\n\x80", b"a" * 2_000_000])
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, data: bytes):
    file = tmp_path / "requirements.txt"
    file.write_bytes(data)
    with pytest.raises(InvalidSpec):
        read_spec_file(file)


@pytest.mark.parametrize("name", ["environment.yml", "requirements.txt", "pyproject.toml", "Pipfile"])
def test_a_pipe_in_the_place_of_a_file_is_refused(tmp_path: Path, name: str):
    os.mkfifo(tmp_path / name)
    with pytest.raises(InvalidSpec, match="not a plain file"):
        read_spec_file(tmp_path / name)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path):
    file = tmp_path / "requirements.txt"
    file.write_bytes(b"\xef\xbb\xbfnumpy\n")
    text, kind = read_spec_file(file)
    assert [wanted.text for wanted in parse(text, kind).requirements] == ["numpy"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_what_a_shell_of_windows_wrote_is_read(tmp_path: Path, encoding: str):
    file = tmp_path / "requirements.txt"
    file.write_bytes("numpy\r\npandas==1.5\r\n".encode(encoding))
    text, kind = read_spec_file(file)
    assert [wanted.text for wanted in parse(text, kind).requirements] == ["numpy", "pandas==1.5"]


@pytest.mark.parametrize(
    "line",
    ["-r more.txt", "-rmore.txt", "--requirement=more.txt", "-r file:more.txt", '-r "more.txt"', "-r more.txt # why"],
)
def test_an_included_file_may_be_named_in_any_way_that_pip_knows(tmp_path: Path, line: str):
    (tmp_path / "more.txt").write_text("joblib==1.4.2\n")
    file = tmp_path / "requirements.txt"
    file.write_text(f"numpy\n{line}\n")
    text, kind = read_spec_file(file)
    assert [wanted.text for wanted in parse(text, kind).requirements] == ["numpy", "joblib==1.4.2"]


def test_an_included_file_may_be_named_in_a_conda_file_with_quotes_and_as_an_address(tmp_path: Path):
    (tmp_path / "more.txt").write_text("joblib==1.4.2\n")
    for entry in ('"-r file:more.txt"', f"-r file://{tmp_path}/more.txt", "'-r more.txt'"):
        file = tmp_path / "environment.yml"
        file.write_text(f"dependencies:\n  - pip:\n    - {entry}\n")
        text, kind = read_spec_file(file)
        assert [wanted.text for wanted in parse(text, kind).requirements] == ["joblib==1.4.2"]


def test_an_inner_file_may_name_one_that_lies_beside_its_folder_but_within_that_of_the_outermost(tmp_path: Path):
    inner = tmp_path / "project" / "requirements"
    inner.mkdir(parents=True)
    (inner / "base.txt").write_text("-c ../bounds.txt\njoblib\n")
    (tmp_path / "project" / "bounds.txt").write_text("joblib<2\n")
    file = tmp_path / "project" / "requirements.txt"
    file.write_text("-r requirements/base.txt\n")
    spec = parse(*read_spec_file(file))
    assert ([one.text for one in spec.requirements], spec.constraints) == (["joblib"], ("joblib<2",))
    (inner / "base.txt").write_text("-r ../../elsewhere.txt\n")
    (tmp_path / "elsewhere.txt").write_text("joblib\n")
    with pytest.raises(InvalidSpec, match="outside the folder"):
        read_spec_file(file)


@pytest.mark.parametrize("line", ["-c bounds.txt", "--constraint bounds.txt", "-c file:bounds.txt"])
def test_bounds_of_a_file_hold_without_installing_what_they_name(bench: Bench, line: str):
    (bench.root / "bounds.txt").write_text("--pre\nlib<2  # why\nother==1.0 --hash=sha256:aa\n")
    file = bench.root / "requirements.txt"
    file.write_text(f"app\n{line}\n")
    text, kind = read_spec_file(file)
    assert parse(text, kind).constraints == ("lib<2", "other==1.0")
    if line.startswith("-c b"):
        built = bench.make(text, kind=kind)
        assert [(one.name, one.version) for one in built.lock.packages] == [("app", "1.0"), ("lib", "1.0")]


def test_bounds_hold_in_a_conda_file_too(tmp_path: Path):
    (tmp_path / "bounds.txt").write_text("numpy<2\n")
    file = tmp_path / "environment.yml"
    file.write_text("dependencies:\n  - pip:\n    - pandas\n    - -c bounds.txt\n")
    text, kind = read_spec_file(file)
    assert parse(text, kind).constraints == ("numpy<2",)


def test_an_address_of_bounds_is_refused_in_words(tmp_path: Path):
    file = tmp_path / "requirements.txt"
    file.write_text("numpy\n-c https://example.invalid/bounds.txt\n")
    (problem,) = check(*read_spec_file(file))
    assert "is an address, which is refused" in problem.message
