"""What is said where the lack of a network may be why a model does not load."""

from __future__ import annotations

import pytest

from desktop_aml.serving.network_words import hint


@pytest.mark.parametrize(
    "line",
    [
        "urllib.error.URLError: <urlopen error [Errno -3] Temporary failure in name resolution>",
        "socket.gaierror: [Errno -5] No address associated with hostname",
        "OSError: [Errno 101] Network is unreachable",
        "curl: (6) Could not resolve host: example.com",
    ],
)
def test_a_model_that_looked_for_another_computer_is_told_of_the_option(line: str) -> None:
    assert hint(line, has_network=False) == (
        " The endpoint has no network: deploy it again with --network when it needs one."
    )
    assert hint(line, has_network=True) == ""


def test_a_model_that_looked_for_a_proxy_or_a_service_here_is_told_of_its_own_loopback() -> None:
    line = "requests.exceptions.ProxyError: ... NewConnectionError: [Errno 111] Connection refused"
    assert "a loopback of its own" in hint(line, has_network=False)
    assert hint(line, has_network=True) == hint("ValueError: no rows", has_network=False) == ""
