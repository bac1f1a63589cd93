"""What Azure ML code gets back for a call."""

import json

from desktop_aml.domain import replies
from desktop_aml.domain.errors import NotFound


def test_an_answer_is_told_as_it_is():
    assert json.loads(replies.success({"version": 3})) == {"ok": True, "body": {"version": 3}}


def test_a_refusal_keeps_its_kind_and_words():
    assert json.loads(replies.failure(NotFound("There is no run.", "List them."))) == {
        "ok": False,
        "error": "NotFound",
        "message": "There is no run.",
        "hint": "List them.",
    }


def test_a_fault_of_the_program_says_that_it_is_one():
    told = json.loads(replies.failure(KeyError("name")))
    assert told["error"] == "DesktopAMLError"
    assert told["message"] == "Something unexpected happened: KeyError: 'name'"
    assert "log file" in told["hint"]
