"""How two environments differ."""

from __future__ import annotations

from dataclasses import replace

from desktop_aml.domain.compare.locks import ChangeKind, LockChange, LockSide, compare
from desktop_aml.domain.environments import EnvironmentLock, LockedPackage

ONE = EnvironmentLock(
    "3.11.7",
    "linux-x86_64-glibc",
    "uv",
    (
        LockedPackage("gone", "1.0", ("sha256:1",)),
        LockedPackage("kept", "2.0", ("sha256:2", "sha256:3")),
        LockedPackage("moved", "2.0", ("sha256:4",)),
        LockedPackage("same", "3.0", ("sha256:5",)),
    ),
    "",
)
TWO = replace(
    ONE,
    packages=(
        LockedPackage("kept", "2.0", ("sha256:3",)),
        LockedPackage("moved", "2.1", ("sha256:6",)),
        LockedPackage("new", "1.0", ("sha256:7",)),
        LockedPackage("same", "3.0", ("sha256:8",)),
    ),
)


def test_every_package_that_differs_is_named_once():
    found = compare(LockSide("a:1", ONE), LockSide("a:2", TWO))
    assert (found.before, found.after, found.base) == ("a:1", "a:2", ())
    assert found.packages == (
        LockChange("gone", ChangeKind.REMOVED, "1.0", ""),
        LockChange("moved", ChangeKind.CHANGED, "2.0", "2.1"),
        LockChange("new", ChangeKind.ADDED, "", "1.0"),
        LockChange("same", ChangeKind.REPLACED, "3.0", "3.0"),
    )
    assert not found.is_empty


def test_python_platform_and_builder_are_compared():
    other = replace(ONE, python_version="3.12.1", builder="conda")
    found = compare(LockSide("a", ONE), LockSide("b", other))
    assert [(one.name, one.before, one.after) for one in found.base] == [
        ("Python", "3.11.7", "3.12.1"),
        ("builder", "uv", "conda"),
    ]


def test_the_same_lock_differs_in_nothing_even_where_a_hash_is_unknown():
    bare = replace(ONE, packages=tuple(replace(one, hashes=()) for one in ONE.packages))
    assert compare(LockSide("a", ONE), LockSide("b", ONE)).is_empty
    assert compare(LockSide("a", ONE), LockSide("b", bare)).is_empty


def test_a_package_from_another_channel_is_another_file():
    left = replace(ONE, packages=(LockedPackage("p", "1", url="https://a/linux-64/p-1-0.conda"),))
    right = replace(ONE, packages=(LockedPackage("p", "1", url="https://b/linux-64/p-1-0.conda"),))
    assert [one.kind for one in compare(LockSide("a", left), LockSide("b", right)).packages] == [ChangeKind.REPLACED]


def test_what_was_written_is_compared_line_by_line():
    found = compare(LockSide("a", ONE, "numpy\npandas\n"), LockSide("b", ONE, "numpy\nscipy\n"))
    assert [line for line in found.text_lines if line[0] in "+-"] == ["-pandas", "+scipy"]
    assert found.is_empty
    assert compare(LockSide("a", ONE, "x\n"), LockSide("b", ONE, "x\n")).text_lines == ()
