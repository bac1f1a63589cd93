import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_aml import resources
from desktop_aml.domain.errors import NotFound

CHECKOUT = Path(__file__).resolve().parents[1]


def test_a_checkout_uses_its_own_folder():
    assert resources.root() == CHECKOUT / "resources"
    assert resources.path("samples", "iris", "train.py").read_text().startswith('"""Train')


def test_a_missing_resource_says_what_to_do():
    with pytest.raises(NotFound, match=r"icons/no-such\.svg") as caught:
        resources.path("icons", "no-such.svg")
    assert "install desktop-aml again" in caught.value.hint


def installed_copy(tmp_path: Path) -> Path:
    package = tmp_path / "site" / "desktop_aml"
    shutil.copytree(CHECKOUT / "desktop_aml" / "domain", package / "domain")
    shutil.copy(CHECKOUT / "desktop_aml" / "resources.py", package)
    (package / "__init__.py").touch()
    return package


def root_of(package: Path) -> subprocess.CompletedProcess[str]:
    code = "from desktop_aml import resources; print(resources.root())"
    return subprocess.run([sys.executable, "-c", code], cwd=package.parent, capture_output=True, text=True, check=False)


def test_an_installed_package_uses_the_folder_inside_it(tmp_path):
    package = installed_copy(tmp_path)
    (package / "_resources").mkdir()
    assert root_of(package).stdout.strip() == str(package / "_resources")


def test_an_installation_without_resources_is_named_incomplete(tmp_path):
    assert "The installation is incomplete" in root_of(installed_copy(tmp_path)).stderr
