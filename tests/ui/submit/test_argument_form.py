"""The form of a script's arguments: fitting fields, marks, resets, and the words that come out."""

from __future__ import annotations

from textwrap import dedent

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QWidget

from desktop_aml.domain.scripts.reader import describe_arguments
from desktop_aml.ui.look import theme
from desktop_aml.ui.submit.argument_form import ArgumentForm
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.number_field import NumberField

SCRIPT = dedent(
    """
    import argparse, os
    p = argparse.ArgumentParser()
    p.add_argument("data", help="Where the data is")
    p.add_argument("--kernel", choices=["linear", "rbf"], default="linear")
    p.add_argument("--penalty", type=float, default=1.0, help="Strength of the penalty")
    p.add_argument("--epochs", type=int, default=10)
    p.add_argument("--layers", type=int, nargs="+", default=[64, 32])
    p.add_argument("--name", default="first")
    p.add_argument("--from-env", default=os.getenv("X"))
    p.add_argument("--shuffle", action="store_true")
    p.add_argument("--warm", action=argparse.BooleanOptionalAction, default=True)
    p.add_argument("--fast", type=bool, default=False)
    p.add_argument("-v", "--verbose", action="count")
    """
)


@pytest.fixture
def form(qtbot, qapp) -> ArgumentForm:
    theme.apply(qapp, "light")
    made = ArgumentForm()
    qtbot.addWidget(made)
    made.show_arguments(describe_arguments(SCRIPT))
    made.resize(320, 900)
    made.show()
    return made


def editor(form: ArgumentForm, key: str):
    return form.fields[key].editor


def test_each_kind_of_argument_gets_a_fitting_field(form: ArgumentForm) -> None:
    kinds = {key: type(field.editor) for key, field in form.fields.items()}
    assert kinds == {
        "data": QLineEdit,
        "--kernel": ChoiceField,
        "--penalty": NumberField,
        "--epochs": NumberField,
        "--layers": QLineEdit,
        "--name": QLineEdit,
        "--from-env": QLineEdit,
        "--shuffle": QCheckBox,
        "--warm": QCheckBox,
        "--fast": ChoiceField,
        "--verbose": NumberField,
    }


def test_an_untouched_form_says_nothing(form: ArgumentForm) -> None:
    assert form.argv() == ()
    assert not form.is_modified()


def test_what_is_typed_becomes_words(form: ArgumentForm, qtbot) -> None:
    qtbot.keyClicks(editor(form, "data"), "my data.csv")
    editor(form, "--kernel").setFocus()
    qtbot.keyClick(editor(form, "--kernel"), Qt.Key.Key_Down)
    qtbot.keyClicks(editor(form, "--penalty"), "1e-3")
    qtbot.keyClicks(editor(form, "--layers"), "8 4")
    qtbot.mouseClick(editor(form, "--shuffle"), Qt.MouseButton.LeftButton, pos=QPoint(8, 10))
    qtbot.mouseClick(editor(form, "--warm"), Qt.MouseButton.LeftButton, pos=QPoint(8, 10))
    qtbot.keyClicks(form.extra, "--more 'a b'")
    assert form.argv() == (
        *("--kernel", "rbf", "--penalty", "0.001", "--layers", "8", "4", "--shuffle", "--no-warm"),
        *("my data.csv", "--more", "a b"),
    )
    assert form.fault() == ""


def test_defaults_are_placeholders(form: ArgumentForm) -> None:
    assert editor(form, "--name").placeholderText() == "first"
    assert editor(form, "--layers").placeholderText() == "64 32"
    assert editor(form, "--penalty").lineEdit().placeholderText() == "1.0"
    assert editor(form, "--from-env").placeholderText() == "Script's default: os.getenv('X')"
    assert editor(form, "data").placeholderText() == "Needed"


def test_a_change_is_marked_and_can_be_taken_back(form: ArgumentForm, qtbot) -> None:
    field = form.fields["--penalty"]
    assert not field._reset.isVisible()
    qtbot.keyClicks(field.editor, "2")
    assert field._reset.isVisible()
    assert field._mark.isVisible()
    qtbot.mouseClick(field._reset, Qt.MouseButton.LeftButton)
    assert field.value() is None or field.value() == 1.0
    assert form.argv() == ()
    assert not field._mark.isVisible()


def test_reset_all_puts_everything_back(form: ArgumentForm, qtbot) -> None:
    form.set_argv(("--kernel", "rbf", "-vv", "x.csv", "--unknown"))
    assert form.is_modified()
    qtbot.mouseClick(form._reset, Qt.MouseButton.LeftButton)
    assert form.argv() == ()
    assert form.extra.text() == ""


def test_words_of_an_earlier_run_fill_the_form(form: ArgumentForm) -> None:
    words = ("--kernel", "rbf", "--epochs", "3", "--no-warm", "--fast", "True", "--verbose", "--verbose", "d.csv")
    form.set_argv((*words, "--unknown", "a b"))
    assert form.values()["--epochs"] == 3
    assert form.extra.text() == "--unknown 'a b'"
    assert form.argv() == (*words, "--unknown", "a b")


def test_a_missing_argument_is_a_fault_that_the_extra_line_may_mend(form: ArgumentForm) -> None:
    assert form.fault() == "data is needed."
    form.extra.setText("data.csv")
    assert form.fault() == ""


def test_letters_are_refused_in_numbers_and_half_a_number_is_a_fault(form: ArgumentForm, qtbot) -> None:
    editor(form, "data").setText("x")
    qtbot.keyClicks(editor(form, "--epochs"), "1x2")
    assert form.values()["--epochs"] == 12
    editor(form, "--epochs").lineEdit().setText("-")
    assert form.fault() == "Write a whole number."
    editor(form, "--epochs").lineEdit().clear()
    editor(form, "--layers").setText("1 two")
    assert form.fault() == "Write numbers with spaces between."


def test_an_open_quotation_in_the_extra_line_is_a_fault(form: ArgumentForm) -> None:
    editor(form, "data").setText("x")
    form.extra.setText("'half")
    assert "not closed" in form.fault()


def test_the_mouse_wheel_changes_nothing(form: ArgumentForm) -> None:
    for key in ("--kernel", "--epochs"):
        target = editor(form, key)
        target.setFocus()
        place = QPointF(5, 5)
        no = Qt.KeyboardModifier.NoModifier
        turn = QWheelEvent(
            place, place, QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton, no, Qt.ScrollPhase.NoScrollPhase, False
        )
        QApplication.sendEvent(target, turn)
        assert not turn.isAccepted()
    assert form.argv() == ()


def test_numbers_step_in_their_last_digit(form: ArgumentForm, qtbot) -> None:
    penalty = editor(form, "--penalty")
    penalty.lineEdit().setText("0.01")
    qtbot.keyClick(penalty, Qt.Key.Key_Up)
    assert penalty.lineEdit().text() == "0.02"
    epochs = editor(form, "--epochs")
    qtbot.keyClick(epochs, Qt.Key.Key_Up)
    assert epochs.value() == 11
    verbose = editor(form, "--verbose")
    qtbot.keyClick(verbose, Qt.Key.Key_Down)
    assert verbose.value() in (None, 0)


def test_numbers_of_any_size_are_kept(form: ArgumentForm) -> None:
    editor(form, "data").setText("x")
    editor(form, "--epochs").lineEdit().setText("123456789012345678901234567890")
    assert form.argv() == ("--epochs", "123456789012345678901234567890", "x")


def test_what_was_filled_in_survives_a_change_of_the_script(form: ArgumentForm) -> None:
    editor(form, "--name").setText("mine")
    form.show_arguments(describe_arguments(SCRIPT + "p.add_argument('--new', type=int, default=1)\n"))
    assert form.values()["--name"] == "mine"
    assert "--new" in form.fields


def test_notes_say_what_the_form_cannot_show(form: ArgumentForm) -> None:
    form.show_arguments(describe_arguments("import click"))
    assert "with click" in form._notes.text()
    form.show_arguments(describe_arguments("import sys\nprint(sys.argv)"))
    assert "sys.argv" in form._notes.text()
    form.show_arguments(describe_arguments("print(1)"))
    assert form._notes.text() == "The text of this script declares no arguments."
    form.show_arguments(describe_arguments("print 1"))
    assert form._notes.text().startswith("Line 1: ")


def test_every_field_has_an_accessible_name(form: ArgumentForm) -> None:
    assert all(field.editor.accessibleName() == key for key, field in form.fields.items())
    assert form.extra.accessibleName()


def test_help_from_a_script_is_never_read_as_markup(form: ArgumentForm) -> None:
    form.show_arguments(
        describe_arguments("import argparse\np = argparse.ArgumentParser()\np.add_argument('--x', help='<b>bold</b>')")
    )
    labels = form.fields["--x"].findChildren(type(form._notes))
    assert [label.textFormat() for label in labels] == [Qt.TextFormat.PlainText]


def test_the_tab_key_goes_through_the_fields_where_they_stand(form: ArgumentForm, qtbot) -> None:
    field = form.fields["--penalty"]
    field.vary_button.click()  # what it asks for is made now
    order: list[QWidget] = []
    form.filter.setFocus()
    while form.focusWidget() not in order:
        order.append(form.focusWidget())
        form.focusNextChild()
    wanted = (
        form.filter,
        editor(form, "data"),
        editor(form, "--kernel"),
        field.vary_button,
        field.vary.kind,
        field.vary.high,
        editor(form, "--epochs"),
        form.extra,
    )
    assert sorted(wanted, key=order.index) == list(wanted)


def test_words_that_fill_the_form_leave_its_rows_and_are_said_once(form: ArgumentForm, qtbot) -> None:
    fields, told = dict(form.fields), []
    form.fields["--penalty"].vary_button.click()
    form.changed.connect(lambda: told.append(form.argv()))
    words = ("a.csv", "--kernel", "rbf", "--epochs", "3", "--name", "other")
    form.set_argv(words)
    assert form.fields == fields
    assert told == [form.argv()]
    assert form.fields["--epochs"].value() == 3
    assert not form.is_varied()
