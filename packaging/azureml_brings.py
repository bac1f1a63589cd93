"""Write `desktop_aml/environments/spec/azureml_brings.json`: what versions of the `azureml-*` packages asked for.

    packaging/azureml_brings.py PYTHON        with a Python that has pip; needs the package index

Only metadata is read, nothing is installed. A few versions of each package are enough: a version that is not in the
table is taken for the newest one before it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TARGET = Path(__file__).parents[1] / "desktop_aml" / "environments" / "spec" / "azureml_brings.json"

SDK = (
    "azureml-automl-core",
    "azureml-automl-runtime",
    "azureml-cli-common",
    "azureml-contrib-notebook",
    "azureml-contrib-services",
    "azureml-core",
    "azureml-datadrift",
    "azureml-dataset-runtime",
    "azureml-defaults",
    "azureml-explain-model",
    "azureml-interpret",
    "azureml-mlflow",
    "azureml-opendatasets",
    "azureml-pipeline",
    "azureml-pipeline-core",
    "azureml-pipeline-steps",
    "azureml-sdk",
    "azureml-telemetry",
    "azureml-tensorboard",
    "azureml-train",
    "azureml-train-automl",
    "azureml-train-automl-client",
    "azureml-train-automl-runtime",
    "azureml-train-core",
    "azureml-train-restclients-hyperdrive",
    "azureml-widgets",
)
"""Packages that have the version of the SDK."""

SDK_VERSIONS = {
    "3.6": ("1.0.85", "1.3", "1.8", "1.15", "1.22", "1.30"),
    "3.7": ("1.38", "1.44"),
    "3.8": ("1.48", "1.55", "1.61"),
}
"""By the Python that they are looked up for."""

OTHERS = {
    "azureml-dataprep": {"3.7": ("1.1", "1.8", "2.2", "2.22", "3.1", "4.0", "4.5"), "3.8": ("4.12", "5.1", "5.4")},
    "azureml-model-management-sdk": {"3.7": ("1.0.1b6.post1",)},
    "azureml-inference-server-http": {"3.7": ("0.4", "0.7"), "3.8": ("0.8", "1.0", "1.4")},
    "azureml-fsspec": {"3.8": ("1.0", "1.3")},
}
"""Packages with versions of their own."""


def main(python: str) -> None:
    """Ask for everything and write the table."""
    asked = [
        (minor, f"{name}=={version}" if re.search(r"post|\..*\..*\.", version) else f"{name}=={version}.*")
        for names, by_python in ((SDK, SDK_VERSIONS), *(([name], found) for name, found in OTHERS.items()))
        for minor, versions in by_python.items()
        for version in versions
        for name in names
    ]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: _ask(python, *one), asked))
    table: dict[str, dict[str, list[str]]] = {}
    for name, version, requires in filter(None, answers):
        table.setdefault(name, {})[version] = requires
    TARGET.write_text(json.dumps(table, indent=1, sort_keys=True) + "\n", "utf-8")


def _ask(python: str, minor: str, asked: str) -> tuple[str, str, list[str]] | None:
    words = [python, "-m", "pip", "install", "--dry-run", "--no-deps", "--ignore-installed", "--quiet", "--report", "-"]
    words += ["--ignore-requires-python", "--only-binary=:all:", "--python-version", minor, "--target", "nowhere"]
    for platform in ("manylinux2014_x86_64", "manylinux1_x86_64", "any"):
        words += ["--platform", platform]
    done = subprocess.run([*words, asked], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.stderr.write(f"no {asked} for Python {minor}\n")
        return None
    metadata = json.loads(done.stdout)["install"][0]["metadata"]
    return metadata["name"], metadata["version"], sorted(_plain(one) for one in metadata.get("requires_dist") or [])


def _plain(requirement: str) -> str:
    """Return a requirement in the newer of the two ways to write one: ``name<2; extra == "x"``."""
    without = re.sub(r"\s*\(([^()]*)\)", r"\1", requirement, count=1)
    return re.sub(r"\s*;\s*", "; ", without).replace("'", '"')


if __name__ == "__main__":
    main(sys.argv[1])
