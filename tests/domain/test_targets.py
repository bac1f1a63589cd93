"""Places where a run can go."""

from __future__ import annotations

from desktop_aml.domain.targets import RunTarget


def test_a_place_with_a_reason_against_it_cannot_be_used():
    assert RunTarget("local").is_available
    assert not RunTarget("docker", "No Docker engine answers on this computer.", "Start it.").is_available
