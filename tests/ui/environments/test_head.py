"""The filled button of an environment's page is what comes next, and nothing moves when that changes."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from desktop_aml.ui.environments.head import EnvironmentHead
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.workspace import Workspace


def test_a_built_environment_is_to_be_used_and_its_buttons_keep_their_places(
    tmp_path, bridge: Bridge, qtbot: QtBot
) -> None:
    with Workspace.create(tmp_path / "workspace", "test") as workspace:
        head = EnvironmentHead(workspace, bridge, "tiny")
        qtbot.addWidget(head)
        head.resize(700, head.sizeHint().height())
        head.show()
        buttons = (head.build_button, head.use_button)

        def shown(*, usable: bool) -> list[tuple[bool, tuple[int, ...]]]:
            head.show_possible(saving=False, building=False, acts=True, changed=False, exists=True, usable=usable)
            head.layout().activate()
            return [(bool(one.property("primary")), one.geometry().getRect()) for one in buttons]

        (build, place_of_build), (use, place_of_use) = shown(usable=False)
        assert (build, use) == (True, False)
        assert shown(usable=True) == [(False, place_of_build), (True, place_of_use)]
