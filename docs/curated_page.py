"""Write ``docs/reference/curated-environments.md`` from what ships. Called by ``make docs-generated``."""

from __future__ import annotations

import re
from pathlib import Path

from desktop_aml.environments import curated

PAGE = Path(__file__).parent / "reference" / "curated-environments.md"


def page() -> str:
    """Return the page as Markdown."""
    lines = [
        "# Curated environments",
        "",
        "Generated from `resources/environments/` by `make docs-generated`; change the files there.",
        "",
        "Use one by its name, in the window or with `--environment NAME`; nothing has to be registered.",
        "They cannot be changed: `desktop-aml environment clone NAME NEW`, or *Clone…* in the window, makes a copy",
        "that can. The first use saves the text as version 1 in the workspace, so that a run names what it used even",
        "when a newer program ships another text.",
        "",
        "| name | what it is | asks for |",
        "|---|---|---|",
    ]
    for one in curated.catalogue().values():
        asked = [word for word in re.findall(r"^ +- (\S+)$", one.text, re.MULTILINE) if word != "pip:"]
        lines.append(f"| `{one.name}` | {one.description} | {' '.join(f'`{word}`' for word in asked)} |")
    lines += [
        "",
        "Azure's names are found in any case, and by the version of scikit-learn that they tell:",
        "`AzureML-sklearn-1.1-ubuntu20.04-py38-cpu` is what `sklearn-1.1` is.",
    ]
    lines += ["", "Azure's other curated names (PyTorch, TensorFlow, AutoML, Designer, Dask) have no counterpart here."]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
