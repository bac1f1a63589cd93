"""matplotlib's windows in a run, which has no display: choosing one is let pass, and what would be shown is kept.

``plt.show()`` writes each figure that it would show, once, into ``outputs/figures``.
"""

import functools
import os
import sys

FOLDER = "figures"
_LIMIT = 100
"""Figures that are kept; a loop that shows thousands must not fill the disk."""

_WINDOWED = ("gtk3agg", "gtk3cairo", "gtk4agg", "gtk4cairo", "gtkagg", "macosx", "qt4agg", "qt5agg", "qt5cairo")
_WINDOWED += ("qtagg", "qtcairo", "tkagg", "tkcairo", "wx", "wxagg", "wxcairo")


def _run_directory():
    """Return the folder of the run when its plots go to files and nobody chose otherwise, else None."""
    return (os.environ.get("DESKTOP_AML_RUN_DIR") or None) if os.environ.get("MPLBACKEND") == "Agg" else None


def patch(module):
    """Change ``matplotlib.use``, or ``matplotlib.pyplot.show``."""
    if _run_directory() is None:
        return
    if module.__name__ == "matplotlib":
        module.use = _without_windows(module.use)
    else:
        module.show = _keeping(module.show, os.path.join(_run_directory(), "snapshot", "outputs", FOLDER))


def _without_windows(use):
    told = []

    @functools.wraps(use)
    def use_no_window(*args, **options):
        wanted = str(args[0] if args else options.get("backend", options.get("arg", "")))
        if wanted.lower() not in _WINDOWED:
            return use(*args, **options)
        if not told:
            told.append(wanted)
            _tell("a run has no windows, so matplotlib draws with Agg instead of {}.".format(wanted))
        return use("Agg")

    return use_no_window


def _keeping(show, folder):
    kept = []

    @functools.wraps(show)
    def show_in_files(*args, **options):
        from matplotlib._pylab_helpers import Gcf

        for manager in Gcf.get_all_fig_managers():
            figure = manager.canvas.figure
            if any(figure is other for other in kept) or len(kept) >= _LIMIT:
                continue
            kept.append(figure)
            _write(figure, folder, len(kept))
            if len(kept) == 1:
                _tell("plt.show() keeps what it would show as pictures in outputs/{}.".format(FOLDER))
        return show(*args, **options)

    return show_in_files


def _write(figure, folder, number):
    try:
        os.makedirs(folder, exist_ok=True)
        figure.savefig(os.path.join(folder, "figure_{:02d}.png".format(number)))
    except Exception as error:  # noqa: BLE001 - a picture that nobody asked for must never be what breaks a script
        _tell("figure {} could not be kept: {}".format(number, error))


def _tell(words):
    sys.stderr.write("Desktop AML: {}\n".format(words))
