"""The rules of the tree that no other tool checks."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
PACKAGE = CHECKOUT / "desktop_aml"
TESTS = CHECKOUT / "tests"

LINE_LIMIT = 400
FOLDER_LIMIT = 25
FUNCTION_LIMIT = 72
"""Lines without the docstring. A signature of many lines is the longest of them: it may not grow."""
VAGUE = {"utils", "util", "helpers", "helper", "misc", "common", "tools", "manager", "managers"}
# Tests of whole flows, of promises that several modules keep, and of what is not a module of the package.
NOT_MIRRORED = {"contracts", "documentation", "journeys", "samples", "kill", "azureml", "azureml_corpus"}
NOT_ABOUT_A_MODULE = {
    "tests/test_tree.py",
    "tests/test_setup.py",
    "tests/test_docs.py",
    "tests/test_imports.py",
    "tests/test_forge.py",
    "tests/test_sharing_out.py",
    "tests/test_ordinary_user.py",
    "tests/test_benchmark_history.py",
    "tests/test_screenshots.py",
    "tests/test_seeded_workspace.py",
    # These are about the packages in inside_run/site, which scripts import.
    "tests/inside_run/test_capture.py",
    "tests/inside_run/test_journal.py",
    "tests/inside_run/test_journal_ends.py",
    "tests/inside_run/test_journal_threads.py",
    "tests/inside_run/test_journal_writer.py",
    "tests/inside_run/test_run_package.py",
    "tests/inside_run/test_scalars.py",
    "tests/inside_run/test_compatibility.py",
    "tests/inside_run/test_metric_shapes.py",
    "tests/inside_run/test_run_metrics.py",
    "tests/inside_run/test_recorded_runs.py",
    "tests/inside_run/test_backend.py",
    "tests/inside_run/test_figures.py",
    "tests/inside_run/test_shown_pages.py",
    "tests/inside_run/test_files_read.py",
    "tests/inside_run/test_old_arguments.py",
    "tests/inside_run/test_old_boosters.py",
    "tests/inside_run/test_script_end.py",
    "tests/inside_run/test_source_folders.py",
}
ESSENTIALS = {
    "QtCore",
    "QtGui",
    "QtWidgets",
    "QtSvg",
    "QtNetwork",
    "QtDBus",
    "QtTest",
    "QtOpenGL",
    "QtOpenGLWidgets",
    "QtPrintSupport",
}


def tracked(*patterns: str) -> list[Path]:
    """Files of the checkout that Git knows or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns]
    listed = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    files = [CHECKOUT / name for name in listed.stdout.split("\0") if name]
    return [file for file in files if file.is_file()]


def name_of(file: Path) -> str:
    return file.relative_to(CHECKOUT).as_posix()


def test_git_is_asked_and_answers():
    assert CHECKOUT / "pyproject.toml" in tracked()


def test_no_file_is_longer_than_the_limit():
    lengths = {name_of(file): len(file.read_text().splitlines()) for file in tracked("*.py", "*.sh", "Makefile")}
    assert {name: length for name, length in lengths.items() if length > LINE_LIMIT} == {}


FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
DEFINITION = FUNCTION | ast.ClassDef


def functions_of(file: Path) -> Iterator[tuple[str, FUNCTION]]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, FUNCTION):
            yield f"{name_of(file)} {node.name}", node


def test_no_function_is_longer_than_the_limit():
    lengths = {}
    for file in tracked("desktop_aml/*.py"):
        for name, node in functions_of(file):
            docstring = node.body[0] if ast.get_docstring(node) else None
            told = docstring.end_lineno - docstring.lineno + 1 if docstring else 0
            lengths[name] = node.end_lineno - node.lineno + 1 - told
    assert {name: length for name, length in lengths.items() if length > FUNCTION_LIMIT} == {}


def public_names(node: ast.AST, path: str) -> Iterator[tuple[str, ast.AST]]:
    """Classes and functions that other modules may use, and what is public in those classes."""
    for inner in getattr(node, "body", ()):
        if isinstance(inner, ast.If | ast.Try):
            yield from public_names(inner, path)
        elif isinstance(inner, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not inner.name.startswith(
            "_"
        ):
            yield f"{path}.{inner.name}", inner
            if isinstance(inner, ast.ClassDef):
                yield from public_names(inner, f"{path}.{inner.name}")


def is_setter(node: ast.AST) -> bool:
    return any(isinstance(one, ast.Attribute) and one.attr == "setter" for one in getattr(node, "decorator_list", ()))


def test_every_public_name_says_what_it_is():
    silent = [
        name
        for file in tracked("desktop_aml/*.py")
        for name, node in public_names(ast.parse(file.read_text()), name_of(file))
        if not ast.get_docstring(node) and not is_setter(node)
    ]
    assert silent == []


def test_no_folder_is_a_long_list():
    # The azureml package keeps the modules that scripts import.
    rooms = [file.parent for file in tracked("desktop_aml/*.py") if "azureml" not in file.parts]
    crowded = {name_of(room): count for room in set(rooms) if (count := rooms.count(room)) > FOLDER_LIMIT}
    assert crowded == {}


def test_no_module_has_a_name_that_says_nothing():
    # The azureml package keeps the names that scripts import.
    files = [file for file in tracked("desktop_aml/*.py", "tests/*.py") if "site" not in file.parts]
    names = {part for file in files for part in Path(name_of(file)).with_suffix("").parts}
    assert names & VAGUE == set()


def imported_modules(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


OF_ONE_SYSTEM = {
    "os": {
        *("O_CLOEXEC", "O_DIRECTORY", "O_NOCTTY", "O_NOFOLLOW", "O_NONBLOCK", "SEEK_DATA", "SEEK_HOLE", "WNOHANG"),
        *("chown", "fchmod", "fchown", "fdatasync", "fork", "forkpty", "getegid", "geteuid", "getgid", "getgroups"),
        *("getloadavg", "getpgid", "getpgrp", "getpriority", "getsid", "getuid", "killpg", "lchown", "mkfifo", "mknod"),
        *("nice", "pidfd_open", "posix_fallocate", "posix_spawn", "pread", "pwrite", "sched_getaffinity"),
        *("sched_setaffinity", "sendfile", "setpgid", "setpriority", "setsid", "setuid", "statvfs", "sync", "sysconf"),
        *("uname", "wait", "wait3", "wait4", "waitid", "waitpid", "environb", "openpty", "getxattr", "setxattr"),
    },
    "signal": {
        *("SIGALRM", "SIGCHLD", "SIGCONT", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGSTOP", "SIGTSTP", "SIGUSR1"),
        *("SIGUSR2", "SIGXCPU", "SIGXFSZ", "alarm", "pause", "pidfd_send_signal", "pthread_kill", "pthread_sigmask"),
        *("setitimer", "siginterrupt", "sigpending", "sigtimedwait", "sigwait", "sigwaitinfo"),
    },
    "socket": {"AF_UNIX", "AF_NETLINK", "CMSG_LEN", "SO_PEERCRED", "SO_REUSEPORT", "recv_fds", "send_fds"},
    "asyncio": {"open_unix_connection", "start_unix_server"},
    "select": {"epoll", "kqueue", "poll"},
}
MODULES_OF_ONE_SYSTEM = {"fcntl", "grp", "msvcrt", "posix", "pty", "pwd", "resource", "termios", "tty", "winreg"}
WHERE_SYSTEMS_DIFFER = (
    "desktop_aml/system/",
    # These go into other interpreters, or travel to other computers, where `system` is not.
    "desktop_aml/inside_run/",
    "desktop_aml/inside_model/",
    "desktop_aml/executors/cluster/far_machine.py",
    "desktop_aml/executors/cluster/batch/far_job.py",
    "desktop_aml/executors/cluster/porters/far_porter.py",
    "desktop_aml/executors/cluster/task.py",
)


# Most modules name nothing of the kind: they need not be parsed to know it.
MAYBE_OF_ONE_SYSTEM = re.compile(
    r"\b(?:(?:"
    + "|".join(rf"{module}\b(?:\.(?:{'|'.join(names)})\b| import)" for module, names in OF_ONE_SYSTEM.items())
    + rf")|{'|'.join(MODULES_OF_ONE_SYSTEM)})\b|\bst_blocks\b|dir_fd=|preexec_fn="
)


def calls_of_one_system(file: Path) -> Iterator[str]:
    """Yield what a module names that other operating systems do not have."""
    text = file.read_text()
    if not MAYBE_OF_ONE_SYSTEM.search(text):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.attr in OF_ONE_SYSTEM.get(node.value.id, ()):
                yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Attribute) and node.attr == "st_blocks":
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg in {"dir_fd", "src_dir_fd", "dst_dir_fd", "preexec_fn"}:
            yield f"{node.arg}="
        elif isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names} & OF_ONE_SYSTEM.get(node.module or "", set())
            yield from (f"{node.module}.{name}" for name in names)
    for name in imported_modules(file):
        if name.partition(".")[0] in MODULES_OF_ONE_SYSTEM:
            yield name


def test_what_only_one_system_has_is_called_in_one_room():
    found = {
        name_of(file): calls
        for file in tracked("desktop_aml/*.py")
        if not name_of(file).startswith(WHERE_SYSTEMS_DIFFER) and (calls := sorted(calls_of_one_system(file)))
    }
    assert found == {}


def test_calls_of_one_system_are_seen(tmp_path: Path):
    text = "import fcntl, os\nfrom signal import SIGKILL\nos.getuid()\nos.open('a', 0, dir_fd=3)\nos.getpid()\n"
    (tmp_path / "calls.py").write_text(text)
    assert sorted(calls_of_one_system(tmp_path / "calls.py")) == ["dir_fd=", "fcntl", "os.getuid", "signal.SIGKILL"]


def test_only_the_essential_modules_of_qt_are_imported():
    # The others are 438 MB that an installation does not have.
    beyond: dict[str, set[str]] = {}
    for file in tracked("desktop_aml/*.py", "tests/*.py", "benchmarks/*.py"):
        modules = {name.split(".")[1] for name in imported_modules(file) if name.startswith("PySide6.")}
        if modules - ESSENTIALS:
            beyond[name_of(file)] = modules - ESSENTIALS
    assert beyond == {}


def modules_loaded_by(start: str) -> dict[str, Path]:
    """Modules of ours that importing `start` loads at once, by what their top-level imports say."""
    loaded: dict[str, Path] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        path = CHECKOUT / name.replace(".", "/")
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if name in loaded or not file.is_file():
            continue
        loaded[name] = file
        names = top_level_imports(file)
        waiting += [name.rpartition(".")[0], *(found for found in names if found.startswith("desktop_aml"))]
    return loaded


def top_level_imports(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("start", ["desktop_aml.__main__", "desktop_aml.ui.start.app"])
def test_heavy_libraries_are_loaded_after_the_first_paint(start):
    heavy = {"sklearn", "numpy", "pyqtgraph", "docker", "sqlite_utils", "uvloop", "httptools"}
    early: dict[str, set[str]] = {}
    for name, file in modules_loaded_by(start).items():
        libraries = {imported.split(".")[0] for imported in top_level_imports(file)} & heavy
        if libraries:
            early[name] = libraries
    assert early == {}


def test_the_window_is_painted_before_what_runs_are_is_loaded():
    early = {name for name in modules_loaded_by("desktop_aml.ui.shell.main_window") if ".domain." in name}
    places = ("computes", "computes.container_files")
    assert early <= {f"desktop_aml.domain.{name}" for name in ("errors", "pythons", "values", *places)}


def test_the_tests_mirror_the_tree():
    files = [
        file
        for file in tracked("tests/test_*.py", "tests/**/test_*.py")
        if file.relative_to(TESTS).parts[0] not in NOT_MIRRORED and name_of(file) not in NOT_ABOUT_A_MODULE
    ]
    orphans = []
    for file in files:
        folder = PACKAGE / file.relative_to(TESTS).parent
        module = file.stem.removeprefix("test_")
        if not any((folder / name).exists() for name in (f"{module}.py", module)):
            orphans.append(name_of(file))
    assert len(orphans) <= 0.1 * len(files), orphans


def test_every_module_says_what_it_is_for():
    silent = [
        name_of(file) for file in tracked("desktop_aml/*.py") if not ast.get_docstring(ast.parse(file.read_text()))
    ]
    assert silent == []


def test_no_text_names_a_place_of_one_computer():
    # Paths of a developer's computer and addresses of a package mirror mean nothing anywhere else.
    places = re.compile(r"(?<![\w.])/(work|root|home/\w+)/|https?://(?!127\.)\d+\.\d+\.\d+\.\d+")
    named: dict[str, list[str]] = {}
    for file in tracked("*.py", "*.md", "*.toml", "*.sh", "*.yml", "*.yaml", "Makefile", ".ci/run", "*.txt", "*.lock"):
        lines = [line.strip() for line in file.read_text().splitlines() if places.search(line)]
        if lines and file != Path(__file__).resolve():
            named[name_of(file)] = lines
    assert named == {}


def test_the_lock_names_the_public_index_only():
    sources = set(re.findall(r'registry = "([^"]+)"', (CHECKOUT / "uv.lock").read_text()))
    assert sources == {"https://pypi.org/simple"}


def test_qt_stays_below_the_release_that_aborts():
    assert '"pyside6-essentials>=6.9,<6.12"' in (CHECKOUT / "pyproject.toml").read_text()
    locked = re.search(r'name = "pyside6-essentials"\nversion = "([\d.]+)"', (CHECKOUT / "uv.lock").read_text())
    assert locked
    assert tuple(map(int, locked[1].split("."))) < (6, 12)


BOUNDARIES = {
    "engine/dispatch.py": "one request: unanswered, it would come again and stop every engine",
    "engine/core/boundary.py": "one thing, such as a run or a sweep, for whoever takes in its fault",
    "system/private_log.py": "one record of the log: what cannot be logged ends nobody",
    "engine/runs/faults.py": "one run: its fault is counted, and ends it as Failed at last",
    "engine/runs/flow.py": "one run that is claimed, and what its script left in the place of our files",
    "engine/runs/ingest.py": "one run's journal, and one record of it",
    "engine/runs/finalization.py": "one run that ended, and one file that it left",
    "engine/rebuilding/rebuild.py": "one folder, whatever lies in it",
    "engine/sweeps/tpe_worker.py": "one question to Optuna",
    "executors/cluster/asking.py": "one question to a scheduler, whose fault is told in words",
    "executors/cluster/connecting.py": "one question to a scheduler that is not understood, for its version",
    "executors/cluster/far_machine.py": "one import on another machine: what is wrong with it is said",
    "executors/cluster/holder.py": "one cluster that is opened or let go of, and what it did to one run",
    "executors/cluster/porters/carry.py": "one run on another machine, whatever that sends",
    "executors/cluster/porters/far_porter.py": "one thing that a machine was asked for, which is told what is wrong",
    "executors/cluster/task.py": "one program that is started for another thread",
    "record/writing.py": "one manifest: what is wrong with it keeps no other from its folder",
    "rest/server.py": "one request to the tracking server",
    "serving/app.py": "one request to an endpoint, and one answer",
    "serving/model_process.py": "one answer: others of the same batch wait for theirs",
    "ui/session/bridge.py": "a worker of the window: raised again on the window's own thread",
    "ui/session/listening.py": "one pane that hears of something: its fault is told, and the others hear it too",
    "ui/session/turn_loading.py": "one module that is loaded ahead: whoever needs it meets the fault, and is told",
    "ui/viewers/file_facts.py": "one file that a program apart looks into, however damaged",
    "ui/viewers/pdf_page.py": "one PDF that a program apart draws, however damaged",
}
"""Where all that can go wrong with one thing is caught, and why."""
BROAD = {"Exception", "BaseException"}


def broad_handlers(file: Path) -> list[ast.ExceptHandler]:
    """Handlers for everything that do not raise it again at their end."""
    found = (node for node in ast.walk(ast.parse(file.read_bytes())) if isinstance(node, ast.ExceptHandler))
    return [
        one
        for one in found
        if (one.type is None or BROAD & {node.id for node in ast.walk(one.type) if isinstance(node, ast.Name)})
        and not (isinstance(one.body[-1], ast.Raise) and one.body[-1].exc is None)
    ]


def is_among_others_code(file: Path) -> bool:
    return file.relative_to(PACKAGE).parts[0] in {"inside_run", "inside_model"}


def test_everything_is_caught_at_boundaries_only():
    ours = [file for file in tracked("desktop_aml/*.py") if not is_among_others_code(file)]
    found = {name_of(file).removeprefix("desktop_aml/") for file in ours if broad_handlers(file)}
    assert sorted(found - BOUNDARIES.keys()) == []
    assert sorted(BOUNDARIES.keys() - found) == []


def test_what_catches_everything_among_others_code_says_why():
    silent = []
    for file in filter(is_among_others_code, tracked("desktop_aml/*.py")):
        lines = file.read_text("utf-8").splitlines()
        for one in broad_handlers(file):
            # On its line, above it, or at the beginning of what it does.
            around = lines[max(0, one.lineno - 2) : one.body[0].lineno]
            hands_on = one.name is not None and any(
                isinstance(node, ast.Name) and node.id == one.name for part in one.body for node in ast.walk(part)
            )
            if not hands_on and not any(re.search(r"#(?! noqa: \w+(, \w+)*$)", line) for line in around):
                silent.append(f"{name_of(file)}:{one.lineno}")
    assert silent == []
