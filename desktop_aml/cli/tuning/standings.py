"""The settings of a sweep that tries each with several seeds: what is printed of them."""

from __future__ import annotations

import click

from desktop_aml.cli.output import number, show_table
from desktop_aml.domain.sweeps.records import Sweep
from desktop_aml.domain.sweeps.space import Values, arguments_of
from desktop_aml.domain.sweeps.standings import Standing, Standings, standings_of


def show_standings(found: Sweep) -> None:
    """Print one row a setting, where seeds repeat them."""
    known = standings_of(found)
    if known is None:
        return
    show_table(
        (
            (
                _given(row.setting.values),
                number(row.setting.mean),
                "" if row.setting.deviation is None else number(row.setting.deviation),
                len(row.setting.trials),
                verdict(row, known),
            )
            for row in known.rows
        ),
        ("setting", f"mean {found.spec.metric}", "deviation", "runs", "against the best"),
        "No trial has a value yet.",
    )
    click.echo(f"{known.method}.\n")


def verdict(row: Standing, known: Standings) -> str:
    """Say how a setting stands."""
    if row.is_best:
        return "the best" if len(known.rows) > 1 else ""
    if row.is_worse is None:
        return "cannot be told"
    if row.is_worse:
        return "worse"
    more = "" if row.more_runs is None else f"; about {row.more_runs} more runs of both would tell"
    return f"not distinguishable{more}"


def standing_facts(found: Sweep) -> dict[str, object] | None:
    """Return the settings as JSON values; None where no argument repeats them."""
    known = standings_of(found)
    if known is None:
        return None
    return {
        "repeated": known.repeated,
        "method": known.method,
        "settings": [
            {
                "values": dict(row.setting.values),
                "mean": row.setting.mean,
                "deviation": row.setting.deviation,
                "trials": [trial.number for trial in row.setting.trials],
                "is_best": row.is_best,
                "is_worse": row.is_worse,
                "more_runs": row.more_runs,
            }
            for row in known.rows
        ],
    }


def _given(values: Values) -> str:
    return " ".join(arguments_of((), values)) or "all"
