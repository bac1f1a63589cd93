"""altair in a run: ``show()`` goes to a browser, and so into ``outputs/figures``; its own choice needs a notebook."""

from desktop_aml_run.compatibility import figures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def patch(module: "Any") -> None:
    """Have charts shown where no notebook is."""
    if figures.folder_of_run() is not None and "browser" in module.renderers.names():
        module.renderers.enable("browser")
