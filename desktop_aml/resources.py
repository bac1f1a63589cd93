"""Find the files that ship with the program: icons, samples, curated environments.

Nothing here reads or writes them. Users' files are the business of `settings` and of the workspace.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from desktop_aml.domain.errors import NotFound


def docs() -> Path | None:
    """Return the folder of the documentation's pages; None where an installation lacks it."""
    package = Path(__file__).resolve().parent
    places = (package.parent / "docs", package / "_docs")
    return next((place for place in places if (place / "index.md").is_file()), None)


def error_codes() -> dict[str, str]:
    """Return what the documentation says of each code of an error, as Markdown; nothing where it is missing."""
    folder = docs()
    page = folder / "reference" / "error-codes.md" if folder is not None else None
    if page is None or not page.is_file():
        return {}
    sections = page.read_text("utf-8").split("\n## ")[1:]
    return {code.strip(): text.strip() for code, _, text in (section.partition("\n") for section in sections)}


@cache
def root() -> Path:
    """Return the folder of all resources: ``resources/`` of a checkout, ``_resources`` of an installed package.

    Raises
    ------
    NotFound
        When the installation lacks the folder.
    """
    package = Path(__file__).resolve().parent
    checkout = package.parent
    # An editable install also has a copy in site-packages; the checkout's own folder is the true one.
    if (checkout / "pyproject.toml").is_file() and (checkout / "resources").is_dir():
        return checkout / "resources"
    if (package / "_resources").is_dir():
        return package / "_resources"
    raise NotFound(
        f"The files that belong to Desktop AML are not in {package}.",
        "The installation is incomplete: install desktop-aml again.",
    )


def path(*parts: str) -> Path:
    """Return the path of one resource, such as ``path("samples", "iris", "train.py")``.

    Raises
    ------
    NotFound
        When there is no such file or folder.
    """
    found = root().joinpath(*parts)
    if not found.exists():
        raise NotFound(
            f"The file {'/'.join(parts)} that belongs to Desktop AML is missing from {root()}.",
            "The installation is incomplete: install desktop-aml again.",
        )
    return found
