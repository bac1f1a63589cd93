"""Specifications for Docker: Dockerfiles and names of images, checked before any engine is asked."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.errors import InvalidSpec, PreparationError
from desktop_aml.environments.spec.files import read_spec_file
from desktop_aml.environments.spec.parsing import check, detect_kind, parse
from tests.environments.bench import Bench

DOCKERFILE = """\
# A comment
ARG VERSION=3.11
FROM python:${VERSION}-slim AS base
RUN pip install \\
    scikit-learn \\
    # inside a continued line
    numpy
FROM base
ENV THREADS=2
COPY --from=base /etc/hostname /tmp/
"""


@pytest.mark.parametrize(
    "name",
    [
        "python:3.11-slim",
        "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04",
        "localhost:5000/team/image",
        "localhost/image",
        f"python@sha256:{'0' * 64}",
        "registry.example.org:443/a/b_c/d-e:Tag_1.0",
    ],
)
def test_the_name_of_an_image_is_recognised_and_kept(name: str):
    assert detect_kind(f"{name}\n") is EnvironmentKind.IMAGE
    assert check(name, EnvironmentKind.IMAGE) == ()
    assert parse(f" {name}\n", EnvironmentKind.IMAGE).container == name


@pytest.mark.parametrize("text", ["numpy", "numpy==1.26", "numpy>=1", "scikit-learn\nnumpy\n", "name: x\n", "a/b"])
def test_a_requirement_is_not_taken_for_an_image(text: str):
    assert detect_kind(text) is not EnvironmentKind.IMAGE


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Python:3",
        "python:3.11\nRUN id",
        "python 3",
        "$(id)",
        "-v",
        "--privileged",
        "a//b",
        "a:b:c",
        "x" * 600,
        "a;b",
    ],
)
def test_what_is_no_name_of_an_image_is_refused(name: str):
    (problem,) = check(name, EnvironmentKind.IMAGE)
    assert (problem.severity, problem.line) == ("error", 1)
    with pytest.raises(InvalidSpec, match="Line 1"):
        parse(name, EnvironmentKind.IMAGE)


def test_a_dockerfile_is_recognised_and_kept(tmp_path: Path):
    file = tmp_path / "Dockerfile"
    file.write_text(DOCKERFILE)
    assert read_spec_file(file) == (DOCKERFILE, EnvironmentKind.DOCKERFILE)
    assert detect_kind(DOCKERFILE) is EnvironmentKind.DOCKERFILE
    assert detect_kind("from python:3.11\n") is EnvironmentKind.DOCKERFILE
    assert detect_kind("FROM python\n", "gpu.dockerfile") is EnvironmentKind.DOCKERFILE
    assert check(DOCKERFILE, EnvironmentKind.DOCKERFILE) == ()
    assert parse(DOCKERFILE, EnvironmentKind.DOCKERFILE).container == DOCKERFILE.strip()


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "no FROM"),
        ("# nothing\n", 1, "no FROM"),
        ("RUN id\n", 1, "before FROM"),
        ("FROM python\nRNU id\n", 2, "'RNU' is not an instruction"),
        ("FROM python\nRUN\n", 2, "RUN says nothing"),
        ("FROM python as\n", 1, "cannot be read"),
        ("FROM Python;id\n", 1, "not the name of an image"),
        ("FROM python\n\nCOPY . /app\n", 3, "is not kept with this Dockerfile"),
        ("FROM python\nADD x https://example.org/x /x\n", 2, "“x”, which is copied, is not kept"),
        ("FROM python\nRUN <<EOF\nid\nEOF\n", 2, "not understood by every Docker engine"),
    ],
)
def test_a_fault_in_a_dockerfile_is_named_with_its_line(text: str, line: int, words: str):
    problem = check(text, EnvironmentKind.DOCKERFILE)[0]
    assert (problem.severity, problem.line) == ("error", line)
    assert words in problem.message


def test_a_slip_of_the_finger_has_a_suggestion():
    (problem,) = check("FROM python\nRNU id\n", EnvironmentKind.DOCKERFILE)
    assert problem.hint == "Did you mean RUN?"


@pytest.mark.timing
def test_a_huge_or_endless_dockerfile_is_answered_at_once():
    started = time.process_time()
    check("FROM python\n" + "RUN a \\\n" * 15_000, EnvironmentKind.DOCKERFILE)
    assert check("FROM python\n" + "RUN a\n" * 200_000, EnvironmentKind.DOCKERFILE)[0].severity == "error"
    check("a" * 100_000, EnvironmentKind.IMAGE)
    check("FROM " + "a-" * 50_000, EnvironmentKind.DOCKERFILE)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("text", "kind"), [(DOCKERFILE, EnvironmentKind.DOCKERFILE), ("python:3.11", EnvironmentKind.IMAGE)]
)
def test_what_needs_docker_is_refused_on_this_computer(bench: Bench, text: str, kind: EnvironmentKind):
    with pytest.raises(PreparationError, match="made for Docker") as raised:
        bench.make(text, kind=kind)
    assert "Docker as the target" in raised.value.hint
    assert bench.leftovers() == []
