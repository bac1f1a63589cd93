"""Takes a picture of every pane of the window over the seeded workspace, and lays all of them on one sheet.

    python -m tests.screenshots FOLDER [WORDS...]

Light and dark, at three sizes and at twice the scale. `WORDS` choose panes by their names. Nothing is run: the
engine stays away, so that pictures show what was seeded.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QApplication, QDialog, QProgressBar, QTabWidget, QWidget

from desktop_aml.domain.events import EngineChanged
from desktop_aml.domain.targets import RunTarget
from desktop_aml.ui.compare.page import ComparePage
from desktop_aml.ui.look import theme
from desktop_aml.ui.runs.list_page import RunsPage
from desktop_aml.ui.runs.metrics_tab import MetricsTab
from desktop_aml.ui.runs.outputs_tab import OutputsTab
from desktop_aml.ui.session.bridge import RUN_SEPARATOR, Destination
from desktop_aml.ui.session.preferences import Preferences
from desktop_aml.ui.session.session import Session
from desktop_aml.ui.shell.main_window import MainWindow
from desktop_aml.workspace import endpoints
from desktop_aml.workspace.endpoint import states
from tests import banner_panes, dialog_panes, endpoint_panes, environment_panes, run_panes, sweep_panes
from tests.seeded_workspace import LONG_THING, Seeded, make
from tests.ui.look.layout_rules import broken

SIZES: Final = ((1024, 640, 1), (1280, 800, 1), (1920, 1080, 1), (1280, 800, 2))
"""Width and height in pixels of the window, and the scale of the screen."""

THEMES: Final = ("light", "dark")
_THUMB: Final = (400, 250)
_CALM_TURNS: Final = 8
"""How many turns of the event loop nothing may stir before a picture is taken."""

_CLOCK_MS: Final = 1000
_DEADLINE_S: Final = 60.0
_LOOKS: Final = 6
_STIRRING: Final = (QEvent.Type.LayoutRequest, QEvent.Type.UpdateRequest, QEvent.Type.Show, QEvent.Type.Resize)


@dataclass(frozen=True, slots=True)
class Pane:
    """One thing to look at: `open` brings it to the front of the window."""

    name: str
    open: Callable[[Camera], None]


class _Stir(QObject):
    """Notices that something was laid out or drawn."""

    seen = False

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Look at an event on its way."""
        if event.type() in _STIRRING:
            self.seen = True
        return False


class Camera:
    """A window over the seeded workspace."""

    def __init__(self, app: QApplication, seeded: Seeded, home: Path) -> None:
        self.app, self.seeded = app, seeded
        self.window = MainWindow(Preferences(home / "settings.json"), home / "layout.ini", None)
        self.dialog: QWidget | None = None
        self._stir = _Stir()
        app.installEventFilter(self._stir)

    def settle(self) -> None:
        """Wait until everything that was asked for has come and was laid out and drawn."""
        end, calm = time.monotonic() + _DEADLINE_S, 0
        # Turns are counted, not seconds: a worker that holds the interpreter makes one turn as long as you like.
        while calm < _CALM_TURNS and time.monotonic() < end:
            self._stir.seen = False
            self.app.processEvents()
            self.app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            session = self.window.session
            is_busy = self._stir.seen or self._waits() or (session is not None and session.bridge.is_busy())
            calm = 0 if is_busy else calm + 1
            time.sleep(0.002)
        if calm < _CALM_TURNS:
            print(f"Something still stirs after {_DEADLINE_S:.0f} s.", file=sys.stderr)

    def _waits(self) -> bool:
        """Whether a timer will soon go on with something; one that looks again every second or later is a clock."""
        owners = [self.window, *([self.dialog] if self.dialog is not None else [])]
        timers = [timer for owner in owners for timer in owner.findChildren(QTimer) if timer.isActive()]
        return any(timer.interval() == 0 or (timer.isSingleShot() and timer.interval() < _CLOCK_MS) for timer in timers)

    def show(self, kind: str, key: str = "", tab: int = 0) -> None:
        """Open a page, and one of its tabs."""
        self.window.go_to(Destination(kind, key))
        self.settle()
        page = self.window.tabs.currentWidget()
        inner = page.findChild(QTabWidget) if page is not None else None
        if inner is not None:
            inner.setCurrentIndex(tab)

    def act(self, action_id: str) -> None:
        """Do what a menu's entry does; the dialog that opens is what is looked at."""
        # The help window is kept when it closes, and shown again.
        before = {one for one in self.app.topLevelWidgets() if one.isVisible()}
        self.window.action_set[action_id].trigger()
        self.settle()
        fresh = [one for one in self.app.topLevelWidgets() if one not in before and one.isVisible() and one.isWindow()]
        self.dialog = next((one for one in fresh if one is not self.window), None)

    def ask(self, dialog: type[QDialog], *words: object, **more: object) -> None:
        """Open a dialog over the workspace."""
        session = self.window.session
        assert session is not None
        self.dialog = dialog(session.workspace, session.bridge, *words, parent=self.window, **more)
        self.dialog.show()

    def picture(self, name: str) -> QImage:
        """Return the window with what lies over it."""
        # Painting asks for what is made only when it is seen, such as plots; a clock may tick all the time.
        image = QImage()
        for _ in range(_LOOKS):
            self.settle()
            self._stop_bars()
            before, image = image, self.window.grab().toImage()
            if image == before:
                break
        else:
            print(f"{name}: still changing after {_LOOKS} looks", file=sys.stderr)
        if self.dialog is not None:
            over = self.dialog.grab().toImage()
            painter = QPainter(image)
            painter.fillRect(image.rect(), QColor(0, 0, 0, 70))
            scale = image.devicePixelRatio()
            room = image.size() / scale - over.size() / scale
            painter.drawImage(QPoint(max(0, room.width() // 2), max(0, room.height() // 2)), over)
            painter.end()
        return image

    def _stop_bars(self) -> None:
        """Let bars that only say that something goes on stand still: no two pictures of one that moves are alike."""
        for bar in self.window.findChildren(QProgressBar):
            if not bar.maximum():
                bar.setRange(0, 3)
                bar.setValue(1)

    def tidy(self) -> None:
        """Put away what a pane left open."""
        if self.dialog is not None:
            self.dialog.close()
            self.dialog = None
        self.window.tabs.clear_pages()
        if self.window.session is not None:
            self.window.show_nothing()


def panes(seeded: Seeded) -> Iterator[Pane]:
    """Yield everything that is looked at. A new page or dialog gets its line here."""
    first = seeded.completed[0]
    yield Pane("nothing open", lambda camera: camera.window.show_nothing())
    yield Pane("runs", lambda camera: camera.show("runs"))
    yield Pane("runs as plots", _show_plotted)
    yield Pane("runs of an experiment", lambda camera: camera.show("runs", "churn"))
    for number, name in enumerate(("metrics", "log", "outputs", "code", "environment", "info")):
        yield Pane(f"run {name}", lambda camera, n=number: camera.show("run", first, n))  # type: ignore[misc]
    for name, act in run_panes.panes(seeded):
        yield Pane(name, act)
    yield Pane("run metrics smoothed", lambda camera: _show_plots(camera, first, smoothing=80))
    yield Pane("run metrics enlarged", lambda camera: _show_plots(camera, first, large="train/loss"))
    yield Pane("run metrics log scale", lambda camera: _show_plots(camera, first, log=True))
    yield Pane("run output paper", lambda camera: _show_output(camera, first, "outputs/report.pdf"))
    yield Pane("run output table", lambda camera: _show_output(camera, first, "outputs/predictions.csv"))
    for name, found in (("failed", seeded.failed), ("canceled", seeded.canceled), ("running", seeded.running)):
        yield Pane(f"run {name}", lambda camera, one=found[0]: camera.show("run", one))  # type: ignore[misc]
    yield Pane("run queued", lambda camera: camera.show("run", seeded.queued[0]))
    some = RUN_SEPARATOR.join(seeded.completed[:8])
    for number, name in enumerate(("values", "", "curves", "relations", "pictures", "code", "packages")):
        if name:
            yield Pane(f"compare {name}", lambda camera, n=number: camera.show("compare", some, n))  # type: ignore[misc]
    yield Pane("compare grouped", lambda camera: _show_grouped(camera, some, tab=2))
    yield Pane("compare groups", lambda camera: _show_grouped(camera, some, tab=1))
    yield Pane("compare baseline", lambda camera: _show_compared(camera, some, tab=0))
    yield Pane("compare crosshair", lambda camera: _show_compared(camera, some, tab=2))
    yield Pane("models", lambda camera: camera.show("models"))
    yield Pane("model", lambda camera: camera.show("model", "churn-classifier"))
    yield Pane("datasets", lambda camera: camera.show("datasets"))
    for number, name in enumerate(("files", "columns", "changes", "used by")):
        yield Pane(f"dataset {name}", lambda camera, n=number: camera.show("dataset", "customers", n))  # type: ignore[misc]
    yield Pane("environments", lambda camera: camera.show("environments"))
    for number, name in enumerate(("problems", "plan", "build log", "packages", "changes")):
        yield Pane(f"environment {name}", lambda camera, n=number: camera.show("environment", "churn", n))  # type: ignore[misc]
    yield Pane("environment new", lambda camera: camera.show("environment", ""))
    for name, act in environment_panes.panes():
        yield Pane(name, act)
    yield Pane("endpoints", lambda camera: camera.show("endpoints"))
    for name in ("churn", "churn-canary", "vision"):
        yield Pane(f"endpoint {name}", lambda camera, key=name: camera.show("endpoint", key))  # type: ignore[misc]
    yield Pane("endpoint requests", lambda camera: camera.show("endpoint", "churn", 2))
    for name, act in endpoint_panes.panes():
        yield Pane(name, act)
    yield Pane("computes", lambda camera: camera.show("computes"))
    for name, act in sweep_panes.panes():
        yield Pane(name, act)
    yield Pane("script", _show_script)
    yield Pane("run long name", lambda camera: camera.show("run", seeded.long_named))
    yield Pane("environment long name", lambda camera: camera.show("environment", LONG_THING))
    yield Pane("model long name", lambda camera: camera.show("model", LONG_THING))
    for action in (
        "show_settings",
        "show_palette",
        "show_shortcuts",
        "show_help",
        "show_about",
        "new_workspace",
        "register_data",
        "show_queue",
    ):
        yield Pane(action.replace("_", " "), lambda camera, act=action: camera.act(act))  # type: ignore[misc]
    for name, act in dialog_panes.panes():
        yield Pane(name, act)
    for name, act in banner_panes.panes():
        yield Pane(name, act)


def _show_plotted(camera: Camera) -> None:
    camera.show("runs")
    camera.settle()
    page = camera.window.tabs.currentWidget()
    assert isinstance(page, RunsPage)
    page.plot_button.setChecked(True)
    camera.settle()
    assert page.plotted.plots is not None
    page.plotted.plots.parallel.set_spans({"metric:train/loss": (0.0, 0.5)})


def _show_plots(camera: Camera, run_id: str, *, smoothing: int = 0, large: str = "", log: bool = False) -> None:
    camera.show("run", run_id)
    camera.settle()
    tab = camera.window.tabs.currentWidget().findChild(MetricsTab)
    assert isinstance(tab, MetricsTab)
    assert tab.grid is not None
    tab.bar.log_scale.setChecked(log)
    tab.bar.smoothing_slider.setValue(smoothing)
    tab.grid.enlarge(large)


def _show_output(camera: Camera, run_id: str, path: str) -> None:
    camera.show("run", run_id, 2)
    camera.settle()
    tab = camera.window.tabs.currentWidget().findChild(OutputsTab)
    assert isinstance(tab, OutputsTab)
    tab.tree.select(path)


def _show_compared(camera: Camera, key: str, tab: int) -> None:
    camera.show("compare", key, tab)
    camera.settle()
    page = camera.window.tabs.currentWidget()
    assert isinstance(page, ComparePage)
    page.baseline.setCurrentIndex(1)
    for chart in list(page.plots.charts.values())[:2]:
        chart.choose(len(chart._places) // 3)


def _show_grouped(camera: Camera, key: str, tab: int) -> None:
    camera.show("compare", key)
    camera.settle()
    page = camera.window.tabs.currentWidget()
    assert isinstance(page, ComparePage)
    page.group_by.set_value("parameter:kernel")
    page.tabs.setCurrentIndex(tab)


def _show_script(camera: Camera) -> None:
    camera.window.go_to(Destination("script", str(camera.seeded.script)))


def stay_away(session: Session) -> None:
    """Begin a session whose engine stays away and whose Docker is off, wherever the pictures are taken."""
    session.is_trusted = True
    # Everything that would start one asks for it here.
    session.workspace._client.hand_over = lambda: False  # type: ignore[method-assign]
    # The file beside the seeded script is registered already: asking for it would start an engine.
    session.workspace.environments.register_file = lambda _path: session.workspace.environments.get("churn")  # type: ignore[method-assign]
    session.workspace.computes.targets = lambda: (RunTarget("local"), RunTarget("docker", "Docker is off."))  # type: ignore[method-assign]
    session.bridge.event_happened.emit(EngineChanged("ready", ""))


def take(folder: Path, size: tuple[int, int, int], words: tuple[str, ...]) -> None:
    """Take the pictures of one size; the scale must be Qt's already."""
    width, height, scale = size
    Session.start = stay_away  # type: ignore[method-assign]
    # No front serves here: an endpoint is shown as it was written down.
    states.as_it_is = endpoints.as_it_is = lambda _db, _folder, endpoint: endpoint
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    # A run that goes on shows how long: with a clock that goes on, no two pictures are alike.
    now = time.time()
    time.time = lambda: now
    # Byte code may still be written while the folder goes.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        os.environ["DESKTOP_AML_HOME"] = scratch
        seeded = make(Path(scratch) / "made", at=now - 1200)
        for name in THEMES:
            theme.apply(app, name)
            camera = Camera(app, seeded, Path(scratch))
            camera.window.resize(width, height)
            camera.window.show()
            every = [Pane("welcome", lambda _: None), *panes(seeded)]
            for number, pane in enumerate(every):
                if number == 1 and not camera.window.open_folder(seeded.folder):
                    raise SystemExit("The seeded workspace cannot be opened.")
                camera.window.resize(width, height)
                if words and not any(word in pane.name for word in words):
                    continue
                pane.open(camera)
                file = folder / f"{width}x{height}@{scale}" / name / f"{number:02} {pane.name}.png"
                file.parent.mkdir(parents=True, exist_ok=True)
                camera.picture(pane.name).save(str(file))
                for shown in (camera.window, camera.dialog):
                    for breach in broken(shown) if shown is not None else ():
                        print(f"{pane.name} at {width}x{height}, {name}: {breach}", file=sys.stderr)
                camera.tidy()
            camera.window.close_session()
            camera.window.close()
            camera.window.deleteLater()
            app.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def lay_out(folder: Path) -> Path:
    """Put small pictures of all on one sheet: a row for each pane, a column for each size and theme."""
    columns = [folder / f"{w}x{h}@{s}" / name for w, h, s in SIZES for name in THEMES]
    names = sorted({file.name for column in columns for file in column.glob("*.png")})
    width, height, line = *_THUMB, 24
    sheet = QImage(len(columns) * (width + 8), line + len(names) * (height + line), QImage.Format.Format_RGB32)
    sheet.fill(QColor("#808080"))
    painter = QPainter(sheet)
    painter.setFont(QFont(painter.font().family(), 10))
    for at, column in enumerate(columns):
        painter.drawText(QRect(at * (width + 8), 0, width, line), 0, f"{column.parent.name} {column.name}")
        for row, name in enumerate(names):
            place = QRect(at * (width + 8), line + row * (height + line), width, height)
            painter.drawText(place.left(), place.bottom() + line - 6, name.removesuffix(".png"))
            image = QImage(str(column / name))
            if not image.isNull():
                image.setDevicePixelRatio(1)
                mode = Qt.TransformationMode.SmoothTransformation
                painter.drawImage(
                    place.topLeft(), image.scaled(width, height, Qt.AspectRatioMode.KeepAspectRatio, mode)
                )
    painter.end()
    target = folder / "contact-sheet.png"
    sheet.save(str(target))
    return target


def main(folder: Path, words: tuple[str, ...]) -> None:
    """Take all pictures, each size in a process of its own, and lay them out."""
    folder.mkdir(parents=True, exist_ok=True)
    for size in SIZES:
        width, height, scale = size
        more = {"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": str(scale), "LC_ALL": "C.UTF-8"}
        more["DESKTOP_AML_SHOT"] = f"{width} {height} {scale}"
        command = [sys.executable, "-m", "tests.screenshots", str(folder), *words]
        subprocess.run(command, env={**os.environ, **more}, check=True)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    app = QApplication(sys.argv[:1])
    print(lay_out(folder))
    app.quit()


if __name__ == "__main__":
    wanted, chosen = Path(sys.argv[1]).absolute(), tuple(sys.argv[2:])
    if one := os.environ.get("DESKTOP_AML_SHOT"):
        w, h, s = map(int, one.split())
        take(wanted, (w, h, s), chosen)
    else:
        main(wanted, chosen)
