"""Runs go into one file and come out of it in another workspace, whole; a file from anywhere is not believed."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop_aml.domain.errors import Conflict, InvalidInput, NotFound
from desktop_aml.domain.jobs import CONTAINER
from desktop_aml.inside_run.site.desktop_aml_run.dataset_variables import INPUT_PLACES
from desktop_aml.run_folder.properties import IMPORTED_FROM
from desktop_aml.sdk import answers_of
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.run.bundles import submitted

SCRIPT = """
import os, sys
from azureml.core import Run
run = Run.get_context()
for step in range(3):
    run.log("loss", 1 / (step + 1))
run.log("params", 1)
run.tag("team", "red")
os.makedirs("outputs", exist_ok=True)
open("outputs/model.txt", "w").write("weights")
print("trained")
child = run.child_run("fold")
child.log("score", 0.5)
child.complete()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, str]]:
    """A workspace with one ended run that has a child."""
    root = tmp_path_factory.mktemp("home")
    script = root / "source/train.py"
    script.parent.mkdir()
    script.write_text(SCRIPT)
    (script.parent / "helper.py").write_text("x = 1\n")
    with Workspace.create(root / "home lab") as workspace:
        workspace.start_engine(answer=answers_of(workspace))
        run_id = workspace.runs.submit(
            script, experiment="first", arguments=["--C", "0.5", "--api-key", "hunter2"], tags={"note": "é 🚀"}
        )
        detail = workspace.runs.wait(run_id, timeout_s=120)
        assert detail.summary.error == ""
        workspace.runs.update(run_id, display_name="The best", description="Keep it.")
        yield workspace, run_id


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "elsewhere") as workspace:
        workspace.start_engine(answer=answers_of(workspace))
        yield workspace


@pytest.fixture
def bundle(home: tuple[Workspace, str], tmp_path: Path) -> Path:
    return home[0].runs.bundles.export([home[1]], tmp_path / "best.amlrun")


def changed(bundle: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Return a copy of an exported file whose members were changed."""
    with zipfile.ZipFile(bundle) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    target = bundle.with_name("changed.amlrun")
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target


def index_of(members: dict[str, bytes]) -> dict[str, Any]:
    return json.loads(members["bundle.json"])  # type: ignore[no-any-return]


def put(members: dict[str, bytes], name: str, data: bytes) -> None:
    """Add a member with its right hash, as somebody would who means harm."""
    index = index_of(members)
    members[name] = data
    index["files"][name] = {"size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    members["bundle.json"] = json.dumps(index).encode()


def test_a_run_is_the_same_in_another_workspace(
    home: tuple[Workspace, str], elsewhere: Workspace, bundle: Path, tmp_path: Path
) -> None:
    workspace, run_id = home
    found = elsewhere.runs.bundles.take_in(bundle)
    assert found.runs[0] == run_id
    assert len(found.runs) == 2  # its child comes along
    here, there = workspace.runs.get(run_id), elsewhere.runs.get(run_id)
    assert there.summary.display_name == "The best"
    assert there.description == "Keep it."
    assert there.summary.state == here.summary.state
    assert (there.summary.started_at, there.summary.ended_at) == (here.summary.started_at, here.summary.ended_at)
    assert there.tags == here.tags
    assert there.properties == {**here.properties, IMPORTED_FROM: found.origin}
    assert "home lab" in found.origin
    assert there.history == here.history
    assert elsewhere.runs.metrics(run_id) == workspace.runs.metrics(run_id)
    assert elsewhere.runs.files.list(run_id) == workspace.runs.files.list(run_id)
    assert elsewhere.runs.files.path(run_id, "outputs/model.txt").read_text() == "weights"
    assert b"trained" in elsewhere.runs.files.read_log(run_id).data
    assert elsewhere.runs.lock(run_id) == workspace.runs.lock(run_id)
    assert [child.id for child in elsewhere.runs.children(run_id)] == [found.runs[1]]
    assert not (tmp_path / "elsewhere/runs" / run_id / "imported.json").exists()
    assert list((tmp_path / "elsewhere/runs").glob(".importing-*")) == []


def test_the_code_of_an_imported_run_runs_again(elsewhere: Workspace, bundle: Path) -> None:
    run_id = elsewhere.runs.bundles.take_in(bundle).runs[0]
    again = elsewhere.runs.rerun(run_id, arguments=["--C", "1"])
    assert elsewhere.runs.wait(again, timeout_s=120).summary.state == "Completed"


def test_an_imported_run_shows_its_container_nothing_of_this_computer(elsewhere: Workspace, bundle: Path) -> None:
    wishes = {"shm_bytes": 1 << 20, "volumes": [{"source": "/", "path": "/all"}], "ports": [{"container": 80}]}

    def with_wishes(members: dict[str, bytes]) -> None:
        name = next(name for name in members if name.endswith("request.json"))
        given = {CONTAINER: json.dumps(wishes), INPUT_PLACES: "/root", "PLAIN": "1"}
        put(members, name, json.dumps({**json.loads(members[name]), "env_vars": given}).encode())

    run_id = elsewhere.runs.bundles.take_in(changed(bundle, with_wishes)).runs[0]
    assert json.loads(elsewhere.runs.code.container_options(run_id)) == {"shm_bytes": 1 << 20}
    kept = json.loads((elsewhere.path / "runs" / run_id / "request.json").read_bytes())["env_vars"]
    assert sorted(kept) == [CONTAINER, "PLAIN"]


def test_what_a_sweep_submits_goes_out_without_secrets_and_comes_in_without_reach() -> None:
    given = {CONTAINER: '{"volumes": []}', "PLAIN": "1", "API_TOKEN": "hunter2"}
    stored = {"template": {"arguments": ["--api-key", "hunter2"], "env_vars": given}, "remark": "x"}
    manifest = {"sweep": {"body": json.dumps(stored), "trials": [[0, "a"]]}, "arguments": ["--api-key", "hunter2"]}
    out = submitted.masked(manifest)
    assert "hunter2" not in json.dumps(out)
    assert out["sweep"]["trials"] == [[0, "a"]]
    came_in = json.loads(submitted.within_its_run(manifest)["sweep"]["body"])
    assert came_in["template"]["env_vars"] == {**given, CONTAINER: "{}"}
    assert came_in["remark"] == "x"


def test_what_is_here_already_stays(elsewhere: Workspace, bundle: Path) -> None:
    run_id = elsewhere.runs.bundles.take_in(bundle).runs[0]
    elsewhere.runs.update(run_id, display_name="Mine now")
    found = elsewhere.runs.bundles.take_in(bundle)
    assert found.runs == ()
    assert run_id in found.here_already
    assert elsewhere.runs.get(run_id).summary.display_name == "Mine now"


def test_numbers_go_on_where_they_come_in(elsewhere: Workspace, bundle: Path, tmp_path: Path) -> None:
    script = tmp_path / "own.py"
    script.write_text("pass\n")
    own = elsewhere.runs.submit(script, experiment="first")
    elsewhere.runs.wait(own, timeout_s=120)
    run_id = elsewhere.runs.bundles.take_in(bundle).runs[0]
    assert elsewhere.runs.get(own).summary.number == 1
    assert elsewhere.runs.get(run_id).summary.number == 2


def test_secrets_stay_at_home(bundle: Path, elsewhere: Workspace) -> None:
    with zipfile.ZipFile(bundle) as archive:
        assert not any(b"hunter2" in archive.read(name) for name in archive.namelist())
        assert not any("variables" in name or "secrets" in name or "job.json" in name for name in archive.namelist())
    run_id = elsewhere.runs.bundles.take_in(bundle).runs[0]
    assert elsewhere.runs.get(run_id).arguments[:3] == ("--C", "0.5", "--api-key")


def test_a_run_under_way_is_refused(elsewhere: Workspace, tmp_path: Path) -> None:
    script = tmp_path / "long.py"
    script.write_text("import time; time.sleep(600)\n")
    run_id = elsewhere.runs.submit(script)
    with pytest.raises(Conflict, match="cannot be exported yet"):
        elsewhere.runs.bundles.export([run_id], tmp_path / "x.amlrun")
    elsewhere.runs.cancel(run_id)
    elsewhere.runs.wait(run_id, timeout_s=60)
    assert not (tmp_path / "x.amlrun").exists()


def flip(members: dict[str, bytes]) -> None:
    name = next(name for name in members if name.startswith("blobs/"))
    members[name] = members[name][:-1] + bytes([members[name][-1] ^ 1])


def drop(members: dict[str, bytes]) -> None:
    del members[next(name for name in members if name.startswith("blobs/"))]


def climb(members: dict[str, bytes]) -> None:
    put(members, f"runs/{index_of(members)['runs'][0]}/logs/../../../../evil", b"x")


def another_room(members: dict[str, bytes]) -> None:
    put(members, f"runs/{index_of(members)['runs'][0]}/attempts/1/claim.json", b"{}")


def a_strangers_run(members: dict[str, bytes]) -> None:
    put(members, "runs/unnamed/request.json", b"{}")


def a_lying_blob(members: dict[str, bytes]) -> None:
    put(members, f"blobs/{'0' * 64}", b"other bytes")


def a_path_as_run(members: dict[str, bytes]) -> None:
    index = index_of(members)
    index["runs"].append("../up")
    members["bundle.json"] = json.dumps(index).encode()


def no_index(members: dict[str, bytes]) -> None:
    del members["bundle.json"]


def odd_index(members: dict[str, bytes]) -> None:
    members["bundle.json"] = b'["nothing"]'


def a_bomb(members: dict[str, bytes]) -> None:
    name = next(name for name in members if name.startswith("blobs/"))
    members[name] = b"0" * (8 << 20)


def a_live_run(members: dict[str, bytes]) -> None:
    name = next(name for name in members if name.endswith("imported.json"))
    body = json.loads(members[name])
    body["summary"]["state"] = "Running"
    put(members, name, json.dumps(body).encode())


def half_a_manifest(members: dict[str, bytes]) -> None:
    name = next(name for name in members if name.endswith("imported.json"))
    put(members, name, members[name][:40])


def in_its_summary(**changed: object) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        name = next(name for name in members if name.endswith("imported.json"))
        body = json.loads(members[name])
        body["summary"].update(changed)
        put(members, name, json.dumps(body).encode())

    change.__name__ = str(changed)
    return change


def in_its_index(**changed: object) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        members["bundle.json"] = json.dumps({**index_of(members), **changed}).encode()

    change.__name__ = str(changed)
    return change


def a_run_twice(members: dict[str, bytes]) -> None:
    runs = index_of(members)["runs"]
    in_its_index(runs=[*runs, runs[0]])(members)


def a_second_run_without_a_record(members: dict[str, bytes]) -> None:
    child = index_of(members)["runs"][-1]
    put(members, f"runs/{child}/imported.json", b"{}")


def a_second_run_that_is_under_way(members: dict[str, bytes]) -> None:
    name = f"runs/{index_of(members)['runs'][-1]}/imported.json"
    body = json.loads(members[name])
    body["summary"]["state"] = "Running"
    put(members, name, json.dumps(body).encode())


def a_list_of_code_that_is_none(members: dict[str, bytes]) -> None:
    put(members, next(name for name in members if name.endswith("snapshot.json")), b"[" * 100_000)


def no_summary(members: dict[str, bytes]) -> None:
    name = next(name for name in members if name.endswith("imported.json"))
    put(members, name, b'{"schema": 1, "properties": {}, "summary": 3, "environment_version": null}')


@pytest.mark.parametrize(
    "change",
    [
        *(flip, drop, climb, another_room, a_strangers_run, a_lying_blob, a_path_as_run, no_index, odd_index, a_bomb),
        *(a_live_run, half_a_manifest, no_summary, a_run_twice, in_its_index(exported_at=float("nan"))),
        *(a_second_run_without_a_record, a_second_run_that_is_under_way, a_list_of_code_that_is_none),
        in_its_summary(attempt=1 << 70),
        # A list of runs with one of these could not be shown.
        *(in_its_summary(created_at=1e300), in_its_summary(ended_at=-1e18), in_its_summary(created_at=float("nan"))),
    ],
)
def test_a_file_that_was_changed_is_refused_and_leaves_nothing(
    elsewhere: Workspace, bundle: Path, change: Callable[[dict[str, bytes]], None]
) -> None:
    before = sorted(path for path in elsewhere.path.glob("runs/*"))
    with pytest.raises((InvalidInput, Conflict)):
        elsewhere.runs.bundles.take_in(changed(bundle, change))
    assert sorted(path for path in elsewhere.path.glob("runs/*")) == before
    assert elsewhere.runs.list() == ()
    assert not (elsewhere.path.parent / "evil").exists()


def test_a_place_may_be_named_by_a_text(workspace: Workspace, elsewhere: Workspace, bundle: Path) -> None:
    run_id, *_ = elsewhere.runs.bundles.take_in(str(bundle)).runs
    folder = bundle.parent / "texts"
    folder.mkdir()
    elsewhere.runs.bundles.export([run_id], str(folder))
    elsewhere.runs.reports.write([run_id], f"{folder}/report.html")
    assert elsewhere.runs.reports.check(f"{folder}/report.html")
    downloaded = elsewhere.runs.files.download(run_id, "outputs", str(folder / "files"))
    elsewhere.runs.code.zip(run_id, f"{folder}/code.zip")
    assert {f"{run_id}.amlrun", "report.html", "files", "code.zip"} == {path.name for path in folder.iterdir()}
    assert all(path.is_file() for path in downloaded)


@pytest.mark.parametrize(("name", "is_fit"), [("a.csv", False), ("b.PDF", False), ("c.zip", True), ("v1.2", True)])
def test_runs_are_exported_under_no_other_kinds_name(
    elsewhere: Workspace, tmp_path: Path, name: str, *, is_fit: bool
) -> None:
    if is_fit:
        assert elsewhere.runs.bundles.place([], tmp_path / name) == tmp_path / name
        return
    with pytest.raises(InvalidInput, match="archive"):
        elsewhere.runs.bundles.place([], tmp_path / name)


def test_a_newer_layout_is_named(elsewhere: Workspace, bundle: Path) -> None:
    def newer(members: dict[str, bytes]) -> None:
        members["bundle.json"] = json.dumps({**index_of(members), "format": 99}).encode()

    with pytest.raises(InvalidInput, match="newer version"):
        elsewhere.runs.bundles.take_in(changed(bundle, newer))


def test_a_newer_record_of_a_run_is_named(elsewhere: Workspace, bundle: Path) -> None:
    def newer(members: dict[str, bytes]) -> None:
        name = next(name for name in members if name.endswith("imported.json"))
        put(members, name, json.dumps({**json.loads(members[name]), "schema": 99}).encode())

    with pytest.raises(InvalidInput, match="was exported by a newer version"):
        elsewhere.runs.bundles.take_in(changed(bundle, newer))
    assert elsewhere.runs.list() == ()


def test_what_is_no_export_is_named(elsewhere: Workspace, tmp_path: Path) -> None:
    (tmp_path / "x.amlrun").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(InvalidInput, match="no export of runs"):
        elsewhere.runs.bundles.take_in(tmp_path / "x.amlrun")
    with pytest.raises(NotFound, match="no file"):
        elsewhere.runs.bundles.take_in(tmp_path / "gone.amlrun")
