"""Tell whether an object is a model that can predict, and what its inputs and outputs are. Python 3.6 or newer."""

import os
import sys
from typing import Any, Dict, List

from desktop_aml.inside_model.loading import CannotServe
from desktop_aml.inside_model.predicting import METHODS, plain

# Steps that look at columns by name or take text: such models get a data frame, and text is not refused beforehand.
_NEEDS_COLUMNS = ("ColumnTransformer", "FunctionTransformer")
_TAKES_TEXT = (
    "sklearn.compose",
    "sklearn.preprocessing._encoders",
    "sklearn.preprocessing._target_encoder",
    "sklearn.preprocessing._function_transformer",
    "sklearn.feature_extraction",
    "sklearn.impute",
    "sklearn.dummy",
)


def check_is_model(model: Any, name: str) -> None:
    """Raise `CannotServe` with the reason when `model` cannot predict."""
    kind = type(model).__name__
    if isinstance(model, type):
        raise CannotServe(
            "{} holds the class {} itself, not a trained model. Save the fitted object.".format(name, model.__name__)
        )
    if not any(callable(getattr(model, method, None)) for method in METHODS):
        if hasattr(model, "fit_predict"):
            raise CannotServe("A {} has only fit_predict: it cannot predict new rows.".format(kind))
        raise CannotServe("{} is not a model: it holds a {}, which has no predict.".format(name, kind))
    if type(model).__module__.startswith("sklearn."):
        from sklearn.utils.validation import check_is_fitted

        try:
            check_is_fitted(model)
        except TypeError:
            pass  # versions before 0.22 want the attribute's name
        except Exception as error:
            if type(error).__name__ == "NotFittedError":
                raise CannotServe("The {} in {} is not fitted. Train it before saving.".format(kind, name)) from error
            raise


def parts_of(model: Any) -> List[Any]:
    """Return the model and the estimators inside it."""
    parts = [model]
    get_params = getattr(model, "get_params", None)
    if callable(get_params):
        try:
            parts.extend(value for value in get_params(deep=True).values() if hasattr(value, "fit"))
        except AttributeError:
            pass  # saved by an older version, in which a parameter of today did not exist: it may predict all the same
    return parts


def describe(model: Any, notes: List[str]) -> Dict[str, Any]:
    """Return what the front needs to know of the model, as JSON values."""
    import numpy
    import sklearn

    parts = [type(part) for part in parts_of(model)]
    foreign = any(not part.__module__.startswith("sklearn.") for part in parts)
    by_column = foreign or any(part.__name__ in _NEEDS_COLUMNS for part in parts)
    names = getattr(model, "feature_names_in_", None)
    count = getattr(model, "n_features_in_", None)
    classes = getattr(model, "classes_", None)
    return {
        "class_name": type(model).__name__,
        "steps": [type(step).__name__ for _, step in getattr(model, "steps", None) or ()],
        "kind": getattr(model, "_estimator_type", None) or kind_of(model),
        "methods": [method for method in METHODS if callable(getattr(model, method, None))],
        "feature_count": int(count) if count is not None else None,
        "feature_names": [str(name) for name in names] if names is not None else [],
        "classes": plain(classes)[:1000] if isinstance(classes, numpy.ndarray) else [],
        "by_column": by_column,
        "takes_text": foreign
        or any(part.__module__.startswith(_TAKES_TEXT) for part in parts)
        or getattr(model, "is_categorical_", None) is not None,
        "output_type": output_type(model, classes),
        "versions": {
            "python": "{}.{}.{}".format(*sys.version_info[:3]),
            "scikit-learn": sklearn.__version__,
            "numpy": numpy.__version__,
        },
        "notes": notes,
        "pid": os.getpid(),
    }


def kind_of(model: Any) -> str:
    """Return ``classifier``, ``regressor``, ``clusterer``… from the tags of newer scikit-learn, or an empty string."""
    try:
        from sklearn.utils import get_tags

        return get_tags(model).estimator_type or ""
    except Exception:  # noqa: BLE001 - before 1.6, or an estimator that is not scikit-learn's
        return ""


def output_type(model: Any, classes: Any) -> str:
    """Return ``integer``, ``number``, ``string`` or ``boolean``: what `predict` gives for one row."""
    kind = getattr(getattr(classes, "dtype", None), "kind", "")
    if not kind and (hasattr(model, "labels_") or hasattr(model, "cluster_centers_")):
        kind = "i"
    return {"i": "integer", "u": "integer", "b": "boolean", "U": "string", "S": "string", "O": "string"}.get(
        kind, "number"
    )
