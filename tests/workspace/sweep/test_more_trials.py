"""An ended sweep that is asked for more: what it needs for that is kept only where more will come."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_aml.domain.errors import Conflict
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.records import SweepSpec
from desktop_aml.domain.sweeps.space import space_of
from desktop_aml.workspace import Workspace


def test_an_ended_sweep_that_stays_ended_keeps_no_secret(
    workspace: Workspace, write_script: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = SweepSpec(space=space_of({"x": parse("1, 2")}), metric="loss", goal=Goal.MINIMIZE, trials=1, concurrent=1)
    script = write_script("raise SystemExit(1)")
    sweep_id = workspace.sweeps.start(script, spec, env_vars={"MY_PASSWORD": "hush-hush-1"})
    workspace.runs.wait(sweep_id)
    secrets = workspace.path / "runs" / sweep_id / "secrets.json"
    assert not secrets.exists()
    monkeypatch.setenv("MY_PASSWORD", "hush-hush-2")
    with pytest.raises(Conflict, match="nothing to try"):
        workspace.sweeps.extend(sweep_id, trials=1)
    assert not secrets.exists()
