"""How commands show data: tables for people, JSON for programs."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from typing import Any, Final

import click

_WIDEST_CELL: Final = 100

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")


def show_json(value: object) -> None:
    """Print a value as JSON. NaN and infinities are written as strings, so that any reader takes it."""
    text = json.dumps(_plain(value), indent=2, ensure_ascii=False)
    # Halves of characters, as JSON may hold them, have no encoding: they are printed as the escapes that they were.
    click.echo(text if _can_be_encoded(text) else json.dumps(_plain(value), indent=2))


def _can_be_encoded(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    # Where it was not loaded there is no value of it.
    if (msgspec := sys.modules.get("msgspec")) is not None and isinstance(value, msgspec.Struct):
        return _plain(msgspec.to_builtins(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if value is None or isinstance(value, (str, int, float)):
        return value
    return str(value)


def show_table(rows: Iterable[Sequence[object]], headings: Sequence[str], empty: str) -> None:
    """Print rows in columns, or `empty` when there are none."""
    cells = [[_cell(cell) for cell in row] for row in rows]
    if not cells:
        click.echo(empty)
        return
    if sys.stdout.isatty():
        # Imported here: a pipe needs no `rich`, and a script that asks for lists is not to wait for it.
        from desktop_aml.cli.terminal.tables import print_table

        print_table(cells, headings, sys.stdout)
        return
    widths = [max(len(row[i]) for row in [list(headings), *cells]) for i in range(len(headings))]
    for row in [[heading.upper() for heading in headings], *cells]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    """Return a value on one line, shortened in the middle; JSON has all of it."""
    text = _printable(" ".join(str("" if value is None else value).split("\n")))
    half = _WIDEST_CELL // 2
    return text if len(text) <= _WIDEST_CELL else f"{text[:half]}…{text[-half:]}"


def _printable(text: str, but: str = "") -> str:
    """Return text that moves no cursor and sets no title: names and values come from scripts of anybody's."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() or letter in but else letter.encode("unicode_escape", "surrogatepass").decode()
        for letter in text
    )


def show_fields(fields: Iterable[tuple[str, object]]) -> None:
    """Print names and values, one a line; empty values are left out, long names shortened in the middle.

    Further lines of a value stand below its first one, so that none of them can be taken for another field.
    """
    present = [
        (_cell(name), _printable(str(value), "\n\t")) for name, value in fields if value not in (None, "", (), {})
    ]
    width = max((len(name) for name, _ in present), default=0)
    for name, value in present:
        click.echo(f"{name.ljust(width)}  {value}".replace("\n", "\n" + " " * (width + 2)))


def moment(at: float | None) -> str:
    """Return a time as local date and time, to the second."""
    return datetime.fromtimestamp(at, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S") if at else ""


def duration(seconds: float | None) -> str:
    """Return a duration such as ``0:41`` or ``1:02:07``."""
    if seconds is None:
        return ""
    whole = int(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def size(count: int) -> str:
    """Return a size such as ``1.2 MB``."""
    if count < 1000:
        return f"{count} B"
    amount, units = float(count), iter(("kB", "MB", "GB"))
    unit = ""
    while amount >= 1000 and unit != "GB":
        amount, unit = amount / 1000, next(units)
    return f"{amount:.1f} {unit}"


def number(value: object) -> str:
    """Return a metric's value to four significant digits."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def noun_of(count: int, noun: str) -> str:
    """Return a number of things in words."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
