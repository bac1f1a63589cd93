"""Start of the window: one application, one log file, and as many windows as workspaces are open."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

import PySide6
from PySide6.QtGui import QIcon

from desktop_aml import resources
from desktop_aml.settings import user_directories
from desktop_aml.system.whole_paths import whole_path
from desktop_aml.ui.look import theme
from desktop_aml.ui.session.preferences import Preferences
from desktop_aml.ui.shell.main_window import MainWindow
from desktop_aml.ui.start import crashes, logging_setup
from desktop_aml.ui.start.end_signals import EndSignals
from desktop_aml.ui.start.first_paint import FirstPaint
from desktop_aml.ui.start.garbage import WindowCollector
from desktop_aml.ui.start.loading_ahead import OF_AN_OPENING, LoadingAhead, load_in_turns
from desktop_aml.ui.start.single_instance import SingleInstance
from desktop_aml.ui.start.windows import Windows

_BROKEN: Final = (6, 12, 0)


def is_broken_pyside(pyside: Sequence[int | str], python: Sequence[int]) -> bool:
    """Whether this PySide6 loses references of None on this Python and would abort within a minute."""
    return tuple(pyside[:3]) == _BROKEN and tuple(python[:2]) < (3, 12)


def main(path: str | None, *, sample: bool = False, safe: bool = False) -> int:
    """Open the window on a workspace, a script or the sample; return the exit code.

    When `safe`, nothing of the last time comes back by itself: neither the workspace, nor its pages, nor the panes.
    """
    if is_broken_pyside(PySide6.__version_info__, sys.version_info[:3]):
        print(  # noqa: T201
            "PySide6 6.12.0 aborts on Python before 3.12.\n"
            "Install another one: pip install 'pyside6-essentials>=6.9,<6.12'",
            file=sys.stderr,
        )
        return 3
    app = theme.application(sys.argv[0])
    collector = WindowCollector(app)
    app.setApplicationName("Desktop AML")
    app.setOrganizationName("Desktop AML")
    app.setDesktopFileName("desktop-aml")
    wanted = "--sample" if sample else str(whole_path(path)) if path else ""
    directories = user_directories()
    name = f"desktop-aml-{abs(hash_of(str(directories.state))):x}"
    instance = SingleInstance(name, directories.state / "window.lock", app)
    if instance.hand_over(wanted):
        return 0
    preferences = Preferences(parent=app)
    log_file = logging_setup.start_log_file(directories.log, preferences.value.app_log_limit_bytes)
    notifier = logging_setup.ErrorNotifier(app)
    crash_file = directories.log / logging_setup.CRASH_NAME
    # Before the hooks write it anew.
    report = crashes.keep_report(crash_file)
    hooks = logging_setup.Hooks(notifier, crash_file if log_file else None)
    theme.apply(app, str(preferences.value.theme))
    app.setWindowIcon(QIcon(str(resources.path("icons", "desktop-aml.svg"))))
    layout_file = directories.state / "layout.ini"
    windows = Windows(lambda: MainWindow(preferences, layout_file, log_file, is_safe=safe), app)
    window = windows.first()
    instance.words_arrived.connect(windows.open_words)
    notifier.error_happened.connect(window.show_unexpected)
    notifier.foreseen_happened.connect(window.show_foreseen)
    ends = EndSignals(app)
    ends.asked_to_end.connect(windows.close_now)
    # It comes before anything heavy is loaded.
    painted = FirstPaint(window)
    painted.came.connect(instance.listen)
    last = "" if safe else preferences.value.last_workspace
    ahead = LoadingAhead(app)
    ahead.loaded.connect(collector.settle)

    def open_meant() -> None:
        # A window that the system's end closed before its first paint opens nothing any more.
        if window.isVisible():
            window.open_words(wanted or last, raise_window=False)
            if not safe:
                ahead.begin()

    # In turns of its own: what a workspace needs takes longer to load than to open.
    painted.came.connect(lambda: load_in_turns(app, OF_AN_OPENING, open_meant))
    window.show()
    if report is not None:
        window.commands.tell_of_crash(report)
    code = app.exec()
    ahead.stop()
    collector.stop()
    ends.remove()
    hooks.remove()
    return code


def hash_of(text: str) -> int:
    """Return a number for `text` that is the same in every process."""
    number = 5381
    for letter in text.encode():
        number = (number * 33 + letter) & 0xFFFFFFFF
    return number
