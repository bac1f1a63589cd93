"""What a person is told to do about the error that ended a run."""

from __future__ import annotations

import pytest

from desktop_aml.run_folder.hints.failures import hint_for


def test_a_name_that_an_import_left_out_leads_to_its_package() -> None:
    assert "setuptools<82" in hint_for("NameError: name 'pkg_resources' is not defined")
    assert "to the environment" not in hint_for("NameError: name 'numpy' is not defined")


@pytest.mark.parametrize(
    "error",
    [
        "MemoryError (the script ended with exit code 1)",
        "numpy._core._exceptions._ArrayMemoryError: Unable to allocate 7.45 GiB for an array",
        "numpy.core._exceptions.MemoryError: Unable to allocate 7.45 GiB for an array",
    ],
)
def test_an_error_of_memory_leads_to_the_limit(error: str) -> None:
    assert "--memory" in hint_for(error)
    assert "--memory" not in hint_for("ValueError: MemoryError is no limit")


@pytest.mark.parametrize(
    ("error", "package"),
    [
        ("ImportError: Unable to find a usable engine; tried using: 'pyarrow', 'fastparquet'.", "pyarrow"),
        ("ImportError: Missing optional dependency 'openpyxl'.  Use pip or conda to install openpyxl.", "openpyxl"),
        ("ImportError: `Import xlrd` failed.  Use pip or conda to install the xlrd package.", "xlrd"),
        (
            "ImportError: plot_tree requires matplotlib. You can install matplotlib with `pip install matplotlib`",
            "matpl",
        ),
        ("ModuleNotFoundError: No module named 'pythonjsonlogger'", "“python-json-logger”, which holds"),
        ("ImportError: You must install graphviz and restart your session to plot tree.", "“graphviz”"),
        ("ImportError: sklearn needs to be installed in order to use this module", "“scikit-learn”, which holds"),
        ("ImportError: Export requires a package, get it by pip: $ pip install -U kaleido", "“kaleido”"),
    ],
)
def test_what_only_a_function_needs_leads_to_its_package(error: str, package: str) -> None:
    assert package in hint_for(error)
    assert "requirements.txt" in hint_for(error)


@pytest.mark.parametrize(
    "error",
    [
        "ImportError: cannot import name 'x' from partially initialized module 'lightgbm' (…) (/w/a.py)",
        "ImportError: cannot import name 'x' from 'lightgbm' (/w/runs/r/snapshot/src/lightgbm.py)",
        "AttributeError: partially initialized module 'lightgbm' has no attribute 'train' (most likely …)",
    ],
)
def test_a_script_called_as_the_package_that_it_imports_is_to_be_renamed(error: str) -> None:
    assert "a lightgbm.py of your own hides it: give that file another name" in hint_for(error)
    assert "hides" not in hint_for(error.replace("/lightgbm.py", "/other.py").replace("partially initialized", ""))


@pytest.mark.parametrize(
    "error",
    [
        "MlflowException: API request to http://127.0.0.1:5000/api/2.0/mlflow/runs/create failed with exception HTTP…",
        "ConnectionError: HTTPConnectionPool(host='127.0.0.1', port=5000): Max … url: /api/2.0/mlflow/runs/create",
    ],
)
def test_a_tracking_server_that_does_not_answer_is_named_with_the_way_out(error: str) -> None:
    assert "127.0.0.1:5000, which does not answer. Take set_tracking_uri out" in hint_for(error)
    assert "set_tracking_uri" not in hint_for("ConnectionError: HTTPConnectionPool(host='x', port=80): Max retries")


def test_a_package_is_not_said_to_be_the_right_one_for_its_name_alone() -> None:
    assert "if that package is the one" in hint_for("ModuleNotFoundError: No module named 'somewhere'")


def test_data_that_is_not_there_is_to_be_brought_and_the_script_stays_as_it_is() -> None:
    error = "azureml.exceptions.UserErrorException: Message: There is no dataset “{}” in this workspace."
    assert "desktop-aml dataset register FILES --name 'Housing Prices'" in hint_for(error.format("Housing Prices:2"))
    assert "--name rows;" in hint_for(error.format("rows"))
    error = "UserErrorException: Message: https://x.org/a.csv cannot be fetched: no route. Save it as /w/a.csv and run"
    assert "where the error says" in hint_for(error)
    assert "fix the script" not in hint_for(error)
