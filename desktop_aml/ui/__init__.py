"""The only place with Qt."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import Final

_LOOK: Final = "_mod_uses_pyside"


def _leave_sources_unread() -> None:
    """Keep PySide from reading the source of each module that is imported after it.

    It looks there for a switch of its own (`from __feature__ import ...`), which nothing here uses: a twentieth of the
    time to the window's first paint. A PySide that looks in another way goes on to.
    """
    with suppress(ImportError):
        import_module("PySide6.QtCore")
        feature = import_module("shibokensupport.feature")
        if hasattr(feature, _LOOK):
            setattr(feature, _LOOK, lambda _module: False)


_leave_sources_unread()
