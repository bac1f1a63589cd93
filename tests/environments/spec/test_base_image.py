"""The base image that a specification names: a key, a comment, or what Azure ML code said."""

from __future__ import annotations

import json

import pytest

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.errors import InvalidSpec
from desktop_aml.environments.spec.base_image import with_base_image
from desktop_aml.environments.spec.parsing import check, parse

CONDA, PIP = EnvironmentKind.CONDA, EnvironmentKind.PIP
TEXT = "name: iris\ndependencies:\n  - python=3.11\n"


def azure(name: str) -> str:
    return f"{TEXT}# azureml: {json.dumps({'docker': {'baseImage': name}})}\n"


@pytest.mark.parametrize(
    ("text", "kind", "wanted"),
    [
        (f"base_image: python:{{version}}-slim\n{TEXT}", CONDA, "python:{version}-slim"),
        (f'base_image: "host:5000/team/base:3.11"\n{TEXT}', CONDA, "host:5000/team/base:3.11"),
        (f"base_image:\n{TEXT}", CONDA, ""),
        (f"# base_image: not/for:yaml\n{TEXT}", CONDA, ""),
        ("numpy\n#base_image:  python:3.9\n", PIP, "python:3.9"),
        ("numpy  # base_image: python:3.9\n", PIP, ""),
        (azure("team/base:1"), CONDA, "team/base:1"),
        (f"base_image: mine:2\n{azure('team/base:1')}", CONDA, "mine:2"),
        # Azure's own are systems without packages: any base image stands for them, as before.
        (azure("mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04"), CONDA, ""),
        (azure("not an image"), CONDA, ""),
    ],
)
def test_a_specification_names_its_base_image(text: str, kind: EnvironmentKind, wanted: str) -> None:
    assert parse(text, kind).base_image == wanted


@pytest.mark.parametrize("text", ["base_image: 'two words'\n", "base_image: [a]\n", "base_image: -rf\n"])
def test_what_is_no_name_of_an_image_is_told_with_its_place(text: str) -> None:
    (problem,) = check(TEXT + text, CONDA)
    assert "is not the name of a base image" in problem.message
    assert (problem.line, problem.column) == (4, 13)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (TEXT, CONDA),
        (f"---\n{TEXT}", CONDA),
        (f"\ufeff---\r\n{TEXT}", CONDA),
        (f"{TEXT}base_image: old:1\n", CONDA),
        ("numpy\n", PIP),
        ("# base_image: old:1\nnumpy\n", PIP),
    ],
)
def test_another_base_image_takes_the_place_of_the_one_that_was_named(text: str, kind: EnvironmentKind) -> None:
    changed = with_base_image(text, kind, "python:{version}-slim")
    names = [[one.text for one in parse(each, kind).requirements] for each in (changed, text)]
    assert parse(changed, kind).base_image == "python:{version}-slim"
    assert names[0] == names[1]
    assert changed.count("base_image") == 1


def test_what_has_no_base_image_is_given_none() -> None:
    with pytest.raises(InvalidSpec, match="for conda and pip"):
        with_base_image("FROM python:3.11", EnvironmentKind.DOCKERFILE, "python:3.11")
    with pytest.raises(InvalidSpec, match="not the name"):
        with_base_image(TEXT, CONDA, "no name")
