"""Models whose class travels inside the file, so that any interpreter can load them."""

from __future__ import annotations


class Inline:
    """Unpickles as an instance of the class ``Model`` in a piece of source code."""

    def __init__(self, source: str) -> None:
        self.source = source

    def __reduce__(self):
        return eval, (f"(lambda space: (exec({self.source!r}, space), space['Model']())[1])({{}})",)


def constant(answer: int = 7) -> Inline:
    """Return a model that needs no library, so that its process is there at once, and has one answer for each row."""
    return Inline(f"class Model:\n    def predict(self, rows):\n        return [{answer} for _ in rows]\n")
