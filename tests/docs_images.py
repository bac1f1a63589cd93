"""Takes the pictures of the documentation: the sample, trained, compared, registered and served for real.

    python -m tests.docs_images docs/images

Its packages are fetched once. Nothing stays but the pictures.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QApplication

from desktop_aml import resources, settings
from desktop_aml.domain.runs import RunState
from desktop_aml.ui.endpoints.page import EndpointPage
from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import RUN_SEPARATOR, Destination
from desktop_aml.workspace import Workspace
from tests.screenshots import Camera

_SIZE: Final = (1280, 800)
_COUNTED_S: Final = 10.0
"""Within which the endpoint counts what it was asked."""
_TRIALS: Final = (
    ("--kernel", "linear", "--penalty", "1.0"),
    ("--kernel", "poly", "--penalty", "0.5"),
    ("--kernel", "rbf", "--penalty", "1.0", "--epochs", "40"),
    ("--kernel", "rbf", "--penalty", "0.2", "--epochs", "60"),
)
_CHARTS: Final = """
from azureml.core import Run
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

data = load_breast_cancer()
model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
chances = cross_val_predict(model, data.data, data.target, method="predict_proba")
guesses = chances.argmax(axis=1)
run = Run.get_context()
run.log("accuracy", float((guesses == data.target).mean()))
labels = [str(name) for name in data.target_names]
matrix = confusion_matrix(data.target, guesses).tolist()
run.log_confusion_matrix(
    "confusion matrix",
    {"schema_type": "confusion_matrix", "schema_version": "1.0.0", "data": {"class_labels": labels, "matrix": matrix}},
)
steps = [step / 20 for step in range(21)]


def counts(column):
    truth = data.target == column
    tables = []
    for step in steps:
        said = chances[:, column] >= step
        tables.append([int((said & truth).sum()), int((said & ~truth).sum()),
                       int((~said & ~truth).sum()), int((~said & truth).sum())])
    return tables


tables = [counts(column) for column in range(len(labels))]
run.log_accuracy_table(
    "accuracy table",
    {"schema_type": "accuracy_table", "schema_version": "1.0.1", "data": {
        "probability_tables": tables, "percentile_tables": tables, "probability_thresholds": steps,
        "percentile_thresholds": steps, "class_labels": labels}},
)
"""


class Journey:
    """What the pictures show: five runs, a model, and an endpoint that answers."""

    def __init__(self, home: Path) -> None:
        # Pictures show where it lies, and where this checkout does is nobody's business.
        self.sample = Path(shutil.copytree(resources.path("samples", "iris"), home / "iris"))
        self.script = self.sample / "train.py"
        self.workspace = Workspace.create(home / "flowers", "flowers")
        self.workspace.start_engine()
        self.trials = [self._run(self.script, "train-sklearn", words) for words in _TRIALS]
        charts = home / "charts.py"
        charts.write_text(_CHARTS)
        self.charts = self._run(charts, "breast-cancer", ())
        self.workspace.models.register("sklearn-iris", run_id=self.trials[-1], path="outputs/model.joblib")
        self.workspace.endpoints.deploy("sklearn-iris", name="iris-service")
        self.workspace.endpoints.wait("iris-service")

    def _run(self, script: Path, experiment: str, words: tuple[str, ...]) -> str:
        label = self.workspace.environments.register_file(self.sample / "environment.yml").label
        run_id = self.workspace.runs.submit(script, experiment=experiment, environment=label, arguments=words)
        done = self.workspace.runs.wait(run_id)
        if done.summary.state is not RunState.COMPLETED:
            raise SystemExit(f"The run of {script.name} ended as {done.summary.state}: {done.summary.error}")
        return run_id

    def close(self) -> None:
        """Stop what serves."""
        self.workspace.endpoints.delete("iris-service")
        self.workspace.close()


def take(folder: Path, home: Path) -> None:
    """Make the journey and take its pictures."""
    app = QApplication(sys.argv[:1])
    theme.apply(app, "light")
    journey = Journey(home)
    camera = Camera(app, journey, home)  # type: ignore[arg-type]  # what is seeded is not asked for here
    window = camera.window
    try:
        window.show()
        camera.settle()
        # Once it stands: where it appears it is fitted into the screen, and the one of pictures is small.
        window.resize(*_SIZE)
        window.open_folder(journey.workspace.path)
        window.go_to(Destination("script", str(journey.script)))
        camera.settle()

        def picture(name: str) -> None:
            camera.picture(name).save(str(folder / f"{name}.png"))

        camera.show("run", journey.trials[-1])
        picture("window")
        theme.apply(app, "dark")
        picture("window-dark")
        theme.apply(app, "light")
        camera.show("run", journey.charts)
        picture("charts")
        camera.show("compare", RUN_SEPARATOR.join(reversed(journey.trials)), 2)
        picture("compare")
        camera.show("endpoint", "iris-service")
        page = window.tabs.currentWidget()
        assert isinstance(page, EndpointPage)
        page.form.send()
        until = time.monotonic() + _COUNTED_S
        while not page.use.text()[:1].isdecimal() and time.monotonic() < until:
            page.use.look()
            camera.settle()
        picture("endpoint")
        window.close_session()
        window.close()
    finally:
        journey.close()


def main(folder: Path) -> None:
    """Take all pictures into a folder."""
    os.environ |= {"QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8", "QT_SCALE_FACTOR": "1"}
    # What is built already is used; everything else is of this journey alone.
    builds = settings.builds_folder(settings.load())
    with tempfile.TemporaryDirectory(prefix="pictures-", ignore_cleanup_errors=True) as scratch:
        os.environ[settings.HOME_VARIABLE] = scratch
        settings.save(replace(settings.load(), environments_directory=str(builds)))
        take(folder.absolute(), Path(scratch))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
