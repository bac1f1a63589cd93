"""Names, methods and arguments of functions that scikit-learn no longer has."""

import copy
import functools
import inspect
import warnings

from desktop_aml_run.callers import is_asked_by_user, passing_on, stands_for
from desktop_aml_run.compatibility import liblinear, note, restore_names, sklearn_arguments
from desktop_aml_run.compatibility.members import has, put, restore_members, take_again

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


_POSITIONAL = (
    "accuracy_score classification_report confusion_matrix f1_score fbeta_score log_loss mean_absolute_error "
    "mean_squared_error precision_recall_curve precision_score r2_score recall_score roc_auc_score roc_curve"
).split()
_DISPLAYS = {
    "plot_confusion_matrix": "ConfusionMatrixDisplay",
    "plot_precision_recall_curve": "PrecisionRecallDisplay",
    "plot_roc_curve": "RocCurveDisplay",
}


def patch(module: "Any") -> None:
    """Restore what belongs to one of scikit-learn's modules."""
    # First what looks at the signatures as the library wrote them.
    patches = {
        "sklearn.feature_extraction": _patch_names_of_features,
        "sklearn.feature_extraction.text": _patch_names_of_features,
        "sklearn.linear_model": _patch_linear_model,
        "sklearn.metrics": _patch_metrics,
        "sklearn.model_selection": _patch_model_selection,
        "sklearn.preprocessing": _patch_preprocessing,
    }
    if module.__name__ in patches:
        patches[module.__name__](module)
    sklearn_arguments.patch(module)


def _patch_linear_model(module: "Any") -> None:
    logistic = getattr(module, "LogisticRegression", None)
    if logistic is not None and "multi_class" not in inspect.signature(logistic.__init__).parameters:
        liblinear.patch(logistic)


def _patch_preprocessing(module: "Any") -> None:
    _patch_names_of_features(module)
    restore_names(module, {"Imputer": _imputer} if not has(module, "Imputer") else {}, "sklearn.preprocessing")


def _patch_names_of_features(module: "Any") -> None:
    for name in ("CountVectorizer", "DictVectorizer", "OneHotEncoder", "PolynomialFeatures", "TfidfVectorizer"):
        owner = getattr(module, name, None)
        if owner is not None:
            restore_members(owner, {"get_feature_names": _names_of_features}, name)


def _names_of_features(self: "Any", input_features: "Any" = None) -> "list[str]":
    """Return the names as a list; inputs without names given are x0, x1 and so on, as they were."""
    nameless = copy.copy(self)
    nameless.__dict__.pop("feature_names_in_", None)
    return list(nameless.get_feature_names_out(input_features))


def _patch_model_selection(module: "Any") -> None:
    for name in ("cross_val_predict", "cross_val_score", "cross_validate"):
        function = getattr(module, name, None)
        if function is not None:
            put(module, name, take_again(function, name, {"fit_params": lambda value: {"params": value}}))
    for name in ("KFold", "StratifiedKFold"):
        owner = getattr(module, name)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                owner(2, random_state=0)
        except ValueError:
            _forget_seed_without_shuffle(owner)


def _forget_seed_without_shuffle(owner: "Any") -> None:
    """Have folds take a seed without shuffling again, which never did anything."""
    original = owner.__init__

    @stands_for(original)
    def init(self: "Any", *args: "Any", **kwargs: "Any") -> None:
        if kwargs.get("random_state") is not None and not kwargs.get("shuffle") and is_asked_by_user():
            del kwargs["random_state"]
            note("{}(random_state=) without shuffle".format(owner.__name__))
        with passing_on:
            original(self, *args, **kwargs)

    owner.__init__ = init


def _patch_metrics(module: "Any") -> None:
    for name in _POSITIONAL:
        function = getattr(module, name, None)
        if function is not None:
            put(module, name, take_again(function, name, by_position=True))
    if hasattr(module, "root_mean_squared_error"):
        _take_squared_again(module)
    names: "dict[str, Callable[[], Any]]" = {}
    for name, display in _DISPLAYS.items():
        kind = getattr(module, display, None)
        if not has(module, name) and hasattr(kind, "from_estimator"):
            names[name] = functools.partial(getattr, kind, "from_estimator")
    if not has(module, "calinski_harabaz_score"):
        names["calinski_harabaz_score"] = lambda: module.calinski_harabasz_score
    if hasattr(module, "get_scorer_names") and not has(module, "SCORERS"):
        names["SCORERS"] = lambda: {name: module.get_scorer(name) for name in module.get_scorer_names()}
    restore_names(module, names, "sklearn.metrics")


def _take_squared_again(module: "Any") -> None:
    squared_error = module.mean_squared_error
    if "squared" in inspect.signature(squared_error).parameters:
        return

    @stands_for(squared_error)
    def mean_squared_error(*args: "Any", **kwargs: "Any") -> "Any":
        if "squared" in kwargs and is_asked_by_user():
            note("mean_squared_error(squared=)")
            function = squared_error if kwargs.pop("squared") else module.root_mean_squared_error
        else:
            function = squared_error
        with passing_on:
            return function(*args, **kwargs)

    put(module, "mean_squared_error", mean_squared_error)


def _imputer() -> "type":
    from desktop_aml_run.compatibility.lost.imputer import Imputer

    return Imputer
