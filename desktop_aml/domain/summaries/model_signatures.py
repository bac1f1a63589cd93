"""What a model takes and gives, as its ``MLmodel`` file says it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

FILE: Final = "MLmodel"
_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class ModelSignature:
    """Names and types of what goes in and comes out, such as ``("age", "double")``; the name may be empty."""

    inputs: tuple[tuple[str, str], ...] = ()
    outputs: tuple[tuple[str, str], ...] = ()


def signature_of(document: object) -> ModelSignature:
    """Return the signature in the values of an ``MLmodel`` file; what makes no sense is left out."""
    found = document.get("signature") if isinstance(document, Mapping) else None
    if not isinstance(found, Mapping):
        return ModelSignature()
    return ModelSignature(_columns(found.get("inputs")), _columns(found.get("outputs")))


def flavors_of(document: object) -> dict[str, Mapping[str, object]]:
    """Return what can read the model, such as ``sklearn``, with what the ``MLmodel`` file says of each."""
    found = document.get("flavors") if isinstance(document, Mapping) else None
    if not isinstance(found, Mapping):
        return {}
    return {str(name): said for name, said in found.items() if isinstance(said, Mapping)}


def _columns(text: object) -> tuple[tuple[str, str], ...]:
    try:
        values = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return ()
    columns = [one for one in values if isinstance(one, Mapping)] if isinstance(values, list) else []
    return tuple((_text(one.get("name")), _type(one)) for one in columns[:_MOST])


def _type(column: Mapping[str, object]) -> str:
    tensor = column.get("tensor-spec")
    if isinstance(tensor, Mapping):
        shape = tensor.get("shape")
        sizes = ", ".join("?" if size == -1 else str(size)[:20] for size in shape) if isinstance(shape, list) else ""
        return f"{_text(tensor.get('dtype'))} ({sizes})" if sizes else _text(tensor.get("dtype"))
    return _text(column.get("type"))


def _text(value: object) -> str:
    return value[:200] if isinstance(value, str) else ""
