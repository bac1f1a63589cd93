"""Write ``docs/reference/azureml-coverage.md`` from the azureml package and the table of the SDK's public names.

Called by ``make docs-generated``. Whether a name is refused is read from its own docstring, so that the page cannot
promise what the code does not do.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]
PAGE = CHECKOUT / "docs" / "reference" / "azureml-coverage.md"
SITE = CHECKOUT / "desktop_aml" / "inside_run" / "site"

PARTLY = {
    "azureml.core.Datastore": "a folder of the workspace; account and container names have no effect",
    "azureml.core.compute.AmlCompute": "a name for this computer, or for a cluster that it is mapped to",
    "azureml.core.compute.AksCompute": "a name for this computer",
    "azureml.core.compute.ComputeInstance": "a name for this computer",
    "azureml.core.ComputeTarget": "a name for this computer; sizes are kept and have no effect",
    "azureml.core.webservice.AciWebservice": "served by this computer; keys and tags as in Azure",
    "azureml.core.webservice.AksWebservice": "served by this computer; scaling has no effect",
    "azureml.core.Keyvault": "files that this user alone can read, not encrypted",
    "azureml.core.authentication.InteractiveLoginAuthentication": "succeeds without asking anybody",
    "azureml.core.authentication.ServicePrincipalAuthentication": "succeeds; the password is not kept",
    "azureml.core.authentication.AzureCliAuthentication": "succeeds without the Azure command line",
    "azureml.core.authentication.MsiAuthentication": "succeeds",
    "azureml.data.dataset_factory.TabularDatasetFactory.from_delimited_files": (
        "an address is fetched once, then read from its saved copy in the workspace's folder `downloads`"
    ),
    "azureml.data.dataset_factory.TabularDatasetFactory.from_parquet_files": "needs pyarrow in the environment",
    "azureml.data.OutputFileDatasetConfig": "as a folder of a datastore; not as the input of a pipeline's next step",
    "azureml.telemetry.set_diagnostics_collection": "accepted; nothing is ever sent",
    "azureml.train.hyperdrive.BayesianParameterSampling": "by Optuna's tree of Parzen estimators",
    "azureml.train.hyperdrive.HyperDriveConfig": "not over pipelines; resume_child_runs has no effect",
    "azureml.train.estimator.Estimator": "one process; in a container where its environment asks for one",
    "azureml.train.sklearn.SKLearn": "as a ScriptRunConfig; in a container where its environment asks for one",
    "azureml.opendatasets.Diabetes": "scikit-learn's own copy",
    "azureml.opendatasets.MNIST": "a stand-in: scikit-learn's 1,797 digits, enlarged to 28 by 28 points",
    "azureml.core.runconfig.MpiConfiguration": "accepted; a run is one process",
    "azureml.core.runconfig.TensorflowConfiguration": "accepted; a run is one process",
    "azureml.core.runconfig.PyTorchConfiguration": "accepted; a run is one process",
}
"""What a name does not do that it does in Azure."""


def names() -> Iterator[tuple[str, str]]:
    """Return owner and full name of each line of the table; the owner of a class is the class itself."""
    from tests.azureml.signatures import TABLE

    owner = ""
    for line in TABLE.strip().splitlines():
        name = line.strip().partition("(")[0]
        if line.startswith(" "):
            yield owner, f"{owner}.{name}"
        else:
            owner = name
            yield owner, owner


def find(name: str) -> Any:
    """Return what a dotted name means in the azureml package."""
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return found
    raise ImportError(name)


def row(name: str) -> str:
    """Return the line of the page for one name."""
    found = find(name)
    has_words = inspect.isclass(found) or inspect.isroutine(found) or isinstance(found, property)
    words = (inspect.getdoc(found) or "").split("\n\n")[0].replace("\n", " ") if has_words else ""
    if words.startswith("Refuse"):
        state, note = "refused", words.removeprefix("Refuse").strip(" :.") or "the error says what to use instead"
    elif name in PARTLY or words.startswith("Accept"):
        state, note = "partly", PARTLY.get(name, words)
    else:
        state, note = "supported", words
    return f"| `{name.removeprefix('azureml.')}` | {state} | {note.replace('|', '/')} |"


def page() -> str:
    """Return the page as Markdown."""
    for folder in (str(SITE), str(CHECKOUT)):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    from azureml._refused import REASONS

    lines = [
        "# Azure ML SDK v1: what is here",
        "",
        "Generated from the azureml package by `make docs-generated`; change the docstrings there. Each public name of",
        "the SDK's tables has the same parameters as in Azure (`tests/azureml/test_signatures.py`); names begin with",
        "`azureml.`.",
        "",
        "| name | state | note |",
        "|---|---|---|",
        *[row(name) for _, name in names()],
        "",
        "## Not here",
        "",
        "Importing one of these fails with these words.",
        "",
        "| name | what to do |",
        "|---|---|",
        *[f"| `{name}` | {why} |" for name, why in sorted(REASONS.items())],
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
