"""No pane holds up the window for long: the greatest turn of its event loop, in processor time of its thread."""

from __future__ import annotations

import gc
import importlib
import time
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.plots.machine_curves import MachineCurves
from desktop_aml.ui.runs.page import RunPage
from desktop_aml.ui.session.bridge import RUN_SEPARATOR, TURN_S, Bridge, Destination
from desktop_aml.ui.session.session import Session
from desktop_aml.ui.start.garbage import WindowCollector
from desktop_aml.ui.start.loading_ahead import modules_of_panes
from desktop_aml.ui.viewers import code_highlighter
from desktop_aml.workspace import Workspace, endpoints
from desktop_aml.workspace.endpoint import states
from tests.screenshots import Camera, Pane, panes, stay_away
from tests.seeded_workspace import make
from tests.ui import turn_watch
from tests.ui.turn_watch import Stumbles, TurnWatch, allowed_ms

pytestmark = pytest.mark.timing

CLEARLY_MS = 120.0
"""A turn should stay below 50 ms. A processor that others keep busy needs up to twice as long for the same."""

LARGEST_SHARE = 0.45
"""Of what a page costs altogether, so much may fall into one turn: this holds on any computer."""


def spend(milliseconds: float) -> None:
    end = time.thread_time() + milliseconds / 1000
    while time.thread_time() < end:
        pass


def test_the_watch_sees_what_a_turn_costs_and_not_what_it_waits(qtbot) -> None:
    watch, done = TurnWatch(20.0), []
    for milliseconds in (5, 30, 0):
        QTimer.singleShot(10, lambda ms=milliseconds: (spend(ms), done.append(ms)))
    watch.begin()
    qtbot.waitUntil(lambda: len(done) == 3)
    seen = watch.seen()
    assert 30 <= seen.greatest_ms < 90
    assert len(seen.over) == 1
    watch.begin()
    time.sleep(0.05)
    assert watch.seen().greatest_ms < 20


def test_a_stumble_is_told_with_where_it_was(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    watch, done = Stumbles(lambda _at, words: told.append(words), 40.0), []
    for milliseconds in (5, 120, 0):
        QTimer.singleShot(10, lambda ms=milliseconds: (spend(ms), done.append(ms)))
    spend(100)  # in no turn: nothing is watched yet
    watch.begin()
    qtbot.waitUntil(lambda: len(done) == 3)
    watch.pause()
    monkeypatch.setattr(turn_watch, "yardstick_ms", lambda: 10 * turn_watch.YARDSTICK_MS)
    watch.begin()
    spend(120)  # this computer is ten times as slow now
    watch.pause()
    watch.stop()
    assert sum("test_turns.py:" in words and "spend" in words for words in told) == 1


def test_answers_that_come_together_are_shown_in_several_turns(bridge: Bridge, qtbot) -> None:
    shown: list[int] = []
    turns: list[int] = []
    watch = TurnWatch(1000 * TURN_S)

    def show(number: int) -> None:
        spend(1500 * TURN_S)  # more than a turn is given: the next answer is for the next one
        shown.append(number)
        turns.append(watch.count())

    for number in range(6):
        bridge.call(lambda n=number: n, show)
    time.sleep(0.1)  # all of them are there before the loop goes on
    watch.begin()
    qtbot.waitUntil(lambda: len(shown) == 6)
    assert sorted(shown) == list(range(6))
    assert len(set(turns)) == 6
    assert not bridge.is_busy()


def test_the_page_of_a_run_is_made_in_parts(
    workspace: Workspace, bridge: Bridge, qtbot, qapp: QApplication, write_script: Callable[..., object]
) -> None:
    run_id = workspace.runs.submit(write_script("print('hello')\n"))
    qtbot.waitUntil(lambda: workspace.runs.get(run_id).summary.state.is_terminal(), timeout=60_000)

    def open_page() -> tuple[float, float]:
        page = RunPage(workspace, bridge, run_id)
        qtbot.addWidget(page)
        page.resize(700, 600)
        watch = TurnWatch(50.0)
        watch.begin()
        before = time.thread_time()
        page.show()
        qtbot.waitUntil(lambda: page.detail is not None and not bridge.is_busy(), timeout=60_000)
        seen, spent_ms = watch.seen(), 1000 * (time.thread_time() - before)
        assert isinstance(page.tabs, QWidget)
        assert page.tabs.isVisible()
        page.close()
        return seen.greatest_ms, spent_ms

    open_page()  # modules are loaded the first time
    # A collection of garbage may fall into a turn: the better of two counts.
    greatest_ms, spent_ms = min(open_page(), open_page())
    assert greatest_ms < CLEARLY_MS
    assert greatest_ms < LARGEST_SHARE * spent_ms


class Plain(Camera):
    """Waits in an event loop as the program's own, which costs the window's thread next to nothing."""

    def settle(self) -> None:
        loop, calm = QEventLoop(), [0]
        timer = QTimer(interval=5)

        def look() -> None:
            session = self.window.session
            calm[0] = 0 if session is not None and session.bridge.is_busy() else calm[0] + 1
            if calm[0] >= 6:
                loop.quit()

        timer.timeout.connect(look)
        timer.start()
        QTimer.singleShot(20_000, loop.quit)
        loop.exec()


@pytest.fixture(scope="module")
def camera(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plain]:
    home = tmp_path_factory.mktemp("turns")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESKTOP_AML_HOME", str(home))
        patch.setattr(Session, "start", stay_away)
        for module in (states, endpoints):
            patch.setattr(module, "as_it_is", lambda _db, _folder, endpoint: endpoint)
        theme.apply(qapp, "light")
        # Garbage is collected as in the program: Python's own collecting walks through all that the suite has loaded.
        collector = WindowCollector(qapp)
        load_all()
        collector.settle()
        seeded = make(home / "made", at=time.time() - 1200, long_points=500)
        made = Plain(qapp, seeded, home)
        qapp.removeEventFilter(made._stir)
        made.window.resize(1280, 800)
        made.window.show()
        assert made.window.open_folder(seeded.folder)
        made.settle()
        yield made
        made.tidy()
        made.window.close_session()
        made.window.close()
        made.window.deleteLater()
        qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        collector.stop()
        collector.deleteLater()
        gc.unfreeze()


def test_no_pane_holds_up_the_window_while_it_is_opened(camera: Plain) -> None:
    told: list[str] = []
    watch = Stumbles(lambda _at, words: told.append(words))

    def stumbles(pane: Pane) -> list[str]:
        told.clear()
        watch.begin()
        pane.open(camera)
        camera.settle()
        camera.tidy()
        camera.settle()
        watch.pause()
        return list(told)

    every = list(panes(camera.seeded))
    assert len(every) > 80
    over = [pane for pane in every if stumbles(pane)]
    # Asked again: where others keep the computer busy, a turn may be hit that a look at its speed just misses.
    found = {pane.name: words for pane in over if (words := stumbles(pane)) and (words := stumbles(pane))}
    watch.stop()
    assert not found, "\n".join(f"{name}: {words}" for name, (words, *_) in found.items())


def load_all() -> None:
    """Load what the window loads ahead, in the seconds after its first paint."""
    for name in modules_of_panes():
        importlib.import_module(name)
    code_highlighter.get_ready()


def test_no_workspace_holds_up_the_window_while_it_is_opened(camera: Plain) -> None:
    told: list[str] = []
    watch = Stumbles(lambda _at, words: told.append(words))
    run, other = camera.seeded.completed[:2]
    for kind, key in (("run", run), ("environment", "churn"), ("compare", RUN_SEPARATOR.join((run, other)))):
        camera.show(kind, key)
        camera.settle()
    tabs = camera.window.tabs.destinations()

    def stumbles() -> list[str]:
        camera.window.close_session()
        # Closed before it was whole: what was to be opened yet is not forgotten.
        assert camera.window.open_folder(camera.seeded.folder)
        camera.window.close_session()
        camera.settle()
        told.clear()
        watch.begin()
        assert camera.window.open_folder(camera.seeded.folder)
        camera.settle()
        watch.pause()
        assert camera.window.tabs.destinations() == tabs
        assert camera.window.center.updatesEnabled()
        return list(told)

    # Asked again as above.
    found = stumbles() and stumbles() and stumbles()
    watch.stop()
    camera.tidy()
    assert not found, "\n".join(found)


FIRST_SHARE = 0.6
"""Of the widgets of a page so many may be made at once."""


def test_pages_of_many_parts_are_made_in_turns(camera: Plain) -> None:
    def share(kind: str, key: str) -> float:
        camera.tidy()
        camera.settle()
        camera.window.go_to(Destination(kind, key))
        page = camera.window.tabs.currentWidget()
        at_once = len(page.findChildren(QWidget))
        camera.settle()
        return at_once / len(page.findChildren(QWidget))

    run, other = camera.seeded.completed[:2]
    compared = RUN_SEPARATOR.join((run, other))
    pages = (("run", run), ("compare", compared), ("environment", "churn"), ("dataset", "customers"))
    shares = {kind: share(kind, key) for kind, key in pages}
    camera.tidy()
    assert max(shares.values()) < FIRST_SHARE, shares


def test_plots_of_the_computer_are_made_one_a_turn(camera: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    watch, turns = TurnWatch(50.0), []
    make = MachineCurves._make

    def make_slowly(curves: MachineCurves, name: str) -> None:
        turns.append(watch.count())
        make(curves, name)
        spend(1500 * TURN_S)  # more than a turn is given

    monkeypatch.setattr(MachineCurves, "_make", make_slowly)
    pane = next(one for one in panes(camera.seeded) if one.name == "run machine")
    pane.open(camera)
    camera.settle()
    camera.tidy()
    assert len(turns) == len(set(turns)) >= 3


THEME_MS = 300.0


def test_a_change_of_theme_with_twelve_tabs_is_quick(camera: Plain, qapp: QApplication) -> None:
    camera.tidy()
    run, other = camera.seeded.completed[:2]
    for kind, key in (
        ("runs", ""),
        ("run", run),
        ("run", other),
        ("compare", RUN_SEPARATOR.join((run, other))),
        ("models", ""),
        ("model", "churn-classifier"),
        ("datasets", ""),
        ("dataset", "customers"),
        ("environments", ""),
        ("environment", "churn"),
        ("endpoints", ""),
        ("endpoint", "churn"),
    ):
        camera.show(kind, key)
        camera.settle()
    assert camera.window.tabs.count() == 12

    def change(name: str) -> float:
        begun = time.thread_time()
        theme.apply(qapp, name)
        camera.settle()
        return 1000 * (time.thread_time() - begun)

    took_ms = min(change(name) for name in ("dark", "light", "dark", "light"))
    assert took_ms < allowed_ms(THEME_MS)
