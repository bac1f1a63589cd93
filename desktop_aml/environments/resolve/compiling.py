"""Requirements to exact versions and hashes, by ``uv pip compile``; old packages are kept from what they fail with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_aml.domain.errors import PreparationError
from desktop_aml.environments.resolve import lock_text, old_metadata
from desktop_aml.environments.spec import known_bounds
from desktop_aml.environments.spec.parsing import Specification
from desktop_aml.environments.toolchain import failures, uv_process
from desktop_aml.environments.toolchain.builder import Watch

_NOTE: Final = "# Note: "


def note(words: str) -> str:
    """Return the line of a lock that tells the user something."""
    return f"{_NOTE}{words}\n"


def notes_of(text: str) -> tuple[str, ...]:
    """Return what a lock tells the user."""
    return tuple(line.removeprefix(_NOTE) for line in text.splitlines() if line.startswith(_NOTE))


def versions_of(text: str) -> dict[str, str]:
    """Return the versions that a lock names, by package."""
    return {one.name: one.version for one in lock_text.packages_of(text)}


@dataclass(frozen=True, slots=True)
class Compiler:
    """Resolves for one Python.

    Parameters
    ----------
    target : sequence of str
        Words for ``uv pip compile`` that say which Python it is for, and whatever else it shall know.
    work : Path
        Folder to work in.
    held : int
        Descriptor that every process must inherit.
    on_line : callable
        Hears every line that uv prints.
    """

    spec: Specification
    target: Sequence[str]
    watch: Watch
    work: Path
    held: int
    on_line: Callable[[str], None]

    def compile(self, requirements: Sequence[str], fixed: Sequence[str] = (), words: Sequence[str] = ()) -> str:
        """Return requirements as a lock, with hashes.

        Parameters
        ----------
        fixed : sequence of str
            Bounds that are kept whatever comes.
        words : sequence of str
            More words for uv.

        Raises
        ------
        PreparationError
            With the line at fault and the resolver's reason.
        BuildCanceled
            When the watcher cancelled.
        """
        fixed = [*fixed, *self.spec.constraints]
        words = [*words, *(word for name in self.spec.only_binary for word in ("--only-binary", name))]
        text = self._run(requirements, fixed, words)
        kept: dict[str, str] = {}
        while more := known_bounds.broken(versions_of(text), kept):
            try:
                text = self._run(requirements, [*fixed, *kept, *more], words)
            except PreparationError:
                # What the user pins wins, whatever comes of it.
                kept |= {bound: f"{told} But the specification wants it otherwise." for bound, told in more.items()}
                break
            kept |= more
        if more := known_bounds.unsaid(versions_of(text)):
            try:
                text = self._run([*requirements, *more], [*fixed, *kept], words)
                kept |= more
            except PreparationError as error:
                # It goes without, unless this may be another matter the next time.
                if failures.is_network(error.details) or failures.is_no_space(error.details):
                    raise
        return "".join(map(note, kept.values())) + lock_text.with_allowed_hashes(text, self.spec)

    def own(self) -> str:
        """Return the requirements of the specification itself as a lock.

        Raises
        ------
        PreparationError
            With the line at fault; of an index without any package it says so, rather than that a name is misspelt.
        """
        try:
            return self.compile([wanted.text for wanted in self.spec.requirements])
        except PreparationError as error:
            if failures.is_missing(error.details) and self._uv(["pip"], [])[0] != 0:
                raise failures.wrong_index(error) from error
            raise

    def _run(self, requirements: Sequence[str], bounds: Sequence[str], more: Sequence[str]) -> str:
        answer, limits = self.work / "lock.txt", self.work / "bounds.txt"
        limits.write_text("".join(f"{bound}\n" for bound in bounds), "utf-8")
        # An answer that is there would be held on to.
        answer.unlink(missing_ok=True)
        words = ["--output-file", str(answer), "--generate-hashes", *more]
        words += ["--constraint", str(limits)] if bounds else []
        words += ["--prerelease", "allow"] if self.spec.allow_prereleases else []
        code, printed = self._uv(requirements, words)
        if code != 0:
            raise failures.explain(printed, self.spec)
        return answer.read_text("utf-8")

    def _uv(self, requirements: Sequence[str], more: Sequence[str]) -> tuple[int, str]:
        asked = self.work / "requirements.in"
        old_metadata.tell_uv(self.work)
        asked.write_text("".join(f"{text}\n" for text in requirements), "utf-8")
        words = [uv_process.uv_path(), "pip", "compile", str(asked), *self.target]
        return uv_process.run(
            [*words, "--no-header", "--no-annotate", "--quiet", *more],
            log_path=self.watch.log_path,
            cancel=self.watch.cancel,
            cwd=self.work,
            on_line=self.on_line,
            keep_open=(self.held,),
        )
