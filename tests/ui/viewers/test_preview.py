"""A look into files of many kinds: all rows of a table, what a model holds, documents without network, faults."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import zipfile
from pathlib import Path

import joblib
import numpy as np
import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QColor, QImage, QPainter, QPdfWriter, QTextTable
from pytestqt.qtbot import QtBot
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from desktop_aml.system.files import open_regular
from desktop_aml.ui.viewers.document import DocumentView
from desktop_aml.ui.viewers.picture_file import read_picture
from desktop_aml.ui.viewers.preview import Preview, load
from desktop_aml.ui.viewers.table_preview import short_number


@pytest.fixture
def preview(qtbot: QtBot) -> Preview:
    made = Preview()
    qtbot.addWidget(made)
    made.resize(700, 500)
    made.show()
    return made


def test_every_row_of_a_table_is_reached_page_by_page(tmp_path: Path, preview: Preview) -> None:
    file = tmp_path / "t.csv"
    lines = ["name,value,long", *(f'"a, {i}",{i},0.12345678901{i}' for i in range(2500))]
    file.write_bytes(b"\xef\xbb\xbf" + "\n".join(lines).encode())
    preview.show_loaded(load(file, "outputs/t.csv"))
    table = preview.table
    assert preview.currentWidget() is table
    assert table.label.text().startswith("Rows 1 to 1")
    assert table.rows.page.head == ("name", "value", "long")
    assert table.rows.page.total == 2500
    asked: list[tuple[str, int, int]] = []
    preview.page_wanted.connect(lambda *one: asked.append(one))
    assert not table.earlier_button.isEnabled()
    table.later_button.click()
    assert asked == [("outputs/t.csv", 1000, 2500)]
    preview.show_loaded(load(file, *asked[0]))
    table.later_button.click()
    preview.show_loaded(load(file, *asked[1]))
    assert table.rows.cell(499, 0) == "a, 2499"
    assert not table.later_button.isEnabled()
    assert table.rows.headerData(499, table.view.verticalHeader().orientation(), 0) in ("2500", "2,500")
    index = table.rows.index(0, 2)
    assert (index.data(), table.rows.cell(0, 2)) == ("0.1235", "0.123456789012000")


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("0.123456789", "0.1235"),
        ("-0.707123469926", "-0.7071"),
        ("12345678901", "12345678901"),
        ("1.25", "1.25"),
        ("1.2.3.4.5.6", "1.2.3.4.5.6"),
        ("2026.11.29", "2026.11.29"),
        ("text that is long", "text that is long"),
    ],
)
def test_long_numbers_are_shortened_at_their_end_and_other_words_stay(cell: str, shown: str) -> None:
    assert short_number(cell) == shown


@pytest.mark.parametrize("name", ["t.csv.gz", "t.tsv"])
def test_tables_that_are_compressed_or_use_tabs_are_tables(tmp_path: Path, name: str) -> None:
    text = b"a,b\n1,2\n" if "csv" in name else b"a\tb\n1\t2\n"
    (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    found = load(tmp_path / name, name).table
    assert found is not None
    assert (found.head, found.rows, found.total) == (("a", "b"), (("1", "2"),), 1)


def facts_of(path: Path) -> dict[str, str]:
    found = load(path, path.name)
    assert found.facts is not None, found.words
    return dict(found.facts.facts)


class _Ran:
    """Would leave a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.mark,)


def test_a_model_says_its_class_parameters_and_feature_names_and_is_never_unpickled(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).random((20, 2))
    model = LogisticRegression(C=2.5)
    model.fit(rows, ["no", "yes"] * 10)
    model.feature_names_in_ = np.array(["age", "income"], dtype=object)
    for name, options in (("a.joblib", {}), ("b.joblib", {"compress": 3})):
        joblib.dump(model, tmp_path / name, **options)
        facts = facts_of(tmp_path / name)
        assert facts["Class"].endswith("LogisticRegression")
        assert (facts["C"], facts["Features"]) == ("2.5", "2")
        assert facts["Feature names"] == "['age', 'income']"
        assert facts["Classes"] == "['no', 'yes']"
    joblib.dump(make_pipeline(StandardScaler(), model), tmp_path / "p.joblib")
    facts = facts_of(tmp_path / "p.joblib")
    assert facts["steps: standardscaler"].startswith("StandardScaler(")
    assert facts["Feature names"] == "['age', 'income']"
    (tmp_path / "l.pkl").write_bytes(pickle.dumps(model))
    assert facts_of(tmp_path / "l.pkl")["C"] == "2.5"
    mark = tmp_path / "ran"
    (tmp_path / "evil.pkl").write_bytes(pickle.dumps(_Ran(mark)))
    load(tmp_path / "evil.pkl", "evil.pkl")
    assert not mark.exists()


def test_arrays_and_archives_say_what_is_in_them(tmp_path: Path, preview: Preview) -> None:
    np.save(tmp_path / "a.npy", np.arange(6.0).reshape(2, 3))
    found = load(tmp_path / "a.npy", "a.npy")
    preview.show_loaded(found)
    assert preview.currentWidget() is preview.facts
    assert dict(found.facts.facts) == {"Shape": "2 x 3", "Type": "float64"}
    assert preview.facts.table.rows.page.rows == (("0.0", "1.0", "2.0"), ("3.0", "4.0", "5.0"))
    np.savez(tmp_path / "a.npz", x=np.zeros((2, 3)))
    assert facts_of(tmp_path / "a.npz") == {"x": "2 x 3 float64"}
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("in/side.txt", "abc")
    assert load(tmp_path / "z.zip", "z.zip").facts.rows == (("in/side.txt", "3"),)


@pytest.mark.parametrize(
    "name", ["a.npy", "a.npz", "a.joblib", "a.pkl", "a.zip", "a.parquet", "a.svg", "a.csv.gz", "a.png"]
)
@pytest.mark.parametrize("data", [b"", b"\x80\x05garbage\x1f\x8b"])
def test_a_damaged_file_says_so(tmp_path: Path, preview: Preview, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    found = load(tmp_path / name, name)
    preview.show_loaded(found)
    assert found.words or found.text or name in ("a.svg", "a.csv.gz")


@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.png", "a.joblib"])
def test_a_file_that_is_gone_says_so(tmp_path: Path, name: str) -> None:
    assert load(tmp_path / name, name).words == f"{name} is not there any more"


def test_documents_are_rendered_and_load_nothing(tmp_path: Path, preview: Preview) -> None:
    (tmp_path / "a.md").write_text("# Analysis\n\n*text*\n\n![x](http://127.0.0.1:9/x.png)\n")
    preview.show_loaded(load(tmp_path / "a.md", "a.md"))
    assert preview.currentWidget() is preview.document
    assert "# Analysis" not in preview.document.toPlainText()
    assert "Analysis" in preview.document.toPlainText()
    (tmp_path / "a.html").write_text("<script>document.write('ran')</script><p>Seen</p><img src='file:///etc/passwd'>")
    preview.show_loaded(load(tmp_path / "a.html", "a.html"))
    assert "Seen" in preview.document.toPlainText()
    assert "ran" not in preview.document.toPlainText()
    assert preview.document.loadResource(2, QUrl("file:///etc/passwd")) is None


def test_a_drawing_is_a_picture(tmp_path: Path, preview: Preview) -> None:
    (tmp_path / "a.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="20" height="10" fill="red"/></svg>'
    )
    found = load(tmp_path / "a.svg", "a.svg")
    assert found.image is not None
    assert found.image.pixelColor(5, 5).name() == "#ff0000"
    preview.show_loaded(found)
    assert preview.currentWidget() is preview.picture


def paper(file: Path, pages: int) -> Path:
    """Write a PDF of red pages."""
    writer = QPdfWriter(str(file))
    painter = QPainter(writer)
    for number in range(pages):
        if number:
            writer.newPage()
        painter.fillRect(0, 0, writer.width(), writer.height(), QColor(200, 0, 0))
    painter.end()
    return file


def test_pages_of_a_pdf_are_drawn_and_turned(tmp_path: Path, preview: Preview) -> None:
    file = paper(tmp_path / "report.pdf", 2)
    loaded = load(file, "outputs/report.pdf")
    assert (loaded.page, loaded.pages) == (0, 2)
    middle = loaded.image.pixelColor(loaded.image.width() // 2, loaded.image.height() // 2)
    assert (middle.red(), middle.green(), middle.blue()) == (200, 0, 0)
    preview.show_loaded(loaded)
    assert preview.currentWidget() is preview.paper
    assert preview.paper.label.text() == "Page 1 of 2"
    asked: list[tuple[str, int, int]] = []
    preview.page_wanted.connect(lambda *one: asked.append(one))
    assert not preview.paper.previous_button.isEnabled()
    preview.paper.next_button.click()
    preview.show_loaded(load(file, *asked[0]))
    assert preview.paper.label.text() == "Page 2 of 2"
    assert not preview.paper.next_button.isEnabled()


def test_what_is_no_pdf_and_a_page_that_is_not_there_say_so(tmp_path: Path, preview: Preview) -> None:
    (tmp_path / "no.pdf").write_bytes(b"%PDF-1.7 but no more")
    assert "damaged" in load(tmp_path / "no.pdf", "no.pdf").words
    alone = load(paper(tmp_path / "one.pdf", 1), "one.pdf", 7)
    preview.show_loaded(alone)
    assert (alone.page, preview.paper.bar.isHidden()) == (0, True)


def test_a_json_of_very_many_lines_is_cut_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(list(range(100_000))))
    text = load(tmp_path / "a.json", "a.json").text
    assert text.count("\n") == 20_000
    assert text.endswith("more lines")


def test_what_was_shown_leaves_at_once_and_a_late_answer_is_known(tmp_path: Path, preview: Preview) -> None:
    (tmp_path / "a.txt").write_text("first")
    preview.show_loaded(load(tmp_path / "a.txt", "a.txt"))
    assert preview.currentWidget() is preview.code
    preview.begin("big.json")
    assert preview.currentWidget() is preview.loading
    assert preview.is_awaiting("big.json")
    assert not preview.is_awaiting("a.txt")


def test_a_table_of_a_document_has_no_empty_head(preview: Preview) -> None:
    view = preview.findChild(DocumentView) or DocumentView(preview)
    view.show_document(
        "# A\n\n| | |\n|---|---|\n| begin | here |\n\n| x | y |\n|---|---|\n| 1 | 2 |\n", is_markdown=True
    )
    tables = [one for one in view.document().rootFrame().childFrames() if isinstance(one, QTextTable)]
    assert [table.rows() for table in tables] == [1, 2]
    assert tables[0].cellAt(0, 0).firstCursorPosition().block().text() == "begin"


def test_a_picture_is_read_from_the_file_that_was_looked_at(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    picture = QImage(6000, 300, QImage.Format.Format_RGB32)
    picture.fill(0)
    picture.save(str(file))
    with open_regular(file) as stream:
        file.unlink()
        os.mkfifo(file)
        image, _ = read_picture(stream, 4096)
    assert image.width() == 4096
    assert "not a plain file" in load(file, "a.png").words
