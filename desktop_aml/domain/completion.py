"""How a shell asks the program for completions: by a variable, in place of words."""

from __future__ import annotations

from typing import Final

PROGRAM: Final = "desktop-aml"
VARIABLE: Final = "_DESKTOP_AML_COMPLETE"
"""Environment variable that is set when a shell asks: the program answers it and does nothing else."""
