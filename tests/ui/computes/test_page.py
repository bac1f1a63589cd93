"""Computes in the window: added, looked at, offered to runs, removed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_aml.domain.computes.batch import BatchJobs, BatchSystem
from desktop_aml.domain.targets import DASK
from desktop_aml.ui.browser.contents import read_contents
from desktop_aml.ui.computes.add_dialog import AddComputeDialog
from desktop_aml.ui.computes.list_page import ComputesPage
from desktop_aml.ui.computes.page import ComputePage
from desktop_aml.ui.session.bridge import Bridge, Destination
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.computes import ComputeRecord
from tests.clusters import lend

DEADLINE_MS = 60_000


@pytest.fixture
def space(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "workspace", "test") as made:
        yield made


def test_a_compute_is_added_and_its_page_opens(qtbot: QtBot, space: Workspace, bridge: Bridge) -> None:
    wanted: list[Destination] = []
    bridge.destination_wanted.connect(wanted.append)
    page = ComputesPage(space, bridge)
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.empty, timeout=DEADLINE_MS)
    dialog = AddComputeDialog(space, bridge, page)
    dialog.name.setText("pool")
    dialog.most.setValue(3)
    dialog.add_button.click()
    qtbot.waitUntil(lambda: wanted != [], timeout=DEADLINE_MS)
    assert (wanted[0].kind, wanted[0].key) == ("compute", "pool")
    assert space.computes.get("pool").max_nodes == 3
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.table, timeout=DEADLINE_MS)
    [group] = [entry for entry in read_contents(space, ()) if entry.key == "computes"]
    assert [(one.kind, one.key, one.note) for one in group.children] == [("compute", "pool", "Dask")]


def test_an_address_that_is_not_safe_is_refused_in_words(qtbot: QtBot, space: Workspace, bridge: Bridge) -> None:
    dialog = AddComputeDialog(space, bridge)
    qtbot.addWidget(dialog)
    dialog.kind.set_value("address")
    dialog.address.setText("tcp://10.0.0.1:8786")
    dialog.add_button.click()
    qtbot.waitUntil(lambda: "without TLS" in dialog.error.message.text(), timeout=DEADLINE_MS)
    assert space.computes.list() == {}


def test_a_machine_that_is_not_written_as_one_is_refused_in_words(
    qtbot: QtBot, space: Workspace, bridge: Bridge
) -> None:
    dialog = AddComputeDialog(space, bridge)
    qtbot.addWidget(dialog)
    dialog.kind.set_value("ssh")
    dialog.hosts.setText("me@lab1, -oProxyCommand=x")
    dialog.add_button.click()
    qtbot.waitUntil(lambda: "“-oProxyCommand=x” is not a machine" in dialog.error.message.text(), timeout=DEADLINE_MS)
    assert space.computes.list() == {}


def test_a_batch_system_is_asked_for_what_the_fields_say(
    qtbot: QtBot, space: Workspace, bridge: Bridge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("sbatch", "squeue", "scancel"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    dialog = AddComputeDialog(space, bridge)
    qtbot.addWidget(dialog)
    dialog.kind.set_value("batch")
    dialog.name.setText("site")
    dialog.most.setValue(4)
    dialog.batch.queue.setText("main")
    dialog.batch.memory.setValue(2)
    dialog.batch.time.setValue(8)
    dialog.batch.more.setText("--account=lab --comment='two words'")
    monkeypatch.setenv("PATH", os.devnull)
    dialog.add_button.click()
    qtbot.waitUntil(lambda: "no command “sbatch”" in dialog.error.message.text(), timeout=DEADLINE_MS)
    monkeypatch.setenv("PATH", str(tmp_path))
    qtbot.waitUntil(dialog.add_button.isEnabled, timeout=DEADLINE_MS)
    dialog.add_button.click()
    qtbot.waitUntil(lambda: list(space.computes.list()) == ["site"], timeout=DEADLINE_MS)
    record = space.computes.get("site")
    asked = BatchJobs(
        system=BatchSystem.SLURM,
        queue="main",
        memory_mb=2048,
        time_s=28_800,
        directives=("--account=lab", "--comment=two words"),
    )
    assert (record.batch, record.max_nodes) == (asked, 4)
    page = ComputePage(space, bridge, "site")
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.place.text().startswith("SLURM, queue main, 2048 MB"), timeout=DEADLINE_MS)
    assert page.nodes.text() == "0 to 4"


def test_a_page_tells_how_a_cluster_stands_and_removes_it(
    qtbot: QtBot, space: Workspace, bridge: Bridge, shared_cluster: Path
) -> None:
    lend(space, "pool", shared_cluster)
    page = ComputePage(space, bridge, "pool")
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: "busy" in page.state.text(), timeout=DEADLINE_MS)
    assert page.nodes.text() == "1 to 2"
    page.remove_button.click()
    qtbot.waitUntil(lambda: space.computes.list() == {}, timeout=DEADLINE_MS)


def test_a_compute_without_runs_says_how_one_gets_there(qtbot: QtBot, space: Workspace, bridge: Bridge) -> None:
    space.computes.create("mine", min_nodes=0, max_nodes=1, idle_s=60)
    page = ComputePage(space, bridge, "mine")
    qtbot.addWidget(page)
    page.refresh()
    qtbot.waitUntil(lambda: bool(page.kind.text()))
    assert page.stack.currentWidget() is page.nothing
    assert "“mine”" in page.nothing.label.text()


def test_a_scheduler_that_others_keep_is_called_by_a_run_and_not_started(
    qtbot: QtBot, space: Workspace, bridge: Bridge
) -> None:
    theirs = ComputeRecord(kind=DASK, created_at=0.0, address="tcp://127.0.0.1:9")
    space.computes.put("theirs", theirs)
    space.computes.map("alias", "theirs")
    for name in ("theirs", "alias"):
        page = ComputePage(space, bridge, name)
        qtbot.addWidget(page)
        page.show()
        words = "Not connected; a run that goes there calls it"
        qtbot.waitUntil(lambda page=page, words=words: page.state.text() == words, timeout=DEADLINE_MS)
