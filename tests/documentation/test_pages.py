"""What a page says is read as it is meant, and what does not come true is found."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.documentation.pages import PageError, differs, program_of, steps_of


def carried_out(page: str, folder: Path) -> tuple[int, str]:
    """Follow a page in a folder; return its end and the number of the step that was the last."""
    notes = folder / "notes"
    notes.mkdir()
    program = program_of(steps_of(page), notes)
    done = subprocess.run(["/bin/bash", "-c", program], cwd=folder, capture_output=True, check=False)
    return done.returncode, (notes / "step").read_text().strip()


def test_blocks_and_comments_are_done_in_the_order_of_the_page(tmp_path):
    page = (
        "Say\n\n<!-- run: mkdir made && cd made -->\n<!-- file: names.txt -->\n```json\n[1]\n```\n"
        "```\ncat names.txt > copy.txt\n```\n"
        "<!-- not run: nobody has this program here -->\n```\nno-such-program\n```\n"
    )
    assert carried_out(page, tmp_path) == (0, "3")
    assert (tmp_path / "made" / "copy.txt").read_text() == "[1]\n"


@pytest.mark.parametrize(
    "wrong", ["no-such-program", "false | cat", "cd nowhere", "true\nfalse\ntrue", 'echo "$NAMELESS"']
)
def test_a_command_that_fails_ends_the_page_there(tmp_path, wrong):
    code, step = carried_out(f"```\ntrue\n```\n\n```\n{wrong}\n```\n\n```\ntouch later\n```\n", tmp_path)
    assert code != 0
    assert step == "2"
    assert not (tmp_path / "later").exists()


def test_an_exit_code_that_the_page_names_must_come(tmp_path):
    page = "<!-- exit code: 3 -->\n```\nsh -c 'exit {}'\n```\n"
    assert carried_out(page.format(3), tmp_path)[0] == 0
    (tmp_path / "again").mkdir()
    assert carried_out(page.format(0), tmp_path / "again")[0] != 0


def test_output_is_compared_but_for_what_the_page_leaves_open():
    [step] = steps_of("```\necho two words\n```\n\n```text\ntwo …\n```\n")
    assert step.prints == "two …\n"
    assert not differs(step.prints, "two  words\n")
    assert differs(step.prints, "three words\n")
    assert differs("Completed\n", "Completed, almost\n")


@pytest.mark.parametrize(
    "page",
    [
        "<!-- file: a.txt -->\nand no block",
        "```yaml\na: 1\n```\n",
        "```\ntrue\n```\n```text\na\n```\n```text\nb\n```\n",
    ],
    ids=["a comment without its block", "a language without a meaning", "two outputs"],
)
def test_a_page_that_says_too_little_is_refused(page):
    with pytest.raises(PageError):
        steps_of(page)


def test_json_that_is_none_is_refused():
    with pytest.raises(ValueError, match="Expecting"):
        steps_of('```json\n{"data": [1,]}\n```\n')
