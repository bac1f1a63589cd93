"""Users: numbers and names."""

from __future__ import annotations

import os
import pwd

import pytest

from desktop_aml.system import users


def test_numbers_and_name_are_those_of_this_process() -> None:
    assert (users.user_id(), users.group_id()) == (os.getuid(), os.getgid())
    assert users.effective_user_id() == os.geteuid()
    assert users.name_of(0) == "root"


def test_a_number_without_a_name_gets_one_of_the_same_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = next(number for number in range(40_000, 60_000) if number not in {one.pw_uid for one in pwd.getpwall()})
    with pytest.raises(KeyError):
        users.name_of(nobody)
    monkeypatch.setattr(os, "getuid", lambda: nobody)
    assert users.user_name() == f"user{nobody}"
