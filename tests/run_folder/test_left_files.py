"""What a script left in its working folder: outputs, what it wrote beside itself, links."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop_aml.domain.runs import LeftOut
from desktop_aml.run_folder import left_files, snapshot
from desktop_aml.run_folder.left_files import Limits, gather
from desktop_aml.store.blobs import BlobStore


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run's folder whose source, two files, was just laid out."""
    write(tmp_path / "source/train.py", "print(1)\n")
    write(tmp_path / "source/conf/a.yaml", "a: 1\n")
    run, blobs = tmp_path / "ws/runs/r", BlobStore(tmp_path / "blobs")
    snapshot.take(tmp_path / "source", run, blobs)
    snapshot.lay_out(run, blobs)
    return run


def test_what_is_new_or_other_than_the_source_is_kept(run: Path) -> None:
    assert gather(run).files == {}
    write(run / "snapshot/models/model.pkl", "m")
    write(run / "snapshot/metrics.json", "{}")
    write(run / "snapshot/multirun/0/.hydra/config.yaml", "a: 2")
    write(run / "snapshot/conf/a.yaml", "a: 2\n")
    (run / "snapshot/train.py").touch()
    write(run / "snapshot/outputs/o.txt", "o")
    assert sorted(gather(run).files) == [
        "conf/a.yaml",
        "metrics.json",
        "models/model.pkl",
        "multirun/0/.hydra/config.yaml",
        "outputs/o.txt",
    ]


def test_without_the_record_of_how_it_was_laid_out_the_bytes_tell(run: Path) -> None:
    (run / "laid_out.json").unlink()
    write(run / "snapshot/conf/a.yaml", "a: 2\n")
    assert list(gather(run).files) == ["conf/a.yaml"]


def test_caches_environments_and_version_control_are_no_results(run: Path) -> None:
    for name in ("__pycache__/a.pyc", "node_modules/x.js", ".git/HEAD", "sub/.pytest_cache/x", "b.pyc"):
        write(run / "snapshot" / name, "x")
    write(run / "snapshot/my-env/pyvenv.cfg", "")
    write(run / "snapshot/env/__init__.py", "")
    write(run / "snapshot/outputs/__pycache__/kept.pyc", "")
    assert sorted(gather(run).files) == ["env/__init__.py", "outputs/__pycache__/kept.pyc"]


def test_beyond_the_limit_the_smallest_are_kept_and_the_others_named(run: Path) -> None:
    for name, size in (("big", 60), ("small", 10), ("middle", 50)):
        write(run / "snapshot" / name, "x" * size)
    write(run / "snapshot/outputs/huge", "x" * 1000)
    found = gather(run, Limits(size_bytes=100))
    assert sorted(found.files) == ["middle", "outputs/huge", "small"]
    assert [one.path for one in found.left_out] == ["big"]
    assert [one.path for one in gather(run, Limits(files=1)).left_out] == ["middle", "big"]


def test_very_many_that_are_left_out_are_counted(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(left_files, "_NAMED_AT_MOST", 3)
    for number in range(5):
        (run / f"snapshot/outputs/{number}").symlink_to("/nowhere")
    assert [one.path for one in gather(run).left_out] == ["outputs/0", "outputs/1", "outputs/2", "and 2 more"]


def test_links_into_the_run_are_kept_and_others_named(run: Path, tmp_path: Path) -> None:
    write(run / "snapshot/checkpoints/3/w.bin", "w")
    write(tmp_path / "secret/s", "s")
    outputs = run / "snapshot/outputs"
    (outputs / "best").symlink_to("../checkpoints/3")
    (outputs / "w").symlink_to(run / "snapshot/checkpoints/3/w.bin")
    (outputs / "log").symlink_to("../../logs")
    write(run / "logs/std_log.txt", "out")
    (outputs / "secret").symlink_to(tmp_path / "secret")
    (outputs / "gone").symlink_to("nowhere")
    (outputs / "circle").symlink_to("..")
    (outputs / "job").symlink_to("../../attempts")
    (run / "attempts").mkdir()
    os.mkfifo(outputs / "pipe")
    found = gather(run)
    assert sorted(found.files) == ["checkpoints/3/w.bin", "outputs/best/w.bin", "outputs/log/std_log.txt", "outputs/w"]
    assert {one.path: one.reason.split(",")[-1].strip() for one in found.left_out} == {
        "outputs/secret": "outside the run.",
        "outputs/gone": "where nothing is.",
        "outputs/circle": "the folder that holds it.",
        "outputs/job": "outside the run.",
        "outputs/pipe": "It is not a plain file.",
    }


def test_a_working_folder_that_was_replaced_by_a_link_leads_nowhere(run: Path, tmp_path: Path) -> None:
    write(tmp_path / "secret/outputs/s", "s")
    (run / "snapshot").rename(run / "moved")
    (run / "snapshot").symlink_to(tmp_path / "secret")
    assert gather(run).files == {}


def test_links_that_lead_to_one_another_come_to_an_end(run: Path) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        write(run / f"snapshot/outputs/{name}/f", name)
        (run / f"snapshot/outputs/{name}/to_{other}").symlink_to(f"../{other}")
    assert {"outputs/a/f", "outputs/b/f", "outputs/a/to_b/f"} <= set(gather(run).files)
    (run / "snapshot/outputs/self").symlink_to("self")
    assert LeftOut("outputs/self", "It is a link to “self”, where nothing is.") in gather(run).left_out
