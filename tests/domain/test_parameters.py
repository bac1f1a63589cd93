from __future__ import annotations

import math

import pytest

from desktop_aml.domain.parameters import Parameter, ParameterSource, of_arguments, typed


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-0", 0),
        ("1.0", 1.0),
        (".5", 0.5),
        ("1e-3", 1e-3),
        ("-inf", -math.inf),
        ("True", True),
        ("false", False),
        ("rbf", "rbf"),
        ("1_000", "1_000"),
        ("0x10", "0x10"),
        ("١", "١"),
        ("", ""),
        ("1 2", "1 2"),
        ("None", "None"),
    ],
)
def test_a_text_means_a_number_only_as_a_whole(text: str, value: object) -> None:
    found = typed(text)
    assert found == value
    assert type(found) is type(value)


def test_nan_is_a_number() -> None:
    found = typed("nan")
    assert isinstance(found, float)
    assert math.isnan(found)


def test_arguments_become_parameters_by_the_name_of_their_option() -> None:
    found = of_arguments(("data.csv", "--learning-rate", "0.10", "--C=1", "--shuffle", "--layers", "32", "64"))
    assert [(one.name, one.text) for one in found] == [
        ("argument 1", "data.csv"),
        ("learning_rate", "0.10"),
        ("C", "1"),
        ("shuffle", "True"),
        ("layers", "32 64"),
    ]
    assert [one.value for one in found][1:4] == [0.1, 1, True]
    assert {one.source for one in found} == {ParameterSource.ARGUMENT}


@pytest.mark.parametrize(
    ("command_line", "expected"),
    [
        ("train --lr 0.1 --no-shuffle", {"argument 1": "train", "lr": 0.1, "no_shuffle": True}),  # click, typer
        ("fit --lr=1e-3 --layers=[1,2]", {"argument 1": "fit", "lr": 1e-3, "layers": "[1,2]"}),  # fire
        ("model=big optimizer.lr=0.1 +gpus=2", {"model": "big", "optimizer.lr": 0.1, "gpus": 2}),  # Hydra
        ("--multirun lr=0.1,0.2 trainer.fast=true", {"multirun": True, "lr": "0.1,0.2", "trainer.fast": True}),
    ],
)
def test_what_the_command_line_gave_is_typed_for_every_way_to_read_it(command_line: str, expected: object) -> None:
    assert {one.name: one.value for one in of_arguments(command_line.split())} == expected


@pytest.mark.parametrize("words", [("--password", "hunter2"), ("db.password=hunter2",), ("++db/a.password=hunter2",)])
def test_a_secret_argument_is_no_readable_parameter(words: tuple[str, ...]) -> None:
    assert "hunter2" not in of_arguments(words)[0].text


def test_a_parameter_keeps_its_text_beside_its_value() -> None:
    assert (Parameter("C", "1.50").value, Parameter("C", "1.50").text) == (1.5, "1.50")
