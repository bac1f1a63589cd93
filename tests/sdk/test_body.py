"""Values of calls from Azure ML code: read with the type they must have, or refused by name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.sdk.body import CallBody


def test_what_is_absent_or_null_is_the_default() -> None:
    body = CallBody({"nothing": None})
    assert body.text("nothing", "usual") == "usual"
    assert (body.whole("absent", 3), body.number("absent"), body.flag("absent", default=True)) == (3, None, True)
    assert (body.texts("absent"), body.labels("absent"), body.has("nothing")) == ((), {}, False)


def test_what_is_there_is_returned() -> None:
    body = CallBody({"t": "x", "w": 2, "n": 0.5, "f": True, "l": ["a"], "d": {"k": None, "m": 3}})
    assert (body.text("t"), body.whole("w"), body.number("n"), body.flag("f")) == ("x", 2, 0.5, True)
    assert (body.texts("l"), body.labels("d"), body.has("t")) == (("a",), {"k": "", "m": "3"}, True)


@pytest.mark.parametrize(
    ("read", "value", "said"),
    [
        (lambda body: body.text("v"), None, "needs “v”"),
        (lambda body: body.text("v"), 3, "must be text, and is int"),
        (lambda body: body.whole("v"), True, "a whole number, and is bool"),
        (lambda body: body.number("v"), "1", "a number, and is str"),
        (lambda body: body.flag("v"), 1, "true or false, and is int"),
        (lambda body: body.texts("v"), ["a", 1], "a list of texts"),
        (lambda body: body.labels("v"), ["a"], "an object of texts"),
    ],
)
def test_what_is_off_is_refused_by_name(read: Callable[[CallBody], object], value: object, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read(CallBody({"v": value}))
