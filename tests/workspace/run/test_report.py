"""Chosen runs become one page that holds all it shows, and that knows later whether a run has changed."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from desktop_aml.domain.errors import InvalidInput, NotFound, StorageError
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.run.report.charts import Line, chart
from desktop_aml.workspace.run.report.checking import CheckedRun

SCRIPT = """
import argparse, base64, os
from azureml.core import Run
parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float)
parser.add_argument("--password", default="")
rate = parser.parse_args().rate
run = Run.get_context()
for step in range(500):
    run.log("loss", rate / (step + 1))
run.log("<b>odd & name", float("nan"))
os.makedirs("outputs", exist_ok=True)
open("outputs/curve.png", "wb").write(base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="))
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, list[str]]]:
    root = tmp_path_factory.mktemp("lab")
    script = root / "source/train.py"
    script.parent.mkdir()
    script.write_text(SCRIPT)
    with Workspace.create(root / "lab") as workspace:
        workspace.start_engine()
        ids = [
            workspace.runs.submit(script, arguments=["--rate", rate, "--password", "hunter2"], tags={"x": "<script>"})
            for rate in ("0.5", "2")
        ]
        for one in ids:
            assert workspace.runs.wait(one, timeout_s=120).summary.error == ""
        yield workspace, ids


class Reader(HTMLParser):
    """What a browser would load, and what it shows."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "action"}]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(path: Path) -> Reader:
    reader = Reader()
    reader.feed(path.read_text())
    return reader


def test_it_shows_where_runs_differ_their_curves_and_pictures(lab: tuple[Workspace, list[str]], tmp_path: Path) -> None:
    workspace, ids = lab
    found = read(workspace.runs.reports.write(ids, tmp_path / "report.html", title="Two rates"))
    text = " ".join(found.text)
    for words in ("Two rates", *ids, "Where they differ", "--rate", "0.5", "outputs/curve.png", "lab"):
        assert words in text
    assert found.tags.count("svg") == 1
    assert found.tags.count("polyline") == 2
    assert found.tags.count("img") == 2
    assert "hunter2" not in (tmp_path / "report.html").read_text()


def test_it_asks_for_nothing_and_runs_nothing(lab: tuple[Workspace, list[str]], tmp_path: Path) -> None:
    workspace, ids = lab
    path = workspace.runs.reports.write(ids, tmp_path / "report.html")
    found = read(path)
    assert all(address.startswith("data:image/") for address in found.addresses)
    assert found.tags.count("script") == 1  # the marks, as JSON
    assert "default-src 'none'" in path.read_text()
    assert "b" not in found.tags  # names and tags of users are text


def test_one_run_has_a_report_of_its_own(lab: tuple[Workspace, list[str]], tmp_path: Path) -> None:
    workspace, ids = lab
    text = " ".join(read(workspace.runs.reports.write(ids[:1], tmp_path / "one.html")).text)
    assert workspace.runs.get(ids[0]).summary.display_name in text
    assert "Where they differ" not in text


def test_it_knows_whether_a_run_changed_since(lab: tuple[Workspace, list[str]], tmp_path: Path) -> None:
    workspace, ids = lab
    path = workspace.runs.reports.write(ids, tmp_path / "report.html")
    check = workspace.runs.reports.check
    assert check(path) == (CheckedRun(ids[0]), CheckedRun(ids[1]))
    workspace.runs.update(ids[0], description="Looked at again.", display_name="other")
    assert check(path)[0].changed == ("name", "notes")
    assert check(path)[1].changed == ()
    path.write_text(path.read_text().replace(ids[1], "gone"))
    assert check(path)[1] == CheckedRun("gone", is_here=False)


def test_what_is_no_report_is_named(lab: tuple[Workspace, list[str]], tmp_path: Path) -> None:
    workspace, _ = lab
    (tmp_path / "x.html").write_text("<html></html>")
    with pytest.raises(InvalidInput, match="no report of runs"):
        workspace.runs.reports.check(tmp_path / "x.html")
    with pytest.raises(NotFound, match="no file"):
        workspace.runs.reports.check(tmp_path / "y.html")
    with pytest.raises(InvalidInput, match="no run to report on"):
        workspace.runs.reports.write([], tmp_path / "z.html")


@pytest.mark.parametrize(
    "points",
    [
        [(0.0, 1e308), (1.0, -1e308)],
        [(0.0, 5.0), (1.0, 5.0)],
        [(0.0, 1.7e308), (1.0, 1.7e308)],
        [(3.0, 0.0), (3.0, 1.0)],
        [(float(n), float(n % 7)) for n in range(100_000)],
    ],
)
def test_curves_of_any_values_stay_within_their_picture(points: list[tuple[float, float]]) -> None:
    picture = chart("m", [Line(0, "one", points)])
    path = picture.split('points="')[1].split('"')[0]
    places = [tuple(map(float, one.split(","))) for one in path.split()]
    assert len(places) <= 402
    assert all(0 <= x <= 460 and 0 <= y <= 220 for x, y in places)


def test_what_sticks_out_of_a_long_curve_is_drawn() -> None:
    points = [(float(n), 0.0) for n in range(50_000)]
    points[31_234] = (31_234.0, 9.0)
    picture = chart("m", [Line(0, "one", points)])
    assert ",12.0" in picture  # the upper edge


def test_a_report_whose_name_says_so_is_a_pdf_that_knows_its_runs(
    lab: tuple[Workspace, list[str]], tmp_path: Path
) -> None:
    workspace, ids = lab
    file = workspace.runs.reports.write(ids, tmp_path / "report.PDF", title="Rates & more")
    data = file.read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.count(b"/Subtype /Image") >= 2  # a curve and a picture of each run
    assert b"hunter2" not in data
    assert workspace.runs.reports.check(file) == tuple(CheckedRun(one) for one in ids)
    workspace.runs.update(ids[1], description="Seen")
    assert [one.changed for one in workspace.runs.reports.check(file)] == [(), ("notes",)]


def test_a_name_of_another_kind_of_file_is_refused(lab: tuple[Workspace, list[str]], tmp_path: Path) -> None:
    workspace, ids = lab
    for name in ("report.docx", "report.csv"):
        with pytest.raises(InvalidInput, match=name) as told:
            workspace.runs.reports.write(ids[:1], tmp_path / name)
        assert "report.html or report.pdf" in told.value.hint
    assert workspace.runs.reports.write(ids[:1], tmp_path / "report").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_pdf_that_cannot_be_laid_out_is_said_and_leaves_what_was_there(
    lab: tuple[Workspace, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, ids = lab
    (tmp_path / "report.pdf").write_bytes(b"older")
    monkeypatch.setattr("desktop_aml.workspace.run.report.paper._LAYOUT", "desktop_aml.no_such_module")
    with pytest.raises(StorageError, match="cannot be laid out as a PDF"):
        workspace.runs.reports.write(ids, tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes() == b"older"
