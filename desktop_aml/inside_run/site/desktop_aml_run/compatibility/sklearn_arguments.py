"""Arguments of scikit-learn's estimators that were renamed or dropped, and words that are called otherwise now.

An argument is taken again only where the result stays the same. Where it would change it, the error names the version
to pin.
"""

from desktop_aml_run.compatibility.members import take_again

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from desktop_aml_run.compatibility.members import Arguments, Rule

    RuleOf = Callable[[str, str, Any], Arguments]


_TREES = "DecisionTreeClassifier ExtraTreeClassifier DecisionTreeRegressor ExtraTreeRegressor "
_CLASSIFIERS = "DecisionTreeClassifier ExtraTreeClassifier ExtraTreesClassifier RandomForestClassifier "
_REGRESSORS = "DecisionTreeRegressor ExtraTreeRegressor ExtraTreesRegressor RandomForestRegressor "
_BOOSTED = "GradientBoostingClassifier GradientBoostingRegressor "
_ENSEMBLES = "AdaBoostClassifier AdaBoostRegressor BaggingClassifier BaggingRegressor "
_NORMALIZED = (
    "ARDRegression BayesianRidge ElasticNet ElasticNetCV Lars LarsCV Lasso LassoCV LassoLars LassoLarsCV LassoLarsIC "
    "LinearRegression MultiTaskElasticNet MultiTaskLasso OrthogonalMatchingPursuit Ridge RidgeCV RidgeClassifier "
    "RidgeClassifierCV"
)
_ANY = object()


def _renamed(new: str) -> "RuleOf":
    return lambda _owner, _argument, value: {new: value}


def _dropped(version: str, *harmless: "Any", instead: str = "") -> "RuleOf":
    """Return a rule that drops an argument whose value changes nothing; other values need what was before `version`."""

    def rule(owner: str, argument: str, value: "Any") -> "Arguments":
        # Least squares gives the same model whatever the scale of a column.
        free = _ANY in harmless or value in harmless or value in ("deprecated", "warn")
        if free or (owner, argument) == ("LinearRegression", "normalize"):
            return {}
        raise TypeError(
            "{0}.__init__() got an unexpected keyword argument {1!r}. {1}={2!r} changes its result: pin "
            "scikit-learn<{3} in the environment of the run to have it as it was{4}.".format(
                owner, argument, value, version, instead
            )
        )

    return rule


_GONE: "tuple[tuple[str, str, RuleOf], ...]" = (
    (_TREES + _BOOSTED, "presort", _dropped("", _ANY)),
    (_CLASSIFIERS + _REGRESSORS + _BOOSTED, "min_impurity_split", _dropped("1.0", None)),
    (
        _ENSEMBLES + "CalibratedClassifierCV RANSACRegressor",
        "base_estimator",
        _renamed("estimator"),
    ),
    ("AdaBoostClassifier", "algorithm", _dropped("1.6", "SAMME")),
    ("IsolationForest", "behaviour", _dropped("0.24", "new")),
    ("AgglomerativeClustering FeatureAgglomeration", "affinity", _renamed("metric")),
    ("KMeans MiniBatchKMeans", "n_jobs", _dropped("", _ANY)),
    ("KMeans MiniBatchKMeans", "precompute_distances", _dropped("", _ANY)),
    ("GridSearchCV RandomizedSearchCV", "iid", _dropped("0.24", False)),
    ("ElasticNetCV LassoCV MultiTaskElasticNetCV MultiTaskLassoCV", "n_alphas", _renamed("alphas")),
    ("LatentDirichletAllocation", "n_topics", _renamed("n_components")),
    ("TSNE", "n_iter", _renamed("max_iter")),
    (
        "Perceptron SGDClassifier SGDRegressor",
        "n_iter",
        lambda _owner, _argument, value: {"max_iter": value, "tol": None},
    ),
    ("OneHotEncoder", "sparse", _renamed("sparse_output")),
    (
        _NORMALIZED,
        "normalize",
        _dropped("1.2 and numpy<1.24", False, instead=", or scale the columns with StandardScaler"),
    ),
    (
        "LogisticRegression LogisticRegressionCV",
        "multi_class",
        _dropped("1.8", "auto", "multinomial", instead=", or use OneVsRestClassifier"),
    ),
)

_WORDS: "tuple[tuple[str, str, dict[str, Any]], ...]" = (
    (
        _REGRESSORS,
        "criterion",
        {"mse": "squared_error", "mae": "absolute_error"},
    ),
    (_BOOSTED, "criterion", {"mse": "squared_error"}),
    ("GradientBoostingRegressor", "loss", {"ls": "squared_error", "lad": "absolute_error"}),
    ("GradientBoostingClassifier", "loss", {"deviance": "log_loss"}),
    (
        "HistGradientBoostingRegressor",
        "loss",
        {"least_squares": "squared_error", "least_absolute_deviation": "absolute_error"},
    ),
    (
        "HistGradientBoostingClassifier",
        "loss",
        dict.fromkeys(("auto", "binary_crossentropy", "categorical_crossentropy"), "log_loss"),
    ),
    ("SGDClassifier", "loss", {"log": "log_loss", "squared_loss": "squared_error"}),
    ("SGDRegressor", "loss", {"squared_loss": "squared_error"}),
    ("RANSACRegressor", "loss", {"absolute_loss": "absolute_error", "squared_loss": "squared_error"}),
    ("LogisticRegression Perceptron SGDClassifier SGDRegressor", "penalty", {"none": None}),
    (
        _CLASSIFIERS + "GradientBoostingClassifier",
        "max_features",
        {"auto": "sqrt"},
    ),
    (
        _REGRESSORS + "GradientBoostingRegressor",
        "max_features",
        {"auto": 1.0},
    ),
    ("KMeans", "algorithm", {"auto": "lloyd", "full": "lloyd"}),
    ("NuSVC NuSVR OneClassSVM SVC SVR", "gamma", {"auto_deprecated": "auto"}),
)


def _as_liblinear_does(arguments: "dict[str, Any]") -> "tuple[str, ...]":
    """Return ``multi_class="ovr"`` where it is what the solver does anyhow."""
    does = arguments.get("solver") == "liblinear" and arguments.get("multi_class") == "ovr"
    return ("multi_class",) if does else ()


_IDLE = {"LogisticRegression": _as_liblinear_does, "LogisticRegressionCV": _as_liblinear_does}


def _bound(rule: "RuleOf", owner: str, argument: str) -> "Rule":
    return lambda value: rule(owner, argument, value)


def _by_class() -> "dict[str, tuple[dict[str, Rule], dict[str, dict[str, Any]]]]":
    """Return the rules and the words of each class, by its name and by argument."""
    found: "dict[str, tuple[dict[str, Rule], dict[str, dict[str, Any]]]]" = {}
    for names, argument, rule in _GONE:
        for name in names.split():
            found.setdefault(name, ({}, {}))[0][argument] = _bound(rule, name, argument)
    for names, argument, new in _WORDS:
        for name in names.split():
            found.setdefault(name, ({}, {}))[1][argument] = new
    return found


_BY_CLASS = _by_class()


def patch(module: "Any") -> None:
    """Have the estimators of a module take again what they took."""
    for name, (gone, words) in _BY_CLASS.items():
        owner = getattr(module, name, None)
        if isinstance(owner, type):
            _patch_class(owner, name, gone, words)


def _patch_class(owner: "Any", name: str, gone: "dict[str, Rule]", words: "dict[str, dict[str, Any]]") -> None:
    lost = {argument: _lost(owner, argument, new) for argument, new in words.items()}
    lost = {argument: new for argument, new in lost.items() if new}
    again = take_again(owner.__init__, name, gone, lost, idle=_IDLE.get(name))
    if again is not owner.__init__:
        owner.__init__ = again


def _lost(owner: type, argument: str, new: "dict[str, Any]") -> "dict[str, Any]":
    """Return those of the words that this scikit-learn refuses; older ones take them, or check nothing."""
    taken = getattr(owner, "_parameter_constraints", {}).get(argument)
    if not isinstance(taken, list):
        return {}
    return {old: now for old, now in new.items() if not any(old in getattr(one, "options", ()) for one in taken)}
