"""Versions of models in the trash: undone from the page, restored from the list, removed for good after a question."""

from __future__ import annotations

from desktop_aml.ui.models.list_page import ModelRegistry

# ruff: noqa: F811 - fixtures
from desktop_aml.ui.models.page import ModelPage
from tests.ui.models.test_page import LONG_MS, add_model, living, messages, press, shown  # noqa: F401 - fixtures among them


def test_a_deleted_version_is_in_the_trash_and_comes_back_by_undo_and_from_the_list(
    qtbot, living, bridge, shown, add_model, messages
):
    add_model("iris")
    add_model("iris", "newer")
    page, listed = shown(ModelPage(living, bridge, "iris:1")), shown(ModelRegistry(living, bridge))
    qtbot.waitUntil(lambda: page.current() is not None, timeout=LONG_MS)
    page.delete_button.click()
    qtbot.waitUntil(lambda: page.versions.keys() == ["2"] and bool(messages), timeout=LONG_MS)
    assert messages[-1].text == "iris:1 in the trash."
    messages[-1].action[1]()
    qtbot.waitUntil(lambda: page.versions.keys() == ["2", "1"], timeout=LONG_MS)
    living.models.delete("iris", 2)
    qtbot.waitUntil(
        lambda: [one.text() for one in listed.trash_menu.actions()][:1] == ["Restore iris:2"], timeout=LONG_MS
    )
    assert not listed.trash_button.isHidden()
    listed.trash_menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: page.versions.keys() == ["2", "1"] and listed.trash_button.isHidden(), timeout=LONG_MS)


def test_the_trash_of_models_is_emptied_after_a_question(qtbot, living, bridge, shown, add_model):
    add_model("iris")
    living.models.delete("iris", 1)
    listed = shown(ModelRegistry(living, bridge))
    qtbot.waitUntil(lambda: not listed.trash_button.isHidden(), timeout=LONG_MS)
    listed.trash_menu.actions()[-1].trigger()
    press(listed, "Remove")
    qtbot.waitUntil(listed.trash_button.isHidden, timeout=LONG_MS)
    assert living.models.trash() == ()
