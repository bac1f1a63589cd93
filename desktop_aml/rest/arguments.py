"""What came with a request: a JSON object or a query, read one by one with the type that MLflow says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from desktop_aml.rest import schemas
from desktop_aml.rest.errors import INVALID, RestError

LATEST_MS: Final = 253_402_300_800_000
_MAX_FIELDS: Final = 2000


class Arguments:
    """The arguments of one request; unknown ones are passed over.

    Parameters
    ----------
    values : mapping
        A JSON object.
    is_query : bool
        Whether it was read from an address, where everything is a text and one text may be a list.
    within : str
        Where in the request the object is, for refusals: ``metrics[0].``.
    """

    def __init__(self, values: Mapping[str, Any], *, is_query: bool = False, within: str = "") -> None:
        self.values = values
        self.is_query = is_query
        self.within = within

    @classmethod
    def of_query(cls, query: str) -> Arguments:
        """Read a query string; what is there more than once is a list."""
        try:
            found = parse_qs(query, keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict")
        except ValueError as error:
            raise RestError(INVALID, f"The query cannot be read: {error}") from None
        values = {key.removesuffix("[]"): words if len(words) > 1 else words[0] for key, words in found.items()}
        return cls(values, is_query=True)

    @classmethod
    def of_body(cls, body: bytes) -> Arguments:
        """Read a JSON body."""
        try:
            values = _read(body or b"{}")
            # Old clients write the object as a text that holds JSON.
            values = _read(values) if isinstance(values, str) else values
        except (ValueError, RecursionError) as error:
            raise RestError("BAD_REQUEST", f"The body is no JSON: {error}") from None
        if not isinstance(values, dict):
            raise RestError("BAD_REQUEST", "The body must be a JSON object.")
        return cls(values)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; without a default it must be there and not empty."""
        value = self.values.get(name)
        if value is None or value == "":
            if default is None:
                raise schemas.missing(self.within + name)
            return default
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise schemas.wrong(self.within + name, value)
        return _encodable(name, str(value))

    def whole(self, name: str, default: int | None = None) -> int | None:
        """Return a whole number of 64 bits, which may come as text."""
        value = self.values.get(name)
        if value is None or value == "":
            return default
        found = schemas.whole(value)
        if found is None:
            raise schemas.wrong(self.within + name, value)
        return found

    def version(self) -> int:
        """Return the number of a version of a model."""
        value = self.text("version")
        found = schemas.whole(value)
        if found is None:
            raise RestError(INVALID, f"Parameter 'version' must be an integer, got '{value[:200]}'.")
        return found

    def moment(self, name: str) -> int | None:
        """Return a time in milliseconds since 1970."""
        found = self.whole(name)
        if found is not None and not 0 <= found < LATEST_MS:
            raise schemas.wrong(self.within + name, found)
        return found

    def needed_moment(self, name: str) -> int:
        """Return a time in milliseconds since 1970 that must be there."""
        found = self.moment(name)
        if found is None:
            raise schemas.missing(self.within + name)
        return found

    def number(self, name: str) -> float:
        """Return a number, which may be written as text."""
        value = self.values.get(name)
        found = schemas.number(value)
        if value is None or value == "":
            raise schemas.missing(self.within + name)
        if found is None:
            raise schemas.wrong(self.within + name, value)
        return found

    def flag(self, name: str) -> bool:
        """Return a truth value, false when it is absent."""
        value = self.values.get(name, False)
        if isinstance(value, str):
            return value.lower() == "true"
        return bool(value)

    def texts(self, name: str) -> list[str]:
        """Return a list of texts; one text alone is a list of one."""
        value = self.values.get(name)
        if value is None:
            return []
        found = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) for one in found):
            raise schemas.wrong(self.within + name, value)
        return [_encodable(name, one) for one in found]

    def objects(self, name: str) -> list[Mapping[str, Any]]:
        """Return the objects of a list as they came, for what looks at very many."""
        value = self.values.get(name) or []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise schemas.wrong(self.within + name, value)
        return value

    def parts(self, name: str) -> Iterator[Arguments]:
        """Return the objects of a list."""
        for place, one in enumerate(self.objects(name)):
            yield Arguments(one, within=f"{self.within}{name}[{place}].")

    def part(self, name: str) -> Arguments:
        """Return an object; an empty one when it is absent."""
        value = self.values.get(name) or {}
        if not isinstance(value, dict):
            raise schemas.wrong(self.within + name, value)
        return Arguments(value, within=f"{self.within}{name}.")

    def pairs(self, name: str) -> list[tuple[str, str]]:
        """Return a list of objects of key and value, such as tags."""
        return [(one.text("key"), one.text("value", "")) for one in self.parts(name)]


def _read(text: bytes | str) -> Any:
    """Return what a JSON text says; what the quicker reader does not take, such as NaN, the other one may."""
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return json.loads(text)


def _encodable(name: str, text: str) -> str:
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        raise RestError(INVALID, f"The value of parameter '{name}' is no valid Unicode.") from None
    return text
