"""Texts that name the workspace's folder are kept without it, and mean the folder where it is now."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_aml.domain.portable_paths import PortablePaths

OLD, NEW = PortablePaths("/data/my ws"), PortablePaths("/new/ümlaut")


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("/data/my ws", "/new/ümlaut"),
        ("/data/my ws/runs/a", "/new/ümlaut/runs/a"),
        ("--data=/data/my ws/x:/data/my ws/y", "--data=/new/ümlaut/x:/new/ümlaut/y"),
        ("file:///data/my ws/x", "file:///new/ümlaut/x"),
        ('{"folder": "/data/my ws/x"}', '{"folder": "/new/ümlaut/x"}'),
        ("/data/my ws-2/x", "/data/my ws-2/x"),
        ("/data/my ws.bak/x", "/data/my ws.bak/x"),
        ("/other/data/my ws/x", "/other/data/my ws/x"),
        ("../data/my ws/x", "../data/my ws/x"),
        ("$(workspace)/x $(workspace:text)", "$(workspace)/x $(workspace:text)"),
        ("", ""),
    ],
)
def test_a_path_moves_with_the_workspace_and_nothing_else_does(text: str, moved: str) -> None:
    assert NEW.here(OLD.kept(text)) == moved


def test_a_folder_inside_json_that_escapes_letters_is_found() -> None:
    here = PortablePaths("/data/ä")
    kept = here.kept(json.dumps({"folder": "/data/ä/x"}))
    assert "data" not in kept
    assert json.loads(NEW.here(kept)) == {"folder": "/new/ümlaut/x"}
    assert json.loads(PortablePaths('/a"b').here(kept)) == {"folder": '/a"b/x'}


def test_values_keep_their_shape() -> None:
    value = {"a": ["/data/my ws/x", 1, None], "b": ("/data/my ws",), "c": 2.5}
    assert OLD.kept(value) == {"a": ["$(workspace)/x", 1, None], "b": ("$(workspace)",), "c": 2.5}
    assert OLD.here(OLD.kept(value)) == value


@given(st.lists(st.sampled_from(["/data/my ws", "$(workspace", ":text", ":json", ")", "/", "\\", '"', "a", "é", " "])))
def test_joined_pieces_are_read_again_as_they_were(pieces: list[str]) -> None:
    text = "".join(pieces)
    for rule in (PortablePaths("/data/my ws"), PortablePaths("/"), PortablePaths("/data/é")):
        assert rule.here(rule.kept(text)) == text


@given(st.lists(st.sampled_from(["/data/my ws", "$(workspace", '"', "\\", "/data/é", "/x", "é", "/tmp"])))
def test_the_json_of_a_value_shows_whether_it_is_kept_otherwise(pieces: list[str]) -> None:
    text = "".join(pieces)
    for value in (text, [text, 1], {"a": (text,)}, json.dumps({"a": text}), [json.dumps(text, ensure_ascii=False)]):
        for rule in (PortablePaths("/data/my ws"), PortablePaths("/"), PortablePaths("/data/é"), PortablePaths('/"')):
            assert rule.kept(value) == value or rule.may_change(json.dumps(value))
    assert not OLD.may_change(json.dumps(["/other", "data", 1]))


def test_json_has_one_spelling_and_what_is_none_is_a_text() -> None:
    assert OLD.kept_json('{"b": 1,  "a": "/data/my ws/x"}') == '{"a": "$(workspace)/x", "b": 1}'
    assert NEW.here_json('{"a": "$(workspace)/x"}') == json.dumps({"a": NEW.here("$(workspace)/x")})
    assert OLD.kept_json("{/data/my ws/x") == "{$(workspace)/x"
