"""The table of what packages of Azure ML brought is what its script makes of their own metadata."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

METADATA = Path(__file__).with_name("azureml_metadata.json")
STORED = json.loads(METADATA.read_text("utf-8"))

# A Python whose pip knows the stored packages alone, as its report says them.
STANDS_IN = f"""#!{sys.executable} -IS
import json, sys
known = json.load(open({str(METADATA)!r}))
one = known.get(sys.argv[-1])
if one is None or sys.argv[1:4] != ["-m", "pip", "install"] or "--dry-run" not in sys.argv:
    sys.exit("ERROR: No matching distribution found")
print(json.dumps({{"install": [{{"metadata": one}}]}}))
"""


@pytest.fixture
def script() -> ModuleType:
    path = Path(__file__).parents[3] / "packaging" / "azureml_brings.py"
    spec = importlib.util.spec_from_file_location("azureml_brings_script", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table(script: ModuleType) -> dict[str, dict[str, list[str]]]:
    return json.loads(script.TARGET.read_text("utf-8"))


def test_entries_of_the_table_are_what_the_script_writes(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text(STANDS_IN)
    python.chmod(0o755)
    kept, target = table(script), tmp_path / "written.json"
    asked = {name.split("==")[0]: name.split("==")[1].removesuffix(".*") for name in STORED}
    monkeypatch.setattr(script, "TARGET", target)
    monkeypatch.setattr(script, "SDK", ())
    monkeypatch.setattr(script, "OTHERS", {name: {"3.8": (version, "9.9")} for name, version in asked.items()})
    script.main(str(python))
    written = json.loads(target.read_text("utf-8"))
    assert set(written) == set(asked)
    for name, versions in written.items():
        assert versions == {version: kept[name][version] for version in versions}
        assert [one["version"] for one in STORED.values() if one["name"] == name] == list(versions)


def test_the_table_holds_the_versions_that_the_script_asks_for(script: ModuleType) -> None:
    asked = {name: [one for found in script.SDK_VERSIONS.values() for one in found] for name in script.SDK}
    asked |= {name: [one for found in by.values() for one in found] for name, by in script.OTHERS.items()}
    # There was none before 1.15.
    runtime = asked["azureml-dataset-runtime"]
    asked["azureml-dataset-runtime"] = [one for one in runtime if one not in {"1.0.85", "1.3", "1.8"}]
    found = table(script)
    assert set(found) == set(asked)
    for name, versions in found.items():
        for wanted in asked[name]:
            assert [one for one in versions if f"{one}.".startswith(f"{wanted}.")], (name, wanted)
        assert len(versions) == len(asked[name]), name
        for requires in versions.values():
            assert requires == sorted(requires)
