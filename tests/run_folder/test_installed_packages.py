"""What a script installs with the pip of its environment is its run's alone: the build stays as it was."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_aml.environments.resolve.interpreters import find_all
from desktop_aml.run_folder import installed_packages, script_env
from desktop_aml.store.folder import WorkspaceIdentity

HERE = find_all()
Command = Callable[..., str]


def wheel(folder: Path, name: str, version: str, needs: str = "") -> Path:
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    requires = f"Requires-Dist: {needs}\n" if needs else ""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", f"version = {version!r}\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        names = [*archive.namelist(), f"{info}/RECORD"]
        archive.writestr(f"{info}/RECORD", "".join(f"{one},,\n" for one in names))
    return path


@pytest.fixture(scope="module", params=[HERE[0], HERE[-1]], ids=lambda one: one.version_text)
def build(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an environment with pip and a package, as several runs share it."""
    folder = tmp_path_factory.mktemp("build") / "environment"
    subprocess.run([request.param.path, "-m", "venv", "--without-pip", str(folder)], check=True)
    site = next((folder / "lib").glob("python*/site-packages"))
    asked = "import ensurepip, os; print(os.path.join(os.path.dirname(ensurepip.__file__), '_bundled'))"
    bundled = subprocess.run([request.param.path, "-c", asked], stdout=subprocess.PIPE, text=True, check=True).stdout
    for brought in (wheel(folder, "base", "1.0"), next(Path(bundled.strip()).glob("pip-*.whl"))):
        with zipfile.ZipFile(brought) as archive:
            archive.extractall(site)
    (folder / "bin" / "pip").write_text(f"#!{folder}/bin/python\nimport runpy\nrunpy.run_module('pip')\n")
    (folder / "bin" / "pip").chmod(0o755)
    return folder


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    wheel(tmp_path, "extra", "2.0", needs="base>=1.0")
    wheel(tmp_path, "base", "3.0")
    return tmp_path


@pytest.fixture
def a_run(build: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Command]:
    """Return what makes a run: a function that starts a command line as its script would."""

    def make(name: str, path: str = "/usr/bin:/bin") -> Command:
        directory = wheels / name
        directory.mkdir()
        block = script_env.variables(
            run_id=name,
            experiment="iris",
            workspace=WorkspaceIdentity("shop", "sub", "group"),
            run_directory=directory,
            nonce="n",
            python=str(build / "bin" / "python"),
            extra={},
            inherited={
                "PATH": path,
                "HOME": str(wheels),
                "PIP_NO_INDEX": "1",
                "PIP_FIND_LINKS": str(wheels),
                "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            },
        )

        def command(line: str) -> str:
            words = ["/bin/sh", "-c", line]
            done = subprocess.run(words, env=block, cwd=wheels, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            return done.stdout + done.stderr

        return command

    return make


def contents(folder: Path) -> dict[str, int]:
    found = {path for path in folder.rglob("*") if "__pycache__" not in path.parts}
    return {str(path): path.lstat().st_mtime_ns for path in found if not path.is_dir()}


CALLS_OWN = "import subprocess; subprocess.check_call(['own/bin/python', '-m', 'pip', 'install', 'extra'])"
IMPORTS = "import base, extra; print(base.version, extra.version)"
WAYS = {
    "pip": f"pip install extra && python -c '{IMPORTS}'",
    "python -m pip": f"python -m pip install --user extra && python -c '{IMPORTS}'",
    "its own process": f'python -c "import importlib, subprocess, sys; '
    f"subprocess.check_call([sys.executable, '-m', 'pip', 'install', 'extra']); {IMPORTS}\"",
    "pip as a module": "python -c \"import warnings; warnings.simplefilter('ignore'); from pip._internal import main; "
    f"main(['install', 'extra']); {IMPORTS}\"",
}


@pytest.mark.parametrize("way", WAYS)
def test_what_a_script_installs_is_there_for_its_run_alone(
    a_run: Callable[[str], Command], build: Path, wheels: Path, way: str
) -> None:
    before = contents(build)
    told = a_run("first")(WAYS[way])
    assert "1.0 2.0" in told
    if way != "pip as a module":
        assert "Desktop AML: The script installed extra==2.0 for this run alone" in told
        assert "`- extra==2.0`" in told
    assert contents(build) == before
    assert installed_packages.installed(wheels / "first") == {"extra": "2.0"}
    assert "no extra" in a_run("second")("python -c 'import extra' 2>/dev/null || echo no extra")
    installed_packages.clear(wheels / "first")
    assert not (wheels / "first" / "packages").exists()


def test_another_version_hides_that_of_the_build_and_leaves_it(
    a_run: Callable[[str], Command], build: Path, wheels: Path
) -> None:
    before, first = contents(build), a_run("first")
    first("pip install base==3.0")
    assert first("python -c 'import base; print(base.version)'") == "3.0\n"
    first("pip uninstall -y base")
    assert first("python -c 'import base; print(base.version)'") == "1.0\n"
    first("pip uninstall -y base || true")
    assert first("pip list --format=freeze | grep base") == "base==1.0\n"
    assert contents(build) == before


def test_an_environment_that_a_script_makes_is_its_own(
    a_run: Callable[[str], Command], build: Path, wheels: Path
) -> None:
    run = a_run("first")
    run("pip install extra && python -m venv --without-pip own")
    fake = next((wheels / "own" / "lib").glob("python*/site-packages")) / "pip"
    fake.mkdir()
    (fake / "__init__.py").touch()
    (fake / "__main__.py").write_text("import os, sys; print(os.environ.get('PIP_PREFIX'), sys.prefix)")
    assert run(f'python -c "{CALLS_OWN}"') == f"None {wheels}/own\n"
    assert run("own/bin/python -c 'import extra' 2>/dev/null || echo no extra") == "no extra\n"


def test_the_pip_of_another_python_changes_nothing_there(a_run: Callable[[str], Command], wheels: Path) -> None:
    other = next(one for one in HERE if one.version_text not in str(wheels) and one.path)
    users = wheels / "users"
    subprocess.run([other.path, "-m", "venv", "--without-pip", str(users)], check=True)
    os.utime(users / "pyvenv.cfg", (1, 1))
    site = next((users / "lib").glob("python*/site-packages"))
    (site / "pip").mkdir()
    (site / "pip" / "__init__.py").touch()
    (site / "pip" / "__main__.py").write_text("import sys; print('pip of the user', *sys.argv[1:])")
    run = a_run("first")
    for act in ("install extra", "uninstall -y base"):
        told = run(f"python -c pass; {users}/bin/python -m pip {act} || echo refused")
        assert told.endswith("refused\n") or "refused\n" in told
        assert "is not the Python of this run, and is left as it is" in told
        assert "pip of the user" not in told
    assert "pip of the user list" in run(f"{users}/bin/python -m pip list")


def test_an_installation_by_uv_is_its_runs_alone(a_run: Callable[[str], Command], build: Path, wheels: Path) -> None:
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert uv is not None
    before, run = contents(build), a_run("first")
    asked = [uv, "pip", "install", "--offline", "--no-index", "--find-links", str(wheels), "--no-deps", "extra"]
    told = run(f"python -c \"import subprocess; subprocess.check_call({asked})\" && python -c '{IMPORTS}'")
    assert "1.0 2.0" in told
    assert contents(build) == before
    assert installed_packages.installed(wheels / "first") == {"extra": "2.0"}


# Before 22.3 pip hears of no other Python.
@pytest.mark.parametrize("build", [HERE[0]], ids=lambda one: one.version_text, indirect=True)
def test_an_isolated_pip_takes_nothing_from_the_build(a_run: Callable[[str], Command], build: Path) -> None:
    before, run = contents(build), a_run("first")
    isolated = "subprocess.call([sys.executable, '-I', '-m', 'pip', 'uninstall', '-y', 'base'])"
    run(f'python -c "import subprocess, sys; {isolated}"')
    assert contents(build) == before


def test_a_shell_that_calls_uv_or_conda_first_of_all_changes_nothing_of_the_user(
    a_run: Callable[..., Command], wheels: Path
) -> None:
    looks = 'python -c \'import shutil; print(shutil.which("conda"), shutil.which("mamba"))\''
    assert a_run("none")(looks) == "None None\n"
    tools = wheels / "tools"
    tools.mkdir()
    for name in ("uv", "conda"):
        (tools / name).write_text(f'#!/bin/sh\necho {name} itself: "$UV_PYTHON" "$@"\n')
        (tools / name).chmod(0o755)
    run = a_run("first", f"{tools}:/usr/bin:/bin")
    assert run("uv pip install extra") == f"uv itself: {wheels}/first/packages/bin/python pip install extra\n"
    assert (wheels / "first/packages/bin/python").is_symlink()
    told = run("conda install numpy || conda list")
    assert "a run changes no environment of conda" in told
    assert "environment.yml" in told
    assert told.splitlines()[0] == "conda itself:  list"
    for words in ("env update -f x.yml", "--no-plugins install numpy", "-n base update --all", "env -q remove -n x"):
        assert "itself" not in run(f"conda {words} || true"), words
    for words in ("env list", "env create -f x.yml", "run -n x update", "--version", "create -n x numpy"):
        assert run(f"conda {words}") == f"conda itself:  {words}\n"


def test_a_process_of_a_run_reads_the_path_files_of_its_environment_as_often_as_any(
    a_run: Callable[[str], Command], build: Path
) -> None:
    site = next((build / "lib").glob("python*/site-packages"))
    (site / "counts.pth").write_text("import sys; sys.counted = getattr(sys, 'counted', 0) + 1\n")
    try:
        counts = "import sys; print(sys.counted)"
        alone = subprocess.run([build / "bin/python", "-c", counts], stdout=subprocess.PIPE, text=True, check=True)
        assert a_run("first")(f"python -c pass; python -c '{counts}'") == alone.stdout
    finally:
        (site / "counts.pth").unlink()


STRICT = """
import os, sys
class Refuses:
    def find_spec(self, name, *_):
        raise ImportError("Blocked import of " + name)
sys.meta_path.insert(0, Refuses())
own = [one for one in sys.path if one.startswith(sys.prefix) and one.endswith("site-packages")]
os.makedirs(own[0] + "/a-1.dist-info")
"""


def test_a_pip_that_refuses_imports_after_it_installed_is_told_of(
    a_run: Callable[[str], Command], build: Path, wheels: Path
) -> None:
    site = next((build / "lib").glob("python*/site-packages"))
    (site / "pip").rename(site / "real-pip")
    (site / "pip").mkdir()
    try:
        (site / "pip" / "__init__.py").touch()
        (site / "pip" / "__main__.py").write_text(STRICT)
        told = a_run("first")("python -m pip install a")
    finally:
        shutil.rmtree(site / "pip")
        (site / "real-pip").rename(site / "pip")
    assert "The script installed a==1 for this run alone" in told
    assert "Blocked" not in told
