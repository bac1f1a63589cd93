"""Dropping says what it will do, does it, and says why not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.shell.drop_overlay import DropOverlay
from desktop_aml.ui.submit.drop_zone import DropZone
from desktop_aml.ui.widgets.drop import Drop, DropKind, act_on, classify, paths_of


def mime(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drag_over(target: QWidget, data: QMimeData) -> QDragEnterEvent:
    actions, button, no_key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), actions, data, button, no_key)
    QApplication.sendEvent(target, enter)
    QApplication.sendEvent(target, QDragMoveEvent(QPoint(6, 6), actions, data, button, no_key))
    return enter


def let_go(target: QWidget, data: QMimeData) -> None:
    event = QDropEvent(
        QPointF(6, 6),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(target, event)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("train.py", DropKind.SCRIPT),
        ("TRAIN.PY", DropKind.SCRIPT),
        ("environment.yml", DropKind.ENVIRONMENT),
        ("conda.yaml", DropKind.ENVIRONMENT),
        ("requirements.txt", DropKind.ENVIRONMENT),
        ("requirements-dev.txt", DropKind.ENVIRONMENT),
        ("pyproject.toml", DropKind.ENVIRONMENT),
        ("Pipfile", DropKind.ENVIRONMENT),
        ("setup.py", DropKind.ENVIRONMENT),
        ("pylock.train.toml", DropKind.ENVIRONMENT),
        ("model.joblib", DropKind.MODEL),
        ("best.amlrun", DropKind.RUNS),
        ("model.pkl", DropKind.MODEL),
        ("Dockerfile", DropKind.ENVIRONMENT),
        ("Dockerfile.train", DropKind.ENVIRONMENT),
        ("gpu.Containerfile", DropKind.ENVIRONMENT),
        ("model.onnx", DropKind.REFUSED),
        ("notes.txt", DropKind.REFUSED),
        ("notebook.ipynb", DropKind.SCRIPT),
        ("iris.csv", DropKind.DATA),
        ("rows.jsonl", DropKind.DATA),
        ("TABLE.PARQUET", DropKind.DATA),
        ("code.zip", DropKind.REFUSED),
        ("with space é🙂.py", DropKind.SCRIPT),
    ],
)
def test_a_file_is_known_by_its_name(tmp_path: Path, name: str, kind: DropKind) -> None:
    path = tmp_path / name
    path.touch()
    drop = classify([path])
    assert drop.kind is kind
    assert drop.verb
    assert bool(drop.reason) == (kind is DropKind.REFUSED)


def test_a_folder_with_a_script_can_be_run(tmp_path: Path) -> None:
    (tmp_path / "train.py").touch()
    assert classify([tmp_path]).kind is DropKind.FOLDER


def test_a_script_one_level_deeper_counts(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").touch()
    assert classify([tmp_path]).kind is DropKind.FOLDER


def test_a_folder_without_a_script_says_so(tmp_path: Path) -> None:
    assert "no Python script" in classify([tmp_path]).reason


def test_a_workspace_is_opened(tmp_path: Path) -> None:
    (tmp_path / "desktop_aml.db").touch()
    (tmp_path / "config.json").touch()
    assert classify([tmp_path]).verb == "Open this workspace"


def test_several_files_nothing_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    assert classify([tmp_path / "a.py", tmp_path / "b.py"]).verb == "One at a time"
    assert classify([]).verb == "Not a file"
    assert classify([tmp_path / "gone.py"]).verb == "Not there"


def test_several_scripts_are_told_what_to_do(tmp_path: Path) -> None:
    together = classify([tmp_path / "a.py", tmp_path / "b.ipynb"]).reason
    assert "the one that is to run" in together
    assert tmp_path.name in together
    assert "the folder that holds all" in classify([tmp_path / "a.py", tmp_path / "c" / "b.py"]).reason
    assert "Only data may be several" in classify([tmp_path / "a.py", tmp_path / "b.csv"]).reason


def test_a_model_that_is_not_served_without_code_says_what_would_be(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").touch()
    reason = classify([tmp_path / "net.onnx"]).reason
    assert "net.onnx is not served without code" in reason
    assert ".joblib" in reason
    assert "scoring script" in reason


def test_a_dead_link_and_a_pipe_are_refused_without_being_opened(tmp_path: Path) -> None:
    link, pipe = tmp_path / "dead.py", tmp_path / "pipe.py"
    link.symlink_to(tmp_path / "nowhere")
    os.mkfifo(pipe)
    assert classify([link]).kind is DropKind.REFUSED
    assert classify([pipe]).kind is DropKind.REFUSED


def test_a_folder_without_permission_is_refused(tmp_path: Path, monkeypatch) -> None:
    def refuse(_self: Path) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert "Permission denied" in classify([tmp_path]).reason


def test_addresses_elsewhere_are_no_paths() -> None:
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/train.py")])
    assert paths_of(data) == ()


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "train.py"
    path.write_text("print(1)")
    return path


@pytest.fixture
def zone(qtbot, qapp) -> DropZone:
    theme.apply(qapp, "light")
    made = DropZone()
    qtbot.addWidget(made)
    made.resize(320, 64)
    made.show()
    return made


def test_the_zone_names_the_act_and_passes_the_drop_on(zone: DropZone, qtbot, script: Path) -> None:
    data = mime(script)
    assert drag_over(zone, data).isAccepted()
    assert (zone.title(), zone.note()) == ("Run this script", "train.py")
    with qtbot.waitSignal(zone.dropped) as caught:
        let_go(zone, data)
    assert caught.args[0].path == script
    assert zone.title() == "Drop a script or folder"


def test_the_zone_says_why_a_drop_is_refused(zone: DropZone, tmp_path: Path) -> None:
    data = mime(tmp_path / "a.py", tmp_path / "b.py")
    drag_over(zone, data)
    assert zone.title() == "One at a time"
    assert "Drop the one that is to run" in zone.note()


def test_the_zone_calms_down_when_the_drag_leaves(zone: DropZone, script: Path) -> None:
    drag_over(zone, mime(script))
    QApplication.sendEvent(zone, QDragLeaveEvent())
    assert zone.title() == "Drop a script or folder"


def test_text_that_is_dragged_is_left_alone(zone: DropZone) -> None:
    data = QMimeData()
    data.setText("hello")
    drag_over(zone, data)
    assert zone.title() == "Drop a script or folder"


def test_the_whole_window_is_a_target(qtbot, script: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(600, 400)
    window.show()
    overlay = DropOverlay(window)
    data = mime(script)
    drag_over(window, data)
    assert overlay.isVisible()
    assert overlay.size() == window.size()
    with qtbot.waitSignal(overlay.dropped) as caught:
        let_go(window, data)
    assert not overlay.isVisible()
    assert caught.args[0].kind is DropKind.SCRIPT


@pytest.mark.parametrize(
    ("kind", "destination"),
    [
        (DropKind.SCRIPT, "script"),
        (DropKind.FOLDER, "script"),
        (DropKind.ENVIRONMENT, "import_environment"),
        (DropKind.MODEL, "import_model"),
        (DropKind.RUNS, "import_runs"),
        (DropKind.WORKSPACE, "workspace"),
    ],
)
def test_each_kind_goes_to_its_place(qtbot, kind: DropKind, destination: str) -> None:
    bridge = Bridge()
    with qtbot.waitSignal(bridge.destination_wanted) as caught:
        act_on(Drop(kind, Path("/x/y")), bridge)
    assert (caught.args[0].kind, caught.args[0].key) == (destination, "/x/y")


def test_a_refused_drop_is_a_message(qtbot) -> None:
    bridge = Bridge()
    with qtbot.waitSignal(bridge.message_raised) as caught:
        act_on(classify([]), bridge)
    assert caught.args[0].severity == "warning"
    assert caught.args[0].hint
