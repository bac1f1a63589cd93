"""The words that stand for true and for false."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Spelling:
    """The words that stand for true and for false; the first of each is the one to say.

    Parameters
    ----------
    true : tuple of str
        Empty when every word but those of `false` is taken for true.
    """

    true: tuple[str, ...]
    false: tuple[str, ...]

    def word(self, value: bool) -> str:
        """Return the word to say."""
        return (self.true or ("True",))[0] if value else self.false[0]

    def value_of(self, word: str) -> bool:
        """Return what `word` stands for.

        Raises
        ------
        ValueError
            When the script would refuse the word, or it is not known what it makes of it.
        """
        if word in self.false:
            return False
        if word in self.true or not self.true:
            return True
        raise ValueError(f"{word!r} stands for neither true nor false")


PLAIN: Final = Spelling(("True",), ("False",))
ANY_WORD: Final = Spelling((), ("",))
"""As ``type=bool`` reads words: any word is true but the empty one."""
