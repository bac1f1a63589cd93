"""Sample data of a model: the datasets that it was registered with, and their first rows for those who serve it."""

import json

from azureml._objects import public
from azureml._service import labels, note
from azureml.exceptions import AzureMLException, WebserviceException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from azureml._objects import WorkspaceLike


INPUT, OUTPUT = "sample_input_dataset", "sample_output_dataset"
ROWS_INPUT, ROWS_OUTPUT = "desktop_aml.sample_input", "desktop_aml.sample_output"
OWN = (INPUT, OUTPUT, ROWS_INPUT, ROWS_OUTPUT)
"""Properties of a model in the workspace that Azure ML does not show as such."""

PURPOSE = "dataset."
"""Before the purpose of a dataset in the name of the property that keeps its identifier."""
_ROWS = 3
_MOST_CHARACTERS = 60000


def properties_of(sample_input: "Any", sample_output: "Any") -> "dict[str, str]":
    """Return the properties that keep two sample datasets with a model; None leaves one out."""
    found = {}
    for dataset, key, rows_key in ((sample_input, INPUT, ROWS_INPUT), (sample_output, OUTPUT, ROWS_OUTPUT)):
        if dataset is None:
            continue
        found[key] = str(getattr(dataset, "id", dataset))
        rows = _first_rows(dataset)
        if rows:
            found[rows_key] = rows
    return found


def kept_properties(
    properties: "dict[str, Any] | None",
    datasets: "Iterable[tuple[str, Any]] | None",
    sample_input: "Any",
    sample_output: "Any",
) -> "dict[str, str]":
    """Return the properties that a model is kept with: its own, and those that name its datasets."""
    found = labels("properties", properties, WebserviceException)
    for purpose, dataset in datasets or ():
        found[PURPOSE + str(purpose)] = str(getattr(dataset, "id", dataset))
    return dict(found, **properties_of(sample_input, sample_output))


def datasets_of(workspace: "WorkspaceLike", properties: "Mapping[str, str]") -> "dict[str, list[Any]]":
    """Return the datasets that a model came from, in a list for each purpose; one that is gone is left out."""
    found: "dict[str, list[Any]]" = {}
    for key in properties:
        dataset = dataset_of(workspace, properties, key) if key.startswith(PURPOSE) else None
        if dataset is not None:
            found.setdefault(key[len(PURPOSE) :], []).append(dataset)
    return found


def dataset_of(workspace: "WorkspaceLike", properties: "Mapping[str, str]", key: str) -> "Any":
    """Return a dataset that a property of a model names, or None."""
    identifier = properties.get(key)
    try:
        return public("AbstractDataset").get_by_id(workspace, identifier) if identifier else None
    except AzureMLException:  # it was never saved, or is gone
        return None


def _first_rows(dataset: "Any") -> str:
    if not hasattr(dataset, "to_pandas_dataframe"):
        return ""
    try:
        frame = dataset.take(_ROWS).to_pandas_dataframe()
    except AzureMLException as error:
        note("the sample data of the model cannot be read, so what serves it has no example: {}".format(error.message))
        return ""
    found = json.loads(frame.to_json(orient="split", date_format="iso", double_precision=15))
    rows = {"data": found["data"]}
    if dataset._definition["options"].get("header") != "none":
        rows["columns"] = [str(name) for name in found["columns"]]
    text = json.dumps(rows)
    return text if len(text) <= _MOST_CHARACTERS else ""
