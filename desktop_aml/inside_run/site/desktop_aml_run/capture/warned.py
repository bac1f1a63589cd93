"""Count the warnings that a script shows, by category. What it filters, records or turns into errors is not counted."""

from desktop_aml_run.callers import passing_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    import warnings
    from typing import Any

    from desktop_aml_run.capture.noting import Notes


_MOST = 50
_counts: "dict[str, list[Any]]" = {}


def install(notes: "Notes") -> None:
    """Begin to count."""
    import warnings as module

    warnings: "Any" = module  # its own names, which no stub knows
    show = getattr(warnings, "_showwarnmsg", None)
    shown_by = getattr(warnings, "_showwarnmsg_impl", None)
    if show is None or shown_by is None or "desktop_aml_run" in show.__code__.co_filename:
        return

    def _showwarnmsg(msg: "warnings.WarningMessage") -> None:
        # While they are recorded, by the script or by a library, something else has this place.
        if warnings._showwarnmsg_impl is shown_by:  # noqa: SLF001 - there is no other way to tell
            notes.watch(_count, notes, msg)
        with passing_on:
            show(msg)

    _showwarnmsg.__doc__ = show.__doc__
    warnings._showwarnmsg = _showwarnmsg  # noqa: SLF001 - what Python itself calls for each warning that passes


def _count(notes: "Notes", message: "warnings.WarningMessage") -> None:
    kind = message.category.__name__
    if kind not in _counts and len(_counts) >= _MOST:
        return
    known = _counts.setdefault(kind, [0, str(message.message)[:300]])
    known[0] += 1
    # Powers of two at once, and the rest at the end: a loop may warn a million times.
    if known[0] & (known[0] - 1) == 0:
        write(notes, kind)
    elif len(_pending) < _MOST:
        _pending.add(kind)


_pending: "set[str]" = set()


def write(notes: "Notes", kind: str) -> None:
    """Note how often a category was shown."""
    count, first = _counts[kind]
    notes.document("warning " + kind, {"category": kind, "count": count, "first": first})


def finish(notes: "Notes") -> None:
    """Note the counts that were not noted yet."""
    for kind in sorted(_pending):
        write(notes, kind)
    _pending.clear()
