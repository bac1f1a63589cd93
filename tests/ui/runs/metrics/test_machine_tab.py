"""What a run used of the computer is drawn, and where it is now is shown when somebody asks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from desktop_aml.domain.runs import RunState
from desktop_aml.domain.summaries import gpu_use
from desktop_aml.domain.summaries.gpu_use import GpuPoint
from desktop_aml.domain.summaries.stacks import in_words
from desktop_aml.ui.runs.metrics.stack_dialog import StackDialog
from tests.ui.runs.test_page import Site, site

__all__ = ["site"]


def test_a_run_shows_what_it_used_of_the_computer(site: Site, write_script: Callable[..., Path]):
    burns = "import time\nend = time.monotonic() + 1.6\nwhile time.monotonic() < end: pass\n"
    run_id = site.workspace.runs.submit(write_script(burns))
    page = site.page(run_id)
    site.until_state(page, RunState.COMPLETED)
    page.tabs.setCurrentWidget(page.machine)
    site.until(lambda: page.machine.curves is not None and "disks" in page.machine.curves.plots)
    assert page.machine.stack.currentWidget() is page.machine.area
    [drawn] = page.machine.curves.plots["cores"].listDataItems()
    assert len(drawn.xData) >= 1
    site.until(lambda: "peak memory" in page.machine.sums.text())
    assert "CPU" in page.machine.sums.text()
    assert "gpus" not in page.machine.curves.plots
    points = (GpuPoint(1.0, 0.5, 10**6), GpuPoint(3.0, 1.5, None))
    curve = Path(site.workspace.runs.get(run_id).run_directory) / "logs" / gpu_use.CURVE
    curve.write_bytes(gpu_use.HEADING + b"".join(one.as_line() for one in points))
    page.machine.load()
    site.until(lambda: "gpus" in page.machine.curves.plots)
    site.until(lambda: page.machine.curves.plots["gpus"].isVisibleTo(page.machine))
    [drawn] = page.machine.curves.plots["gpus"].listDataItems()
    assert list(drawn.yData) == [0.5, 1.5]


def test_a_run_that_goes_on_shows_where_it_is(site: Site, write_script: Callable[..., Path]):
    run_id = site.workspace.runs.submit(
        write_script("import threading\ndef waits():\n    threading.Event().wait()\nwaits()\n")
    )
    page = site.page(run_id)
    site.until_state(page, RunState.RUNNING)
    page.tabs.setCurrentWidget(page.machine)
    site.until(lambda: "in waits" in stacks(site, run_id))
    page.machine.stack_button.click()
    site.until(lambda: page.machine.findChildren(StackDialog))
    [dialog] = page.machine.findChildren(StackDialog)
    assert "in waits" in dialog.view.toPlainText()
    dialog.reject()
    site.workspace.runs.cancel(run_id)
    site.until_state(page, RunState.CANCELED)
    assert not page.machine.stack_button.isVisibleTo(page.machine)


def stacks(site: Site, run_id: str) -> str:
    return in_words(site.workspace.runs.queue.stacks(run_id))
