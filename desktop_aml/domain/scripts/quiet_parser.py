"""A parser of the standard library that raises what it would print before it ended the program."""

from __future__ import annotations

import argparse
from typing import NoReturn


class QuietParser(argparse.ArgumentParser):
    """Raises `ValueError` for words that it cannot take."""

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong with the words."""
        raise ValueError(message)
