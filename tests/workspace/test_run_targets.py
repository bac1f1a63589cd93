"""Where runs can go, and why not where they cannot."""

from __future__ import annotations

from pathlib import Path

from desktop_aml.workspace.run_targets import run_targets


def test_without_a_docker_engine_this_computer_is_left_and_docker_says_what_to_do(tmp_path: Path):
    local, docker = run_targets(f"unix://{tmp_path}/none.sock")
    assert (local.name, local.is_available) == ("local", True)
    assert (docker.name, docker.is_available) == ("docker", False)
    assert docker.reason == "No Docker engine answers on this computer."
    assert "apt-get install docker.io" in docker.hint
