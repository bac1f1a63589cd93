"""Values that are made quickly are dataclasses like any other."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from typing import Any, ClassVar

import msgspec
import pytest

from desktop_aml.domain import runs
from desktop_aml.domain.values import dataclass

Maker = Any


@dataclass(frozen=True, slots=True)
class Point:
    """Two numbers and what hangs on them."""

    x: float
    y: float = 0.0
    tags: dict[str, str] = dataclasses.field(default_factory=dict)

    def doubled(self) -> Point:
        """Return another."""
        return dataclasses.replace(self, x=self.x * 2)


def made_by(maker: Maker) -> list[Any]:
    """Return classes of several kinds, made by one of the two."""

    @maker(frozen=True, slots=True)
    class Plain:
        x: int
        y: tuple[int, ...] = ()
        z: list[int] = dataclasses.field(default_factory=list)

    @maker(frozen=True, slots=True)
    class One:
        x: float

    @maker(frozen=True, slots=True)
    class Empty:
        pass

    @maker(frozen=True, slots=True, kw_only=True)
    class Keywords:
        y: int = 1
        x: int

    return [Plain, One, Empty, Keywords]


KINDS = list(zip(made_by(dataclass), made_by(dataclasses.dataclass), strict=True))
GIVEN: list[dict[str, Any]] = [{"x": 1, "y": (2,)}, {"x": float("nan")}, {}, {"x": 3}]


@pytest.mark.parametrize(("kinds", "given"), list(zip(KINDS, GIVEN, strict=True)), ids=lambda one: str(one)[:40])
def test_it_does_what_the_standard_library_does(kinds: tuple[Any, Any], given: dict[str, Any]) -> None:
    ours, theirs = kinds
    assert ["values" in kind.__repr__.__code__.co_filename for kind in kinds] == [True, False]
    names = [[one.name for one in dataclasses.fields(kind)] for kind in kinds]
    assert names[0] == names[1]
    a, b = ours(**given), theirs(**given)
    assert repr(a).rpartition(".")[2] == repr(b).rpartition(".")[2]
    assert dataclasses.asdict(a) == dataclasses.asdict(b) or "nan" in repr(a)
    assert (a == ours(**given), a != ours(**given), a == b, a == 1) == (True, False, False, False)
    assert ours.__match_args__ == theirs.__match_args__
    assert str(ours.__dataclass_params__) == str(theirs.__dataclass_params__)
    for kind, one in ((ours, a), (theirs, b)):
        # The standard library of 3.11 has a fault with names that are no field's.
        for name in (*names[0], "other")[: len(names[0]) + (kind is ours)]:
            with pytest.raises(dataclasses.FrozenInstanceError, match=f"assign to field '{name}'"):
                setattr(one, name, 1)
            with pytest.raises(dataclasses.FrozenInstanceError, match=f"delete field '{name}'"):
                delattr(one, name)
        with pytest.raises(TypeError, match=r"__init__\(\) got an unexpected keyword argument 'no'"):
            kind(**given, no=1)
        assert not hasattr(one, "__dict__")
    ours_asks, theirs_ask = (inspect.signature(kind).parameters.values() for kind in kinds)
    assert [(one.name, one.kind, one.annotation) for one in ours_asks] == [
        (one.name, one.kind, one.annotation) for one in theirs_ask
    ]
    assert [str(one.default) for one in ours_asks] == [str(one.default) for one in theirs_ask]


def test_values_are_hashed_copied_pickled_matched_and_replaced() -> None:
    point = Point(1.0, tags={"a": "b"})
    for again in (copy.copy(point), copy.deepcopy(point), pickle.loads(pickle.dumps(point))):
        assert again == point
    assert copy.deepcopy(point).tags is not point.tags
    assert Point(1.0).tags is not Point(1.0).tags
    assert point.doubled() == Point(2.0, 0.0, {"a": "b"})
    match point:
        case Point(x, y):
            assert (x, y) == (1.0, 0.0)
    with pytest.raises(TypeError, match="unhashable"):
        hash(point)
    first, second = runs.Artifact("a", 1), runs.Artifact("a", 1)
    assert hash(first) == hash(second)
    assert {first: 1}[second] == 1
    assert msgspec.convert(msgspec.to_builtins(point), Point) == point
    assert msgspec.json.decode(msgspec.json.encode(point), type=Point) == point


def test_a_subclass_is_as_of_any_dataclass() -> None:
    class Named(Point):
        name = "one"

    named = Named(1.0)
    named.name, named.more = "two", 3  # type: ignore[attr-defined]
    del named.more  # type: ignore[attr-defined]
    assert (named.name, named != Point(1.0)) == ("two", True)
    for act in (lambda: setattr(named, "x", 2.0), lambda: delattr(named, "x")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            act()

    @dataclass(frozen=True, slots=True)
    class Deeper(Point):
        z: int = 3

    assert repr(Deeper(1.0)).endswith("Deeper(x=1.0, y=0.0, tags={}, z=3)")


def test_what_is_out_of_the_ordinary_is_left_to_the_standard_library() -> None:
    @dataclass(frozen=True, slots=True)
    class Checked:
        x: int

        def __post_init__(self) -> None:
            if self.x < 0:
                raise ValueError("too small")

    @dataclass(frozen=True, slots=True)
    class Rare:
        shared: ClassVar[int] = 7
        secret: str = dataclasses.field(default="s", repr=False)
        count: int = dataclasses.field(default=0, compare=False)

    @dataclass(frozen=True, slots=True)
    class Hidden:
        secret: str = dataclasses.field(default="s", repr=False)

    @dataclass
    class Open:
        x: int

    @dataclass(slots=True)
    class Mutable:
        x: int

    with pytest.raises(ValueError, match="too small"):
        Checked(-1)
    assert Rare(count=1) == Rare(count=2)
    assert (Rare.shared, "secret" in repr(Rare()), "secret" in repr(Hidden())) == (7, False, False)
    for one in (Open(1), Mutable(1)):
        one.x = 2
        assert one.x == 2


def test_what_a_value_says_of_its_making_is_readable() -> None:
    assert "tags: 'dict[str, str]' = <factory>" in str(inspect.signature(Point))
    assert Point.__init__.__qualname__ == "Point.__init__"
    assert Point.__eq__.__module__ == Point.__module__
