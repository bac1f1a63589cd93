"""The samples run with a plain Python, and with the package that Desktop AML puts on the path."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_aml import resources
from tests.one_thread import ONE_THREAD

SDK = resources.root().parent / "desktop_aml" / "inside_run" / "site"


def run_sample(name: str, folder: Path, *arguments: str, python_path: str = "") -> str:
    shutil.copytree(resources.path("samples", name), folder, dirs_exist_ok=True)
    # The plain environment of a person's shell: nothing of Desktop AML in it.
    env_vars = {
        **ONE_THREAD,
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "PYTHONPATH": python_path,
        "MPLCONFIGDIR": str(folder),
    }
    ended = subprocess.run(
        [sys.executable, "train.py", *arguments],
        cwd=folder,
        env=env_vars,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_iris_runs_in_a_python_without_azureml_and_names_flowers(tmp_path):
    output = run_sample("iris", tmp_path, "--kernel", "poly", "--epochs", "20", "--pause", "0")
    assert "log Kernel type poly" in output
    assert output.count("log loss ") == 20
    accuracy = float(output.split("log Accuracy ")[1].split()[0])
    assert 0.9 <= accuracy <= 1
    code = (
        "import joblib; model = joblib.load('outputs/model.joblib');"
        "print(model.n_features_in_, *model.predict([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == ["4", "setosa", "virginica"]


@pytest.mark.skipif(not (SDK / "azureml").is_dir(), reason="this checkout has no azureml package")
def test_iris_runs_with_our_azureml_outside_a_run(tmp_path):
    output = run_sample("iris", tmp_path, "--epochs", "3", "--pause", "0", python_path=str(SDK))
    assert "Saved outputs/model.joblib" in output
    assert (tmp_path / "outputs" / "model.joblib").exists()


def test_wine_runs_and_logs_nothing(tmp_path):
    output = run_sample("wine", tmp_path)
    assert "precision" in output
    assert (tmp_path / "outputs" / "model.joblib").exists()
    assert "azureml" not in (tmp_path / "train.py").read_text().lower()
