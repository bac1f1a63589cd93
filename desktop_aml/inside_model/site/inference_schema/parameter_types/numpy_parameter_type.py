"""Parameters that are numpy arrays."""

import numpy as np

from inference_schema.parameter_types.abstract_parameter_type import AbstractParameterType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_SWAGGER = {
    "float16": ("number", "float"),
    "float32": ("number", "float"),
    "float64": ("number", "double"),
    "int8": ("integer", "int8"),
    "int16": ("integer", "int16"),
    "int32": ("integer", "int32"),
    "int64": ("integer", "int64"),
}
_PLAIN_KINDS = {"u": "integer", "f": "number", "b": "boolean", "U": "string", "S": "string", "O": "object"}


class NumpyParameterType(AbstractParameterType):
    """An array like the sample.

    Parameters
    ----------
    sample_input : numpy.ndarray
        The sample. Every dimension but the first must have the sample's size.
    enforce_column_type : bool
        Whether what comes is converted to the sample's dtype.
    enforce_shape : bool
        Whether the shape is looked at.
    """

    def __init__(self, sample_input: "Any", enforce_column_type: bool = True, enforce_shape: bool = True) -> None:
        if not isinstance(sample_input, np.ndarray):
            raise TypeError("The sample must be a numpy array, not a {}.".format(type(sample_input).__name__))
        super().__init__(sample_input)
        self.enforce_column_type = enforce_column_type
        self.enforce_shape = enforce_shape

    def deserialize_input(self, input_data: "Any") -> "Any":
        """Return the array that a request holds."""
        if isinstance(input_data, np.ndarray):
            return input_data
        if not isinstance(input_data, list):
            raise ValueError("expected an array, got {}".format(type(input_data).__name__))  # noqa: TRY004 - a bad value
        dtype = self.sample_input.dtype
        if dtype.names:
            input_data = [tuple(item) if isinstance(item, list) else item for item in input_data]
        array = np.array(input_data, dtype=dtype if self.enforce_column_type else None)
        if self.enforce_shape:
            self._check_shape(array)
        return array

    def _check_shape(self, array: "Any") -> None:
        wanted = self.sample_input.shape
        if array.ndim != len(wanted):
            raise ValueError(
                "an array with {} dimensions is expected; input has {} [shape {}]".format(
                    len(wanted), array.ndim, array.shape
                )
            )
        for i in range(1, len(wanted)):
            if array.shape[i] != wanted[i]:
                raise ValueError(
                    "the array has size {} on dimension #{}, while the expected value is {}".format(
                        array.shape[i], i, wanted[i]
                    )
                )

    def input_to_swagger(self) -> "dict[str, Any]":
        """Return the schema, with the sample under ``example``."""
        schema: "dict[str, Any]" = swagger_of_dtype(self.sample_input.dtype)
        for _ in self.sample_input.shape:
            schema = {"type": "array", "items": schema}
        return dict(schema, example=self.sample_input.tolist(), format="numpy.ndarray")


def swagger_of_dtype(dtype: "Any") -> "dict[str, Any]":
    """Return the schema of one value of a dtype."""
    if dtype.names:
        return {"type": "object", "properties": {name: swagger_of_dtype(dtype[name]) for name in dtype.names}}
    if dtype.name in _SWAGGER:
        return dict(zip(("type", "format"), _SWAGGER[dtype.name]))
    if dtype.kind == "M":
        return {"type": "string", "format": "date-time"}
    return {"type": _PLAIN_KINDS.get(dtype.kind, "string")}
