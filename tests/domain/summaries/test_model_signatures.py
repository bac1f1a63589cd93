import pytest

from desktop_aml.domain.summaries.model_signatures import ModelSignature, signature_of


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"signature": None},
        {"signature": {"inputs": "[", "outputs": "3"}},
        {"signature": {"inputs": "[1]"}},
    ],
)
def test_what_makes_no_sense_is_no_signature(document: object):
    assert signature_of(document) == ModelSignature()


def test_columns_without_names_or_with_odd_types_are_kept():
    said = {"inputs": [{"name": 5, "type": "long"}, {"name": "x", "type": {"a": 1}}], "outputs": '[{"type": "double"}]'}
    assert signature_of({"signature": said}) == ModelSignature((("", "long"), ("x", "")), (("", "double"),))


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"dtype": "float64", "shape": [-1, 4]}, "float64 (?, 4)"),
        ({"dtype": "float32", "shape": []}, "float32"),
        ({"dtype": "int8"}, "int8"),
        ({"shape": [2]}, " (2)"),
    ],
)
def test_a_tensor_says_its_type_and_sizes(spec: object, said: str):
    document = {"signature": {"inputs": [{"name": "x", "type": "tensor", "tensor-spec": spec}]}}
    assert signature_of(document) == ModelSignature((("x", said),), ())
