"""What a run read, out of the list that it wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop_aml.domain.files_read import ReadHow
from desktop_aml.run_folder import reading_list


@pytest.mark.parametrize(
    ("hows", "kept"),
    [
        ((ReadHow.CODE, ReadHow.OPENED, ReadHow.OPENED), (ReadHow.OPENED, 2)),
        ((ReadHow.ARGUMENT, ReadHow.CODE), (ReadHow.ARGUMENT, 1)),
        ((ReadHow.LISTED, ReadHow.CODE, ReadHow.OPENED), (ReadHow.LISTED, 1)),
    ],
)
def test_what_was_only_named_gives_way_to_what_was_found_when_it_was_read(
    tmp_path: Path, hows: tuple[ReadHow, ...], kept: tuple[ReadHow, int]
) -> None:
    logs = tmp_path / "runs" / "a" / "logs"
    logs.mkdir(parents=True)
    lines = [json.dumps({"path": "/d.csv", "size": size, "ns": 0, "how": how}) for size, how in enumerate(hows, 1)]
    (logs / "files_read.jsonl").write_text("\n".join((*lines, "")))
    (found,) = reading_list.read(logs.parent, 0).found
    assert (found.how, found.size_bytes) == kept
