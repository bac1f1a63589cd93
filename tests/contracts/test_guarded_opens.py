"""No file that a run or a scoring script can write is opened in a way that a FIFO, a device or a link could misuse."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "desktop_aml"
ROOMS = ("engine", "executors", "record", "rest", "run_folder", "sdk", "serving", "store", "ui", "workspace")

OPENS_BY_NAME = {"open", "io.open", "os.open", "shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.copytree"}
OPENS_BY_NAME |= {"np.load", "QImageReader", "QImage", "QPixmap", "QFile", "QMovie", "zipfile.ZipFile", "gzip.open"}
OPENS_BY_NAME |= {"bz2.open", "lzma.open", "sqlite3.connect", "np.fromfile", "np.memmap", "mmap.mmap"}
OPENS_OF_A_PATH = {"read_text", "read_bytes", "write_text", "write_bytes", "touch"}
NAMES = {"open", *OPENS_OF_A_PATH, *(name.rpartition(".")[2] for name in OPENS_BY_NAME)}
ANY_NAME = re.compile(rf"\b({'|'.join(sorted(NAMES))})\(")
NO_FILE = {"Workspace", "cls", "self.nodes", "FarScheduler(spec)", "tracker.artifacts"}
NO_FILE |= {"archive", "self._archive", "buffer"}
"""What has a method `open` that opens no path: members of an archive are read through the archive."""
MUST_BE_NEW = re.compile(r"\bos\.O_EXCL\b|'xb'|\bexist_ok=False\b")
"""What is in the place already is never opened so."""
IN_MEMORY = re.compile(r"stream\b|raw$|':memory:'|\w+\.fileno\(\)")
"""First arguments that are open files, or none."""

GUARDED = {
    "a file of the program or of the system, or the database": {
        "executors/cluster/batch/systems.py _program",
        "executors/cluster/far_machine.py sees",
        "executors/cluster/holder.py Holder._begin",
        "executors/cluster/machines.py first_input",
        "executors/cluster/porters/porter.py program",
        "run_folder/deciding.py _model",
        "serving/__main__.py",
        "serving/model_process.py ModelProcess._load_order",
        "store/database.py Database.__init__",
        "store/database.py _back_up",
        "store/database.py check",
        "store/database.py migrate",
        "store/record/health.py _has_rows",
        "store/schema/blank.py statements",
        "store/schema/blank.py write_again",
        "store/schema/missing_parts.py missing_part",
        "engine/rebuilding/rebuild.py _set_aside",
        "ui/look/icons.py _shape",
        "ui/shell/help/window.py HelpPages._text_of",
        "ui/shell/help/window.py HelpPages.loadResource",
        "workspace/trust.py _is_on_network",
    },
    "a file of the user's settings, or of the workspace itself, which was seen to be a plain one": {
        "store/folder.py WorkspaceFolder._configured",
        "store/folder.py WorkspaceFolder.identity",
        "ui/session/user_state.py UserState.read",
        "ui/session/user_state.py UserState.write",
        "ui/shell/help/commands.py HelpCommands.tell_of_crash.show",
        "ui/start/crashes.py keep_report",
        "ui/start/logging_setup.py Hooks._watch_crashes",
        "workspace/trust.py _read",
    },
    "a folder of a cluster or of an interpreter that is forked from, made for it alone": {
        "executors/cluster/batch/nodes.py BatchNodes._ask_for",
        "executors/cluster/batch/nodes.py BatchNodes._order",
        "executors/cluster/nodes.py OwnNodes._start",
        "executors/cluster/ssh_nodes.py SshNodes._order",
        "executors/warm/parents.py WarmParents._begin",
    },
    "a folder that was made a moment ago, and that nobody was told of": {
        "engine/endpoints/deployment.py _sample",
        "workspace/environment/shells.py _shell",
        "workspace/run/bundles/reading.py _lay_out",
        "workspace/run/report/paper.py printed",
        "workspace/sweep/studies.py _copy",
        "workspace/sweep/studies.py _trial.lay_out",
        "workspace/sweep/studies.py _write",
    },
    "a place that the user named, who may name a pipe": {
        "ui/endpoints/csv_view.py CsvView.save.work",
        "ui/environments/lock_table.py LockTable.save",
        "ui/plots/across/saving.py save_sheet",
        "ui/plots/export.py save_bytes",
        "ui/plots/export.py save_csv",
        "ui/runs/metrics_table.py PointsTable.save_csv",
        "ui/runs/table.py RunsTable.write_csv",
        "workspace/containers/things.py DockerThings.load",
        "workspace/run/code.py RunCode.zip",
        "workspace/endpoint/file_scoring.py FileScoring.score",
        "workspace/run/files.py _copy",
    },
    "a cluster, no file": {
        "executors/cluster/batch/nodes.py BatchNodes.open",
        "executors/cluster/ssh_nodes.py SshNodes.open",
    },
    "on a machine whose files are its own: what was sent there, /proc, or seen to be a file just before": {
        "executors/cluster/porters/far_porter.py Porter.lay",
        "executors/cluster/porters/far_porter.py Porter.start",
        "executors/cluster/porters/far_porter.py Porter.sweep",
        "executors/cluster/porters/far_porter.py add",
        "executors/cluster/porters/far_porter.py began",
        "executors/cluster/porters/far_porter.py end_all_of",
        "executors/cluster/porters/far_store.py Store.lay",
        "executors/cluster/porters/far_store.py Store.link",
        "executors/cluster/porters/far_store.py Store.take",
    },
    "a program apart that is ended when it takes too long": {
        "store/schema/foreign_file.py tables_of_file",
        "ui/viewers/file_facts.py look",
        "ui/viewers/file_facts.py opened",
    },
    "in a worker of Dask, which has the standard library alone; what the engine has just put there, or nothing": {
        "executors/cluster/task.py Spawner._start",
        "executors/cluster/task.py obstacle",
    },
    "seen to be a plain file just before": {
        "store/attached/sqlite_file.py opened",
        "store/full_text/index.py _asked",
        "store/full_text/index.py _connected",
    },
}
"""Where an open is right although it is not one of `system.files`, by the reason."""


def opens_in(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield the function, or an empty text, and the line of whatever opens a file by its path."""
    yield from _below(tree, "")


def _below(node: ast.AST, function: str) -> Iterator[tuple[str, int]]:
    for inner in ast.iter_child_nodes(node):
        is_named = isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        name = f"{function}.{inner.name}".lstrip(".") if is_named else function
        if isinstance(inner, ast.Call) and _is_open(inner, is_for_itself=isinstance(node, ast.Expr | ast.Lambda)):
            yield name, inner.lineno
        yield from _below(inner, name)


def _is_open(call: ast.Call, *, is_for_itself: bool) -> bool:
    own = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if own not in NAMES:
        return False
    words, first = ast.unparse(call.func), ast.unparse(call.args[0]) if call.args else ""
    if MUST_BE_NEW.search(ast.unparse(call)) or IN_MEMORY.match(first):
        return False
    if words in OPENS_BY_NAME:
        # A picture of so many pixels, or of bytes that are in memory, comes from no file.
        return not words.startswith("Q") or (len(call.args) == 1 and first.startswith(("str(", "path")))
    if own in OPENS_OF_A_PATH:
        return True
    of = words.removesuffix(".open")
    from_stream = any(one.arg == "fileobj" for one in call.keywords)
    # A dialog is opened for itself, and nothing is done with what it returns.
    return own == "open" and of not in NO_FILE and not from_stream and not (is_for_itself and not call.args)


def test_every_way_to_open_a_file_is_seen():
    seen = """
def f(path):
    open(path); os.open(path, 0); path.open("rb").read(); path.read_text(); shutil.copyfile(path, path)
    with path.open() as one: pass
    np.load(path); QImageReader(str(path)); zipfile.ZipFile(path)
class C:
    def g(self, path):
        return tarfile.open(path)
"""
    passed = "dialog.open(); archive.open('name'); tarfile.open(fileobj=one); open_regular(path); QImage(3, 4, kind)"
    passed += "; os.open(path, os.O_CREAT | os.O_EXCL); path.open('xb'); file.open(stream.fileno(), mode)"
    assert [name for name, _ in opens_in(ast.parse(seen))] == ["f"] * 9 + ["C.g"]
    assert list(opens_in(ast.parse(passed))) == []


def test_every_open_is_the_guarded_one_or_says_why_not():
    found: dict[str, int] = {}
    for room in ROOMS:
        for file in sorted((PACKAGE / room).rglob("*.py")):
            text = file.read_text("utf-8")
            # Most files open none, and to parse them is what takes time.
            for function, line in opens_in(ast.parse(text)) if ANY_NAME.search(text) else ():
                found[f"{file.relative_to(PACKAGE).as_posix()} {function}".strip()] = line
    known = set().union(*GUARDED.values())
    assert {name: line for name, line in found.items() if name not in known} == {}
    assert sorted(known - found.keys()) == []
