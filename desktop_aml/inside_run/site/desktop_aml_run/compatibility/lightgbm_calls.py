"""What LightGBM took until 4.0 as arguments of its training, and what its callbacks do now."""

import inspect

from desktop_aml_run.callers import out_of_sight, passing_on, stands_for
from desktop_aml_run.compatibility import note, restore_names
from desktop_aml_run.compatibility.members import put

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


_OF_DATA = ("feature_name", "categorical_feature")
_OF_TRAINING = (
    "early_stopping_rounds",
    "evals_result",
    "verbose_eval",
    "learning_rates",
    "fobj",
    "show_stdv",
    *_OF_DATA,
)
_OF_FITTING = ("early_stopping_rounds", "verbose")
_MODELS = ("LGBMModel", "LGBMClassifier", "LGBMRegressor", "LGBMRanker")


def patch(lightgbm: "Any") -> None:
    """Have training take again what it took."""
    for name in ("train", "cv"):
        function = getattr(lightgbm, name)
        lost = _lost(function, _OF_TRAINING)
        if lost:
            put(lightgbm, name, _training(function, name, lost, lightgbm))
    for name in _MODELS:
        owner = getattr(lightgbm, name, None)
        if owner is not None and "fit" in vars(owner):
            lost = _lost(owner.fit, _OF_FITTING)
            if lost:
                owner.fit = _fitting(owner.fit, name, lost, lightgbm)
    for name, owner in (("Dataset", lightgbm.Dataset), ("Booster", lightgbm.Booster)):
        if _lost(owner.__init__, ("silent",)):
            owner.__init__ = _silently(owner.__init__, name)
    if not hasattr(lightgbm, "print_evaluation"):
        restore_names(lightgbm, {"print_evaluation": lambda: lightgbm.log_evaluation}, "lightgbm")


def _lost(function: "Callable[..., Any]", arguments: "tuple[str, ...]") -> "tuple[str, ...]":
    parameters = inspect.signature(function).parameters
    return tuple(one for one in arguments if one not in parameters)


def _take(kwargs: "dict[str, Any]", lost: "tuple[str, ...]", words: str) -> "dict[str, Any]":
    """Take the old arguments out of those given, and return them."""
    taken = {one: kwargs.pop(one) for one in lost if one in kwargs}
    for one in taken:
        note("{}({}=)".format(words, one))
    return taken


def _training(
    function: "Callable[..., Any]", name: str, lost: "tuple[str, ...]", lightgbm: "Any"
) -> "Callable[..., Any]":
    parameters = list(inspect.signature(function).parameters)

    @stands_for(function)
    def train(*args: "Any", **kwargs: "Any") -> "Any":
        old = _take(kwargs, lost, "lightgbm." + name)
        with passing_on:
            if not old:
                return _named_as_before(function(*args, **kwargs))
            given = dict(zip(parameters, args), **kwargs)
            params = dict(given.get("params") or {})
            if old.get("fobj") is not None:
                params["objective"] = old["fobj"]
            given["params"] = params
            for one in _OF_DATA:
                value = old.get(one)
                if value is not None and not (isinstance(value, str) and value == "auto"):
                    getattr(given["train_set"], "set_" + one)(value)
            given["callbacks"] = list(given.get("callbacks") or ()) + _callbacks(old, params, name == "cv", lightgbm)
            return _named_as_before(function(**given))

    return train


class _Results(dict):  # type: ignore[type-arg]  # what it holds cannot be named before Python 3.9
    """What `cv` returns: metrics that say of which data they are, found also by the name that they had until 4.0."""

    @out_of_sight
    def __missing__(self, key: object) -> "Any":
        if not isinstance(key, str) or "valid " + key not in self:
            raise KeyError(key)
        note("lightgbm.cv()[{!r}]".format(key))
        return self["valid " + key]

    def __reduce__(self) -> "tuple[type[dict[str, Any]], tuple[dict[str, Any]]]":
        return dict, (dict(self),)


def _named_as_before(result: "Any") -> "Any":
    return _Results(result) if type(result) is dict else result


def _callbacks(old: "dict[str, Any]", params: "dict[str, Any]", is_cv: bool, lightgbm: "Any") -> "list[Any]":
    """Return the callbacks that do what the old arguments did."""
    found = []
    often = old.get("verbose_eval")
    if often is not None and often is not False:
        period = 1 if often is True else often
        found.append(lightgbm.log_evaluation(period, show_stdv=old.get("show_stdv", True)))
    found.extend(_stopping(old, params.get("first_metric_only", False), not is_cv and often is not False, lightgbm))
    if old.get("learning_rates") is not None:
        found.append(lightgbm.reset_parameter(learning_rate=old["learning_rates"]))
    if old.get("evals_result") is not None:
        found.append(lightgbm.record_evaluation(old["evals_result"]))
    return found


def _stopping(old: "dict[str, Any]", first_metric_only: object, is_told: object, lightgbm: "Any") -> "list[Any]":
    rounds = old.get("early_stopping_rounds")
    if rounds is None or rounds <= 0:
        return []
    return [lightgbm.early_stopping(rounds, bool(first_metric_only), verbose=bool(is_told))]


def _fitting(fit: "Callable[..., Any]", name: str, lost: "tuple[str, ...]", lightgbm: "Any") -> "Callable[..., Any]":
    @stands_for(fit)
    def fit_again(self: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        old = _take(kwargs, lost, name + ".fit")
        with passing_on:
            if old:
                often = old.get("verbose", True)
                more = [] if often is True or not often else [lightgbm.log_evaluation(int(often))]
                first = self.get_params().get("first_metric_only", False)
                more += _stopping(old, first, often, lightgbm)
                kwargs["callbacks"] = list(kwargs.get("callbacks") or ()) + more
            return fit(self, *args, **kwargs)

    return fit_again


def _silently(original: "Callable[..., Any]", name: str) -> "Callable[..., None]":
    @stands_for(original)
    def init(self: "Any", *args: "Any", **kwargs: "Any") -> None:
        _take(kwargs, ("silent",), name)
        with passing_on:
            original(self, *args, **kwargs)

    return init
