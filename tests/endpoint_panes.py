"""Panes of endpoints for the contact sheet: what `screenshots` has no room for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from desktop_aml.serving.schema import Column
from desktop_aml.ui.endpoints.page import EndpointPage

if TYPE_CHECKING:
    from tests.screenshots import Camera

_COLUMNS = ("tenure", "monthly_charges", "contract_months", "support_calls")
_SAMPLE = ((12, 70.35, 1, 4), (61, 20.5, 24, 0))


def panes() -> Iterator[tuple[str, Callable[[Camera], None]]]:
    """Yield the name of each, and what opens it."""
    yield "endpoint form", lambda camera: _try_it(camera, view=0)
    yield "endpoint json", lambda camera: _try_it(camera, view=1)
    yield "endpoint csv", lambda camera: _try_it(camera, view=2)


def _try_it(camera: Camera, view: int) -> None:
    # No model is loaded here: the page is told what one would say.
    camera.show("endpoint", "churn", 0)
    camera.settle()
    page = camera.window.tabs.currentWidget()
    assert isinstance(page, EndpointPage)
    columns = [Column(name, "number") for name in _COLUMNS]
    page.form.set_inputs(columns, ("predict", "predict_proba"), "predict", _SAMPLE)
    page.form.tell("This row is from customers.csv, which the run of the model had.")
    page.attempt.setCurrentWidget(page.form)
    page.form.views.setCurrentIndex(view)
