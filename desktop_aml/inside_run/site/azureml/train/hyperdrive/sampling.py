"""How the values of a sweep are chosen."""

from azureml.train.hyperdrive.exceptions import HyperDriveConfigException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so

_ALL = (
    "choice",
    "randint",
    "uniform",
    "quniform",
    "loguniform",
    "qloguniform",
    "normal",
    "qnormal",
    "lognormal",
    "qlognormal",
)


_SEARCHES = {"RANDOM": "random", "GRID": "grid", "BayesianOptimization": "tpe"}
"""What the workspace calls each way."""


class HyperParameterSampling(object):
    """A space of arguments, and the way through it.

    Parameters
    ----------
    sampling_method_name : str
        ``RANDOM``, ``GRID`` or ``BayesianOptimization``.
    parameter_space : dict
        Expressions of `azureml.train.hyperdrive.parameter_expressions` by the name of the argument.
    """

    DISTRIBUTIONS: "tuple[str, ...]" = _ALL

    def __init__(
        self,
        sampling_method_name: str,
        parameter_space: "dict[str, Any]",
        properties: "dict[str, Any] | None" = None,
        distributions: "tuple[str, ...] | None" = None,
        **kwargs: "Any",
    ) -> None:
        self._sampling_method_name = sampling_method_name
        self._parameter_space = parameter_space
        self._properties = properties
        self._check(distributions or self.DISTRIBUTIONS)
        if sampling_method_name not in _SEARCHES:
            raise HyperDriveConfigException(
                "The sampling method is one of {}, not {!r}.".format(", ".join(_SEARCHES), sampling_method_name)
            )
        self._search = _SEARCHES[sampling_method_name]

    def _check(self, kinds: "tuple[str, ...]") -> None:
        space = self._parameter_space
        if not isinstance(space, dict) or not space:
            raise HyperDriveConfigException("parameter_space must be a dict with at least one argument.")
        for name, expression in space.items():
            is_pair = isinstance(expression, (list, tuple)) and len(expression) == 2
            if not is_pair or expression[0] not in _ALL:
                raise HyperDriveConfigException(
                    "The argument '{}' needs an expression such as choice('a', 'b'), and has {!r}.".format(
                        name, expression
                    )
                )
            if expression[0] not in kinds:
                raise HyperDriveConfigException(
                    "This sampling method expects only the following distributions: {}. '{}' has {}.".format(
                        list(kinds), name, expression[0]
                    )
                )

    def to_json(self) -> "dict[str, Any]":
        """Return the space as Azure ML writes it down."""
        return {"name": self._sampling_method_name, "parameter_space": dict(self._parameter_space)}

    def _seed(self) -> "int | None":
        """Return what random numbers begin with, where that was given and counts."""
        seed = (self._properties or {}).get("seed") if self._search == "random" else None
        return None if seed is None else int(seed)

    def _space(self) -> "list[list[Any]]":
        """Return names, kinds and arguments as JSON values."""
        found = []
        for name, (kind, args) in self._parameter_space.items():
            values = args[0] if kind == "choice" else args
            found.append([str(name), kind, [_plain(value) for value in values]])
        return found


class RandomParameterSampling(HyperParameterSampling):
    """Draw each value for itself; a space that can be counted is drawn without repeating one."""

    SAMPLING_METHOD_NAME = "RANDOM"

    def __init__(self, parameter_space: "dict[str, Any]", properties: "dict[str, Any] | None" = None) -> None:
        super(RandomParameterSampling, self).__init__(self.SAMPLING_METHOD_NAME, parameter_space, properties)


class GridParameterSampling(HyperParameterSampling):
    """Try every combination of the choices."""

    SAMPLING_METHOD_NAME = "GRID"
    DISTRIBUTIONS = ("choice",)

    def __init__(self, parameter_space: "dict[str, Any]") -> None:
        super(GridParameterSampling, self).__init__(self.SAMPLING_METHOD_NAME, parameter_space)


class BayesianParameterSampling(HyperParameterSampling):
    """Choose by what earlier trials came to: by Optuna's tree of Parzen estimators here."""

    SAMPLING_METHOD_NAME = "BayesianOptimization"
    DISTRIBUTIONS = ("choice", "uniform", "quniform")

    def __init__(self, parameter_space: "dict[str, Any]") -> None:
        super(BayesianParameterSampling, self).__init__(self.SAMPLING_METHOD_NAME, parameter_space)
        for name, (kind, args) in parameter_space.items():
            if kind == "choice":
                texts = [isinstance(value, str) for value in args[0]]
                known = all(isinstance(value, (str, int, float)) for value in args[0])
                if not known or (any(texts) and not all(texts)):
                    raise HyperDriveConfigException(
                        "Bayesian sampling chooses among numbers, or among texts; '{}' has other values.".format(name)
                    )


def _plain(value: "Any") -> "float | str":
    if hasattr(value, "item") and not isinstance(value, (str, int, float, bool)):
        value = value.item()  # of NumPy
    return value if isinstance(value, (str, int, float, bool)) else str(value)
