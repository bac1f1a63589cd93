"""Tell whether an object is a model that can predict, and what its inputs and outputs are. Python 3.6 or newer."""

import inspect
import os
import sys
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from desktop_aml.inside_model.answers import as_json
from desktop_aml.inside_model.boosters import columns_of_codes
from desktop_aml.inside_model.columns import (
    ANY,
    NAMED,
    NUMBER,
    OBJECT,
    OF_OBJECTS,
    VECTORIZERS,
    Known,
    kinds_of,
    takes_only_numbers,
    text_of,
)
from desktop_aml.inside_model.estimators import (
    children,
    is_by_columns,
    is_scikit_learns,
    names_of,
    parts_inside,
    steps_of,
    width_of,
)
from desktop_aml.inside_model.loading import MLFLOW, CannotServe, scikit_learns_version
from desktop_aml.inside_model.predicting import METHODS
from desktop_aml.inside_model.tables import of_sample

Sample = Tuple[Sequence[Any], Sequence[str]]
_SHOWN_CATEGORIES = 1000
_NO_SAMPLE = (
    "The model does not tell what it takes in {}: each value counts as what it is by itself, and the form and the "
    "copied call know no example. A sample_input.json beside the model would tell."
)
_CODES = (
    "XGBoost before 3.1 keeps no categories, those of {} neither: rows give their numbers, counted from 0 in the order"
    " of the categories. Models of XGBoost 3.1 and newer take the categories themselves."
)
# Not all versions say of these that they need no training.
_STATELESS = ("HashingVectorizer", "FeatureHasher", "Normalizer", "Binarizer", "FunctionTransformer")


def check_is_model(model: Any, name: str) -> None:
    """Raise `CannotServe` with the reason when `model` cannot predict."""
    kind = type(model).__name__
    if isinstance(model, type):
        raise CannotServe(
            "{} holds the class {} itself, not a trained model. Save the fitted object.".format(name, model.__name__)
        )
    if wants_mlflows_context(model):
        raise CannotServe("The {} in {} answers through mlflow.pyfunc alone. {}".format(kind, name, MLFLOW))
    methods = methods_of(model)
    if not methods:
        if hasattr(model, "fit_predict"):
            raise CannotServe("A {} has only fit_predict: it cannot predict new rows.".format(kind))
        raise CannotServe("{} is not a model: it holds a {}, which has no predict.".format(name, kind))
    if is_unfitted(model):
        raise CannotServe("The {} in {} is not fitted. Train it before saving.".format(kind, name))


def wants_mlflows_context(model: Any) -> bool:
    """Whether a model predicts only with what MLflow hands it: the files beside it, which it may load first."""
    owners = type(model).__mro__
    if not any(one.__module__.startswith("mlflow.pyfunc") for one in owners):
        return False
    loads = any("load_context" in vars(one) for one in owners if not one.__module__.startswith("mlflow."))
    return loads or "context" in inspect.signature(model.predict).parameters


def methods_of(model: Any) -> List[str]:
    """Return the methods with which a model answers rows; nothing for what is no model."""
    methods = [method for method in METHODS if callable(getattr(model, method, None))]
    # A table can be transformed, too, but was not fitted.
    return methods if methods != ["transform"] or hasattr(model, "fit") else []


def is_unfitted(model: Any, depth: int = 0) -> bool:
    """Whether scikit-learn itself says that a model of its own was never trained."""
    steps = steps_of(model)
    if steps and depth < 10:
        return any(is_unfitted(step, depth + 1) for step in steps)
    if not is_scikit_learns(model):
        return False
    from sklearn.utils.validation import check_is_fitted

    try:
        check_is_fitted(model)
    except TypeError:
        return not _left_something(model)  # versions before 0.22 want the attribute's name
    except Exception as error:
        if type(error).__name__ != "NotFittedError":
            raise
        return not (_left_something(model) or _needs_no_fitting(model))
    return False


def _left_something(model: Any) -> bool:
    """Whether fitting left anything, in the model or in what it is made of."""
    if any(name.endswith("_") and not name.startswith("__") for name in vars(model)):
        return True
    return _needs_no_fitting(model) or any(not is_unfitted(part) for part in children(model))


def _needs_no_fitting(model: Any) -> bool:
    if type(model).__name__ in _STATELESS:
        return True
    try:
        tags = model._get_tags()  # noqa: SLF001 - versions from 0.21 to 1.6 have no other way
        return bool(tags.get("stateless")) or not tags.get("requires_fit", True)
    except Exception:  # noqa: BLE001 - other versions, which have no such method
        return False


def describe(model: Any, notes: List[str], sample: Sample = ((), ())) -> Tuple[Dict[str, Any], List[Known]]:
    """Return what the front needs to know of the model, as JSON values, and what is known of its columns.

    Parameters
    ----------
    sample : tuple
        Rows like those that the model was fitted on, and the names of their columns; either may be empty.
    """
    import numpy

    parts = _tried(lambda outermost: list(parts_inside(outermost)), model, [model])
    first = _tried(first_of, model, model)
    texts = is_scikit_learns(first) and type(first).__name__ in VECTORIZERS
    objects = is_scikit_learns(first) and getattr(first, "input_type", "dict") == "dict"
    objects = objects and type(first).__name__ in OF_OBJECTS
    by_column = any(not is_scikit_learns(part) or is_by_columns(part) for part in parts)
    by_column = by_column or any(type(part).__name__ == "FunctionTransformer" for part in parts)
    names = _tried(names_of, model, [])
    width = len(names) or (None if texts or objects else _tried(width_of, model, None))
    if width is None and not (texts or objects):
        width = next((len(row) for row in sample[0] if isinstance(row, (list, tuple))), None)
    rows, names = aligned(sample, names, width)
    known = _known(model, names, width or 0, rows)
    numbers_only = _all_are_numbers(known) if known else _tried(takes_only_numbers, model, False)
    # Who was fitted on a data frame is asked with one, but where nothing but numbers counts.
    by_column = by_column or bool(names and not numbers_only)
    unknown = [name for name, one in zip(names, known) if one.kind == ANY]
    if by_column and unknown and not rows:
        notes = [*notes, _NO_SAMPLE.format(_quoted(unknown))]
    codes = _tried(lambda one: [names[i] if names else str(i) for i in columns_of_codes(one)], first, [])
    if codes:
        notes = [*notes, _CODES.format(_quoted(codes))]
    classes = getattr(model, "classes_", None)
    description = {
        "class_name": type(model).__name__,
        "steps": [type(step).__name__ for _, step in getattr(model, "steps", None) or ()],
        "kind": getattr(model, "_estimator_type", None) or kind_of(model),
        "methods": methods_of(model),
        "feature_count": width,
        "feature_names": list(names),
        "columns": [_in_words(one) for one in known],
        "classes": as_json(classes)[:1000] if isinstance(classes, numpy.ndarray) and classes.ndim == 1 else [],
        "by_column": by_column,
        "takes_text": not numbers_only,
        "open_names": by_column and width is None and not (texts or objects),
        "takes": "texts" if texts else "objects" if objects else "rows",
        "output_type": output_type(model, classes),
        "versions": {
            "python": "{}.{}.{}".format(*sys.version_info[:3]),
            "scikit-learn": scikit_learns_version(),
            "numpy": numpy.__version__,
        },
        "notes": notes,
        "pid": os.getpid(),
    }
    return description, known


def aligned(sample: Sample, names: Sequence[str], width: Optional[int]) -> Tuple[List[Sequence[Any]], List[str]]:
    """Return the rows of a sample that the model can take, in the model's order of columns, and the columns' names.

    Parameters
    ----------
    names : sequence of str
        Names that the model itself has for its columns; without them those of the sample count.
    """
    rows: List[Sequence[Any]] = [row for row in sample[0] if isinstance(row, (list, tuple))]
    sample_names = list(sample[1])
    if names and sample_names and sample_names != list(names):
        if not set(names) <= set(sample_names):
            return [], list(names)
        # Its other columns, as the one to predict, the model does not take.
        order = [sample_names.index(name) for name in names]
        rows = [[row[i] for i in order] for row in rows if len(row) == len(sample_names)]
    rows = [row for row in rows if len(row) == width]
    if not names and len(sample_names) == width and rows:
        return rows, sample_names
    return rows, list(names)


def first_of(model: Any) -> Any:
    """Return the estimator that gets the rows as they come."""
    for _ in range(10):
        inner = steps_of(model)[:1] or ([] if is_by_columns(model) else list(children(model))[:1])
        if not inner:
            break
        model = inner[0]
    return model


def _tried(look: Callable[[Any], Any], model: Any, otherwise: Any) -> Any:
    """Return what is found in a model. An attribute of a foreign class may be anything, and raise anything."""
    try:
        return look(model)
    except Exception:  # noqa: BLE001 - it may predict all the same; then nothing is known of it
        return otherwise


def _quoted(names: Sequence[str]) -> str:
    return ", ".join("“{}”".format(name) for name in names[:10])


def _all_are_numbers(known: List[Known]) -> bool:
    return all(one.kind == NUMBER and not one.knows_none for one in known)


def _known(model: Any, names: List[str], width: int, rows: List[Sequence[Any]]) -> List[Known]:
    known = _tried(lambda outermost: kinds_of(outermost, names, width), model, [Known()] * width)
    return [of_sample(one, [row[i] for row in rows]) for i, one in enumerate(known)]


def _in_words(known: Known) -> Dict[str, Any]:
    categories = known.categories or []
    if known.kind == NAMED:
        categories = list(map(text_of, categories))
    categories = [value for value in categories if isinstance(value, (str, int, float))]
    return {"kind": OBJECT if known.knows_none else known.kind, "categories": as_json(categories[:_SHOWN_CATEGORIES])}


def kind_of(model: Any) -> str:
    """Return ``classifier``, ``regressor``, ``clusterer``… from the tags of newer scikit-learn, or an empty string."""
    if "sklearn" not in sys.modules:
        return ""
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
    kinds = {"i": "integer", "u": "integer", "b": "boolean"}
    return kinds.get(kind, "string" if kind and kind in "USOM" else "number")
