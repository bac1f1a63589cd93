"""Spark data frames: not here."""


class SparkParameterType(object):
    """Refuses: there is no Spark on this computer's endpoints."""

    def __init__(self, sample_input: object, apply_sample_schema: bool = True) -> None:
        raise NotImplementedError(
            "SparkParameterType is not supported by Desktop AML: use PandasParameterType, or install inference-schema "
            "and pyspark in the environment."
        )
