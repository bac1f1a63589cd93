"""What a sweep says of its way: one log for people, one in the form of Azure ML's ``hyperdrive.txt``."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from desktop_aml.domain.sweeps import space
from desktop_aml.domain.sweeps.records import SweepSpec
from desktop_aml.run_folder.collect import SWEEP_LOG
from desktop_aml.system.files import append_to_regular, make_missing, own_folder

_log = logging.getLogger(__name__)

API: Final = "API"
GENERATOR: Final = "GENERATOR"
SCHEDULER: Final = "SCHEDULER"
CONTROLLER: Final = "CONTROLLER"


def opening_words(spec: SweepSpec, fixed: Sequence[str]) -> Iterator[str]:
    """Yield what a sweep is to do, in sentences; `fixed` are the arguments that all trials have."""
    yield f"{spec.goal.value.capitalize()} “{spec.metric}”: at most {spec.trials} trials, {spec.concurrent} at once."
    yield f"{space.describe(spec.search, spec.space)} The seed is {spec.seed}."
    yield from (f"{one.key} from {one.expression}" for one in spec.space)
    yield f"Trials are stopped early by {spec.rule}." if spec.rule else "No trial is stopped early."
    for name in space.overridden(fixed, spec.space):
        yield f"{name} is given by the sweep; its fixed value is left out."


def note(run_directory: Path, part: str, words: str) -> None:
    """Add a line to both logs of a sweep; a full disk is only noted.

    Parameters
    ----------
    part : str
        Which part of Azure ML's service would say it.
    """
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    lines = {
        "std_log.txt": f"{words}\n",
        SWEEP_LOG: f"<START>[{moment}.000000][{part}][INFO]{words}<END>\n",
    }
    try:
        make_missing(run_directory / "logs", within=run_directory.parent)
        for name, line in lines.items():
            with (
                own_folder(run_directory / "logs", within=run_directory) as logs,
                append_to_regular(logs / name) as log,
            ):
                log.write(line.encode("utf-8", "replace"))
    except OSError as error:
        _log.warning("The log of the sweep in %s could not be written: %s", run_directory, error)
