"""The documentation keeps up with the code, and its links lead somewhere."""

import configparser
import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.documentation.commands import every_command

CHECKOUT = Path(__file__).resolve().parents[1]
PACKAGE = CHECKOUT / "desktop_aml"
ROOMS = {"desktop_aml", "tests", "benchmarks", "packaging", *(path.name for path in PACKAGE.iterdir() if path.is_dir())}
PAGES = sorted([*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md"), *(CHECKOUT / "resources").rglob("*.md")])


@pytest.mark.parametrize("name", [path.stem for path in sorted((CHECKOUT / "docs").glob("*_page.py"))])
def test_a_generated_page_is_current(name):
    spec = importlib.util.spec_from_file_location(name, CHECKOUT / "docs" / f"{name}.py")
    assert spec
    assert spec.loader
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    assert generator.PAGE.read_text(encoding="utf-8") == generator.page(), "run: make docs-generated"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_every_link_of_a_page_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if not link.startswith(("http://", "https://"))]
    assert [link for link in local if not (page.parent / link).exists()] == []


def anchors_of(page: Path) -> set[str]:
    """Return what a link into a page may name: its headings, as forges and the site write them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_every_link_into_a_page_leads_to_a_heading(page):
    links = re.findall(r"\]\(([^)#\s]*)#([^)]+)\)", page.read_text(encoding="utf-8"))
    local = [(page.parent / link if link else page, anchor) for link, anchor in links if "://" not in link]
    assert [f"{target}#{anchor}" for target, anchor in local if anchor not in anchors_of(target)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_every_module_that_a_page_names_is_there(page):
    # What the changelog says was true when it was written.
    if page.name == "changelog.md":
        return
    named = re.findall(r"`((?:[\w.-]+/)+[\w-]+\.py)`", page.read_text())
    ours = [name for name in named if name.split("/")[0] in ROOMS]
    assert [name for name in ours if not any((place / name).is_file() for place in (CHECKOUT, PACKAGE))] == []


def test_every_page_is_on_the_index():
    index = CHECKOUT / "docs" / "index.md"
    listed = {
        (index.parent / link).resolve() for link in re.findall(r"\]\(([^)#]+)\)", index.read_text(encoding="utf-8"))
    }
    pages = {path for path in index.parent.rglob("*.md") if path.parent.name != "adr" and path != index}
    assert pages - listed == set()


def test_every_decision_is_listed():
    folder = CHECKOUT / "docs" / "adr"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in folder.glob("0*.md") if f"({page.name})" not in listed] == []


def test_the_program_has_the_commands_that_the_page_lists():
    page = (CHECKOUT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    assert {name for name, _ in every_command()} == set(re.findall(r"^## ([a-z].*)$", page, re.MULTILINE))


def test_make_writes_every_generated_page():
    made = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    assert [path.name for path in (CHECKOUT / "docs").glob("*_page.py") if f"docs/{path.name}" not in made] == []


def test_every_command_has_a_help_text():
    assert [name for name, command in every_command() if not command.help] == []


def test_the_desktop_entry_starts_the_program():
    keys = entry_of(CHECKOUT / "packaging" / "linux" / "desktop-aml.desktop")["Desktop Entry"]
    assert keys["Exec"] == "desktop-aml %f"
    assert (CHECKOUT / "resources" / "icons" / f"{keys['Icon']}.svg").exists()


def entry_of(path: Path) -> configparser.ConfigParser:
    entry = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read_string(path.read_text(encoding="utf-8"))
    return entry


def test_the_program_is_put_into_the_menu_and_taken_out(tmp_path):
    checkout, data = tmp_path / 'a "clone" of $mine & 100%', tmp_path / "data"
    for part in ("packaging/linux", "resources/icons"):
        shutil.copytree(CHECKOUT / part, checkout / part)
    install = [str(checkout / "packaging" / "linux" / "install-desktop.sh")]
    subprocess.run(install, env={**os.environ, "XDG_DATA_HOME": str(data)}, check=True, capture_output=True)
    entry = entry_of(data / "applications" / "desktop-aml.desktop")
    program = f"{checkout}/.venv/bin/desktop-aml"
    for section in entry.sections():
        # As a desktop reads it: the file's own escapes first, then those of the quotes, then the fields.
        quoted = re.match(r'"((?:\\.|[^"\\])*)"', entry[section]["Exec"].replace("\\\\", "\\"))
        assert quoted is not None
        assert re.sub(r"\\(.)", r"\1", quoted[1]).replace("%%", "%") == program
    assert entry["Desktop Entry"]["MimeType"].split(";")[0] == "text/x-python"
    actions = entry["Desktop Entry"]["Actions"].rstrip(";").split(";")
    assert [f"Desktop Action {name}" in entry for name in actions] == [True, True]
    assert (data / "icons/hicolor/scalable/apps/desktop-aml.svg").is_file()
    subprocess.run(
        [*install, "--remove"], env={**os.environ, "XDG_DATA_HOME": str(data)}, check=True, capture_output=True
    )
    assert [path for path in data.rglob("*") if path.is_file() and path.name != "mimeinfo.cache"] == []
