"""Panes of runs for the contact sheet: what `screenshots` has no room for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_aml.domain.summaries import gpu_use, machine_use
from desktop_aml.domain.summaries.gpu_use import GpuPoint
from desktop_aml.ui.logs.view import LogView
from desktop_aml.ui.session.bridge import Destination
from desktop_aml.ui.submit.run_settings import RunSettings
from desktop_aml.ui.submit.script_runner import ScriptRunner

if TYPE_CHECKING:
    from tests.screenshots import Camera
    from tests.seeded_workspace import Seeded


def panes(seeded: Seeded) -> Iterator[tuple[str, Callable[[Camera], None]]]:
    """Yield the name of each, and what opens it."""
    yield "run log times", lambda camera: _show_times(camera, seeded.failed[0])
    yield "run machine", lambda camera: _show_machine(camera, seeded.failed[0])
    yield "run settings", lambda camera: _show_container_fields(camera, seeded.script)


def _show_container_fields(camera: Camera, script: Path) -> None:
    camera.window.go_to(Destination("script", str(script)))
    camera.settle()
    [settings] = [one for one in camera.window.findChildren(RunSettings) if one.isVisible()]
    settings.target.set_value("docker")
    settings.variables.setText("SEED=7")
    settings.folders.setText("~:/data:ro")
    camera.settle()
    camera.window.findChild(ScriptRunner)._scroll.verticalScrollBar().setValue(10_000)
    camera.settle()


def _show_machine(camera: Camera, run_id: str) -> None:
    """Show what a run used of a computer that has two GPUs."""
    logs = camera.window.session.workspace.path / "runs" / run_id / "logs"
    use = (f"{n},{2 + n % 5 / 4:.2f},{n % 9 * 10**7 + 10**9},{n * 10**6},{n * 10**5}\n" for n in range(1, 90))
    (logs / machine_use.CURVE).write_text("seconds,cores,memory_bytes,read_bytes,written_bytes\n" + "".join(use))
    gpus = (GpuPoint(float(n), 1 + n % 8 / 10, 5 * 10**9 + n % 20 * 10**7) for n in range(1, 90, 2))
    (logs / gpu_use.CURVE).write_bytes(gpu_use.HEADING + b"".join(one.as_line() for one in gpus))
    camera.show("run", run_id, 1)
    camera.settle()
    page = camera.window.tabs.currentWidget()
    page.tabs.setCurrentWidget(page.machine)
    camera.settle()
    page.machine.area.verticalScrollBar().setValue(10_000)
    camera.settle()


def _show_times(camera: Camera, run_id: str) -> None:
    camera.show("run", run_id, 1)
    camera.settle()
    log = camera.window.tabs.currentWidget().findChild(LogView)
    assert isinstance(log, LogView)
    log.bar.times_button.setChecked(True)
