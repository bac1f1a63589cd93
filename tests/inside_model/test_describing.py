"""What can be served is told from what cannot before the first request comes."""

from __future__ import annotations

import pytest

from desktop_aml.inside_model.describing import check_is_model
from desktop_aml.inside_model.loading import CannotServe, choose_file

PythonModel = type("PythonModel", (), {"__module__": "mlflow.pyfunc.model", "load_context": lambda self, context: None})


class WantsContext(PythonModel):
    def predict(self, context, model_input):
        return model_input


class LoadsFirst(PythonModel):
    def load_context(self, context):
        self.model = context.artifacts["model"]

    def predict(self, model_input):
        return self.model.predict(model_input)


class TakesRowsAlone(PythonModel):
    def predict(self, model_input):
        return model_input


@pytest.mark.parametrize("kind", [WantsContext, LoadsFirst])
def test_a_model_that_only_mlflow_can_call_is_refused_with_what_serves_it(kind: type) -> None:
    with pytest.raises(CannotServe, match=f"The {kind.__name__} in python_model.pkl answers through .*load_model"):
        check_is_model(kind(), "python_model.pkl")


def test_a_custom_model_of_mlflow_that_takes_the_rows_alone_is_served() -> None:
    check_is_model(TakesRowsAlone(), "python_model.pkl")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("MLmodel", "model.ubj", "conda.yaml"), "3 files and 0 of them look like a model .* with a scoring script"),
        (("MLmodel", "python_model.pkl", "model.pkl"), "3 files and 2 of them .* with a scoring script"),
        (("a.pkl", "b.pkl"), "2 files and 2 of them .* Register the one file to serve"),
    ],
)
def test_a_folder_without_one_model_file_is_refused_with_what_serves_it(names: tuple[str, ...], words: str) -> None:
    with pytest.raises(CannotServe, match=words):
        choose_file([{"name": name, "path": name, "sha256": ""} for name in names])
