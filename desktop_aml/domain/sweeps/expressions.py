"""How one argument varies: a list of values, or a distribution that values are drawn from.

Bounds are the plain values themselves. Azure ML's ``loguniform(min, max)`` takes exponents instead: `from_azure` turns
them into bounds, and nothing else in Desktop AML knows of exponents.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from random import Random
from statistics import NormalDist
from types import MappingProxyType
from typing import Final

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.values import dataclass

Value = str | int | float | bool
"""What an argument can be given."""

_WORDS: Final = re.compile(r"\s*([a-zA-Z_]+)\s*\((.*)\)\s*", re.DOTALL)
_PART: Final = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^,"']*))\s*(,|$)""")
_LARGEST: Final = 1 << 53
_DIGITS: Final = 12
_EDGE: Final = 1e-9
"""How near to none and to all a share may be."""

_PARAMETERS: Final = MappingProxyType(
    {
        "randint": ("upper",),
        "seeds": ("count",),
        "integers": ("lowest", "highest"),
        "uniform": ("min", "max"),
        "loguniform": ("min", "max"),
        "normal": ("mean", "deviation"),
        "lognormal": ("mean", "deviation"),
        "quniform": ("min", "max", "step"),
        "qloguniform": ("min", "max", "step"),
        "qnormal": ("mean", "deviation", "step"),
        "qlognormal": ("mean", "deviation", "step"),
    }
)
KINDS: Final = ("choice", *_PARAMETERS)
"""Every kind of expression."""

EXPONENTS: Final = ("loguniform", "qloguniform")
"""Kinds whose bounds Azure ML writes as exponents of e."""


@dataclass(frozen=True, slots=True)
class Expression:
    """How one argument varies.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    args : tuple
        The options of a choice, else numbers: see the reference of ``sweep``.
    """

    kind: str
    args: tuple[Value, ...]

    def __post_init__(self) -> None:
        check(self.kind, self.args)

    def __str__(self) -> str:
        return f"{self.kind}({', '.join(map(_written, self.args))})"

    @property
    def size(self) -> int | None:
        """How many values there are; None where they cannot be counted."""
        match self.kind:
            case "choice":
                return len(self.args)
            case "randint" | "seeds":
                return int(self.args[0])
            case "integers":
                return int(self.args[1]) - int(self.args[0]) + 1
        return None

    def value_at(self, index: int) -> Value:
        """Return one of the values that can be counted, by its place from 0."""
        match self.kind:
            case "choice":
                return self.args[index]
            case "randint" | "seeds":
                return index
            case "integers":
                return int(self.args[0]) + index
        raise InvalidInput(f"The values of {self} cannot be counted.", "A grid needs choice, randint or integers.")

    def draw(self, random: Random) -> Value:
        """Return a value drawn with `random`, whose state it moves on."""
        if self.size is not None:
            return self.value_at(random.randrange(self.size))
        first, second = float(self.args[0]), float(self.args[1])
        match self.kind.removeprefix("q"):
            case "uniform":
                drawn = first + (second - first) * random.random()
            case "loguniform":
                low = math.log(first)
                # The way through the logarithm may leave the bounds by a last digit.
                drawn = min(max(math.exp(low + (math.log(second) - low) * random.random()), first), second)
            case "normal":
                drawn = random.normalvariate(first, second)
            case _:
                drawn = _exp(random.normalvariate(first, second))
        return rounded(drawn, self.args[2]) if self.kind.startswith("q") else drawn

    def place_of(self, value: object) -> int | None:
        """Return which option of a choice a value is; None where it is none. 1 is neither "1" nor True nor 1.0."""
        places = (n for n, one in enumerate(self.args) if one == value and type(one) is type(value))
        return next(places, None)

    def share_of(self, value: object) -> float | None:
        """Return the share of what is drawn that lies below a value: the way back of `at_share`.

        What can be counted lies in the middle of its own share. None where the value is never drawn.
        """
        if self.kind == "choice":
            option = self.place_of(value)
            return None if option is None else (option + 0.5) / len(self.args)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            return None
        if self.size is not None:
            place = value - int(self.value_at(0))
            return (place + 0.5) / self.size if isinstance(value, int) and 0 <= place < self.size else None
        share = self._share_below(float(value))
        # A step may lie outside the bounds by half of one.
        is_drawn = 0 <= share <= 1 or self.kind.startswith("q")
        return min(max(share, _EDGE), 1 - _EDGE) if is_drawn else None

    def _share_below(self, value: float) -> float:
        first, second = float(self.args[0]), float(self.args[1])
        logarithm = math.log(value) if value > 0 else -math.inf
        match self.kind.removeprefix("q"):
            case "uniform":
                return (value - first) / (second - first)
            case "loguniform":
                return (logarithm - math.log(first)) / (math.log(second) - math.log(first))
            case "normal":
                return NormalDist(first, second).cdf(value)
            case _:
                return NormalDist(first, second).cdf(logarithm) if value > 0 else 0.0

    def at_share(self, share: float) -> Value:
        """Return the value that a share of what is drawn lies below.

        Parameters
        ----------
        share : float
            Greater than 0 and less than 1.
        """
        if self.size is not None:
            return self.value_at(min(int(share * self.size), self.size - 1))
        first, second = float(self.args[0]), float(self.args[1])
        match self.kind.removeprefix("q"):
            case "uniform":
                found = first + (second - first) * share
            case "loguniform":
                low = math.log(first)
                found = min(max(math.exp(low + (math.log(second) - low) * share), first), second)
            case "normal":
                found = NormalDist(first, second).inv_cdf(share)
            case _:
                found = _exp(NormalDist(first, second).inv_cdf(share))
        return rounded(found, self.args[2]) if self.kind.startswith("q") else found


def rounded(value: float, step: Value) -> Value:
    """Return the multiple of `step` that is nearest to `value`: a whole number where the step is one."""
    times = round(value / float(step))
    if float(step).is_integer():
        return times * int(step)
    return float(f"{times * float(step):.{_DIGITS}g}")


def check(kind: str, args: Sequence[Value]) -> None:
    """Raise `InvalidInput` unless `args` make sense for `kind`."""
    if kind == "choice":
        if not args:
            raise InvalidInput("choice() needs at least one value.", "Write for example: choice(linear, rbf)")
        if len(set(map(repr, args))) != len(args):
            raise InvalidInput("choice() names a value twice.", "Name each value once.")
        return
    names = _PARAMETERS.get(kind)
    if names is None:
        raise InvalidInput(f"There is no “{kind}(…)”.", f"Choose one of: {', '.join(KINDS)}")
    if len(args) != len(names):
        raise InvalidInput(
            f"{kind}() takes {len(names)} numbers, and was given {len(args)}.", f"Write {kind}({', '.join(names)})."
        )
    for name, value in zip(names, args, strict=True):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise InvalidInput(f"{kind}(): {name} must be a number, and is “{value}”.", f"{kind}({', '.join(names)})")
    _check_numbers(kind, [float(value) for value in args if not isinstance(value, str)])


def _check_numbers(kind: str, numbers: Sequence[float]) -> None:
    first, second, step = (*numbers, 1.0, 1.0, 1.0)[:3] if len(numbers) < 3 else numbers
    if kind in {"randint", "integers", "seeds"}:
        if any(not number.is_integer() or abs(number) > _LARGEST for number in numbers):
            raise InvalidInput(f"{kind}() takes whole numbers.", "Use uniform for others.")
        if kind == "randint" and first < 1:
            raise InvalidInput("randint(upper): upper must be at least 1.", "It draws 0, 1, …, upper - 1.")
        if kind == "seeds" and first < 1:
            raise InvalidInput("seeds(count): there must be at least 1.", "It gives 0, 1, …, count - 1.")
        if kind == "integers" and first > second:
            raise InvalidInput(f"integers(): {first:g} is greater than {second:g}.", "Write the lowest number first.")
    elif "uniform" in kind:
        if first >= second:
            raise InvalidInput(f"{kind}(): {first:g} is not less than {second:g}.", "Write the lower bound first.")
        if "log" in kind and first <= 0:
            raise InvalidInput(
                f"{kind}(): the lower bound must be greater than 0, and is {first:g}.",
                "Bounds are the values themselves, such as loguniform(0.01, 100); Azure ML's exponents are not.",
            )
    elif second <= 0:
        raise InvalidInput(f"{kind}(): the deviation must be greater than 0, and is {second:g}.", "")
    if kind.startswith("q") and step <= 0:
        raise InvalidInput(f"{kind}(): the step must be greater than 0, and is {step:g}.", "")


def from_azure(kind: str, args: Sequence[Value]) -> Expression:
    """Return the expression that Azure ML's `kind` with `args` means: its logarithmic bounds are exponents.

    Raises
    ------
    InvalidInput
        When they make no sense, or a bound is too large to be a number.
    """
    if kind == "choice":
        # There a value may be named twice.
        args = tuple({repr(value): value for value in args}.values())
    if kind not in EXPONENTS or len(args) < 2:
        return Expression(kind, tuple(args))
    try:
        low, high = math.exp(float(args[0])), math.exp(float(args[1]))
    except (OverflowError, ValueError) as error:
        raise InvalidInput(
            f"{kind}({args[0]}, {args[1]}): Azure ML's bounds are exponents of e, and exp({args[1]}) is no number.",
            f"For values from a to b write {kind}(math.log(a), math.log(b)).",
        ) from error
    return Expression(kind, (low, high, *args[2:]))


def parse(text: str) -> Expression:
    """Read an expression such as ``loguniform(0.01, 100)``; words with commas alone are a choice.

    Raises
    ------
    InvalidInput
        When it is none.
    """
    found = _WORDS.fullmatch(text)
    kind, inner = (found[1].lower(), found[2]) if found else ("choice", text)
    return Expression(kind, tuple(_parts(inner, text)))


def _parts(inner: str, text: str) -> list[Value]:
    if not inner.strip():
        return []
    parts: list[Value] = []
    at, more = 0, True
    while more:
        found = _PART.match(inner, at)
        if found is None:
            raise InvalidInput(f"“{text}” cannot be read at “{inner[at : at + 20]}”.", "Separate values with commas.")
        at, more = found.end(), found[4] == ","
        quoted = found[1] if found[1] is not None else found[2]
        if quoted is not None:
            parts.append(re.sub(r"\\(.)", r"\1", quoted))
        elif not found[3].strip():
            raise InvalidInput(f"“{text}” has an empty value.", 'Write "" for an empty text.')
        else:
            parts.append(scalar(found[3].strip()))
    return parts


_READERS: Final[tuple[Callable[[str], Value], ...]] = (int, float)


def scalar(text: str) -> Value:
    """Return the number that `text` spells, else the text."""
    if "_" not in text:
        for read in _READERS:
            try:
                value = read(text)
            except ValueError:
                continue
            # Whole numbers that do not come back as they were typed, such as 007, are texts; so is what is not finite.
            is_number = math.isfinite(value) if isinstance(value, float) else str(value) == text
            return value if is_number else text
    return text


def _written(value: Value) -> str:
    if isinstance(value, float):
        return repr(value)
    if not isinstance(value, str):
        return str(value)
    plain = value and value == value.strip() and not re.search(r"""[,"'()\\]""", value) and scalar(value) == value
    return value if plain else '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'


def _exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf
