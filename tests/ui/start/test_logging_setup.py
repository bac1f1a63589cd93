from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_aml.ui.start import logging_setup

Installed = tuple[logging_setup.ErrorNotifier, Path, Callable[..., None]]


@pytest.fixture
def hooks(tmp_path: Path, qtbot: QtBot) -> Iterator[Installed]:
    before = list(logging.getLogger().handlers)
    path = logging_setup.start_log_file(tmp_path / "log")
    assert path is not None
    notifier = logging_setup.ErrorNotifier()
    installed = logging_setup.Hooks(notifier)
    former = installed._former
    installed._former = (lambda *_: None, *installed._former[1:])
    # Kept by name: the test run puts a hook of its own over ours.
    yield notifier, path, installed._on_exception
    installed._former = former
    installed.remove()
    for handler in set(logging.getLogger().handlers) - set(before):
        logging.getLogger().removeHandler(handler)
        handler.close()
    logging.getLogger("desktop_aml").setLevel(logging.NOTSET)


def test_an_unexpected_error_is_logged_and_shown(hooks: Installed, qtbot: QtBot) -> None:
    notifier, path, on_exception = hooks
    error = ValueError("seven")
    with qtbot.waitSignal(notifier.error_happened) as told:
        on_exception(ValueError, error, error.__traceback__)
    assert told.args is not None
    assert told.args[0] == "ValueError: seven"
    assert "ValueError: seven" in told.args[1]
    assert "ValueError: seven" in path.read_text("utf-8")


def test_an_error_in_a_thread_is_shown_too(hooks: Installed, qtbot: QtBot) -> None:
    notifier, path, _ = hooks

    def fail() -> None:
        raise KeyError("lost")

    with qtbot.waitSignal(notifier.error_happened) as told:
        thread = threading.Thread(target=fail, name="worker-7")
        thread.start()
        thread.join()
    assert told.args is not None
    assert "KeyError" in told.args[0]
    assert "worker-7" in path.read_text("utf-8")


def test_a_folder_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    before = list(logging.getLogger().handlers)
    assert logging_setup.start_log_file(tmp_path / "file" / "log") is None
    for handler in set(logging.getLogger().handlers) - set(before):
        logging.getLogger().removeHandler(handler)
    logging.getLogger("desktop_aml").setLevel(logging.NOTSET)


def test_the_log_is_rotated(tmp_path: Path) -> None:
    before = list(logging.getLogger().handlers)
    logging_setup.start_log_file(tmp_path, 2000)
    for number in range(200):
        logging.getLogger("desktop_aml").warning("A line with number %d", number)
    assert (tmp_path / "desktop-aml.log.1").is_file()
    assert (tmp_path / "desktop-aml.log").stat().st_size <= 2000
    for handler in set(logging.getLogger().handlers) - set(before):
        logging.getLogger().removeHandler(handler)
        handler.close()
    logging.getLogger("desktop_aml").setLevel(logging.NOTSET)
