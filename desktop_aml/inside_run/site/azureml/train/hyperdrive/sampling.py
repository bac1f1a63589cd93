"""How the values of a sweep are chosen."""

from azureml.train.hyperdrive.exceptions import HyperDriveConfigException

__path__ = []  # names that do not exist are then looked up through `azureml._missing`, which says so

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


class HyperParameterSampling(object):
    """A space of arguments, and the way through it.

    Parameters
    ----------
    sampling_method_name : str
        ``RANDOM``, ``GRID`` or ``BayesianOptimization``.
    parameter_space : dict
        Expressions of `azureml.train.hyperdrive.parameter_expressions` by the name of the argument.
    """

    DISTRIBUTIONS = _ALL

    def __init__(self, sampling_method_name, parameter_space, properties=None, distributions=None, **kwargs):
        self._sampling_method_name = sampling_method_name
        self._parameter_space = parameter_space
        self._properties = properties
        self._check(distributions or self.DISTRIBUTIONS)

    def _check(self, kinds):
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

    def to_json(self):
        """Return the space as Azure ML writes it down."""
        return {"name": self._sampling_method_name, "parameter_space": dict(self._parameter_space)}

    def _space(self):
        """Return names, kinds and arguments as JSON values."""
        found = []
        for name, (kind, args) in self._parameter_space.items():
            values = args[0] if kind == "choice" else args
            found.append([str(name), kind, [_plain(value) for value in values]])
        return found


class RandomParameterSampling(HyperParameterSampling):
    """Draw each value for itself; a space that can be counted is drawn without repeating one."""

    SAMPLING_METHOD_NAME = "RANDOM"
    _search = "random"

    def __init__(self, parameter_space, properties=None):
        super(RandomParameterSampling, self).__init__(self.SAMPLING_METHOD_NAME, parameter_space, properties)

    def _seed(self):
        seed = (self._properties or {}).get("seed")
        return None if seed is None else int(seed)


class GridParameterSampling(HyperParameterSampling):
    """Try every combination of the choices."""

    SAMPLING_METHOD_NAME = "GRID"
    DISTRIBUTIONS = ("choice",)
    _search = "grid"

    def __init__(self, parameter_space):
        super(GridParameterSampling, self).__init__(self.SAMPLING_METHOD_NAME, parameter_space)

    def _seed(self):
        return None


class BayesianParameterSampling(HyperParameterSampling):
    """Choose by what earlier trials came to: by Optuna's tree of Parzen estimators here."""

    SAMPLING_METHOD_NAME = "BayesianOptimization"
    DISTRIBUTIONS = ("choice", "uniform", "quniform")
    _search = "tpe"

    def __init__(self, parameter_space):
        super(BayesianParameterSampling, self).__init__(self.SAMPLING_METHOD_NAME, parameter_space)
        for name, (kind, args) in parameter_space.items():
            if kind == "choice":
                texts = [isinstance(value, str) for value in args[0]]
                known = all(isinstance(value, (str, int, float)) for value in args[0])
                if not known or (any(texts) and not all(texts)):
                    raise HyperDriveConfigException(
                        "Bayesian sampling chooses among numbers, or among texts; '{}' has other values.".format(name)
                    )

    def _seed(self):
        return None


def _plain(value):
    if hasattr(value, "item") and not isinstance(value, (str, int, float, bool)):
        value = value.item()  # of NumPy
    return value if isinstance(value, (str, int, float, bool)) else str(value)
