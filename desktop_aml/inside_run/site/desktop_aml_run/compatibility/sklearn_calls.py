"""Names, arguments and positional arguments that scikit-learn no longer takes.

An argument is dropped only where the result stays the same. Where it would change it, the library's own error stands,
with the version to pin.
"""

import functools
import inspect

from desktop_aml_run.compatibility import is_asked_by_user, liblinear, note, restore_names

_PIN = "pin scikit-learn<1.2 and numpy<1.24 in the environment of the run to have it as it was"
_NORMALIZED = (
    "ARDRegression BayesianRidge ElasticNet ElasticNetCV Lars LarsCV Lasso LassoCV LassoLars LassoLarsCV LassoLarsIC "
    "LinearRegression MultiTaskElasticNet MultiTaskLasso OrthogonalMatchingPursuit Ridge RidgeCV RidgeClassifier "
    "RidgeClassifierCV"
).split()
_POSITIONAL = (
    "accuracy_score classification_report confusion_matrix f1_score fbeta_score log_loss mean_absolute_error "
    "mean_squared_error precision_recall_curve precision_score r2_score recall_score roc_auc_score roc_curve"
).split()


def patch(module):
    """Restore what belongs to one of scikit-learn's modules."""
    patches = {
        "sklearn.linear_model": _patch_linear_model,
        "sklearn.metrics": _patch_metrics,
        "sklearn.preprocessing": _patch_preprocessing,
    }
    patches[module.__name__](module)


def _patch_linear_model(module):
    for name in _NORMALIZED:
        _take_again(getattr(module, name, None), "normalize", _drop_normalize)
    logistic = getattr(module, "LogisticRegression", None)
    again = logistic is not None and "multi_class" not in inspect.signature(logistic.__init__).parameters
    _take_again(logistic, "multi_class", _drop_multi_class)
    _take_again(getattr(module, "LogisticRegressionCV", None), "multi_class", _drop_multi_class)
    if again:
        liblinear.patch(logistic)


def _patch_preprocessing(module):
    _take_again(getattr(module, "OneHotEncoder", None), "sparse", lambda _, value: {"sparse_output": value})
    restore_names(module, {"Imputer": _imputer} if not hasattr(module, "Imputer") else {}, "sklearn.preprocessing")


def _patch_metrics(module):
    for name in _POSITIONAL:
        function = getattr(module, name, None)
        if function is not None:
            setattr(module, name, _positional_again(function))
    if hasattr(module, "root_mean_squared_error"):
        _take_squared_again(module)
    names = {}
    for name, display in (("plot_confusion_matrix", "ConfusionMatrixDisplay"), ("plot_roc_curve", "RocCurveDisplay")):
        kind = getattr(module, display, None)
        if not hasattr(module, name) and hasattr(kind, "from_estimator"):
            names[name] = functools.partial(getattr, kind, "from_estimator")
    restore_names(module, names, "sklearn.metrics")


def _take_again(owner, argument, replace):
    """Have a class take a keyword argument again; `replace` gives what to pass in its place."""
    if owner is None or argument in inspect.signature(owner.__init__).parameters:
        return
    original = owner.__init__

    @functools.wraps(original)
    def init(self, *args, **kwargs):
        if argument in kwargs and is_asked_by_user():
            kwargs.update(replace(owner.__name__, kwargs.pop(argument)))
            note("{}({}=)".format(owner.__name__, argument))
        original(self, *args, **kwargs)

    owner.__init__ = init


def _drop_normalize(name, value):
    # Least squares gives the same model whatever the scale of a column; a penalty does not.
    if value and value != "deprecated" and name != "LinearRegression":
        raise TypeError(
            "{}.__init__() got an unexpected keyword argument 'normalize'. normalize=True changes its result: {}, or "
            "scale the columns with StandardScaler.".format(name, _PIN)
        )
    return {}


def _drop_multi_class(name, value):
    if value not in ("auto", "multinomial", "deprecated", "warn"):
        raise TypeError(
            "{}.__init__() got an unexpected keyword argument 'multi_class'. multi_class={!r} changes its result: pin "
            "scikit-learn<1.8 in the environment of the run, or use OneVsRestClassifier.".format(name, value)
        )
    return {}


def _positional_again(function):
    """Have a function take by position what it takes by keyword only, in the order of its signature."""
    parameters = inspect.signature(function).parameters.values()
    by_position = [one.name for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD]
    by_keyword = [one.name for one in parameters if one.kind is one.KEYWORD_ONLY]
    if not by_keyword:
        return function

    @functools.wraps(function)
    def take(*args, **kwargs):
        extra = args[len(by_position) :]
        if extra and len(extra) <= len(by_keyword) and is_asked_by_user():
            kwargs.update(zip(by_keyword, extra))
            args = args[: len(by_position)]
            note("{}({} by position)".format(function.__name__, ", ".join(by_keyword[: len(extra)])))
        return function(*args, **kwargs)

    return take


def _take_squared_again(module):
    squared_error = module.mean_squared_error
    if "squared" in inspect.signature(squared_error).parameters:
        return

    @functools.wraps(squared_error)
    def mean_squared_error(*args, **kwargs):
        if "squared" in kwargs and is_asked_by_user():
            note("mean_squared_error(squared=)")
            if not kwargs.pop("squared"):
                return module.root_mean_squared_error(*args, **kwargs)
        return squared_error(*args, **kwargs)

    module.mean_squared_error = mean_squared_error


def _imputer():
    from desktop_aml_run.compatibility.lost.imputer import Imputer

    return Imputer
