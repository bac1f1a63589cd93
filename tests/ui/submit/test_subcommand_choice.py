"""Subcommands of a script are a choice, and the one that is chosen shows what it takes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_aml.domain.scripts.reader import describe_arguments
from desktop_aml.ui.submit.argument_form import ArgumentForm
from tests.domain.scripts.test_subcommands import DESCRIBED, parsed


@pytest.fixture
def form(qtbot: QtBot) -> ArgumentForm:
    made = ArgumentForm()
    qtbot.addWidget(made)
    made.show_arguments(DESCRIBED)
    made.show()
    return made


def choose(form: ArgumentForm, name: str) -> None:
    """Choose with the keyboard, as a person does."""
    form.command.choice.setFocus()
    QTest.keyClick(form.command.choice, Qt.Key.Key_Home)
    for _ in range(("", *form.command.names()).index(name)):
        QTest.keyClick(form.command.choice, Qt.Key.Key_Down)
    if form.command.name() == name:
        form.command.chosen.emit()


def test_one_that_is_needed_must_be_chosen_and_shows_its_fields(form: ArgumentForm) -> None:
    assert form.command.isVisible()
    assert form.fault() == "Choose a subcommand: train, test, more."
    choose(form, "train")
    own = {key.removeprefix("train ") for key in form.fields if key.startswith("train ")}
    assert own == {"--seed", "--data", "--lr", "--cpu", "--gpu"}
    form.fields["--seed"].set_value(8)
    form.fields["train --seed"].set_value(9)
    assert form.fault() == ""
    got = parsed(form.argv())
    assert (got["command"], got["seed"]) == ("train", 9)
    assert form.argv()[:2] == ("--seed", "8")


def test_what_a_subcommand_needs_and_what_excludes_each_other_is_said_at_its_field(form: ArgumentForm) -> None:
    choose(form, "test")
    assert form.fault() == "model is needed."
    form.fields["test model"].set_value("model.pkl")
    assert form.fault() == ""
    choose(form, "train")
    assert "test model" not in form.fields
    form.fields["train --cpu"].set_value(True)
    form.fields["train --gpu"].set_value(True)
    assert "cannot be given together" in form.fault()
    choose(form, "test")
    assert form.fields["test model"].value() == "model.pkl", "what was filled in comes back"


def test_an_earlier_command_line_fills_the_choice_and_its_fields(form: ArgumentForm) -> None:
    words = ("--mode", "test", "train", "--lr", "0.5", "--unknown", "x")
    form.set_argv(words)
    assert form.command.name() == "train"
    assert (form.fields["--mode"].value(), form.fields["train --lr"].value()) == ("test", 0.5)
    assert form.extra.text() == "--unknown x"
    assert form.argv() == words
    form.reset()
    assert form.argv() == ()
    assert form.command.name() == ""


def test_a_subcommand_that_is_typed_is_enough(form: ArgumentForm) -> None:
    form.extra.setText("train --lr 2")
    assert form.fault() == ""
    assert parsed(form.argv())["lr"] == 2.0


def test_arguments_of_the_subcommand_vary_and_those_before_it_do_not(form: ArgumentForm) -> None:
    choose(form, "train")
    form.fields["train --lr"].vary_button.setChecked(True)
    assert list(form.varied()) == ["--lr"]
    form.fields["--seed"].vary_button.setChecked(True)
    assert "--seed cannot vary beside a subcommand" in form.fault()


def test_a_script_without_subcommands_has_no_such_choice(form: ArgumentForm) -> None:
    form.show_arguments(describe_arguments("import argparse\np = argparse.ArgumentParser()\np.add_argument('--lr')"))
    assert not form.command.isVisible()
    assert list(form.fields) == ["--lr"]
