"""What uv prints becomes the user's words."""

from __future__ import annotations

import pytest

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.environments.failures import explain
from desktop_aml.environments.spec import parse

SPEC = parse("pandas\nscikit-lern\nnumpy==1.10\nscikit-learn==1.3.0\n", EnvironmentKind.PIP)
HEAD = "error: No solution found when resolving dependencies\n  cause: "


@pytest.mark.parametrize(
    ("printed", "words"),
    [
        (
            HEAD + "Because scikit-lern was not found in the package registry and you require scikit-lern, we can "
            "conclude that your requirements are unsatisfiable.\n",
            ("Line 2", "scikit-lern", "no package"),
        ),
        (
            HEAD + "Because there is no version of numpy==1.10 and you require numpy==1.10, we can conclude that your "
            "requirements are unsatisfiable.\n",
            ("Line 3", "numpy==1.10", "no version"),
        ),
        (
            HEAD + "Because scikit-learn==1.3.0 depends on numpy>=1.17.3 and you require scikit-learn==1.3.0, we can "
            "conclude that you require numpy>=1.17.3.\n         And because you require numpy==1.10, we can conclude "
            "that your requirements are unsatisfiable.\n",
            ("Line 4", "scikit-learn==1.3.0 depends on numpy>=1.17.3", "together"),
        ),
        (
            (
                "error: Failed to fetch: https://pypi.org/simple/pandas/\n  cause: client error (Connect)\n"
                "  cause: dns error\n"
            ),
            ("could not be reached",),
        ),
        (
            "error: Failed to install: x.whl\n  cause: failed to copy: No space left on device (os error 28)\n",
            ("disk is full",),
        ),
        (
            "error: Failed to download `pandas==2.0`\n  cause: Hash mismatch for `pandas==2.0`\n",
            ("hash differs", "pandas==2.0"),
        ),
        (
            "error: Failed to build `pandas==0.1`\n  cause: The build backend returned an error\n",
            ("Line 1", "could not be built"),
        ),
        ("", ("together",)),
    ],
)
def test_a_failure_says_what_where_and_why(printed: str, words: tuple[str, ...]):
    error = explain(printed, SPEC)
    for word in words:
        assert word in error.message
    assert error.hint
    assert error.details == printed
