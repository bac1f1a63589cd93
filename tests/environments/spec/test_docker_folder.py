"""What a Dockerfile copies from its folder comes along in its text, and outlives the folder."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.errors import InvalidSpec
from desktop_aml.environments.spec import kept_files
from desktop_aml.environments.spec.files import read_spec_file
from desktop_aml.environments.spec.kept_files import KeptFile
from desktop_aml.environments.spec.parsing import check, parse

NAMES = st.text(min_size=1, max_size=20).map(lambda name: name.replace("\0", "")).filter(kept_files.is_inside)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "image"
    files = {
        "requirements.txt": "numpy\n",
        "run.sh": "#!/bin/sh\n",
        "src/a.py": "A = 1\n",
        "src/deep/b.py": "B = 1",
        "src/deep/b.pyc": "\x00\x01",
        "data/big.csv": "1,2\n",
        ".env": "PASSWORD=x\n",
        ".git/config": "",
    }
    for name, text in files.items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(text)
    (made / "run.sh").chmod(0o755)
    return made


def kept(folder: Path, *steps: str, ignored: str = "") -> set[str]:
    """Return the names of what comes along with a Dockerfile of these steps."""
    (folder / "Dockerfile").write_text("\n".join(["FROM python:3.11-slim", *steps, ""]))
    if ignored:
        (folder / ".dockerignore").write_text(ignored)
    text, kind = read_spec_file(folder / "Dockerfile")
    assert kind is EnvironmentKind.DOCKERFILE
    return {file.name for file in kept_files.read(text)[1]}


@pytest.mark.parametrize(
    ("step", "names"),
    [
        ("COPY requirements.txt /tmp/", {"requirements.txt"}),
        ("COPY ./requirements.txt run.sh /tmp/", {"requirements.txt", "run.sh"}),
        ('copy ["requirements.txt", "/tmp/a b"]', {"requirements.txt"}),
        ("COPY --chown=1:1 --chmod=755 /run.sh /run.sh", {"run.sh"}),
        ("COPY src /opt/src", {"src/a.py", "src/deep/b.py", "src/deep/b.pyc"}),
        ("COPY src/ \\\n  /opt/src", {"src/a.py", "src/deep/b.py", "src/deep/b.pyc"}),
        ("COPY src/*.py /opt/", {"src/a.py"}),
        ("ADD re*.txt /tmp/", {"requirements.txt"}),
        ("COPY .env /tmp/", {".env"}),
        ("COPY --from=0 /etc/hostname /tmp/", set()),
        ("ADD https://example.org/a.tar.gz /tmp/", set()),
    ],
)
def test_what_is_copied_is_kept(folder: Path, step: str, names: set[str]) -> None:
    assert kept(folder, step) == names
    assert check((folder / "Dockerfile").read_text(), EnvironmentKind.DOCKERFILE) == () or names
    text = read_spec_file(folder / "Dockerfile")[0]
    assert [one for one in check(text, EnvironmentKind.DOCKERFILE) if one.severity == "error"] == []


def test_of_a_whole_folder_secrets_and_histories_stay_and_the_ignore_file_counts(folder: Path) -> None:
    assert kept(folder, "COPY . /opt") == {
        *("Dockerfile", "requirements.txt", "run.sh", "src/a.py", "src/deep/b.py", "src/deep/b.pyc", "data/big.csv"),
    }
    ignored = "# a comment\ndata\n**/*.pyc\nsrc/*\n!src/deep\nDockerfile\n.dockerignore\n"
    assert kept(folder, "COPY . /opt", ignored=ignored) == {"requirements.txt", "run.sh", "src/deep/b.py"}
    assert kept(folder, "COPY data src/a.py /opt", ignored="data/\n!data/big.csv\n") == {"data/big.csv", "src/a.py"}
    # A name without a slash means the top alone, unlike git's.
    assert "src/a.py" in kept(folder, "COPY src /opt", ignored="a.py\n")


def test_a_kept_dockerfile_is_whole_without_its_folder_and_another_file_makes_another_environment(folder: Path) -> None:
    kept(folder, "COPY requirements.txt run.sh /tmp/")
    first = read_spec_file(folder / "Dockerfile")[0]
    assert "#| numpy" in first
    _, files = kept_files.read(first)
    assert [(one.name, one.data, one.is_executable) for one in files] == [
        ("requirements.txt", b"numpy\n", False),
        ("run.sh", b"#!/bin/sh\n", True),
    ]
    (folder / "requirements.txt").write_text("numpy==2\n")
    second = read_spec_file(folder / "Dockerfile")[0]
    assert first != second
    shutil.rmtree(folder)
    assert parse(first, EnvironmentKind.DOCKERFILE).container == first.strip()
    # A text that was kept is a Dockerfile that can be written to a file again.
    folder.mkdir()
    (folder / "Dockerfile").write_text(first)
    assert read_spec_file(folder / "Dockerfile")[0] == first


@pytest.mark.parametrize("step", ["COPY missing.txt /tmp/", "COPY $NAME /tmp/", "COPY ../outside /tmp/"])
def test_what_is_not_there_is_named_with_its_line_and_what_to_do(folder: Path, step: str) -> None:
    (folder.parent / "outside").write_text("x")
    assert kept(folder, "RUN true", step) == set()
    text = read_spec_file(folder / "Dockerfile")[0]
    (problem,) = check(text, EnvironmentKind.DOCKERFILE)
    assert (problem.severity, problem.line) == ("error", 3)
    assert "is not kept with this Dockerfile" in problem.message
    assert "environment register" in problem.hint


def test_a_link_out_of_the_folder_and_too_much_are_refused_with_the_line(folder: Path) -> None:
    (folder / "src" / "link.py").symlink_to("/etc/hostname")
    with pytest.raises(InvalidSpec, match=r"Line 2: src/link.py leads out") as refused:
        kept(folder, "COPY src /opt")
    assert refused.value.line == 2
    (folder / "data" / "big.csv").write_bytes(b"x" * (600 << 10))
    with pytest.raises(InvalidSpec, match=r"Line 2: with data/big.csv \(614,400 bytes\)"):
        kept(folder, "COPY data /opt")


@given(
    st.dictionaries(
        NAMES, st.tuples(st.one_of(st.binary(max_size=300), st.text().map(str.encode)), st.booleans()), max_size=4
    )
)
def test_whatever_is_kept_comes_back_as_it_was(files: dict[str, tuple[bytes, bool]]) -> None:
    folders = {str(parent) for name in files for parent in PurePosixPath(name).parents}
    wanted = {
        KeptFile(name, data, is_executable) for name, (data, is_executable) in files.items() if name not in folders
    }
    body = "FROM python:3.11-slim\nRUN true\n"
    text = kept_files.written(body, wanted)
    assert kept_files.read(text) == (body, tuple(sorted(wanted, key=lambda one: one.name)))
    # Editors take away what stands at the end of lines.
    assert kept_files.read("\n".join(line.rstrip() for line in text.split("\n")))[1] == kept_files.read(text)[1]


@pytest.mark.parametrize("name", ["/etc/passwd", "../a", "a/../../b", "a/./b", "a//b", ".", '"\\u0000"', '"unfinished'])
def test_a_name_of_a_stranger_that_leads_elsewhere_is_left_out(name: str) -> None:
    text = f"FROM python\n\n{kept_files.HEAD}\n#: 644 {name}\n#| x\n"
    assert kept_files.read(text)[1] == ()


def test_a_name_that_is_another_ones_folder_is_left_out() -> None:
    text = f"FROM python\n\n{kept_files.HEAD}\n#: 644 a\n#| x\n#: 644 a/b\n#| y\n#: 644 a/b\n#| z\n"
    assert [(one.name, one.data) for one in kept_files.read(text)[1]] == [("a/b", b"z")]
