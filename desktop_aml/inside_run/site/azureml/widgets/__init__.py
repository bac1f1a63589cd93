"""`RunDetails`: a run shown in a notebook, or in words where there is none."""

import html
import sys
import threading

from azureml._lazy import provide as _provide
from azureml._service import nobody_waits, note

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_provide(__name__, {})

_LOOK_AGAIN_S = 2.0
_OVER = ("Completed", "Failed", "Canceled")


class RunDetails(object):
    """Shows what is known of a run. In a notebook the view follows the run to its end.

    People look at it until the run is over, and only then go to the next cell. Where a notebook is executed as a run
    nobody does, so that there `show` itself returns when a submitted run has ended.
    """

    def __init__(self, run_instance: "Any") -> None:
        self._run = run_instance

    def show(self, render_lib: "Any" = None, widget_settings: "Any" = None) -> None:  # noqa: ARG002 - Azure ML's signature
        """Show the run."""
        display = _notebook_display()
        if display is None:
            sys.stdout.write(self._words())
            return
        view = display({"text/plain": self._words(), "text/html": self._html()}, raw=True, display_id=True)
        if self._run.get_status() in _OVER:
            return
        if nobody_waits() and self._ends_by_itself():
            note("RunDetails waits for the run to end: this notebook is executed with nobody to look at it.")
            self._follow(view)
            return
        threading.Thread(target=self._follow, args=(view,), daemon=True).start()

    def get_widget_data(self, widget_settings: "Any" = None) -> "dict[str, Any]":  # noqa: ARG002
        """Return what the view shows as a dict."""
        return {
            "run_id": self._run.id,
            "status": self._run.get_status(),
            "run_metrics": self._run.get_metrics(),
            "workbench_run_details_uri": self._run.get_portal_url(),
        }

    def _ends_by_itself(self) -> bool:
        # A run that code began itself (`start_logging`, the notebook's own) waits for that code.
        return not self._run._own and self._run.type is not None

    def _follow(self, view: "Any") -> None:
        pause = threading.Event()
        is_over = False
        while not is_over:
            pause.wait(_LOOK_AGAIN_S)
            # Asked before it is shown: a run that ends between the two would be left as it was.
            is_over = self._run.get_status() in _OVER
            view.update({"text/plain": self._words(), "text/html": self._html()}, raw=True)

    def _rows(self) -> "list[tuple[Any, Any]]":
        shown = getattr(self._run, "_shown", None)
        return list(self._run.get_metrics().items()) if shown is None else shown()

    def _words(self) -> str:
        lines = ["Run {}".format(self._run.id), "  status: {}".format(self._run.get_status())]
        lines += ["  {}: {}".format(name, value) for name, value in self._rows()]
        lines.append("  shown in: {}".format(self._run.get_portal_url()))
        return "\n".join(lines) + "\n"

    def _html(self) -> str:
        rows = [("Run", self._run.id), ("Status", self._run.get_status())]
        rows += self._rows()
        cells = ["<tr><th>{}</th><td>{}</td></tr>".format(html.escape(str(a)), html.escape(str(b))) for a, b in rows]
        return "<table>{}</table>".format("".join(cells))


def _notebook_display() -> "Any":
    """Return IPython's `display` where this process is the kernel of a notebook, else None."""
    python = sys.modules.get("IPython")
    shell = python.get_ipython() if python is not None else None
    if shell is None or not hasattr(shell, "kernel"):
        return None
    from IPython.display import display

    return display
