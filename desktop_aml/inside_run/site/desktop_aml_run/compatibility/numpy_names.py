"""Names that numpy lost in 1.24, 2.0 and later, and what stands for them now."""

import builtins
from functools import partial

from desktop_aml_run.compatibility import restore_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


# Aliases of Python's own types, gone since 1.24.
_BUILTINS = {
    "bool": "bool",
    "complex": "complex",
    "float": "float",
    "int": "int",
    "long": "int",
    "object": "object",
    "str": "str",
    "unicode": "str",
}
# Second names, gone since 2.0 or later.
_RENAMED = {
    "Inf": "inf",
    "Infinity": "inf",
    "NaN": "nan",
    "PINF": "inf",
    "alltrue": "all",
    "asfarray": "asarray",
    "bool8": "bool_",
    "cfloat": "complex128",
    "complex_": "complex128",
    "cumproduct": "cumprod",
    "float_": "float64",
    "infty": "inf",
    "int0": "intp",
    "longcomplex": "clongdouble",
    "longfloat": "longdouble",
    "mat": "asmatrix",
    "product": "prod",
    "round_": "round",
    "row_stack": "vstack",
    "singlecomplex": "complex64",
    "sometrue": "any",
    "string_": "bytes_",
    "trapz": "trapezoid",
    "uint0": "uintp",
    "unicode_": "str_",
}


def patch(numpy: "Any") -> None:
    """Restore the names on numpy."""
    names: "dict[str, Callable[[], Any]]" = {name: partial(getattr, builtins, kind) for name, kind in _BUILTINS.items()}
    names.update({name: partial(getattr, numpy, new) for name, new in _RENAMED.items() if hasattr(numpy, new)})
    names.update(
        {
            "NINF": lambda: -numpy.inf,
            "NZERO": lambda: -0.0,
            "PZERO": lambda: 0.0,
            "asfarray": lambda: partial(_asfarray, numpy),
            "asscalar": lambda: _asscalar,
            "in1d": lambda: partial(_in1d, numpy),
            "msort": lambda: partial(numpy.sort, axis=0),
        }
    )
    restore_names(numpy, names, "numpy")


def _asfarray(numpy: "Any", a: "Any", dtype: "Any" = None) -> "Any":
    dtype = numpy.dtype(numpy.float64 if dtype is None else dtype)
    return numpy.asarray(a, dtype=dtype if dtype.kind in "fc" else numpy.float64)


def _asscalar(a: "Any") -> "Any":
    return a.item()


def _in1d(numpy: "Any", ar1: "Any", ar2: "Any", assume_unique: bool = False, invert: bool = False) -> "Any":
    return numpy.isin(numpy.asarray(ar1).ravel(), ar2, assume_unique=assume_unique, invert=invert)
