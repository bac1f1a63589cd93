"""A target that is off can be looked at, says why, and is looked for again."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_aml.domain.targets import RunTarget
from desktop_aml.ui.session.bridge import Bridge, Message
from desktop_aml.ui.shell.status import DockerLight
from desktop_aml.ui.widgets.target_field import TargetField

OFF = (RunTarget("local"), RunTarget("docker", "No Docker engine answers.", "Start it."))
ON = (RunTarget("local"), RunTarget("docker"))


@pytest.fixture
def field(qtbot: QtBot) -> TargetField:
    made = TargetField()
    qtbot.addWidget(made)
    made.show()
    return made


def test_this_computer_is_chosen_and_says_nothing(field: TargetField):
    field.show_targets(OFF)
    assert field.value() == "local"
    assert field.fault() == ""
    assert not field.reason.isVisible()


def test_docker_that_is_off_says_why_until_it_is_there(field: TargetField, qtbot: QtBot):
    field.show_targets(OFF)
    with qtbot.waitSignal(field.look_wanted):
        field.set_value("docker")
    assert field.choice.currentText() == "Docker (off)"
    assert field.fault() == "No Docker engine answers."
    assert field.reason.text() == "Start it."
    with qtbot.waitSignal(field.look_wanted):
        qtbot.mouseClick(field.again, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(field.changed):
        field.show_targets(ON)
    assert (field.value(), field.fault(), field.choice.currentText()) == ("docker", "", "Docker")
    assert not field.again.isVisible()


def test_the_status_bar_says_why_docker_is_off_when_it_is_asked(qtbot: QtBot):
    light, bridge, heard = DockerLight(), Bridge(), list[Message]()
    qtbot.addWidget(light)
    bridge.message_raised.connect(heard.append)
    assert not light.isVisible()
    light.show_targets(OFF)
    assert light.text() == "Docker: off (why?)"
    light.explain(bridge)
    assert (heard[0].text, heard[0].hint) == ("No Docker engine answers.", "Start it.")
    light.show_targets(ON)
    light.explain(bridge)
    assert light.text() == "Docker ready"
    assert len(heard) == 1
    bridge.close()
