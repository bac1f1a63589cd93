"""Parameters that are plain Python values, with other types inside them where wanted."""

import datetime

from inference_schema.parameter_types.abstract_parameter_type import AbstractParameterType, swagger_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class StandardPythonParameterType(AbstractParameterType):
    """A number, text, truth value, date, list or dictionary; items may be types of parameters themselves."""

    def deserialize_input(self, input_data: "Any") -> "Any":
        """Return `input_data` after comparing its kind with the sample's; parts of other types are converted."""
        return _read(self.sample_input, input_data)

    def input_to_swagger(self) -> "dict[str, Any]":
        """Return the schema, with the sample under ``example``."""
        schema, example = _describe(self.sample_input)
        return dict(schema, example=example)


def _read(sample: "Any", value: "Any") -> "Any":
    if isinstance(sample, AbstractParameterType):
        return sample.deserialize_input(value)
    if isinstance(sample, dict) and isinstance(value, dict):
        return {key: _read(sample[key], one) if _is_nested(sample.get(key)) else one for key, one in value.items()}
    if isinstance(sample, (list, tuple)) and isinstance(value, list):
        return [_read(sample[0], one) for one in value] if len(sample) and _is_nested(sample[0]) else value
    if isinstance(sample, (datetime.datetime, datetime.date)) and isinstance(value, str):
        return _read_date(sample, value)
    same = isinstance(value, type(sample)) and isinstance(value, bool) == isinstance(sample, bool)
    if sample is None or same or (isinstance(sample, float) and type(value) is int):
        return value
    raise ValueError("expected {}, got {}".format(type(sample).__name__, type(value).__name__))


def _is_nested(sample: object) -> bool:
    return isinstance(sample, (AbstractParameterType, dict, list, tuple))


def _read_date(sample: "datetime.date", value: str) -> "datetime.date":
    formats = ("%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d")
    for form in formats:
        try:
            found = datetime.datetime.strptime(value.rstrip("Z"), form)  # noqa: DTZ007 - as naive as the sample
        except ValueError:
            continue
        return found if isinstance(sample, datetime.datetime) else found.date()
    raise ValueError("expected a date such as 2020-01-31, got “{}”".format(value[:40]))


def _describe(sample: "Any") -> "tuple[dict[str, Any], Any]":
    """Return the schema and the example of a sample that may hold types of parameters."""
    if isinstance(sample, AbstractParameterType):
        schema = dict(sample.input_to_swagger())
        return schema, schema.pop("example")
    if isinstance(sample, dict) and sample:
        parts = {str(key): _describe(one) for key, one in sample.items()}
        schema = {
            "type": "object",
            "required": list(parts),
            "properties": {key: schema for key, (schema, _) in parts.items()},
        }
        return schema, {key: example for key, (_, example) in parts.items()}
    if isinstance(sample, (list, tuple)) and len(sample):
        items = [_describe(one) for one in sample]
        return {"type": "array", "items": items[0][0]}, [example for _, example in items]
    is_plain = sample is None or isinstance(sample, (bool, int, float, str, list, tuple, dict))
    return swagger_of(sample), sample if is_plain else str(sample)
