"""Naming rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_aml.domain.errors import InvalidName
from desktop_aml.domain.names import (
    as_it_was,
    base_image_fault,
    check_any_experiment_name,
    check_dataset_name,
    check_endpoint_name,
    check_environment_name,
    check_experiment_name,
    check_model_name,
    check_thing_name,
    experiment_name_of,
    pleasant_name,
    storable,
    title,
)


@pytest.mark.parametrize("name", ["a", "train-sklearn", "A_1", "9lives", "x" * 255])
def test_an_experiment_takes_azures_names(name: str) -> None:
    assert check_experiment_name(name) == name


@pytest.mark.parametrize("name", ["", "-a", "_a", "a b", "a/b", "..", "é", "x" * 256, "a\n"])
def test_an_experiment_refuses_other_names(name: str) -> None:
    with pytest.raises(InvalidName, match="name of an experiment"):
        check_experiment_name(name)


@pytest.mark.parametrize("name", ["../x", ".hidden", "a/b", "a\x00b", ""])
def test_a_model_name_is_never_a_path(name: str) -> None:
    with pytest.raises(InvalidName, match="name of a model"):
        check_thing_name(name, "model")


def test_a_thing_may_hold_dots() -> None:
    assert check_thing_name("sklearn-1.5", "run") == "sklearn-1.5"


@pytest.mark.parametrize("name", ["Iris", "-a", "a-", "a_b", "x" * 33, ""])
def test_an_endpoint_refuses_what_azure_refuses(name: str) -> None:
    with pytest.raises(InvalidName):
        check_endpoint_name(name)


def test_an_environment_may_have_blanks_inside_as_in_azure_ml() -> None:
    assert check_environment_name("Telecome_churn env") == "Telecome_churn env"
    for name in (" churn", "churn ", "churn/env", "churn\nenv", "churn:env"):
        with pytest.raises(InvalidName, match="name of an environment"):
            check_environment_name(name)


def test_an_endpoint_takes_small_letters_digits_and_hyphens() -> None:
    assert check_endpoint_name("scikit-learn-service") == "scikit-learn-service"


def test_pleasant_names_are_the_same_for_the_same_seed_and_are_names() -> None:
    assert pleasant_name(7, 12) == pleasant_name(7, 12)
    assert all(check_thing_name(pleasant_name(seed, 1), "run") for seed in range(3000))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("swift otter", "swift otter"),
        ("  two\nlines\t and\ra bell\x07 ", "two lines and a bell"),
        ("\x1b[31mred", "[31mred"),
        ("\n\t", ""),
        ("Irís 🌷 モデル", "Irís 🌷 モデル"),
    ],
)
def test_a_title_is_one_printable_line(typed: str, kept: str) -> None:
    assert title(typed) == kept


def test_a_title_of_five_thousand_letters_is_cut() -> None:
    assert title("x" * 5000) == "x" * 256


def test_a_name_that_is_too_long_says_how_long_it_may_be() -> None:
    with pytest.raises(InvalidName) as caught:
        check_thing_name("m" * 300, "model")
    assert "At most 255 of them; these are 300." in caught.value.hint


TRICKY = st.text(st.sampled_from(["\\", "x", "u", "f", "0", "a", "\udcff", "\udc80", "\ud800", "\udfff", "é", "/"]))


@given(TRICKY | st.text(st.characters(exclude_categories=())))
def test_any_text_can_be_stored_and_comes_back(text: str) -> None:
    stored = storable(text)
    stored.encode()
    assert as_it_was(stored) == text


def test_only_what_cannot_be_stored_looks_different() -> None:
    assert storable("outputs/a\udcff.txt") == "outputs/a\\xff.txt"
    assert storable("C:\\data\\new, é") == "C:\\data\\new, é"
    assert storable("\\xff") == "\\\\xff"
    assert as_it_was("\\\\xff") == "\\xff"


@pytest.mark.parametrize("name", ["a b", "é/ü", "x" * 500, "-1"])
def test_an_experiment_of_mlflows_clients_takes_their_names(name: str) -> None:
    assert check_any_experiment_name(name) == name


@pytest.mark.parametrize("name", ["", " a", "a ", "a\nb", "x" * 501])
def test_no_experiment_has_an_empty_broken_or_endless_name(name: str) -> None:
    with pytest.raises(InvalidName, match="cannot be the name of an experiment"):
        check_any_experiment_name(name)


@pytest.mark.parametrize(
    ("folder", "expected"),
    [("my scripts", "my-scripts"), ("train", "train"), ("__", "default"), ("日本", "default"), ("a.b", "a-b")],
)
def test_a_folder_gives_its_experiment_a_name_that_is_allowed(folder: str, expected: str) -> None:
    assert check_experiment_name(experiment_name_of(folder)) == expected


def test_a_data_set_may_have_blanks_inside_its_name() -> None:
    assert check_dataset_name("diabetes rows 1.0") == "diabetes rows 1.0"
    with pytest.raises(InvalidName):
        check_dataset_name(" rows")


@pytest.mark.parametrize(
    ("image", "is_one"),
    [
        ("python:{version}-slim", True),
        ("registry.example.org:5000/base/python:{version}", True),
        ("Python", False),
        ("a b", False),
        ("x" * 1000, False),
    ],
)
def test_a_base_image_is_told_by_its_name(image: str, is_one: bool) -> None:
    assert (base_image_fault(image) == "") is is_one


def test_models_and_data_sets_may_have_blanks_inside() -> None:
    assert check_model_name("my model") == "my model"
    with pytest.raises(InvalidName, match="model"):
        check_model_name(" model")
