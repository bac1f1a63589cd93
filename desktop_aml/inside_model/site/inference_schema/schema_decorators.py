"""``@input_schema`` and ``@output_schema``."""

import functools
import inspect

from inference_schema.schema_util import SCHEMAS, Schemas

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from inference_schema.parameter_types.abstract_parameter_type import AbstractParameterType

    Function = Callable[..., Any]


def input_schema(
    param_name: str, param_type: "AbstractParameterType", convert_to_provided_type: bool = True, optional: bool = False
) -> "Callable[[Function], Function]":
    """Say that the parameter `param_name` of ``run`` is like the sample in `param_type`.

    Parameters
    ----------
    convert_to_provided_type : bool
        Whether what comes in a request is converted before ``run`` gets it.
    optional : bool
        Whether a request may leave it out; ``run`` then needs a default.
    """
    if not isinstance(param_name, str):
        raise TypeError("input_schema takes the name of a parameter first, not a {}.".format(type(param_name).__name__))

    def decorate(function: "Function") -> "Function":
        parameters = inspect.signature(function).parameters
        if param_name not in parameters:
            raise ValueError("{}() has no parameter “{}”.".format(function.__name__, param_name))
        position = list(parameters).index(param_name)
        may_be_missing = optional or parameters[param_name].default is not inspect.Parameter.empty

        @functools.wraps(function)
        def with_input(*args: "Any", **kwargs: "Any") -> "Any":
            if convert_to_provided_type:
                if param_name in kwargs:
                    kwargs[param_name] = _converted(param_type, kwargs[param_name], param_name)
                elif position < len(args):
                    value = _converted(param_type, args[position], param_name)
                    args = (*args[:position], value, *args[position + 1 :])
                elif not may_be_missing:
                    raise ValueError("Missing parameter: {}.".format(param_name))
            return function(*args, **kwargs)

        schemas = _schemas_of(function)
        schemas.inputs.insert(0, (param_name, param_type))
        setattr(with_input, SCHEMAS, schemas)
        return with_input

    return decorate


def output_schema(output_type: "AbstractParameterType") -> "Callable[[Function], Function]":
    """Say that ``run`` returns something like the sample in `output_type`."""

    def decorate(function: "Function") -> "Function":
        @functools.wraps(function)
        def with_output(*args: "Any", **kwargs: "Any") -> "Any":
            return function(*args, **kwargs)

        schemas = _schemas_of(function)
        schemas.output = output_type
        setattr(with_output, SCHEMAS, schemas)
        return with_output

    return decorate


def _schemas_of(function: "Function") -> "Schemas":
    return getattr(function, SCHEMAS, None) or Schemas()


def _converted(param_type: "AbstractParameterType", value: "Any", name: str) -> "Any":
    try:
        return param_type.deserialize_input(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError("{}: {}".format(name, error)) from error
