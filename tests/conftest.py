"""What every test stands on: a private home, an engine driven by hand, and no processes left behind."""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import sys
import time
from collections.abc import Callable, Container, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import psutil
import pytest

from desktop_aml.domain.events import Event
from desktop_aml.domain.requests import Reply, Request
from desktop_aml.domain.runs import RunState
from desktop_aml.engine.engine import Engine
from desktop_aml.executors.local_process import LocalProcessExecutor
from desktop_aml.sdk import answers_of
from desktop_aml.store import runs as stored_runs
from desktop_aml.store.database import Database, migrate
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace import Workspace, trust
from tests.clusters import cluster_home, shared_cluster
from tests.docker_engine import docker_engine, docker_host, own_daemon
from tests.fakes import OwnPython
from tests.far_engine import far_engine, ssh_host, ssh_port, tcp_host
from tests.one_thread import ONE_THREAD
from tests.sharing_out import LongestFirst, known_seconds

__all__ = [
    "cluster_home",
    "docker_engine",
    "docker_host",
    "far_engine",
    "own_daemon",
    "shared_cluster",
    "ssh_host",
    "ssh_port",
    "tcp_host",
]

sys.path.insert(0, str(Path(__file__).parent.parent))

DEADLINE_S = 60.0
TURN_S = 0.02
"""How long an engine that a test drives rests when nothing wakes it; its own loop rests as long."""
STARTING_PROCESSES = {
    "azureml",
    "azureml_corpus",
    "cli",
    "contracts",
    "documentation",
    "executors",
    "inside_run",
    "journeys",
    "samples",
    "serving",
}
"""Folders whose tests mostly start programs, and wait for them."""

FAILED_FIRST = pytest.StashKey[frozenset[str]]()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LongestFirst | None:
    """Share out whole files, see `tests.sharing_out`."""
    return LongestFirst(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make test-fast` choose."""
    parser.addoption("--fast", action="store_true", help="only what needs no Docker, no display and no long file")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not fast, when that is asked for."""
    if config.getoption("--fast"):
        long_files = known_seconds()
        fast = [is_fast(item, long_files) for item in items]
        config.hook.pytest_deselected(items=[item for item, is_kept in zip(items, fast, strict=True) if not is_kept])
        items[:] = [item for item, is_kept in zip(items, fast, strict=True) if is_kept]


def is_fast(item: pytest.Item, long_files: Container[str]) -> bool:
    """Whether a test needs no Docker, no display, no quiet computer, and lies in no file or folder that takes long."""
    outside = {"docker_engine", "docker_host", "own_daemon", "far_engine"} & set(getattr(item, "fixturenames", ()))
    marked = any(item.get_closest_marker(name) for name in ("xvfb", "kill", "timing"))
    file = item.nodeid.partition("::")[0]
    slow = file in long_files or file.split("/")[1] in STARTING_PROCESSES
    return not (outside or marked or slow)


def pytest_configure(config: pytest.Config) -> None:
    """Keep fits to one thread, and remember what failed before, when only that is asked again."""
    os.environ.update(ONE_THREAD)
    if config.getoption("lf", default=False) and not hasattr(config, "workerinput"):
        config.stash[FAILED_FIRST] = frozenset(config.cache.get("cache/lastfailed", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell what failed first and passed when it was asked again: each of them is a fault to be found."""
    passed = {report.nodeid for report in terminalreporter.stats.get("passed", [])}
    again = sorted(config.stash.get(FAILED_FIRST, frozenset()) & passed)
    if again:
        terminalreporter.section("failed first, passed when asked again")
        for name in again:
            terminalreporter.line(name)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """On CI a skipped part is a failure: everything that a test needs must be installed there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_collection_finish() -> None:
    """Leave Python's garbage to the ends of the tests: an engine's thread must not destroy the Qt objects in it."""
    gc.collect()
    gc.freeze()
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Collect in the main thread what a test left."""
    gc.collect()
    if nextitem is None or nextitem.path != item.path:
        # What a file's tests imported stays: the collections of the next file need not go through it each time.
        gc.freeze()


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return paths for new folders. pytest's own way looks through thousands of folders for the next free name."""
    place = tmp_path_factory.mktemp("homes")
    return (place / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def private_home(homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has user folders of its own; built environments are shared through the session's cache."""
    home = next(homes)
    home.mkdir(mode=0o700)
    monkeypatch.setenv("DESKTOP_AML_HOME", str(home))
    # Those of whoever starts the tests; and what code of the product set in this process in an earlier test.
    for name in [name for name in os.environ if name.startswith(("AZUREML_", "MLFLOW_"))]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    return home


@pytest.fixture
def marked_processes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[], list[psutil.Process]]]:
    """Return what finds the living processes that this test started, however detached; none may be left."""
    mark = f"{tmp_path.name}-{os.getpid()}-{time.monotonic_ns()}"
    monkeypatch.setenv("TEST_MARK", mark)

    def alive() -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            try:
                marked = process.pid != os.getpid() and process.environ().get("TEST_MARK") == mark
                if marked and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    yield alive
    leftovers = alive()
    for process in leftovers:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def words_of(process: psutil.Process) -> list[str]:
    """Return the command line of a process; empty when it ends at this moment."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def wait_until(
    condition: Callable[[], object], what: str = "", deadline_s: float = DEADLINE_S, pause_s: float = 0.005
) -> None:
    """Wait for a condition by looking often; fail with `what` when it does not come true."""
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"Waited in vain: {what or condition}")
        time.sleep(pause_s)


class DrivenEngine:
    """A real engine, ticked by the test."""

    def __init__(self, folder: WorkspaceFolder, source: OwnPython | None = None, **options: object) -> None:
        self.folder = folder
        self.events: list[Event] = []
        self.source = source or OwnPython()
        self.executor = LocalProcessExecutor(lambda: self.engine.wake())
        self.engine = Engine(
            folder, self.events.append, executors={"local": self.executor}, source=self.source, **options
        )
        self.engine.recover()

    def ask(self, request: Request) -> Reply:
        future = self.engine.ask(request)
        self.until(future.done, f"the reply to {request}")
        return future.result()

    def until(self, condition: Callable[[], object], what: str = "") -> None:
        woken = self.engine._desk.woken

        def turn() -> bool:
            self.engine.tick()
            if condition():
                return True
            woken.wait(TURN_S)
            woken.clear()
            return False

        wait_until(turn, what, pause_s=0)

    def state(self, run_id: str) -> RunState:
        with Database(self.folder.database, read_only=True) as db:
            return stored_runs.state_of(db, run_id)

    def until_over(self, run_id: str) -> RunState:
        self.until(lambda: self.state(run_id).is_terminal(), f"the end of {run_id}")
        return self.state(run_id)

    def close(self) -> None:
        self.engine.close()


@pytest.fixture
def folder(tmp_path: Path) -> WorkspaceFolder:
    """Return the folder of a new workspace."""
    made = WorkspaceFolder(tmp_path / "workspace")
    made.make("test")
    trust.trust(made)
    migrate(made.database)
    return made


@pytest.fixture
def driven(folder: WorkspaceFolder, marked_processes: object) -> Iterator[DrivenEngine]:
    """Return an engine on a new workspace that the test ticks."""
    engine = DrivenEngine(folder)
    yield engine
    engine.close()


@pytest.fixture
def workspace(tmp_path: Path, marked_processes: object) -> Iterator[Workspace]:
    """Return a new workspace whose engine runs on a thread of this process."""
    made = Workspace.create(tmp_path / "workspace", "test")
    made.start_engine(answer=answers_of(made))
    yield made
    made.close()


@pytest.fixture
def write_script(tmp_path: Path) -> Callable[..., Path]:
    """Return what writes a script into a source folder of its own."""

    def write(text: str, name: str = "train.py", folder: str = "source") -> Path:
        source = tmp_path / folder
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
        return source / name

    return write
