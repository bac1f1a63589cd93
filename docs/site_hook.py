"""What the site has beyond the pages: navigation, and the Python API from its docstrings. Called by mkdocs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

SERVICES = (
    ("Workspace", "desktop_aml.workspace.workspace.Workspace"),
    ("workspace.runs", "desktop_aml.workspace.runs.Runs"),
    ("workspace.runs.files", "desktop_aml.workspace.run.files.RunFiles"),
    ("workspace.runs.code", "desktop_aml.workspace.run.code.RunCode"),
    ("workspace.runs.data", "desktop_aml.workspace.run.data.RunData"),
    ("workspace.sweeps", "desktop_aml.workspace.sweeps.Sweeps"),
    ("workspace.experiments", "desktop_aml.workspace.experiments.Experiments"),
    ("workspace.models", "desktop_aml.workspace.models.Models"),
    ("workspace.environments", "desktop_aml.workspace.environments.Environments"),
    ("workspace.endpoints", "desktop_aml.workspace.endpoints.Endpoints"),
    ("workspace.datasets", "desktop_aml.workspace.datasets.Datasets"),
    ("workspace.computes", "desktop_aml.workspace.computes.Computes"),
    ("workspace.secrets", "desktop_aml.workspace.secrets.Secrets"),
)

FULL_API = "reference/python-api-in-full.md"
ROOT = Path(__file__).resolve().parents[1]


def on_config(config: Any) -> Any:
    """Take the navigation from the index: its sections, and their links in order."""
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    config.nav = [{"Home": "index.md"}]
    for section in re.split(r"^## ", index, flags=re.MULTILINE)[1:]:
        title, text = section.split("\n", 1)
        pages: list[Any] = re.findall(r"\]\(([^)#]+\.md)\)", text)
        if "reference/python-api.md" in pages:
            pages.insert(pages.index("reference/python-api.md") + 1, {"Python API in full": FULL_API})
        config.nav.append({title.partition(":")[0]: pages})
    return config


def on_files(files: Files, *, config: Any) -> Files:
    """Add the page of the Python API; a plain view of the folder has no use for it."""
    text = "# Python API in full\n\nFrom the docstrings. How to begin: [Python API](python-api.md).\n"
    for name, path in SERVICES:
        text += f"\n## `{name}` {{#{name.replace('.', '-').lower()}}}\n\n::: {path}\n"
    files.append(File.generated(config, FULL_API, content=text))
    return files


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Have links that lead out of the documentation name the file instead: the site holds the pages alone."""

    def named(link: re.Match[str]) -> str:
        target = (Path(page.file.abs_src_path).parent / link[2]).resolve()
        outside = ROOT in target.parents and ROOT / "docs" not in target.parents
        return f"{link[1]} (`{target.relative_to(ROOT)}`)" if outside else link[0]

    if page.file.abs_src_path is None:
        return markdown
    return re.sub(r"\[([^\]]+)\]\((\.\./[^)#]+)\)", named, markdown)
