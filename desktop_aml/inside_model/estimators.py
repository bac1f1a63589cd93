"""What is inside a fitted model, and the names and the number of its columns. Python 3.6 or newer.

Nothing here asks the model anything: it only looks at what fitting left, with every version of scikit-learn since 0.20.
"""

from typing import Any, Iterator, List, Optional

from desktop_aml.inside_model.boosters import names_of_a_booster

_TREES = ("sklearn.tree.", "sklearn.ensemble._forest", "sklearn.ensemble.forest", "sklearn.ensemble._gb")
_WIDTHS = ("n_features_in_", "n_features_", "_n_features", "n_input_features_")
_ROWS_AS_WIDE = (
    "coef_",
    "cluster_centers_",
    "theta_",
    "means_",
    "components_",
    "feature_log_prob_",
    "_fit_X",
    "X_fit_",
)
_AS_LONG = ("mean_", "scale_", "statistics_", "center_", "data_min_", "max_abs_", "variances_", "categories_")
_CHILDREN = 50
_GIVEN = ("estimator", "base_estimator", "classifier", "regressor")
_OF_OTHER_ROWS = ("final_estimator_", "transformer_")
_OF_TARGETS = ("LabelEncoder", "LabelBinarizer", "MultiLabelBinarizer")


def module_of(part: Any) -> str:
    """Return the module that defines the class of an estimator."""
    return type(part).__module__ or ""


def is_scikit_learns(part: Any) -> bool:
    """Whether an estimator is one of scikit-learn's own."""
    return module_of(part).startswith("sklearn.")


def steps_of(model: Any) -> List[Any]:
    """Return the steps of a pipeline that rows pass when it predicts; nothing for what is no pipeline."""
    steps = getattr(model, "steps", None)
    if not isinstance(steps, list) or not hasattr(model, "named_steps"):
        return []
    parts = [step[1] for step in steps]
    # What draws a sample (imbalanced-learn) works on training rows alone.
    return [part for part in parts if part not in (None, "passthrough") and not hasattr(part, "fit_resample")]


def is_by_columns(part: Any) -> bool:
    """Whether an estimator is a fitted ColumnTransformer."""
    return isinstance(getattr(part, "transformers_", None), list)


def children(model: Any) -> Iterator[Any]:
    """Yield the fitted estimators that take the same rows as `model`, for every composite but pipelines."""
    if module_of(model).startswith(_TREES):
        return
    if isinstance(getattr(model, "transformer_list", None), list):
        for entry in model.transformer_list:
            if entry[1] not in (None, "drop", "passthrough"):
                yield entry[1]
        return
    inside = getattr(model, "__dict__", None) or {}
    fitted = [value for name, value in inside.items() if name.endswith("_") and name not in _OF_OTHER_ROWS]
    found = list(_estimators_in(fitted))
    # Without a copy of its own a composite asks the very estimator that it was given.
    yield from found or _estimators_in([inside[name] for name in _GIVEN if name in inside])


def _estimators_in(values: Any) -> Iterator[Any]:
    for value in values:
        if _is_estimator(value):
            yield value
            continue
        entries = value.ravel() if getattr(getattr(value, "dtype", None), "kind", "") == "O" else value
        if not isinstance(value, (list, tuple)) and entries is value:
            continue
        for entry in list(entries)[:_CHILDREN]:
            if hasattr(entry, "calibrators") or hasattr(entry, "calibrators_"):
                # What CalibratedClassifierCV keeps is not asked with rows, but holds an estimator that is.
                yield from _estimators_in([getattr(entry, name, None) for name in _GIVEN])
            elif _is_estimator(entry):
                yield entry


def _is_estimator(value: Any) -> bool:
    return hasattr(value, "fit") and not isinstance(value, type) and not type(value).__name__.startswith(_OF_TARGETS)


def parts_inside(model: Any, depth: int = 0) -> Iterator[Any]:
    """Yield the model and the fitted estimators inside it, however deep."""
    yield model
    if depth > 10:
        return
    inner = steps_of(model) or ([entry[1] for entry in model.transformers_] if is_by_columns(model) else ())
    for part in inner or children(model):
        if not isinstance(part, str) and part is not None:
            for one in parts_inside(part, depth + 1):
                yield one


def names_of(model: Any, depth: int = 0) -> List[str]:
    """Return the names that the columns had when the model was fitted, or nothing."""
    for attribute in ("feature_names_in_", "_df_columns"):
        names = getattr(model, attribute, None)
        if names is not None and len(names):
            return [str(name) for name in names]
    names = names_of_a_booster(model)
    if names or depth > 10:
        return names
    # Whatever stands behind the first step has other columns, and so may what is inside a composite of another width.
    width = columns_wide(model)
    for part in steps_of(model)[:1] or children(model):
        if None in (width, columns_wide(part)) or columns_wide(part) == width:
            names = names_of(part, depth + 1)
            if names:
                return names
    return []


def width_of(model: Any, depth: int = 0) -> Optional[int]:
    """Return how many columns a row has, or None when fitting left no trace of it, as in a vectorizer of texts."""
    width = columns_wide(model)
    if width is not None or depth > 10:
        return width
    steps = steps_of(model)
    if steps:
        return width_of(steps[0], depth + 1) if is_scikit_learns(steps[0]) else None
    if is_scikit_learns(model):
        for part in children(model):
            return width_of(part, depth + 1)
    return None


def columns_wide(model: Any) -> Optional[int]:
    """Return how many columns an estimator was itself fitted on, or None when it does not tell."""
    try:
        if hasattr(model, "ranking_") and hasattr(model, "support_"):
            return len(model.support_)  # RFE, whose n_features_ is how many it kept
        for name in _WIDTHS:
            width = getattr(model, name, None)
            if width is not None and int(width) > 0:
                return int(width)
        if not is_scikit_learns(model):
            return None
        for name in _ROWS_AS_WIDE:
            shape = getattr(getattr(model, name, None), "shape", None)
            if shape:
                return int(shape[-1])
        for name in _AS_LONG:
            values = getattr(model, name, None)
            if values is not None and hasattr(values, "__len__"):
                return len(values)
    except Exception:  # noqa: BLE001 - an attribute of a foreign class may be anything, and raise anything
        return None
    return None
