"""The figures of a run, which has no windows: what would be shown is kept as pictures in ``outputs/figures``.

Each figure has one file. A blocking ``show()`` writes the open figures and closes them, as a person does; any other
shows them as they are, so they are written again at each show and when the script ends; what is open then and was never
shown nor saved is kept, too.
"""

import functools
import os
import sys
import time
import warnings
import weakref

from desktop_aml_run import belonging, telling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any


FOLDER = "figures"
_LIMIT = 100
"""Figures that are kept; a loop that shows thousands must not fill the disk."""


def folder_of_run() -> "str | None":
    """Return where a run keeps its figures, or None: a notebook keeps them by itself."""
    run_directory = belonging.run_directory()
    if not run_directory or "ipykernel" in sys.modules:
        return None
    return os.path.join(run_directory, "snapshot", "outputs", FOLDER)


class Place(object):
    """Where the figures of this process go, and which process it is."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Take it from what the process is told of its run: in a warm start that is later than the import."""
        self.folder = folder_of_run()
        self.process = os.getpid()


PLACE = Place()


def tell(words: str) -> None:
    """Say something in the log."""
    telling.tell(words)


def new_file(folder: str, ending: str) -> str:
    """Return the path of a new file, empty as yet: several processes of a run keep figures side by side."""
    os.makedirs(folder, exist_ok=True)
    number = 1
    while True:
        path = os.path.join(folder, "figure_{:02d}{}".format(number, ending))
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        except FileExistsError:
            number += 1
        else:
            return path


class Count(object):
    """How many pictures are kept, of all kinds; what is too many is said once."""

    def __init__(self) -> None:
        self.kept = 0
        self.told = False

    def has_room(self) -> bool:
        """Whether one more may be kept."""
        if self.kept < _LIMIT:
            self.kept += 1
            return True
        if not self.told:
            self.told = True
            tell("a run keeps {} figures; those that come now are not kept.".format(_LIMIT))
        return False


COUNT = Count()


class _Picture(object):
    """The file of one figure."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.took_s = 0.0
        self.written_at = 0.0


class Keeper(object):
    """Writes the figures of this process.

    Parameters
    ----------
    save : callable
        ``Figure.savefig`` as matplotlib has it.
    """

    def __init__(self, save: "Callable[..., Any]") -> None:
        self._save = save
        self._pictures: "weakref.WeakKeyDictionary[Any, _Picture]" = weakref.WeakKeyDictionary()
        self._saved: "weakref.WeakSet[Any]" = weakref.WeakSet()
        self._watched: "weakref.WeakSet[Any]" = weakref.WeakSet()
        self._refused: "weakref.WeakSet[Any]" = weakref.WeakSet()
        self._told = False

    def keep(self, figure: "Any", last: bool = True) -> None:
        """Write a figure; one that is not shown for the last time may be passed over, lest all time goes into it."""
        picture = self._pictures.get(figure)
        if picture is not None and not last and time.time() - picture.written_at < picture.took_s:
            return
        if picture is None:
            if figure in self._refused or not COUNT.has_room():
                self._refused.add(figure)
                return
        if not self._told:
            self._told = True
            tell("what plt.show() would show is kept as pictures in outputs/{}.".format(FOLDER))
        begun = time.time()
        try:
            if picture is None:
                assert PLACE.folder is not None
                picture = self._pictures[figure] = _Picture(new_file(PLACE.folder, ".png"))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._write(figure, picture.path)
        except Exception as error:  # noqa: BLE001 - a picture that nobody asked for must never be what breaks a script
            self._refused.add(figure)
            tell("a figure could not be kept: {}".format(error))
            return
        picture.written_at = time.time()
        picture.took_s = picture.written_at - begun

    def _write(self, figure: "Any", path: str) -> None:
        # Beside it first: whoever looks while it is written finds the last one whole.
        temporary = os.path.join(os.path.dirname(path), "." + os.path.basename(path))
        self._save(figure, temporary, format="png")
        os.replace(temporary, path)

    def was_saved(self, figure: "Any") -> None:
        """Remember that the script itself has saved a figure as it is now."""
        self._saved.add(figure)
        if figure not in self._watched:
            self._watched.add(figure)
            # matplotlib calls it at each change; a mark of its own would go with the next drawing.
            figure.stale_callback = functools.partial(_changed, self._saved, figure.stale_callback)

    def keep_the_rest(self, open_figures: "Iterable[Any]", play: "Callable[[Any], object]") -> None:
        """Play and write, at the end of the script, what changed since it was shown, and what nobody has seen."""
        if os.getpid() != PLACE.process:
            return
        for figure in open_figures:
            if figure in self._pictures or not (figure in self._saved or _is_empty(figure)):
                play(figure)
                self.keep(figure)


def _changed(
    saved: "weakref.WeakSet[Any]", then: "Callable[[Any, Any], object] | None", figure: "Any", value: "Any"
) -> None:
    canvas = figure.canvas
    # While it is drawn or saved, its parts are set, too.
    if not (getattr(canvas, "_is_idle_drawing", False) or getattr(canvas, "_is_saving", False)):
        saved.discard(figure)
    if then is not None:
        then(figure, value)


def _is_empty(figure: object) -> bool:
    kinds = ("axes", "texts", "images", "lines", "artists", "patches", "legends", "subfigs")
    return not any(getattr(figure, kind, None) for kind in kinds)
