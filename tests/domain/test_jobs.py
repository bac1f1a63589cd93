"""What a run asks of its container is read from words, and only narrows what the settings allow."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.jobs import ContainerOptions, Port, Volume, stricter
from desktop_aml.domain.organising.needs import Needs


@pytest.mark.parametrize(
    ("words", "path", "read_only"),
    [
        ("{}:/data", "/data", False),
        ("{}:/data/:ro", "/data", True),
        ("{}:/data/../rw:rw", "/rw", False),
        ("da:ta:/data", "/data", False),
        (".:/data", "/data", False),
    ],
)
def test_a_volume_is_a_folder_here_and_a_path_there(words: str, path: str, read_only: bool, tmp_path: Path) -> None:
    (tmp_path / "da:ta").mkdir()
    found = Volume.parse(words.format(tmp_path), tmp_path)
    assert (found.path, found.read_only) == (path, read_only)
    assert Path(found.source).is_dir()


@pytest.mark.parametrize("words", ["", "data", ":/data", "{}", "{}:", "{}:data", "{}:/", "{}:/..", "/data:ro", "::"])
def test_what_is_no_volume_is_refused_with_how_to_write_one(words: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        Volume.parse(words.format(tmp_path), tmp_path)
    assert "FOLDER:/PATH" in caught.value.hint


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="There is no folder"):
        Volume.parse("missing:/data", tmp_path)


@pytest.mark.parametrize(("words", "port"), [("80", Port(80)), ("8080:80", Port(80, 8080)), ("0:80", Port(80))])
def test_a_port_is_one_of_the_container_and_perhaps_one_here(words: str, port: Port) -> None:
    assert Port.parse(words) == port


@pytest.mark.parametrize("words", ["", "0", "65536", "80:", "-1:80", "65536:80", "a", "8080:a", "123456", "²"])
def test_what_is_no_port_is_refused(words: str) -> None:
    with pytest.raises(InvalidInput, match="no port"):
        Port.parse(words)


@pytest.mark.parametrize(
    ("one", "other", "least"), [(None, None, None), (2, None, 2), (None, 3, 3), (2, 3, 2), (0, 3, 3)]
)
def test_of_two_limits_the_stricter_one_holds(one: int | None, other: int | None, least: int | None) -> None:
    assert stricter(one, other) == least
    asked = ContainerOptions(cpus=one, memory_bytes=one, is_offline=True)
    found = asked.within(Needs(cpus=other, memory_bytes=other))
    assert (found.cpus, found.memory_bytes, found.is_offline) == (least, least, True)
