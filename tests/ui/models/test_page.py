"""The registry of models, the page of one, and the dialogs that register and deploy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QInputDialog, QLabel, QMessageBox, QWidget

from desktop_aml.ui.models import list_page as model_registry
from desktop_aml.ui.models.deploy_dialog import DeployDialog, endpoint_name
from desktop_aml.ui.models.list_page import ModelRegistry
from desktop_aml.ui.models.page import ModelPage
from desktop_aml.ui.models.register_dialog import RegisterDialog, model_paths, parse_tags
from desktop_aml.ui.session.bridge import Bridge, Destination, Message
from desktop_aml.workspace import Workspace

LONG_MS = 60_000


@pytest.fixture
def living(tmp_path: Path, bridge: Bridge, marked_processes: object) -> Iterator[Workspace]:
    made = Workspace.create(tmp_path / "workspace", "test")
    made.start_engine(bridge.event_happened.emit)
    yield made
    for endpoint in made.endpoints.list():
        made.endpoints.delete(endpoint.name)
    made.close()


@pytest.fixture
def add_model(living: Workspace, tmp_path: Path) -> Callable[..., None]:
    def add_model(name: str, content: str = "model", **more: object) -> None:
        (tmp_path / "model.joblib").write_text(content)
        living.models.register(name, file=tmp_path / "model.joblib", **more)

    return add_model


@pytest.fixture
def destinations(bridge: Bridge) -> list[Destination]:
    seen: list[Destination] = []
    bridge.destination_wanted.connect(seen.append)
    return seen


@pytest.fixture
def messages(bridge: Bridge) -> list[Message]:
    seen: list[Message] = []
    bridge.message_raised.connect(seen.append)
    return seen


@pytest.fixture
def shown(qtbot) -> Callable[[QWidget], QWidget]:
    def shown(widget: QWidget) -> QWidget:
        qtbot.addWidget(widget)
        widget.resize(900, 600)
        widget.show()
        return widget

    return shown


def press(owner: QWidget, verb: str) -> None:
    box = owner.findChild(QMessageBox, "confirm")
    next(button for button in box.buttons() if button.text() == verb).click()


def texts(page: ModelPage) -> list[str]:
    return [label.text() for label in page.facts.findChildren(QWidget) if hasattr(label, "text")]


def test_an_empty_registry_says_what_to_do(qtbot, living, bridge, shown):
    page = shown(ModelRegistry(living, bridge))
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.empty)
    assert page.empty.button.text() == "Import model file…"


def test_the_registry_follows_and_searches(qtbot, living, bridge, shown, add_model, destinations):
    page = shown(ModelRegistry(living, bridge))
    add_model("iris")
    add_model("wine")
    add_model("wine", "another")
    qtbot.waitUntil(lambda: sorted(page.table.keys()) == ["iris", "wine"], timeout=LONG_MS)
    qtbot.waitUntil(lambda: page._models["wine"].version == 2, timeout=LONG_MS)
    page.search.setText("WIN")
    assert page.table.keys() == ["wine"]
    assert page.count_label.text() == "1 of 2"
    page.table.choose("wine")
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert destinations == [Destination("model", "wine")]


def test_a_model_file_is_imported_after_one_warning(qtbot, living, bridge, shown, tmp_path, monkeypatch):
    monkeypatch.setattr(model_registry, "_trust", model_registry._Trust())
    monkeypatch.setattr(QFileDialog, "open", lambda self: self.fileSelected.emit(str(tmp_path / "my model.joblib")))
    (tmp_path / "my model.joblib").write_text("content")
    page = shown(ModelRegistry(living, bridge))
    page.import_model()
    assert page.findChild(RegisterDialog) is None
    press(page, "Choose a file…")
    dialog = page.findChild(RegisterDialog)
    assert dialog.name.text() == "my-model"
    dialog.register_button.click()
    qtbot.waitUntil(lambda: page.table.keys() == ["my-model"], timeout=LONG_MS)
    page.import_model()
    assert page.findChild(QMessageBox, "confirm") is None or not page.findChild(QMessageBox, "confirm").isVisible()


def test_the_newest_version_is_shown_first_and_the_one_asked_for_when_named(qtbot, living, bridge, shown, add_model):
    add_model("iris", description="first one", tags={"stage": "test"}, cpu=1.5, memory_in_gb=2.0)
    add_model("iris", "newer")
    newest = shown(ModelPage(living, bridge, "iris"))
    qtbot.waitUntil(lambda: newest.current() is not None)
    assert newest.current().version == 2
    old = shown(ModelPage(living, bridge, "iris:1"))
    qtbot.waitUntil(lambda: old.current() is not None)
    assert old.current().version == 1
    assert old.subtitle.text() == "first one"
    old.turn_to(2)
    assert old.versions.current_key() == "2"
    add_model("iris")
    old.turn_to(3)  # not read yet
    qtbot.waitUntil(lambda: old.versions.current_key() == "3", timeout=LONG_MS)
    old.versions.choose("1")
    old.refresh()
    qtbot.waitUntil(lambda: not bridge.is_busy(), timeout=LONG_MS)
    assert old.versions.current_key() == "1"
    assert {"stage=test", "1.5 cores, 2 GB of memory"} <= set(texts(old))


def test_the_sha256_of_a_file_is_copied_whole(qtbot, living, bridge, shown, add_model):
    add_model("iris")
    page = shown(ModelPage(living, bridge, "iris"))
    qtbot.waitUntil(lambda: page.files.keys() != [])
    page.files.choose(page.files.keys()[0])
    qtbot.keyClick(page.files, Qt.Key.Key_Return)
    assert QGuiApplication.clipboard().text() == page.current().files[0].sha256


def test_a_version_that_is_served_is_not_deleted(qtbot, living, bridge, shown, add_model, messages):
    add_model("iris")
    living.endpoints.deploy("iris", name="served")
    page = shown(ModelPage(living, bridge, "iris"))
    qtbot.waitUntil(lambda: page.current() is not None)
    page.delete_button.click()
    assert page.findChild(QMessageBox, "confirm") is None
    assert "served" in messages[-1].text


def test_a_model_is_downloaded_into_a_folder(qtbot, living, bridge, shown, add_model, tmp_path, messages):
    add_model("iris", "the bytes")
    page = shown(ModelPage(living, bridge, "iris"))
    qtbot.waitUntil(lambda: page.current() is not None)
    (tmp_path / "to").mkdir()
    page.download(str(tmp_path / "to"))
    qtbot.waitUntil(lambda: bool(messages))
    assert messages[-1].severity == "success"
    assert [file.read_text() for file in (tmp_path / "to").rglob("*.joblib")] == ["the bytes"]


def test_a_model_that_is_gone_leads_on(qtbot, living, bridge, shown, destinations):
    page = shown(ModelPage(living, bridge, "never-was"))
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.missing)
    page.missing.button.click()
    assert destinations == [Destination("models")]


@pytest.mark.parametrize(
    ("name", "port", "fine"),
    [("good-name", "", True), ("Bad Name", "", False), ("", "", False), ("ok", "80", False), ("ok", "5001", True)],
)
def test_name_and_port_are_checked_while_they_are_typed(
    qtbot, living, bridge, shown, add_model, name: str, port: str, fine: bool
):
    add_model("iris")
    owner = shown(QWidget())
    dialog = DeployDialog(living, bridge, living.models.get("iris"), owner)
    dialog.open()
    dialog.name.setText(name)
    dialog.port.lineEdit().setText(port)
    assert dialog.deploy_button.isEnabled() is fine
    assert dialog.error.isVisible() is not fine
    qtbot.waitUntil(lambda: not bridge.is_busy())


def test_docker_that_is_off_keeps_deploy_from_being_pressed_and_says_why(
    qtbot, living, bridge, shown, add_model, tmp_path, monkeypatch
):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    add_model("iris")
    owner = shown(QWidget())
    dialog = DeployDialog(living, bridge, living.models.get("iris"), owner)
    dialog.open()
    assert dialog.deploy_button.isEnabled()
    dialog.target.set_value("docker")
    qtbot.waitUntil(lambda: not dialog.deploy_button.isEnabled())
    assert dialog.target.reason.isVisible()
    assert dialog.target.reason.text()
    dialog.target.set_value("local")
    assert dialog.deploy_button.isEnabled()
    qtbot.waitUntil(lambda: not bridge.is_busy())


@pytest.mark.parametrize("allowed", [False, True])
def test_a_model_gets_the_network_only_where_the_box_is_ticked(
    qtbot, living, bridge, shown, add_model, monkeypatch, allowed: bool
):
    add_model("iris")
    asked: list[object] = []
    monkeypatch.setattr(type(living.endpoints), "deploy", lambda _, *words, **more: asked.append(more["network"]))
    owner = shown(QWidget())
    dialog = DeployDialog(living, bridge, living.models.get("iris"), owner)
    monkeypatch.setattr(dialog, "_on_deployed", lambda _: None)
    dialog.open()
    dialog.network.setChecked(allowed)
    dialog.deploy()
    qtbot.waitUntil(lambda: not bridge.is_busy())
    assert asked == [allowed]


def test_a_taken_endpoint_name_is_said_before_anything_is_asked(qtbot, living, bridge, shown, add_model):
    add_model("iris")
    living.endpoints.deploy("iris", name="iris")
    owner = shown(QWidget())
    dialog = DeployDialog(living, bridge, living.models.get("iris"), owner)
    dialog.open()
    qtbot.waitUntil(lambda: dialog.name.text() == "iris-2")
    dialog.name.setText("iris")
    assert "already" in dialog.error.message.text()


@pytest.mark.parametrize(
    ("model", "taken", "name"),
    [
        ("iris", (), "iris"),
        ("My_Model.v2", (), "my-model-v2"),
        ("iris", ("iris", "iris-2"), "iris-3"),
        ("x" * 60, (), "x" * 32),
        ("x" * 60, ("x" * 32,), "x" * 30 + "-2"),
        ("___", (), "endpoint"),
    ],
)
def test_an_endpoint_is_named_after_its_model(model: str, taken: tuple[str, ...], name: str):
    assert endpoint_name(model, taken) == name


@pytest.mark.parametrize(
    ("text", "tags"),
    [("", {}), ("a=1, b = two ", {"a": "1", "b": "two"}), ("a", None), ("=1", None), ("a=", {"a": ""})],
)
def test_tags_are_name_and_value(text: str, tags: dict[str, str] | None):
    assert parse_tags(text) == tags


def test_the_likeliest_model_file_comes_first():
    paths = ["logs/std_log.txt", "outputs/notes.txt", "outputs/plot.png", "other/m.joblib", "outputs/model.joblib"]
    assert model_paths(paths)[0] == "outputs/model.joblib"
    assert "logs/std_log.txt" not in model_paths(paths)


def test_what_is_wrong_with_a_registration_is_said_in_the_dialog(qtbot, living, bridge, shown, tmp_path):
    owner = shown(QWidget())
    dialog = RegisterDialog(living, bridge, file=str(tmp_path / "missing.joblib"), parent=owner)
    dialog.open()
    dialog.name.setText("no/name")
    assert not dialog.register_button.isEnabled()
    dialog.name.setText("fine")
    dialog.register_button.click()
    qtbot.waitUntil(lambda: dialog.error.isVisible(), timeout=LONG_MS)
    assert "missing.joblib" in dialog.error.message.text()
    assert dialog.register_button.isEnabled()


def test_a_menu_of_a_version_and_of_a_model_offers_the_same_first_steps(qtbot, living, bridge, shown, add_model):
    add_model("iris")
    page = shown(ModelPage(living, bridge, "iris"))
    registry = shown(ModelRegistry(living, bridge))
    qtbot.waitUntil(lambda: page.current() is not None and registry.table.keys() == ["iris"])
    assert registry.menu("iris").actions()[0].text() == "Open"
    assert "Delete version" in [action.text() for action in page.version_menu().actions()]
    page.files.menu_wanted.emit(page.files.keys()[0], QPoint(0, 0))


def test_versions_are_compared_by_the_metrics_of_their_runs(qtbot, living, bridge, shown, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "train.py").write_text(
        "import sys, os\nfrom azureml.core.run import Run\n"
        "Run.get_context().log('auc', float(sys.argv[1]))\nRun.get_context().log('same', 1.0)\n"
        "os.makedirs('outputs', exist_ok=True)\nopen('outputs/model.joblib', 'w').write(sys.argv[1])\n"
    )
    for value in ("0.5", "0.75"):
        run_id = living.runs.submit(source / "train.py", arguments=(value,))
        living.runs.wait(run_id, timeout_s=60)
        living.models.register("iris", run_id=run_id, path="outputs/model.joblib")
    page = shown(ModelPage(living, bridge, "iris"))
    qtbot.waitUntil(lambda: page.differences.table is not None, timeout=LONG_MS)
    table = page.differences.table
    rows = {}
    for row in range(table.topLevelItemCount()):
        item = table.topLevelItem(row)
        rows[item.text(0)] = (item.text(1), item.text(2))
    assert rows["auc"] == ("0.75", "0.50")
    assert rows["Arguments"] == ("0.75", "0.5")
    assert "same" not in rows
    name = living.runs.get(run_id).summary.display_name
    assert name in texts(page)
    assert any("auc 0.75" in text for text in texts(page))


def test_description_and_tags_are_edited_and_taken_back(qtbot, living, bridge, shown, add_model, messages):
    add_model("iris", description="first", tags={"stage": "test", "team": "a"})
    page = shown(ModelPage(living, bridge, "iris"))
    qtbot.waitUntil(lambda: page.subtitle.text() == "first", timeout=LONG_MS)
    page.editing.edit_description()
    box = page.findChild(QInputDialog, "text_question")
    box.setTextValue("second")
    box.accept()
    qtbot.waitUntil(lambda: living.models.get("iris").description == "second", timeout=LONG_MS)
    page.editing.edit_tags()
    box = next(one for one in page.findChildren(QInputDialog) if one.textValue() == "stage=test, team=a")
    box.setTextValue("stage=production, owner=me")
    box.accept()
    wanted = {"stage": "production", "owner": "me"}
    qtbot.waitUntil(lambda: living.models.get("iris").tags == wanted, timeout=LONG_MS)
    qtbot.waitUntil(lambda: len([one for one in messages if one.action]) == 2, timeout=LONG_MS)
    messages[-1].action[1]()
    qtbot.waitUntil(lambda: living.models.get("iris").tags == {"stage": "test", "team": "a"}, timeout=LONG_MS)


def edit(page: ModelPage, qtbot, act: Callable[[], None], text: str) -> None:
    act()
    (box,) = page.findChildren(QInputDialog)
    box.setTextValue(text)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not page.findChildren(QInputDialog), timeout=LONG_MS)


def test_aliases_of_a_version_are_set_moved_removed_and_come_back(living, bridge, qtbot, add_model, shown, messages):
    add_model("iris", "one")
    add_model("iris", "two")
    living.models.set_aliases("iris", {"champion": 1})
    page = shown(ModelPage(living, bridge, "iris:2"))
    qtbot.waitUntil(lambda: page.versions.topLevelItemCount() == 2, timeout=LONG_MS)
    aliases = lambda: living.models.aliases().get("iris", {})  # noqa: E731
    edit(page, qtbot, page.editing.edit_aliases, "champion, best-yet ,")
    qtbot.waitUntil(lambda: page.aliases_of(page.current()) == ["best-yet", "champion"], timeout=LONG_MS)
    assert aliases() == {"best-yet": 2, "champion": 2}
    assert "Version 2 · best-yet · champion" in {page.versions.topLevelItem(row).text(0) for row in range(2)}
    messages[-1].action[1]()
    qtbot.waitUntil(lambda: aliases() == {"champion": 1}, timeout=LONG_MS)
    edit(page, qtbot, page.editing.edit_aliases, "fine, v7")
    qtbot.waitUntil(lambda: "alias" in messages[-1].text, timeout=LONG_MS)
    assert aliases() == {"champion": 1}, "all of them or none"


def test_the_list_shows_aliases_and_which_version_they_mean(living, bridge, qtbot, add_model, shown):
    add_model("iris", "one")
    add_model("iris", "two")
    living.models.set_aliases("iris", {"champion": 1, "next": 2})
    page = shown(ModelRegistry(living, bridge))
    qtbot.waitUntil(lambda: page.table.topLevelItemCount() == 1, timeout=LONG_MS)
    assert page.table.topLevelItem(0).text(2) == "champion (v1), next"


def test_the_page_says_what_a_model_takes_and_gives(living, bridge, qtbot, shown, tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.pkl").write_text("x")
    (folder / "MLmodel").write_text(
        "flavors:\n  python_function:\n    loader_module: x\nsignature:\n"
        """  inputs: '[{"type": "double", "name": "age"}, {"type": "string", "name": "plan"}]'\n"""
        """  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'\n"""
    )
    living.models.register("churn", file=folder)
    page = shown(ModelPage(living, bridge, "churn"))
    qtbot.waitUntil(lambda: page.current() is not None, timeout=LONG_MS)
    texts = {label.text() for label in page.facts.findChildren(QLabel)}
    assert {"age: double, plan: string", "int64 (?)"} <= texts
