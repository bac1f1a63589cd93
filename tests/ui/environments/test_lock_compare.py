"""Two environments side by side: which packages differ, which lines were written otherwise."""

from __future__ import annotations

from typing import cast

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_aml.domain.compare.locks import EnvironmentDiff, LockSide, compare
from desktop_aml.domain.environments import EnvironmentLock, LockedPackage
from desktop_aml.domain.errors import Conflict
from desktop_aml.ui.environments.lock_compare import LockCompareView
from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.workspace import Workspace

TEXTS = {"e:1": "a\nb\n", "e:2": "a\nb\nc\n", "e:3": "a\n"}


def lock(**versions: str) -> EnvironmentLock:
    packages = tuple(LockedPackage(name, version) for name, version in versions.items())
    return EnvironmentLock("3.11.7", "linux-x86_64", "uv", packages, "")


LOCKS = {"e:1": lock(numpy="1.26", joblib="1.4"), "e:2": lock(numpy="2.0", scipy="1.14"), "e:3": None}


class _Locks:
    """The only part of a workspace that the view asks."""

    def __init__(self) -> None:
        self.environments = self

    def compare(self, before: str, after: str) -> EnvironmentDiff:
        old, new = LOCKS[before], LOCKS[after]
        if old is None or new is None:
            raise Conflict("The environment was never built.")
        return compare(LockSide(before, old, TEXTS[before]), LockSide(after, new, TEXTS[after]))


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication) -> LockCompareView:
    theme.apply(qapp, "light")
    made = LockCompareView(cast(Workspace, _Locks()), Bridge())
    qtbot.addWidget(made)
    made.resize(900, 400)
    return made


def rows(view: LockCompareView) -> list[list[str]]:
    items = [view.table.topLevelItem(row) for row in range(view.table.topLevelItemCount())]
    return [[item.text(column) for column in range(4)] for item in items if item is not None]


def test_packages_and_lines_that_differ_are_shown_once_the_view_is_seen(view: LockCompareView, qtbot: QtBot):
    view.show_sides("e:2", [("Version 1", "e:1"), ("Version 2 itself", "e:2")], "none", TEXTS)
    assert rows(view) == []
    view.show()
    qtbot.waitUntil(lambda: len(rows(view)) == 3)
    assert sorted(rows(view)) == [
        ["joblib", "1.4", "–", "removed"],
        ["numpy", "1.26", "2.0", "other version"],
        ["scipy", "–", "1.14", "added"],
    ]
    assert view.summary.text() == "3 differences"
    assert "+c" in view.text.toPlainText()
    view.choice.setCurrentIndex(1)
    same = "Both resolved to exactly the same packages. The specifications are the same."
    qtbot.waitUntil(lambda: view.note.label.text() == same)
    assert not view.text.isVisible()


def test_what_was_never_built_is_compared_by_its_lines(view: LockCompareView, qtbot: QtBot):
    view.show()
    view.show_sides("e:3", [("Version 2", "e:2")], "none", TEXTS)
    qtbot.waitUntil(lambda: view.note.label.text() == "The environment was never built.")
    assert view.note.isVisible()
    assert "-c" in view.text.toPlainText()


def test_with_nothing_to_compare_it_says_so(view: LockCompareView):
    view.show()
    view.show_sides("e:1", [], "There is no other version yet.")
    assert view.empty.label.text() == "There is no other version yet."
    assert view.empty.isVisible()
    assert view.choice.isHidden()
