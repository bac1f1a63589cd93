"""See what a script measures with functions of ``sklearn.metrics`` and ``sklearn.model_selection``."""

import sys

from desktop_aml_run.capture import describing, naming, reports
from desktop_aml_run.capture.call_sites import first_argument
from desktop_aml_run.capture.noting import is_number, notes, plain
from desktop_aml_run.capture.watched import watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, ModuleType
    from typing import Any

    from desktop_aml_run.capture.watched import See


_SUFFIXES = (
    "_score", "_scores", "_error", "_loss", "_gain", "_index", "_ratio", "_ratios", "_deviance", "_likelihood_ratios",
    "_coefficient", "_corrcoef", "_alpha",
)  # fmt: skip
_OTHERS = ("auc", "homogeneity_completeness_v_measure")
_SCORES = ("precision", "recall", "fscore", "support")
_CROSS = ("cross_val_score", "cross_validate")
_MOST_ITEMS = 1000


def patch(module: "ModuleType") -> None:
    """Begin to watch the functions of a module, right after it was imported."""
    if module.__name__ == "sklearn.model_selection":
        for name in _CROSS:
            watch(vars(module).get(name), _on_cross_validation(name), notes())
        return
    for name in getattr(module, "__all__", ()):
        if name.endswith(_SUFFIXES) or name in _OTHERS:
            watch(vars(module).get(name), _on_measure(name), notes())
    watch(vars(module).get("confusion_matrix"), _on_confusion_matrix, notes())
    watch(vars(module).get("classification_report"), _on_report, notes())
    watch(vars(module).get("precision_recall_fscore_support"), _on_scores, notes())
    display = getattr(module, "ConfusionMatrixDisplay", None)
    for name in ("from_estimator", "from_predictions"):
        method = vars(display).get(name) if display is not None else None
        watch(getattr(method, "__func__", None), _on_display, notes())


def _on_measure(name: str) -> "See":
    def see(frame: "FrameType", result: "Any", args: "tuple[Any, ...]", keywords: "dict[str, Any]") -> None:
        data = first_argument(frame)
        if is_number(result):
            naming.note_value(frame, name, plain(result), data, _predicted_by(args, keywords))
            return
        numbers = _numbers(result)
        if numbers:
            notes().record(naming.metric_name(name, data), "list", numbers)

    return see


def _on_cross_validation(name: str) -> "See":
    def see(frame: "FrameType", result: "Any", args: "tuple[Any, ...]", keywords: "dict[str, Any]") -> None:  # noqa: ARG001 - what every one who looks is shown
        estimator = _argument(args, keywords, 0, ("estimator",))
        kind = describing.class_of(estimator) if describing.is_estimator(estimator) else ""
        label = "{} ({})".format(name, kind) if kind else name
        if isinstance(result, dict):
            columns = {key: _numbers(values) for key, values in result.items()}
            table = {key: values for key, values in columns.items() if values}
            if table:
                notes().record(label, "table", table)
            return
        numbers = _numbers(result)
        if numbers:
            notes().record(label, "list", numbers)

    return see


def _on_confusion_matrix(
    frame: "FrameType", result: "Any", args: "tuple[Any, ...]", keywords: "dict[str, Any]"
) -> None:
    labels = _argument(args[2:], keywords, 0, ("labels",))
    if labels is None:
        labels = _labels_of(args, keywords)
    value = reports.confusion_matrix(result, labels)
    if value is not None:
        data = first_argument(frame)
        notes().chart(naming.metric_name("confusion_matrix", data), "confusion_matrix", value)


def _on_display(frame: "FrameType", result: "Any", args: "tuple[Any, ...]", keywords: "dict[str, Any]") -> None:  # noqa: ARG001 - as above
    matrix = getattr(result, "confusion_matrix", None)
    value = reports.confusion_matrix(matrix, getattr(result, "display_labels", None))
    if value is not None:
        notes().chart(naming.metric_name("confusion_matrix", ""), "confusion_matrix", value)


def _on_report(frame: "FrameType", result: "Any", args: "tuple[Any, ...]", keywords: "dict[str, Any]") -> None:  # noqa: ARG001 - as above
    table = reports.report(result)
    if table is not None:
        data = first_argument(frame)
        notes().record(naming.metric_name("classification_report", data), "table", table)


def _on_scores(frame: "FrameType", result: "Any", args: "tuple[Any, ...]", keywords: "dict[str, Any]") -> None:  # noqa: ARG001 - as above
    # Of each class a row, or of an average one, whose support is None.
    table: "dict[str, list[Any]]" = {
        name: _numbers(one) or [plain(one) if is_number(one) else None] for name, one in zip(_SCORES, result)
    }
    if len({len(values) for values in table.values()}) == 1:
        notes().record(naming.metric_name("precision_recall_fscore_support", first_argument(frame)), "table", table)


def _labels_of(args: "tuple[Any, ...]", keywords: "dict[str, Any]") -> "list[Any] | None":
    """Return the labels that occur in both arguments, in order, where that is quick to find; else None."""
    numpy = sys.modules["numpy"]
    both = [_argument(args, keywords, place, (name,)) for place, name in ((0, "y_true"), (1, "y_pred"))]
    arrays = [numpy.asarray(one) for one in both if type(one) in (list, tuple, numpy.ndarray) or hasattr(one, "dtype")]
    if len(arrays) != len(both) or max(one.size for one in arrays) > reports.MOST_LABELLED:
        return None
    found = [set(one.ravel().tolist()) for one in arrays]
    try:
        return sorted(found[0] | found[1])
    except TypeError:
        return None


def _predicted_by(args: "tuple[Any, ...]", keywords: "dict[str, Any]") -> str:
    return naming.predicted_by(
        list(args[:3]) + [keywords.get(name) for name in ("y_pred", "y_score", "y_proba", "y_prob")]
    )


def _argument(args: "tuple[Any, ...]", keywords: "dict[str, Any]", place: int, names: "tuple[str, ...]") -> "Any":
    if len(args) > place:
        return args[place]
    for name in names:
        if name in keywords:
            return keywords[name]
    return None


def _numbers(values: "Any") -> "list[float]":
    numpy = sys.modules["numpy"]
    if isinstance(values, numpy.ndarray):
        is_row = values.ndim == 1 and 0 < len(values) <= _MOST_ITEMS and values.dtype.kind in "fiu"
        return values.tolist() if is_row else []
    if isinstance(values, (list, tuple)) and 0 < len(values) <= _MOST_ITEMS and all(map(is_number, values)):
        return [plain(one) for one in values]
    return []
