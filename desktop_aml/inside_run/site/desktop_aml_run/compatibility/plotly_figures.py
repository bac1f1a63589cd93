"""plotly in a run: what ``show()`` would open in a browser is kept as a page in ``outputs/figures``."""

from desktop_aml_run.callers import stands_for
from desktop_aml_run.compatibility import figures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def patch(module: "Any") -> None:
    """Have ``plotly.io.show``, which all figures go through, write pages."""
    if figures.folder_of_run() is not None and hasattr(module, "show") and hasattr(module, "write_html"):
        module.show = _keeping(module.show, module.write_html)


def _keeping(show: "Callable[..., Any]", write: "Callable[..., Any]") -> "Callable[..., None]":
    told: "list[bool]" = []

    @stands_for(show)
    def show_in_file(fig: "Any", *_args: "Any", **_options: "Any") -> None:
        if not figures.COUNT.has_room():
            return
        try:
            # The library lies beside the pages once: each would be four megabytes larger, or need a network.
            assert figures.PLACE.folder is not None
            write(fig, figures.new_file(figures.PLACE.folder, ".html"), include_plotlyjs="directory", auto_open=False)
        except Exception as error:  # noqa: BLE001 - a picture that nobody asked for must never be what breaks a script
            figures.tell("a figure of plotly could not be kept: {}".format(error))
            return
        if not told:
            told.append(True)
            figures.tell("what plotly would show is kept as pages in outputs/{}.".format(figures.FOLDER))

    return show_in_file
