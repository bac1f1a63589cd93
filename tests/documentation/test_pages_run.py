"""What the pages tell a reader to type is typed here, by somebody with an empty home; what they show is what comes."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.documentation.pages import Step, differs, program_of, steps_of
from tests.shared_builds import PLACE

pytestmark = pytest.mark.timeout(400)

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md"]
    + [page for folder in ("tutorial", "how-to", "explanation") for page in (CHECKOUT / "docs" / folder).rglob("*.md")]
)
TOLD = ("UV_", "PIP_", "SSL_CERT", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "OMP_", "OPENBLAS_")
"""How this computer reaches a package index, and that tests share its cores; nothing else around the tests is told."""
MOST_NOT_RUN = 21
"""How many blocks may say that they cannot be carried out."""


def name_of(page: Path) -> str:
    return page.relative_to(CHECKOUT).as_posix()


def with_blocks() -> list[Path]:
    return [page for page in PAGES if any(not step.reason for step in steps_of(page.read_text(encoding="utf-8")))]


class Reader:
    """Somebody with a fresh clone, an empty home and the commands that Debian has."""

    def __init__(self, folder: Path, docker: str, builds: Path) -> None:
        self.home, self.clone, self.notes = folder / "home", folder / "clone", folder / "notes"
        temporary = folder / "tmp"
        for made in (self.clone, self.notes, temporary, self.home / ".local" / "bin", self.home / ".cache"):
            made.mkdir(parents=True)
        for path in CHECKOUT.iterdir():
            if path.name not in ("resources", ".git", ".cache"):
                (self.clone / path.name).symlink_to(path)
        shutil.copytree(CHECKOUT / "resources", self.clone / "resources")
        # Environments that were built for one page are found by the next, as on anybody's computer.
        builds.mkdir(parents=True, exist_ok=True)
        (self.home / ".cache" / "desktop-aml").symlink_to(builds)
        uv = os.environ.get("UV_CACHE_DIR") or str(Path("~/.cache/uv").expanduser())
        self.surroundings = {
            **{key: value for key, value in os.environ.items() if key.upper().startswith(TOLD)},
            "HOME": str(self.home),
            "PATH": f"{self.home}/.local/bin:/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "USER": "reader",
            "UV_CACHE_DIR": uv,
            "TMPDIR": str(temporary),
            "CLONE": str(self.clone),
            "DOCKER_HOST": docker,
            "TEST_MARK": os.environ["TEST_MARK"],
        }

    def follow(self, steps: list[Step], page: str) -> None:
        """Do what a page says; fail with its line where that cannot be done, or where another output comes."""
        words = ["/bin/bash", "-c", program_of(steps, self.notes)]
        done = subprocess.run(words, cwd=self.clone, env=self.surroundings, capture_output=True, text=True, check=False)
        if done.returncode:
            number = int((self.notes / "step").read_text())
            step = steps[number - 1]
            said = f"{self.printed_by(number)[-3000:]}{done.stderr[-2000:]}"
            pytest.fail(f"{page}:{step.line} ended with {done.returncode}\n{step.text}\n{said}")
        for number, step in enumerate(steps, start=1):
            if step.prints is not None and differs(step.prints, self.printed_by(number)):
                pytest.fail(f"{page}:{step.line} shows\n{step.prints}\nbut prints\n{self.printed_by(number)}")

    def printed_by(self, number: int) -> str:
        output = self.notes / f"{number}.out"
        return output.read_text(encoding="utf-8", errors="replace") if output.exists() else ""


@pytest.fixture
def reader(tmp_path: Path, request: pytest.FixtureRequest, marked_processes: Callable[[], list[object]]) -> Reader:
    """Return a reader; nothing that was started for them outlives the test."""
    page = request.getfixturevalue("page")
    docker = request.getfixturevalue("docker_engine") if "docker.md" in page.name else ""
    # A page that cleans up does so among builds of its own, which it has just used and so leaves there.
    builds = PLACE / ("pages-environments" if "environment clean" in page.read_text() else "pages")
    made = Reader(tmp_path, docker, builds)
    if "ln -sf" not in page.read_text():
        (made.home / ".local" / "bin" / "desktop-aml").symlink_to(CHECKOUT / ".venv" / "bin" / "desktop-aml")
    return made


@pytest.mark.parametrize("page", with_blocks(), ids=name_of)
def test_a_page_can_be_followed(page: Path, reader: Reader) -> None:
    reader.follow(steps_of(page.read_text(encoding="utf-8")), name_of(page))


def test_few_blocks_are_not_carried_out_and_each_says_why() -> None:
    steps = [(name_of(page), step) for page in PAGES for step in steps_of(page.read_text(encoding="utf-8"))]
    left = [f"{page}:{step.line}: {step.reason}" for page, step in steps if step.reason]
    assert [one for one in left if len(one.split()) < 5] == []
    assert len(left) <= MOST_NOT_RUN, "\n".join(left)
