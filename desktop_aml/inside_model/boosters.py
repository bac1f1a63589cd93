"""What models of LightGBM, XGBoost and CatBoost keep of the data frame they were fitted on. Python 3.6 or newer."""

import json
import sys
from typing import Any, Callable, Dict, List, Optional


def names_of_a_booster(model: Any) -> List[str]:
    """Return the names of the columns; nothing for any other model."""
    module = type(model).__module__ or ""
    try:
        if module.startswith("lightgbm"):
            names = getattr(model, "feature_name_", None) or model.feature_name()
            return [] if all(name == "Column_{}".format(i) for i, name in enumerate(names)) else list(names)
        if module.startswith("xgboost"):
            return list((model.get_booster() if hasattr(model, "get_booster") else model).feature_names or [])
        if module.startswith("catboost"):
            names = list(model.feature_names_ or [])
            return [] if names == [str(i) for i in range(len(names))] else names
    except Exception:  # noqa: BLE001 - another version, or another object of these packages
        return []
    return []


def categories_of_a_booster(model: Any) -> Optional[Dict[int, Optional[List[Any]]]]:
    """Return the categories of the columns that hold such, by the number of the column; None for any other model.

    The categories of a column are None when the model does not keep them.
    """
    module = type(model).__module__ or ""
    if not module.startswith(("lightgbm", "xgboost")):
        return None
    try:
        return _categories_of_lightgbm(model) if module.startswith("lightgbm") else _categories_of_xgboost(model)
    except Exception:  # noqa: BLE001 - another version, which keeps them elsewhere: its own error tells then
        return {}


def columns_of_codes(model: Any) -> List[int]:
    """Return the columns whose categories a model of XGBoost before 3.1 was fitted on, and keeps no more."""
    if not (type(model).__module__ or "").startswith("xgboost"):
        return []
    return [i for i, categories in (categories_of_a_booster(model) or {}).items() if categories is None]


def method_of(model: Any, name: str) -> Callable[[Any], Any]:
    """Return what asks a model of rows; a bare booster of XGBoost takes them in a matrix of its own."""
    ask: Callable[[Any], Any] = getattr(model, name)
    if not (type(model).__module__ or "").startswith("xgboost") or not hasattr(model, "save_raw"):
        return ask

    # Whose booster this is, it was imported.
    matrix = sys.modules["xgboost"].DMatrix

    def asked(rows: Any) -> Any:
        names = list(getattr(model, "feature_names", None) or ()) if not hasattr(rows, "columns") else None
        has_categories = any(str(kind) == "category" for kind in getattr(rows, "dtypes", ()))
        more = {"enable_categorical": True} if has_categories else {}
        return ask(matrix(rows, feature_names=names or None, **more))

    return asked


def _categories_of_lightgbm(model: Any) -> Dict[int, Optional[List[Any]]]:
    booster = model if hasattr(model, "pandas_categorical") else model.booster_
    categories = booster.pandas_categorical or []
    places: List[int] = []
    for line in booster.model_to_string(num_iteration=1).splitlines():
        if line.startswith("[categorical_feature:"):
            places = [int(part) for part in line.partition(":")[2].strip(" ]").split(",") if part.strip().isdigit()]
    if len(places) == len(categories):
        return dict(zip(places, categories))
    # Columns that were named by hand hold numbers, and nothing is kept of them.
    return dict.fromkeys(places) if categories else {}


def _categories_of_xgboost(model: Any) -> Dict[int, Optional[List[Any]]]:
    booster = model.get_booster() if hasattr(model, "get_booster") else model
    types = list(booster.feature_types or [])
    if "c" not in types:
        return {}
    found: Dict[int, Optional[List[Any]]] = {i: None for i, kind in enumerate(types) if kind == "c"}
    learner = json.loads(bytes(booster.save_raw("json")).decode("utf-8"))["learner"]
    kept = learner["gradient_booster"].get("model", learner["gradient_booster"].get("gbtree", {})).get("cats", {})
    for i, entry in enumerate(kept.get("enc", ())):
        if i in found and entry.get("values"):
            ends = entry.get("offsets")
            found[i] = _texts(entry["values"], ends) if ends else list(entry["values"])
    return found


def _texts(values: List[int], ends: List[int]) -> List[Any]:
    # Bytes, which XGBoost writes as numbers with a sign.
    text = bytes(value % 256 for value in values)
    found = []
    for i in range(len(ends) - 1):
        # Some versions cut off what is not ASCII: such a value is handed over as it comes, and they cut it off again.
        whole = text[ends[i] : ends[i + 1]].decode("utf-8", "ignore")
        found += [whole] if len(whole.encode("utf-8")) == ends[i + 1] - ends[i] else []
    return found
