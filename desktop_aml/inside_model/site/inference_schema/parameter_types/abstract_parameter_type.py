"""What every type of a parameter can do, and the words of Swagger for plain values."""

import datetime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class AbstractParameterType(object):
    """A parameter that is like a sample.

    Parameters
    ----------
    sample_input : object
        The sample.
    """

    def __init__(self, sample_input: "Any") -> None:
        self.sample_input = sample_input

    def deserialize_input(self, input_data: "Any") -> "Any":
        """Return what a request holds, as a script takes it."""
        raise NotImplementedError("{} cannot read a request.".format(type(self).__name__))

    def input_to_swagger(self) -> "dict[str, Any]":
        """Return the schema, with the sample under ``example``."""
        raise NotImplementedError("{} cannot be described.".format(type(self).__name__))

    def supported_versions(self) -> "list[str]":
        """Return the versions of Swagger that can describe it."""
        return ["2.0", "3.0", "3.1"]


def swagger_of(value: "Any") -> "dict[str, Any]":
    """Return the schema of a plain value: a number, text, truth value, date, list or dictionary."""
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int):
        return {"type": "integer", "format": "int64"}
    if isinstance(value, float):
        return {"type": "number", "format": "double"}
    if isinstance(value, str):
        return {"type": "string"}
    if isinstance(value, datetime.datetime):
        return {"type": "string", "format": "date-time"}
    if isinstance(value, datetime.date):
        return {"type": "string", "format": "date"}
    if isinstance(value, (bytes, bytearray)):
        return {"type": "string", "format": "binary"}
    if isinstance(value, (list, tuple)):
        return {"type": "array", "items": swagger_of(value[0]) if len(value) else {"type": "object"}}
    if isinstance(value, dict) and value:
        names = [str(name) for name in value]
        return {
            "type": "object",
            "required": names,
            "properties": {str(name): swagger_of(inner) for name, inner in value.items()},
        }
    return {"type": "object"}
