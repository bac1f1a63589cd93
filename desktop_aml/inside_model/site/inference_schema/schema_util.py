"""What the decorators know of a function: its schemas, in the words of Swagger."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from inference_schema.parameter_types.abstract_parameter_type import AbstractParameterType


SCHEMAS = "desktop_aml_schemas"
ALL_SUPPORTED_VERSIONS = ["2.0", "3.0", "3.1"]


class Schemas(object):
    """Inputs as pairs of name and type, in the order of the decorators; the type of the output, or None."""

    def __init__(self) -> None:
        self.inputs: "list[tuple[str, AbstractParameterType]]" = []
        self.output: "AbstractParameterType | None" = None


def is_schema_decorated(func: object) -> bool:
    """Whether a function has a decorator of inference-schema."""
    return hasattr(func, SCHEMAS)


def get_input_schema(func: object) -> "dict[str, Any]":
    """Return the schema of the object with all parameters; empty when none was said."""
    inputs = getattr(func, SCHEMAS, Schemas()).inputs
    if not inputs:
        return {}
    properties, example = {}, {}
    for name, kind in inputs:
        schema: "dict[str, Any]" = dict(kind.input_to_swagger())
        example[name] = schema.pop("example")
        properties[name] = schema
    return {"type": "object", "properties": properties, "example": example}


def get_output_schema(func: object) -> "dict[str, Any]":
    """Return the schema of what a function returns; empty when none was said."""
    output = getattr(func, SCHEMAS, Schemas()).output
    return output.input_to_swagger() if output is not None else {}


def get_supported_versions(func: object) -> "list[str]":
    """Return the versions of Swagger that the schemas of a function can be written in."""
    return list(ALL_SUPPORTED_VERSIONS) if is_schema_decorated(func) else []


def get_schemas_dict() -> "dict[str, Any]":
    """Return nothing: schemas are kept with their functions here."""
    return {}
