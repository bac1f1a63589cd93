"""What XGBoost took until 2.0 and 2.1: limits in trees, and early stopping as an argument of `fit`."""

import inspect
import json

from desktop_aml_run.callers import passing_on, stands_for
from desktop_aml_run.compatibility import note, restore_names
from desktop_aml_run.compatibility.members import put, restore_members, take_again

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from desktop_aml_run.compatibility.members import Rule


_MODELS = ("XGBModel", "XGBClassifier", "XGBRegressor", "XGBRanker", "XGBRFClassifier", "XGBRFRegressor")


def patch(xgboost: "Any") -> None:
    """Have boosters and models take again what they took."""
    counts_trees = "ntree_limit" in inspect.signature(xgboost.Booster.predict).parameters
    if not counts_trees:
        restore_members(xgboost.Booster, {"best_ntree_limit": _best_limit}, "xgboost.Booster", is_value=True)
        _patch_predicting(xgboost.Booster, "xgboost.Booster", ("predict",))
    for name in ("train", "cv"):
        # A metric of one's own is given other numbers by each version: it is not called by another name.
        gone: "dict[str, Rule]" = {"feval": _nothing_but_none}
        function = getattr(xgboost, name)
        put(xgboost, name, take_again(function, "xgboost." + name, gone, order=_order_before(function)))
    callbacks: "dict[str, Callable[[], Any]]" = {
        "early_stop": lambda: _early_stop(xgboost.callback.EarlyStopping),
        "print_evaluation": lambda: xgboost.callback.EvaluationMonitor,
        "reset_learning_rate": lambda: xgboost.callback.LearningRateScheduler,
    }
    if hasattr(xgboost, "callback"):
        missing = {name: made for name, made in callbacks.items() if not hasattr(xgboost.callback, name)}
        restore_names(xgboost.callback, missing, "xgboost.callback")
    for name in _MODELS:
        owner = getattr(xgboost, name, None)
        if owner is None:
            continue
        if not counts_trees:
            restore_members(owner, {"best_ntree_limit": _best_limit}, name, is_value=True)
            _patch_predicting(owner, name, ("predict", "predict_proba", "apply"))
        if "fit" in vars(owner):
            parameters = inspect.signature(owner.fit).parameters
            lost = [one for one in ("early_stopping_rounds", "eval_metric", "callbacks") if one not in parameters]
            if lost:
                owner.fit = _fitting(owner.fit, name, lost)


def _early_stop(callback: "Callable[..., Any]") -> "Callable[..., Any]":
    def early_stop(stopping_rounds: int, maximize: bool = False, verbose: bool = True) -> "Any":  # noqa: ARG001 - it is told of the stop no more
        return callback(rounds=stopping_rounds, maximize=maximize or None)

    return early_stop


def _order_before(function: "Callable[..., Any]") -> "list[str]":
    """Return the arguments in their order while `feval` stood behind `obj`."""
    names = list(inspect.signature(function).parameters)
    if "feval" not in names and "obj" in names:
        names.insert(names.index("obj") + 1, "feval")
    return names


def _nothing_but_none(value: object) -> "dict[str, Any]":
    if value is None:
        return {}
    raise TypeError(
        "train() got an unexpected keyword argument 'feval'. What it is given depends on the version: pin xgboost<2.1 "
        "in the environment of the run to have it as it was, or use custom_metric."
    )


def _booster_of(model: "Any") -> "Any":
    return model.get_booster() if hasattr(model, "get_booster") else model


def _trees_a_round(booster: "Any") -> int:
    part = json.loads(booster.save_config())["learner"]["gradient_booster"]
    part = part.get("gbtree", part)
    return max(1, int(part.get("gbtree_model_param", part.get("model", {})).get("num_parallel_tree", 1)))


def _best_limit(model: "Any") -> int:
    """Return how many trees of each class the best round has, or all have where none is known as the best."""
    booster = _booster_of(model)
    try:
        rounds = int(booster.best_iteration) + 1
    except AttributeError:
        rounds = booster.num_boosted_rounds()
    return rounds * _trees_a_round(booster)


def _patch_predicting(owner: "Any", name: str, methods: "tuple[str, ...]") -> None:
    for method in methods:
        function = vars(owner).get(method)
        if function is not None and "ntree_limit" not in inspect.signature(function).parameters:
            setattr(owner, method, _predicting(function, "{}.{}".format(name, method)))


def _predicting(function: "Callable[..., Any]", words: str) -> "Callable[..., Any]":
    # It stood after output_margin where there is one; a flag in its place is what stands there now.
    place = 2 if "output_margin" in inspect.signature(function).parameters else 1

    @stands_for(function)
    def predict(self: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        with passing_on:
            limit = kwargs.pop("ntree_limit", None)
            if limit is None and len(args) > place and type(args[place]) is int:
                limit = args[place]
                rest = ("pred_leaf", "pred_contribs", "approx_contribs", "pred_interactions", "validate_features")
                kwargs.update(zip(rest if _booster_of(self) is self else rest[-1:], args[place + 1 :]))
                args = args[:place]
            if limit is not None:
                note(words + "(ntree_limit=)")
                if limit:
                    kwargs.setdefault("iteration_range", (0, limit // _trees_a_round(_booster_of(self))))
            return function(self, *args, **kwargs)

    return predict


def _fitting(fit: "Callable[..., Any]", name: str, lost: "list[str]") -> "Callable[..., Any]":
    @stands_for(fit)
    def fit_again(self: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        with passing_on:
            old = {one: kwargs.pop(one) for one in lost if one in kwargs and not _means_another(one, kwargs[one])}
            if not old:
                return fit(self, *args, **kwargs)
            for one in old:
                note("{}.fit({}=)".format(name, one))
            # For this fit alone, as it was: the model's own parameters stay what they are.
            before = {one: getattr(self, one, None) for one in old}
            try:
                for one, value in old.items():
                    if value is not None:
                        setattr(self, one, value)
                return fit(self, *args, **kwargs)
            finally:
                for one, value in before.items():
                    setattr(self, one, value)

    return fit_again


def _means_another(argument: str, value: object) -> bool:
    """Whether what was given means something else as a parameter of the model: a metric that is a function."""
    return argument == "eval_metric" and value is not None and not isinstance(value, (str, list, tuple))
