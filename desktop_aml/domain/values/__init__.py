"""Frozen values: `dataclass` as in the standard library, for classes that every start of the program makes.

The standard library writes six functions of such a class as text and compiles each: more than half a millisecond a
class, and a process that has an engine makes about 190 of them. Here only ``__init__`` is compiled; the others are
closures over the names of the fields. What comes out is a dataclass like any other, for `fields`, `replace`, `asdict`,
copies, pickles, patterns and subclasses. Whatever is out of the ordinary is left to the standard library.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

_HOW: Final = {"frozen": True, "slots": True}
_OF_KEYWORDS: Final = {**_HOW, "kw_only": True}
_RARE: Final = ("InitVar", "ClassVar", "KW_ONLY")
_OURS: Final = frozenset(
    ("__init__", "__repr__", "__eq__", "__hash__", "__setattr__", "__delattr__", "__getstate__", "__setstate__")
)
_Fields = Sequence["dataclasses.Field[Any]"]

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import field as field
else:
    field = dataclasses.field

    def dataclass(cls=None, /, **how):
        """Make a class of values, as `dataclasses.dataclass`: quickly where it is to be frozen and slotted."""
        if cls is None and how in (_HOW, _OF_KEYWORDS):
            return lambda given: _made(given, how)
        return dataclasses.dataclass(cls, **how)


def _made(cls: Any, how: dict[str, bool]) -> Any:
    if cls.__bases__ != (object,) or (_OURS | {"__post_init__"}) & vars(cls).keys() or _has_rare_fields(cls):
        return dataclasses.dataclass(**how)(cls)
    rest: dict[str, Any] = {name: value for name, value in how.items() if name != "frozen"}
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, **rest)(cls)
    fields = dataclasses.fields(made)
    for function in (_init(fields, **how), *_compared(fields), *_frozen(made, fields), *_states()):
        function.__qualname__ = f"{made.__qualname__}.{function.__name__}"
        function.__module__ = made.__module__
        setattr(made, function.__name__, function)
    parameters = made.__dataclass_params__
    parameters.init = parameters.repr = parameters.eq = parameters.frozen = True
    return made


def _has_rare_fields(cls: Any) -> bool:
    """Whether there are fields that are more than a name and a default."""
    kinds = map(str, vars(cls).get("__annotations__", {}).values())
    given = [value for value in vars(cls).values() if isinstance(value, dataclasses.Field)]
    is_rare = any(not one.init or not one.repr or not one.compare or one.hash is not None for one in given)
    return is_rare or any(word in kind for kind in kinds for word in _RARE)


def _init(fields: _Fields, *, kw_only: bool = False, **_: bool) -> Callable[..., None]:
    known: dict[str, Any] = {"_set": object.__setattr__, "_made": _MADE}
    words, lines = ["self"] + ["*"] * (kw_only and bool(fields)), []
    for number, field in enumerate(fields):
        name, value = field.name, field.name
        if field.default is not dataclasses.MISSING:
            known[f"_default_{number}"] = field.default
            words.append(f"{name}=_default_{number}")
        elif field.default_factory is not dataclasses.MISSING:
            known[f"_factory_{number}"] = field.default_factory
            words.append(f"{name}=_made")
            value = f"_factory_{number}() if {name} is _made else {name}"
        else:
            words.append(name)
        lines.append(f"  _set(self, {name!r}, {value})\n")
    exec(f"def __init__({', '.join(words)}):\n{''.join(lines) or '  pass'}", known)  # noqa: S102 - names of fields alone
    init: Callable[..., None] = known["__init__"]
    init.__annotations__ = {**{field.name: field.type for field in fields}, "return": None}
    return init


class _Made:
    """Stands for a value that is made anew for each object."""

    def __repr__(self) -> str:
        return "<factory>"


_MADE: Final = _Made()


def _compared(fields: _Fields) -> Iterator[Callable[..., Any]]:
    names = tuple(field.name for field in fields)
    several = attrgetter(*names) if len(names) > 1 else None  # of one name alone it makes no tuple

    def values(self: Any) -> tuple[Any, ...]:
        return several(self) if several else tuple(getattr(self, name) for name in names)

    def __eq__(self: Any, other: object) -> Any:  # noqa: N807
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:  # noqa: N807
        return hash(values(self))

    def __repr__(self: Any) -> str:  # noqa: N807
        told = ", ".join(f"{name}={value!r}" for name, value in zip(names, values(self), strict=True))
        return f"{self.__class__.__qualname__}({told})"

    yield from (__eq__, __hash__, __repr__)


def _frozen(made: Any, fields: _Fields) -> Iterator[Callable[..., None]]:
    names = frozenset(field.name for field in fields)

    def __setattr__(self: Any, name: str, value: object) -> None:  # noqa: N807
        if type(self) is made or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        super(made, self).__setattr__(name, value)

    def __delattr__(self: Any, name: str) -> None:  # noqa: N807
        if type(self) is made or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        super(made, self).__delattr__(name)

    yield from (__setattr__, __delattr__)


def _states() -> Iterator[Callable[..., Any]]:
    """Yield what copies and pickles ask for: what has slots has no dictionary, and what is frozen is not set."""

    def __getstate__(self: Any) -> list[Any]:  # noqa: N807
        return [getattr(self, field.name) for field in dataclasses.fields(self)]

    def __setstate__(self: Any, state: Sequence[Any]) -> None:  # noqa: N807
        for field, value in zip(dataclasses.fields(self), state, strict=True):
            object.__setattr__(self, field.name, value)

    yield from (__getstate__, __setstate__)
