"""What may be dropped on the window, what it is then called, and why the rest is refused.

Looking at a path opens no file: only its name, its kind and, for a folder, the names in it are read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from desktop_aml.domain.values import dataclass
from desktop_aml.ui.session.bridge import Bridge, Destination
from desktop_aml.ui.session.script_finding import NEAR, scripts_of

DATA_ENDINGS: Final = (
    ".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json", ".parquet", ".pq", ".feather", ".arrow", ".xlsx",
    ".npy", ".npz", ".h5", ".hdf5", ".arff", ".data",
)  # fmt: skip
SCRIPT_ENDINGS: Final = (".py", ".ipynb")
MODELS_OF_OTHERS: Final = (".onnx", ".pmml", ".pt", ".pth", ".keras", ".safetensors", ".tflite")
"""Endings of models that nothing here loads by itself."""

_DOCKERFILES: Final = ("dockerfile", "containerfile")
PATH_SEPARATOR: Final = "\0"
"""Between the paths in the key of a destination: no path holds it."""

_MAX_ENTRIES: Final = 2000
"""How many names are looked at: a drag must not wait for a huge folder."""
RUNS_ENDING: Final = ".amlrun"
SPEC_ENDINGS: Final = (".yml", ".yaml")
_REQUIREMENTS: Final = re.compile(r"(.*[-_.])?requirements([-_.].*)?\.(txt|in)|constraints.*\.txt", re.IGNORECASE)


class DropKind(StrEnum):
    """What a dropped path is."""

    SCRIPT = "script"
    FOLDER = "folder"
    ENVIRONMENT = "environment"
    MODEL = "model"
    RUNS = "runs"
    DATA = "data"
    WORKSPACE = "workspace"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Drop:
    """A dropped path, and what happens with it.

    Parameters
    ----------
    verb : str
        The act in words: "Run this script". For a refusal: what is wrong, in a few words.
    reason : str
        Why it is refused and what to do instead; empty otherwise.
    others : tuple of Path
        What was dropped with it: data may be many files.
    """

    kind: DropKind
    path: Path = Path()
    verb: str = ""
    reason: str = ""
    others: tuple[Path, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether something comes of it."""
        return self.kind is not DropKind.REFUSED


def _tr(text: str) -> str:
    return QCoreApplication.translate("drop", text)


def classify(paths: Sequence[Path]) -> Drop:
    """Return what dropping `paths` does."""
    if len(paths) > 1 and all(path.suffix.lower() in DATA_ENDINGS for path in paths):
        return Drop(DropKind.DATA, paths[0], _tr("Register these files as data"), others=tuple(paths[1:]))
    if len(paths) > 1:
        return _refusal(Path(), _tr("One at a time"), _why_not_several(paths))
    if not paths:
        return _refusal(Path(), _tr("Not a file"), _tr("Drop a file or a folder of this computer."))
    path = paths[0]
    try:
        return _classify_folder(path) if path.is_dir() else _classify_file(path)
    except OSError as error:
        return _refusal(path, _tr("Cannot be read"), _tr("{0} cannot be read: {1}.").format(path, error.strerror))


def _why_not_several(paths: Sequence[Path]) -> str:
    """Return what to do with several things that do not go together."""
    if all(path.suffix.lower() in SCRIPT_ENDINGS for path in paths):
        folder = paths[0].parent
        if all(path.parent == folder for path in paths):
            words = _tr("Drop the one that is to run: the others of {0} come along. Or drop the folder and choose.")
            return words.format(folder.name or str(folder))
        return _tr("Drop the one that is to run, or the folder that holds all of them.")
    return _tr("Drop one script, or the folder that holds everything it needs. Only data may be several files.")


def _classify_folder(path: Path) -> Drop:
    if is_workspace(path):
        return Drop(DropKind.WORKSPACE, path, _tr("Open this workspace"))
    found = scripts_of(path)
    is_far = not found or len(found[0].relative_to(path).parts) > NEAR
    if is_far and any(entry.suffix.lower() in DATA_ENDINGS for entry in islice(path.iterdir(), _MAX_ENTRIES)):
        return Drop(DropKind.DATA, path, _tr("Register this folder as data"))
    if not found:
        reason = _tr("There is no Python script (.py) or notebook (.ipynb) in {0}.").format(path.name)
        return _refusal(path, _tr("No script in this folder"), reason)
    return Drop(DropKind.FOLDER, path, _tr("Run a script of this folder"))


def is_workspace(path: Path) -> bool:
    """Whether the folder `path` is a workspace of ours."""
    return (path / "desktop_aml.db").is_file() and (path / "config.json").is_file()


def _classify_file(path: Path) -> Drop:
    ending = path.suffix.lower()
    if not path.is_file():
        if not path.exists():
            return _refusal(path, _tr("Not there"), _tr("{0} does not exist.").format(path))
        return _refusal(path, _tr("Not a file"), _tr("{0} is neither a file nor a folder.").format(path))
    # Imported here: with the runs that come along they are a tenth of what the window loads before its first paint.
    from desktop_aml.domain.environments import is_project_file
    from desktop_aml.domain.registry import MODEL_ENDINGS

    # A setup.py is a script, too, but none that anybody trains with.
    if is_project_file(path.name):
        return Drop(DropKind.ENVIRONMENT, path, _tr("Add an environment"))
    if ending not in SCRIPT_ENDINGS and is_dockerfile_name(path.name):
        return Drop(DropKind.ENVIRONMENT, path, _tr("Add an environment from this Dockerfile"))
    if ending == ".py":
        return Drop(DropKind.SCRIPT, path, _tr("Run this script"))
    if ending == ".ipynb":
        return Drop(DropKind.SCRIPT, path, _tr("Run this notebook"))
    if ending in SPEC_ENDINGS or _REQUIREMENTS.fullmatch(path.name):
        return Drop(DropKind.ENVIRONMENT, path, _tr("Add an environment"))
    if ending in MODEL_ENDINGS:
        return Drop(DropKind.MODEL, path, _tr("Import a model"))
    if ending == RUNS_ENDING:
        return Drop(DropKind.RUNS, path, _tr("Import these runs"))
    if ending in DATA_ENDINGS:
        return Drop(DropKind.DATA, path, _tr("Register this as data"))
    return _refusal(path, *_why_not(path, ending))


def is_dockerfile_name(name: str) -> bool:
    """Whether a file of this name is a Dockerfile, such as ``Dockerfile``, ``Dockerfile.train``, ``gpu.dockerfile``."""
    plain = name.lower()
    return plain.partition(".")[0] in _DOCKERFILES or plain.rpartition(".")[2] in _DOCKERFILES


def _why_not(path: Path, ending: str) -> tuple[str, str]:
    if ending in MODELS_OF_OTHERS:
        words = _tr(
            "{0} is not served without code. Register the estimator itself ({1}), or register the file as a model "
            "and deploy it with a scoring script that loads it."
        )
        from desktop_aml.domain.registry import MODEL_ENDINGS

        return _tr("A model of another kind"), words.format(path.name, ", ".join(MODEL_ENDINGS))
    if ending in (".zip", ".gz", ".tar", ".tgz", ".bz2", ".xz", ".7z"):
        return _tr("An archive"), _tr("Unpack {0} and drop the folder.").format(path.name)
    return (
        _tr("Nothing to do with this"),
        _tr(
            "Drop a script, a notebook, a folder, data (.csv, .jsonl, .parquet), an environment (.yml, "
            "requirements.txt, pyproject.toml), a model or a workspace."
        ),
    )


def _refusal(path: Path, verb: str, reason: str) -> Drop:
    return Drop(DropKind.REFUSED, path, verb, reason)


def paths_of(data: QMimeData) -> tuple[Path, ...]:
    """Return the local paths in `data`; what is not on this computer is left out."""
    return tuple(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile() and url.toLocalFile())


def act_on(drop: Drop, bridge: Bridge) -> None:
    """Ask for what `drop` names, or say why it is refused.

    Destinations: see `destination_of`.
    """
    if not drop.is_accepted:
        bridge.tell(drop.verb + ".", "warning", drop.reason)
        return
    wanted = destination_of(drop)
    bridge.go_to(wanted.kind, wanted.key)


def destination_of(drop: Drop) -> Destination:
    """Return where an accepted drop leads.

    ``"script"`` for scripts and folders, ``"import_environment"``, ``"import_model"``, ``"import_runs"`` and
    ``"workspace"``, each with the path as key; ``"import_data"`` with all paths, `PATH_SEPARATOR` between them.
    """
    kinds = {
        DropKind.SCRIPT: "script",
        DropKind.FOLDER: "script",
        DropKind.ENVIRONMENT: "import_environment",
        DropKind.MODEL: "import_model",
        DropKind.RUNS: "import_runs",
        DropKind.WORKSPACE: "workspace",
        DropKind.DATA: "import_data",
    }
    paths = (drop.path, *drop.others) if drop.kind is DropKind.DATA else (drop.path,)
    return Destination(kinds[drop.kind], PATH_SEPARATOR.join(map(str, paths)))


class DropTarget(QObject):
    """Makes a widget take drops: says what is over it, and what was dropped.

    It is an event filter, so any widget can be a target, the whole window too.
    """

    hovered = Signal(object)
    """The `Drop` over the widget, refused ones too; None when it left or fell."""
    dropped = Signal(object)
    """The `Drop` that was let go over the widget."""

    def __init__(self, target: QWidget) -> None:
        super().__init__(target)
        self._over: Drop | None = None
        target.setAcceptDrops(True)
        target.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Handle the four events of a drag; leave all others alone."""
        if event.type() is QEvent.Type.DragEnter and isinstance(event, QDragEnterEvent):
            return self._enter(event)
        if event.type() is QEvent.Type.DragMove and isinstance(event, QDragMoveEvent):
            return self._move(event)
        if event.type() is QEvent.Type.DragLeave:
            self._set_over(None)
            return True
        if event.type() is QEvent.Type.Drop and isinstance(event, QDropEvent):
            return self._fall(event)
        return False

    def _enter(self, event: QDragEnterEvent) -> bool:
        if not event.mimeData().hasUrls():
            return False
        self._set_over(classify(paths_of(event.mimeData())))
        # A refused drop is taken too: only so can the target say why it comes to nothing.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        return True

    def _move(self, event: QDragMoveEvent) -> bool:
        if self._over is None:
            return False
        if self._over.is_accepted:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.setDropAction(Qt.DropAction.IgnoreAction)
            event.accept()
        return True

    def _fall(self, event: QDropEvent) -> bool:
        drop = self._over or classify(paths_of(event.mimeData()))
        self._set_over(None)
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.dropped.emit(drop)
        return True

    def _set_over(self, drop: Drop | None) -> None:
        self._over = drop
        self.hovered.emit(drop)
