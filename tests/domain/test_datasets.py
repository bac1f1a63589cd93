"""A dataset is the same when its definition and the bytes of its files are."""

from __future__ import annotations

from desktop_aml.domain.datasets import DatasetKind, DatasetVersion, dataset_id
from desktop_aml.domain.runs import Artifact

FILES = (Artifact("/data/a.csv", 10, "aa"), Artifact("/data/b.csv", 20, "bb"))


def test_the_same_definition_over_the_same_bytes_has_the_same_id():
    touched = tuple(Artifact(file.path, file.size_bytes + 1, file.sha256) for file in FILES)
    assert dataset_id("{}", FILES) == dataset_id("{}", touched)


def test_another_definition_file_or_byte_has_another_id():
    others = [("{}", FILES), ("[]", FILES), ("{}", FILES[:1]), ("{}", (FILES[0], Artifact("/data/b.csv", 20, "cc")))]
    assert len({dataset_id(*one) for one in others}) == len(others)


def test_a_version_has_a_label_and_the_size_of_its_files():
    version = DatasetVersion("rows", 3, "id", DatasetKind.TABULAR, 0.0, "{}", files=FILES)
    assert (version.label, version.size_bytes) == ("rows:3", 30)
