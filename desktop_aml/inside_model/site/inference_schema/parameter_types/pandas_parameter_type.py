"""Parameters that are pandas data frames."""

import json

import numpy as np
import pandas as pd

from inference_schema.parameter_types.abstract_parameter_type import AbstractParameterType
from inference_schema.parameter_types.numpy_parameter_type import swagger_of_dtype

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_ORIENTS = ("records", "split", "values", "columns", "index")
_SAMPLE_ROWS = 5


class PandasParameterType(AbstractParameterType):
    """A data frame like the sample.

    Parameters
    ----------
    sample_input : pandas.DataFrame
        The sample.
    enforce_column_type : bool
        Whether columns are converted to the sample's dtypes.
    enforce_shape : bool
        Whether there must be as many columns as in the sample.
    apply_column_names : bool
        Whether the sample's column names replace those that come.
    orient : str
        How a request writes a frame: ``records``, ``split``, ``values``, ``columns`` or ``index``.
    """

    def __init__(
        self,
        sample_input: "Any",
        enforce_column_type: bool = True,
        enforce_shape: bool = True,
        apply_column_names: bool = False,
        orient: str = "records",
    ) -> None:
        if not isinstance(sample_input, pd.DataFrame):
            raise TypeError("The sample must be a data frame, not a {}.".format(type(sample_input).__name__))
        if orient not in _ORIENTS:
            raise ValueError("orient must be one of {}, not {}.".format(", ".join(_ORIENTS), orient))
        super().__init__(sample_input)
        self.enforce_column_type = enforce_column_type
        self.enforce_shape = enforce_shape
        self.apply_column_names = apply_column_names
        self.orient = orient

    def deserialize_input(self, input_data: "Any") -> "Any":
        """Return the data frame that a request holds."""
        if isinstance(input_data, pd.DataFrame):
            return input_data
        frame = self._frame(input_data)
        width = len(self.sample_input.columns)
        if self.enforce_shape and len(frame.columns) != width:
            raise ValueError(
                "the data frame has size {} on dimension #1, while the expected value is {}".format(
                    len(frame.columns), width
                )
            )
        if self.apply_column_names and len(frame.columns) == width:
            frame.columns = self.sample_input.columns
        return self._with_types(frame) if self.enforce_column_type else frame

    def _frame(self, data: "Any") -> "Any":
        if self.orient == "split" and isinstance(data, dict):
            return pd.DataFrame(data.get("data"), columns=data.get("columns"), index=data.get("index"))
        if self.orient in ("columns", "index") and isinstance(data, dict):
            return pd.DataFrame.from_dict(data, orient=self.orient)
        if isinstance(data, list):
            return pd.DataFrame(data)
        raise ValueError("expected a data frame as “{}”, got {}".format(self.orient, type(data).__name__))

    def _with_types(self, frame: "Any") -> "Any":
        by_name = all(name in frame.columns for name in self.sample_input.columns)
        names = self.sample_input.columns if by_name else frame.columns
        for name, dtype in zip(names, self.sample_input.dtypes):
            try:
                if dtype.kind == "M":
                    frame[name] = pd.to_datetime(frame[name])
                elif dtype.kind != "O":
                    frame[name] = frame[name].astype(dtype)
            except (ValueError, TypeError) as error:
                raise ValueError("column “{}”: {}".format(name, error)) from error
        return frame

    def input_to_swagger(self) -> "dict[str, Any]":
        """Return the schema, with the sample under ``example``."""
        sample = self.sample_input.head(_SAMPLE_ROWS)
        example = json.loads(sample.to_json(orient=self.orient, date_format="iso"))
        columns = {str(name): self._column(name) for name in sample.columns}
        return dict(self._shape(columns, sample), example=example, format="pandas.DataFrame:{}".format(self.orient))

    def _column(self, name: "Any") -> "dict[str, Any]":
        dtype = self.sample_input[name].dtype
        if isinstance(dtype, np.dtype) and dtype.kind != "O":
            return swagger_of_dtype(dtype)
        return {"type": "string"}

    def _shape(self, columns: "dict[str, dict[str, Any]]", sample: "Any") -> "dict[str, Any]":
        row = {"type": "object", "required": list(columns), "properties": columns}
        cell = next(iter(columns.values()), {"type": "object"})
        cells = {"type": "array", "items": {"type": "array", "items": cell}}
        if self.orient == "records":
            return {"type": "array", "items": row}
        if self.orient == "values":
            return cells
        if self.orient == "index":
            return {"type": "object", "additionalProperties": row}
        if self.orient == "columns":
            inner = {name: {"type": "object", "additionalProperties": kind} for name, kind in columns.items()}
            return {"type": "object", "required": list(columns), "properties": inner}
        names = {"type": "array", "items": {"type": "string"}}
        index = {"type": "array", "items": swagger_of_dtype(np.asarray(sample.index).dtype)}
        return {
            "type": "object",
            "required": ["columns", "index", "data"],
            "properties": {"columns": names, "index": index, "data": cells},
        }
