"""Models and endpoints are named for people, and read again from their names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop_aml.domain.registry import Endpoint, EndpointState, ModelVersion, is_elsewhere, split_label
from desktop_aml.domain.runs import Artifact


@pytest.mark.parametrize(
    ("label", "expected"), [("iris", ("iris", 0)), ("iris:3", ("iris", 3)), ("iris:", ("iris", 0))]
)
def test_a_label_without_a_version_means_the_newest(label, expected):
    assert split_label(label) == expected


def test_an_endpoint_says_what_it_serves():
    one = Endpoint("service", "iris", 2, EndpointState.HEALTHY, 0.0)
    assert one.model_label == "iris:2"
    assert replace(one, models=("iris:2", "wine:1")).model_label == "iris:2, wine:1"
    assert replace(one, model_name="", model_version=0, entry_script="score.py").model_label == "score.py"


@pytest.mark.parametrize("address", ["s3://bucket/model", "dbfs:/models/1", "models:/iris/1", "gs+x://a"])
def test_an_address_of_files_elsewhere_is_told_from_a_path(address):
    version = ModelVersion("iris", 1, 0.0, path=address)
    assert is_elsewhere(address)
    assert version.lies_elsewhere
    assert not replace(version, files=(Artifact("model.joblib", 3),)).lies_elsewhere


@pytest.mark.parametrize(
    "path", ["", "outputs/model.joblib", "file:///tmp/model", "C:\\model", "s3:// bucket", "/a:/b"]
)
def test_a_path_is_of_this_computer(path):
    assert not is_elsewhere(path)
