"""A script that chooses one of matplotlib's windows goes on without: a run has no display."""

import functools
import os
import sys

_WINDOWED = ("gtk3agg", "gtk3cairo", "gtk4agg", "gtk4cairo", "gtkagg", "macosx", "qt4agg", "qt5agg", "qt5cairo")
_WINDOWED += ("qtagg", "qtcairo", "tkagg", "tkcairo", "wx", "wxagg", "wxcairo")


def patch(matplotlib):
    """Have ``matplotlib.use`` keep the backend that draws into files, in a run whose backend nobody else chose."""
    if not os.environ.get("DESKTOP_AML_RUN_DIR") or os.environ.get("MPLBACKEND") != "Agg":
        return
    real = matplotlib.use
    told = []

    @functools.wraps(real)
    def use(*args, **options):
        wanted = str(args[0] if args else options.get("backend", options.get("arg", "")))
        if wanted.lower() not in _WINDOWED:
            return real(*args, **options)
        if not told:
            told.append(wanted)
            sys.stderr.write(
                "Desktop AML: a run has no windows, so matplotlib draws with Agg instead of {}. plt.show() shows "
                "nothing; plt.savefig('outputs/name.png') keeps a picture.\n".format(wanted)
            )
        return real("Agg")

    matplotlib.use = use
