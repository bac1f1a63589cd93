"""Reads what a page tells its reader to type, and writes it as one program of the shell.

A fenced block does what its language says: none or ``sh`` is typed into one shell for the whole page, ``python`` is a
program for the Python of Desktop AML, ``json`` must be JSON, ``text`` right after a command is what that prints, with
``…`` for anything. Comments in the page, which no reader sees, say what the block itself cannot:

- ``<!-- run: COMMANDS -->``: typed here as well, to make ready what the page takes for granted;
- ``<!-- file: PATH -->``: the next block is the content of this file;
- ``<!-- exit code: N -->``: the commands of the next block end with N;
- ``<!-- not run: REASON -->``: the next block is not carried out, and why.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PARTS = re.compile(
    r"^<!-- (?P<act>run|file|exit code|not run): (?P<words>.*?)\s-->$"
    r"|^(?P<fence>`{3,})(?P<language>\w*)[^\n]*\n(?P<text>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)
_SHELL = ("", "sh", "bash")


class PageError(Exception):
    """A block that nobody can carry out: its page says too little about it."""


@dataclass
class Step:
    """One thing to do, or, with a `reason`, to leave.

    `line` is that of the page, from 1; `prints` is the output that the page shows.
    """

    line: int
    language: str
    text: str
    file: str = ""
    reason: str = ""
    exit_code: int = 0
    prints: str | None = None


def steps_of(page: str) -> list[Step]:
    """Return what a page has to be done, in its order.

    Raises
    ------
    PageError
        When a comment belongs to no block, or a block cannot be carried out.
    """
    steps: list[Step] = []
    said: dict[str, str] = {}
    for part in _PARTS.finditer(page):
        line = page.count("\n", 0, part.start()) + 1
        if part["act"] == "run":
            steps.append(Step(line, "", part["words"] + "\n"))
        elif part["act"]:
            said[part["act"]] = part["words"]
        elif part["language"] == "text" and steps and not said:
            if steps[-1].prints is not None:
                raise PageError(f"line {line}: two outputs of one command")
            steps[-1].prints = part["text"]
        else:
            steps.append(
                Step(
                    line,
                    part["language"],
                    part["text"],
                    file=said.pop("file", ""),
                    reason=said.pop("not run", ""),
                    exit_code=int(said.pop("exit code", "0")),
                )
            )
            _check(steps[-1])
    if said:
        raise PageError(f"no block follows {said}")
    return steps


def _check(step: Step) -> None:
    if step.file or step.reason or step.language in (*_SHELL, "python"):
        return
    if step.language != "json":
        raise PageError(f"line {step.line}: what is to be done with a block of {step.language}?")
    json.loads(step.text)


def program_of(steps: list[Step], folder: Path) -> str:
    """Return a program for bash that carries out the steps; write what it needs, and have it write, into `folder`."""
    lines = ["set -euo pipefail"]
    for number, step in enumerate(steps, start=1):
        if step.reason or (step.language == "json" and not step.file):
            continue
        source = folder / f"{number}.txt"
        source.write_text(step.text, encoding="utf-8")
        lines.append(f"echo {number} > {shlex.quote(str(folder / 'step'))}")
        lines += _carried_out(step, source, folder / f"{number}.out")
    return "\n".join(lines) + "\n"


def _carried_out(step: Step, source: Path, output: Path) -> Iterator[str]:
    text, said = shlex.quote(str(source)), shlex.quote(str(output))
    if step.file:
        # The shell expands a leading tilde only where nothing quotes it.
        yield f"cp {text} {step.file}"
    elif step.language == "python":
        yield f'"$CLONE"/.venv/bin/python {text} < /dev/null > {said} 2>&1'
    elif step.exit_code:
        yield f"set +e; . {text} < /dev/null > {said} 2>&1; code=$?; set -e; [ $code = {step.exit_code} ]"
    else:
        yield f". {text} < /dev/null > {said} 2>&1"


def differs(shown: str, printed: str) -> bool:
    """Whether a page shows something else than what was printed; ``…`` in it stands for anything."""
    wanted = " ".join(shown.split())
    pattern = ".*".join(re.escape(part) for part in wanted.split("…"))
    return re.fullmatch(pattern, " ".join(printed.split())) is None
