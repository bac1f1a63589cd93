"""Small documents beside the database."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from desktop_aml.domain.errors import InvalidName, StorageError
from desktop_aml.store.side_files import SideFiles


class Note(msgspec.Struct, frozen=True):
    text: str


@pytest.fixture
def notes(tmp_path: Path) -> SideFiles[Note]:
    return SideFiles(tmp_path / "notes", Note, "note")


def test_a_document_is_kept_replaced_and_removed(notes: SideFiles[Note]) -> None:
    assert (notes.get("a"), notes.names()) == (None, ())
    notes.put("b", Note("first"))
    notes.put("a", Note("other"))
    notes.put("b", Note("second"))
    assert (notes.get("b"), notes.names()) == (Note("second"), ("a", "b"))
    assert (notes.remove("b"), notes.remove("b"), notes.names()) == (True, False, ("a",))


@pytest.mark.parametrize("name", ["", "../out", "a/b", ".hidden"])
def test_a_name_never_leads_elsewhere(notes: SideFiles[Note], name: str) -> None:
    with pytest.raises(InvalidName, match="note"):
        notes.put(name, Note("x"))


@pytest.mark.parametrize("content", [b"{", b'{"text": 3}'])
def test_a_damaged_document_is_named(notes: SideFiles[Note], tmp_path: Path, content: bytes) -> None:
    notes.put("a", Note("x"))
    (tmp_path / "notes" / "a.json").write_bytes(content)
    with pytest.raises(StorageError, match=r"notes/a\.json"):
        notes.get("a")
