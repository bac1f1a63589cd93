"""All journeys that are made by hand, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.journeys.by_hand import hour, keyboard, making, plots, reading, table
from tests.journeys.by_hand.stage import Stage

JOURNEYS: Final[dict[str, Callable[[Stage], None]]] = {
    "the runs table shows what differs": table.columns,
    "the search speaks the whole grammar": table.search,
    "acts in the table are undone": table.acts,
    "groups and views": table.groups_and_views,
    "plots of a run": plots.of_a_run,
    "runs compared": plots.compared,
    "a run is read": reading.log_and_files,
    "arguments": making.arguments,
    "environments": making.environments,
    "models datasets computes endpoints": making.registry,
    "pages panes and layouts": hour.pages_and_panes,
    "help size and workspaces": hour.help_and_size,
    "columns by keys": keyboard.columns,
    "plots and panes by keys": keyboard.plots_and_panes,
}
