"""Which packages are ready-made (wheels) for a Python, as the package index tells uv; nothing is built to find out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_aml.environments.resolve import lock_text, old_metadata
from desktop_aml.environments.spec.parsing import Specification
from desktop_aml.environments.toolchain import failures, uv_process
from desktop_aml.environments.toolchain.builder import Watch

_NEEDED: Final = re.compile(r"Wheels are required for `([^`]+)`")
_NOT_USABLE: Final = re.compile(r"\b([\w.\-]+?)((?:[=<>!]=|[<>])[^\s]+) has no (?:usable )?wheels")


@dataclass(frozen=True, slots=True)
class Probe:
    """What a resolution with wheels alone came to.

    Parameters
    ----------
    fits : bool
        Whether there is one.
    packages : tuple of str
        Names of all packages that it would install.
    missing : str
        The package that has no wheel, when that is why.
    tried : tuple of str
        The same as requirements, with the versions that were looked at.
    """

    fits: bool
    packages: tuple[str, ...] = ()
    missing: str = ""
    tried: tuple[str, ...] = ()


class Wheels:
    """Asks uv, in a folder to work in.

    Parameters
    ----------
    held : int
        Descriptor that every process must inherit.
    """

    def __init__(self, watch: Watch, work: Path, held: int) -> None:
        self._watch = watch
        self._work = work
        self._held = held

    def missing_from(self, text: str, target: Sequence[str]) -> tuple[str, ...]:
        """Return the packages of a lock that would have to be built from source, with their versions.

        Parameters
        ----------
        target : sequence of str
            Words for uv that say which Python and platform it is for.
        """
        locked, answer = self._work / "locked.in", self._work / "pylock.toml"
        locked.write_text("".join(f"{one.name}=={one.version}\n" for one in lock_text.packages_of(text)), "utf-8")
        words = ["--no-deps", "--format", "pylock.toml", "--output-file", str(answer)]
        code, _ = self._compile(locked, [*target, *words])
        if code != 0:
            return ()
        packages = tomllib.loads(answer.read_text("utf-8")).get("packages", [])
        return tuple(f"{one['name']} {one.get('version', '')}".strip() for one in packages if not one.get("wheels"))

    def probe(self, spec: Specification, target: Sequence[str], skipped: Sequence[str]) -> Probe:
        """Resolve a specification with wheels alone, leaving out the packages `skipped`.

        Raises
        ------
        PreparationError
            When the index cannot be reached.
        """
        asked, answer = self._work / "probe.in", self._work / "probe.txt"
        asked.write_text("".join(f"{wanted.text}\n" for wanted in spec.requirements), "utf-8")
        left_out = self._work / "left-out.txt"
        left_out.write_text("".join(f"{name}; python_version < '3'\n" for name in skipped), "utf-8")
        words_of_uv = [*target, "--only-binary", ":all:", "--override", str(left_out), "--output-file", str(answer)]
        if spec.constraints:
            limits = self._work / "limits.txt"
            limits.write_text("".join(f"{one}\n" for one in spec.constraints), "utf-8")
            words_of_uv += ["--constraint", str(limits)]
        words_of_uv += ["--prerelease", "allow"] if spec.allow_prereleases else []
        code, printed = self._compile(asked, words_of_uv)
        if code == 0:
            return Probe(
                fits=True, packages=tuple(one.name for one in lock_text.packages_of(answer.read_text("utf-8")))
            )
        if failures.is_network(printed) or failures.is_no_space(printed):
            raise failures.explain(printed, spec)
        needed, first = _NEEDED.search(printed), _NOT_USABLE.search(printed)
        missing = needed[1] if needed else first[1] if first else ""
        ranges = dict.fromkeys(one[2] for one in _NOT_USABLE.finditer(printed) if one[1] == missing)
        return Probe(fits=False, missing=missing, tried=tuple(f"{missing}{one}" for one in ranges) or (missing,))

    def exists(self, requirement: str, target: Sequence[str]) -> bool:
        """Return whether a package has a wheel in some version that a requirement allows."""
        asked = self._work / "one.in"
        asked.write_text(f"{requirement}\n", "utf-8")
        words_of_uv = ["--no-deps", "--only-binary", ":all:", "--output-file", str(self._work / "one.txt")]
        return self._compile(asked, [*target, *words_of_uv])[0] == 0

    def _compile(self, asked: Path, words: Sequence[str]) -> tuple[int, str]:
        old_metadata.tell_uv(self._work)
        return uv_process.run(
            [uv_process.uv_path(), "pip", "compile", str(asked), *words, "--no-header", "--no-annotate", "--quiet"],
            log_path=self._watch.log_path,
            cancel=self._watch.cancel,
            cwd=self._work,
            on_line=lambda _: None,
            keep_open=(self._held,),
        )
