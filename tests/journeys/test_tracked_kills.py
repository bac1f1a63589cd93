"""A few rounds of the campaign's kills while MLflow's own client logs; the campaign does sixty."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.campaign import tracked_kills
from tests.campaign.ground import Ground, Site

pytestmark = [pytest.mark.kill, pytest.mark.timeout(600)]


def test_no_metric_that_mlflows_client_was_acknowledged_is_lost_or_doubled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESKTOP_AML_HOME", str(tmp_path / "home"))
    ground = Ground("kills of MLflow's clients", 1, tmp_path / "ground", 0)
    site = Site(tmp_path / "workspace", tracked_kills.SCRIPT)
    site.start_engine()
    try:
        tracked_kills.one_round(ground, site, 0, ["server", "engine", "server and engine"])
        tracked_kills.one_round(ground, site, 1, ["server", "script"])
    finally:
        site.close()
    assert ground.counts["rounds"] == 2
    assert ground.counts["servers killed"] == 3
    assert ground.counts["acknowledged points"] > tracked_kills.POINTS
