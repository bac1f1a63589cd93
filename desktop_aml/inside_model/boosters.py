"""What models of LightGBM and XGBoost keep of the data frame that they were fitted on. Python 3.6 or newer."""

import json
from typing import Any, Dict, List, Optional


def names_of_a_booster(model: Any) -> List[str]:
    """Return the names of the columns; nothing for any other model."""
    module = type(model).__module__ or ""
    try:
        if module.startswith("lightgbm"):
            names = getattr(model, "feature_name_", None) or model.feature_name()
            return [] if all(name == "Column_{}".format(i) for i, name in enumerate(names)) else list(names)
        if module.startswith("xgboost"):
            return list((model.get_booster() if hasattr(model, "get_booster") else model).feature_names or [])
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
            text = bytes(entry["values"]) if ends else b""
            pairs = zip(ends or (), (ends or ())[1:])
            found[i] = [text[a:b].decode("utf-8") for a, b in pairs] if ends else list(entry["values"])
    return found
