"""Which of the models that a workspace has are those that code asks for."""

from azureml._service import has_labels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any


def fits(
    found: "dict[str, Any]",
    tags: "Iterable[Any] | None",
    properties: "Iterable[Any] | None",
    run_id: "str | None",
    framework: "str | None",
) -> bool:
    """Whether a model, as the workspace tells of it, has these labels, came from this run and is of this framework."""
    return (
        _has_all(found["tags"], tags)
        and _has_all(found["properties"], properties)
        and run_id in (None, found["run_id"])
        and framework in (None, found["framework"])
    )


def _has_all(found: "Mapping[str, str]", wanted: "Iterable[Any] | None") -> bool:
    for one in wanted or ():
        pair = one if isinstance(one, (list, tuple)) else [one]
        if not has_labels(found, {pair[0]: pair[1]} if len(pair) > 1 else pair[0], "tags"):
            return False
    return True
