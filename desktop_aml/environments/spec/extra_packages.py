"""What a run needs beside the packages that its specification names: added to the text, and locked like the rest."""

from __future__ import annotations

import re
from io import StringIO
from typing import Final

from desktop_aml.domain.environments import EnvironmentKind

NOTEBOOK_PACKAGES: Final = ("nbclient", "ipykernel")


def with_packages(kind: EnvironmentKind, text: str, packages: tuple[str, ...]) -> str:
    """Return a checked specification with more packages; a kind that is not resolved here stays as it is."""
    missing = [name for name in packages if not re.search(rf"(?im)^[\s-]*['\"]?{re.escape(name)}\b", text)]
    if not missing or kind not in {EnvironmentKind.CONDA, EnvironmentKind.PIP}:
        return text
    if kind is EnvironmentKind.PIP:
        return "\n".join([text.rstrip(), *missing, ""])
    from ruamel.yaml import YAML  # Imported here: only a notebook needs it.

    yaml = YAML()
    document = yaml.load(text)
    dependencies = document.setdefault("dependencies", [])
    pip = next((item["pip"] for item in dependencies if isinstance(item, dict) and item.get("pip")), None)
    if pip is None:
        dependencies.append({"pip": missing})
    else:
        pip.extend(missing)
    out = StringIO()
    yaml.dump(document, out)
    return out.getvalue()
