"""matplotlib in a run, which has no display: choosing a window is let pass, and what would be shown is kept."""

import os

from desktop_aml_run.callers import passing_on, stands_for
from desktop_aml_run.compatibility import animations, figures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any


_WINDOWED: "tuple[str, ...]" = ("gtk3agg", "gtk3cairo", "gtk4agg", "gtk4cairo", "gtkagg", "macosx", "qt4agg", "qt5agg")
_WINDOWED += ("qt5cairo",)
_WINDOWED += ("qtagg", "qtcairo", "tkagg", "tkcairo", "wx", "wxagg", "wxcairo", "webagg", "nbagg", "notebook")
# Those of notebooks and of editors, for scripts that were one.
_WINDOWED += ("inline", "ipympl", "widget", "module://backend_interagg", "module://ipympl.backend_nbagg")
_WINDOWED += ("module://ipykernel.pylab.backend_inline", "module://matplotlib_inline.backend_inline")
_FILES = ("agg", "cairo", "pdf", "pgf", "ps", "svg", "template")
"""Backends that show nothing, whose figures are kept."""

_told: "list[str]" = []


def patch(module: "Any") -> None:
    """Change ``matplotlib.use``, or what ``matplotlib.pyplot`` shows."""
    # The run's own choice; whoever chose another has something else in mind.
    if figures.folder_of_run() is None or os.environ.get("MPLBACKEND") != "Agg":
        return
    if module.__name__ == "matplotlib":
        module.use = _without_windows(module.use)
    else:
        _patch_pyplot(module)


def _patch_pyplot(pyplot: "Any") -> None:
    import atexit

    from matplotlib.backend_bases import FigureManagerBase
    from matplotlib.figure import Figure

    pyplot.switch_backend = _staying(pyplot.switch_backend, pyplot)
    keeper = figures.Keeper(Figure.savefig)
    Figure.savefig = _noticing(Figure.savefig, keeper)  # type: ignore[method-assign]
    Figure.show = _showing_one(Figure.show, keeper, pyplot)  # type: ignore[method-assign]
    pyplot.show = _showing_all(pyplot.show, keeper, pyplot)
    for name in ("window", "frame"):
        if not hasattr(FigureManagerBase, name):
            setattr(FigureManagerBase, name, _Missing(name))
    atexit.register(lambda: keeper.keep_the_rest(_open_figures(), animations.play))


def _without_windows(use: "Callable[..., Any]") -> "Callable[..., Any]":
    @stands_for(use)
    def use_no_window(*args: "Any", **options: "Any") -> "Any":
        wanted = str(args[0] if args else options.get("backend", options.get("arg", "")))
        with passing_on:
            return use("Agg") if _is_window(wanted) else use(*args, **options)

    return use_no_window


def _staying(switch: "Callable[..., Any]", pyplot: "Any") -> "Callable[..., None]":
    """Have a switch to a window change nothing: older versions close all figures at each."""

    @stands_for(switch)
    def switch_backend(newbackend: "Any") -> None:
        with passing_on:
            if not _is_window(str(newbackend)):
                switch(newbackend)
            elif not _open_figures() or not _draws_to_files(pyplot):
                switch("agg")

    return switch_backend


def _is_window(backend: str) -> bool:
    if backend.lower() not in _WINDOWED:
        return False
    if not _told:
        _told.append(backend)
        figures.tell("a run has no windows, so matplotlib draws with Agg instead of {}.".format(backend))
    return True


def _open_figures() -> "list[Any]":
    from matplotlib._pylab_helpers import Gcf

    return [manager.canvas.figure for manager in sorted(Gcf.get_all_fig_managers(), key=lambda one: one.num)]


def _draws_to_files(pyplot: "Any") -> bool:
    return str(pyplot.get_backend()).lower() in _FILES


def _showing_all(show: "Callable[..., Any]", keeper: "figures.Keeper", pyplot: "Any") -> "Callable[..., Any]":
    @stands_for(show)
    def show_in_files(*args: "Any", **options: "Any") -> "Any":
        if not _draws_to_files(pyplot):
            return show(*args, **options)
        block = args[0] if args else options.get("block")
        is_last = bool(block) if block is not None else not pyplot.isinteractive()
        for figure in _open_figures():
            if is_last:
                animations.play(figure)
            keeper.keep(figure, is_last)
        if is_last:
            from matplotlib._pylab_helpers import Gcf

            # Whoever closes the windows lets the script go on, with a new figure.
            Gcf.destroy_all()
        return None

    return show_in_files


def _showing_one(show: "Callable[..., Any]", keeper: "figures.Keeper", pyplot: "Any") -> "Callable[..., Any]":
    @stands_for(show)
    def show_in_file(self: "Any", *args: "Any", **options: "Any") -> "Any":
        if any(self is figure for figure in _open_figures()) and _draws_to_files(pyplot):
            return keeper.keep(self, last=False)
        with passing_on:
            return show(self, *args, **options)

    return show_in_file


def _noticing(save: "Callable[..., Any]", keeper: "figures.Keeper") -> "Callable[..., Any]":
    @stands_for(save)
    def savefig(self: "Any", *args: "Any", **options: "Any") -> "Any":
        with passing_on:
            result = save(self, *args, **options)
        keeper.was_saved(self)
        return result

    return savefig


class _Missing(object):
    """The window of a figure's manager, for scripts that place it or make it large."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type) -> "_NoWindow":
        if instance is None:
            raise AttributeError("type object {!r} has no attribute {!r}".format(owner.__name__, self.name))
        if self.name not in _told:
            _told.append(self.name)
            figures.tell("a run has no windows; what the script asks of one ({}) is passed over.".format(self.name))
        return _NoWindow(1000)


class _NoWindow(int):
    """Takes every call and is whatever is asked of it: a number of points, a place, a size."""

    def __getattr__(self, name: str) -> "_NoWindow":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_args: object, **_options: object) -> "_NoWindow":
        return self

    def __iter__(self) -> "Iterator[_NoWindow]":
        return iter((self, self))

    def __getitem__(self, place: object) -> "_NoWindow":
        return self
