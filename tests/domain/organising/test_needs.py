"""What a run may use of the computer is written as properties, and read back as it was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.organising.needs import (
    CPUS,
    LEAST_MEMORY,
    MEMORY,
    MOST_CPUS,
    MOST_MEMORY,
    MOST_RETRIES,
    RETRIES,
    Needs,
    check_needs,
    parse_size,
    size_words,
)


@given(
    st.none() | st.integers(1, MOST_CPUS) | st.sampled_from([0.5, 1.25]),
    st.none() | st.integers(LEAST_MEMORY, MOST_MEMORY),
    st.integers(0, MOST_RETRIES),
    st.booleans(),
)
def test_needs_come_back_from_their_properties(
    cpus: float | None, memory: int | None, retries: int, failures: bool
) -> None:
    needs = Needs(cpus=cpus, memory_bytes=memory, retries=retries, retry_failures=failures)
    assert Needs.of(needs.as_properties()) == needs == check_needs(needs.as_properties())
    assert needs.is_limited == bool(needs.words())


@pytest.mark.parametrize("text", ["", "-1", "nan", "inf", "many", "9" * 31, "1e400"])
def test_a_property_that_makes_no_sense_limits_nothing(text: str) -> None:
    assert Needs.of({CPUS: text, MEMORY: text, RETRIES: text}) == Needs()


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (CPUS, "0", "cannot have “0” cores"),
        (CPUS, "4097", "4096 at most"),
        (CPUS, "two", "“two” cores"),
        (MEMORY, "1000", "at least 16.8 MB"),
        (MEMORY, str(MOST_MEMORY + 1), "no limit of memory"),
        (RETRIES, "1.5", "again “1.5” times"),
        (RETRIES, "101", "Use 0 to 100"),
        (RETRIES, "-1", "again “-1” times"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused_with_what_would_do(name: str, text: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_needs({name: text})
    assert words in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize(
    ("needs", "words"),
    [
        (Needs(), ""),
        (Needs(cpus=1), "1 core"),
        (Needs(cpus=0.5), "0.5 cores"),
        (Needs(cpus=2, memory_bytes=2_000_000_000), "2 cores and 2 GB of memory"),
    ],
)
def test_limits_are_told_in_words(needs: Needs, words: str) -> None:
    assert needs.words() == words


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("512MB", 512_000_000),
        (" 2 GB ", 2_000_000_000),
        ("1.5GiB", 3 << 29),
        ("64k", 64_000),
        ("7", 7),
        ("1tib", 1 << 40),
    ],
)
def test_sizes_are_read_as_people_write_them(words: str, count: int) -> None:
    assert parse_size(words) == count


@pytest.mark.parametrize("words", ["", "GB", "-1GB", "1PB", "1.2.3MB", "1 000 MB", "inf"])
def test_what_is_no_size_is_refused(words: str) -> None:
    with pytest.raises(InvalidInput, match="no amount of memory"):
        parse_size(words)


@pytest.mark.parametrize(
    ("count", "words"), [(999, "0.999 kB"), (10**6, "1 MB"), (10**9, "1 GB"), (15 * 10**11, "1.5 TB")]
)
def test_sizes_are_told_in_the_largest_unit_that_they_fill(count: int, words: str) -> None:
    assert size_words(count) == words
