"""What old packages ask for, where their own metadata says it in a way that uv does not read.

uv takes it from a ``uv.toml`` in the folder that it works in, beside the user's own settings.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PANDAS: Final = {
    ("0.20.0", "0.20.1", "0.20.2", "0.20.3"): ("python-dateutil>=2", "numpy>=1.7.0"),
    ("0.21.0", "0.21.1", "0.22.0", "0.23.0", "0.23.1", "0.23.2", "0.23.3", "0.23.4"): (
        "python-dateutil>=2.5.0",
        "numpy>=1.9.0",
    ),
    ("0.24.0", "0.24.1", "0.24.2"): ("python-dateutil>=2.5.0", "numpy>=1.12.0"),
}
"""All of them ask for ``pytz>=2011k``, which is no version by today's rules."""


def tell_uv(work: Path) -> None:
    """Write into the folder that uv works in what the old packages ask for."""
    lines = [
        f'[[dependency-metadata]]\nname = "pandas"\nversion = "{version}"\n'
        f"requires-dist = {[*requires, 'pytz>=2011.11']}\n"
        for versions, requires in _PANDAS.items()
        for version in versions
    ]
    (work / "uv.toml").write_text("\n".join(lines), "utf-8")
