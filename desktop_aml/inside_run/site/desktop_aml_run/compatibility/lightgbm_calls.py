"""What LightGBM took until 4.0 as arguments of its training, and what its callbacks do now."""

import inspect

from desktop_aml_run.callers import out_of_sight, passing_on, stands_for
from desktop_aml_run.compatibility import note, restore_names
from desktop_aml_run.compatibility.members import put

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


def patch(lightgbm):
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


def _lost(function, arguments):
    parameters = inspect.signature(function).parameters
    return tuple(one for one in arguments if one not in parameters)


def _take(kwargs, lost, words):
    """Take the old arguments out of those given, and return them."""
    taken = {one: kwargs.pop(one) for one in lost if one in kwargs}
    for one in taken:
        note("{}({}=)".format(words, one))
    return taken


def _training(function, name, lost, lightgbm):
    parameters = list(inspect.signature(function).parameters)

    @stands_for(function)
    def train(*args, **kwargs):
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


class _Results(dict):
    """What `cv` returns: metrics that say of which data they are, found also by the name that they had until 4.0."""

    @out_of_sight
    def __missing__(self, key):
        if not isinstance(key, str) or "valid " + key not in self:
            raise KeyError(key)
        note("lightgbm.cv()[{!r}]".format(key))
        return self["valid " + key]

    def __reduce__(self):
        return dict, (dict(self),)


def _named_as_before(result):
    return _Results(result) if type(result) is dict else result


def _callbacks(old, params, is_cv, lightgbm):
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


def _stopping(old, first_metric_only, is_told, lightgbm):
    rounds = old.get("early_stopping_rounds")
    if rounds is None or rounds <= 0:
        return []
    return [lightgbm.early_stopping(rounds, bool(first_metric_only), verbose=bool(is_told))]


def _fitting(fit, name, lost, lightgbm):
    @stands_for(fit)
    def fit_again(self, *args, **kwargs):
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


def _silently(original, name):
    @stands_for(original)
    def init(self, *args, **kwargs):
        _take(kwargs, ("silent",), name)
        with passing_on:
            original(self, *args, **kwargs)

    return init
