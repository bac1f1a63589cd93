"""The set-up scripts: what they decide, with the slow and the outward parts replaced by stand-ins."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]


@pytest.fixture
def computer(tmp_path):
    """A checkout whose PATH holds only stand-ins and the system's small tools."""
    return Computer(tmp_path)


class Computer:
    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "a checkout"
        self.programs = folder / "programs"
        self.calls = folder / "calls.txt"
        self.calls.touch()
        self.programs.mkdir()
        (self.checkout / "desktop_aml").mkdir(parents=True)
        shutil.copytree(CHECKOUT / "packaging", self.checkout / "packaging")
        for name in ("pyproject.toml", "uv.lock"):
            shutil.copy(CHECKOUT / name, self.checkout)
        for name in ("awk", "cat", "cut", "dirname", "env", "flock", "mkdir", "mktemp", "mv", "rm", "sed", "sh"):
            self.link(name)
        for name in ("sha256sum", "sort", "stat", "tail", "touch", "wc", "xargs", "ls"):
            self.link(name)
        self.stand_in("dpkg-query", 'shift 2; for name in "$@"; do echo "$name installed"; done')
        self.stand_in("id", "echo 1000")
        self.python("python3", "3.11")

    def link(self, name: str) -> None:
        found = shutil.which(name)
        assert found, f"this computer lacks {name}"
        (self.programs / name).symlink_to(found)

    def stand_in(self, name: str, script: str) -> Path:
        program = self.programs / name
        program.unlink(missing_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        return program

    def python(self, name: str, version: str, *, ensurepip: bool = True) -> None:
        """A Python of this version that makes a .venv of stand-ins: python, pip and uv tell what they were asked."""
        new_enough = tuple(int(part) for part in version.split(".")) >= (3, 11)
        executable = self.programs / name if new_enough else ""
        self.stand_in(
            name,
            f"""case "$*" in
                *sys.executable*) echo "{executable}" ;;
                *ensurepip*) exit {0 if ensurepip else 1} ;;
                *python%d*) echo python{version}-venv ;;
                -V) echo "Python {version}.9" ;;
                "-m venv"*) echo "venv by {name}" >>"{self.calls}"; mkdir -p .venv/bin
                    printf '#!/bin/sh\\necho "venv-python $*" >>"{self.calls}"\\n' >.venv/bin/python
                    printf '#!/bin/sh\\ncase $1 in --version) echo "uv 0.0.1" ;; cache) echo .cache/uv ;;
                        sync) echo "uv $* bytecode=${{PYTHONDONTWRITEBYTECODE-yes}}" >>"{self.calls}"
                              exit "${{UV_EXIT-0}}" ;; esac\\n' >.venv/bin/uv
                    /bin/chmod 755 .venv/bin/* ;;
            esac""",
        )

    def set_up(self, mode: str = "run", **env_vars: str) -> subprocess.CompletedProcess[str]:
        self.calls.write_text("")
        return subprocess.run(
            [self.checkout / "packaging" / "setup.sh", mode],
            env={"PATH": str(self.programs), "HOME": str(self.checkout.parent), **env_vars},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def asked(self) -> str:
        return self.calls.read_text()


def test_the_first_call_makes_everything_and_the_second_nothing(computer):
    first = computer.set_up()
    assert first.returncode == 0, first.stderr
    assert "venv by python3" in computer.asked()
    assert "pip install --quiet --disable-pip-version-check uv==" in computer.asked()
    assert "uv sync --locked --compile-bytecode --quiet --no-dev" in computer.asked()
    second = computer.set_up()
    assert (second.returncode, second.stdout, computer.asked()) == (0, "", "")


def test_byte_code_is_written_even_where_it_is_switched_off(computer):
    computer.set_up(PYTHONDONTWRITEBYTECODE="1")
    assert "bytecode=yes" in computer.asked()
    assert "venv-python -m compileall -q desktop_aml" in computer.asked()


def test_a_changed_lock_is_installed_into_the_same_environment(computer):
    computer.set_up()
    with (computer.checkout / "uv.lock").open("a") as lock:
        lock.write("# changed\n")
    assert computer.set_up().returncode == 0
    assert "uv sync" in computer.asked()
    assert "venv by" not in computer.asked()


def test_development_tools_are_added_and_then_stay(computer):
    computer.set_up("run")
    computer.set_up("test")
    assert "uv sync" in computer.asked()
    assert "--no-dev" not in computer.asked()
    computer.set_up("run")
    assert computer.asked() == ""
    with (computer.checkout / "uv.lock").open("a") as lock:
        lock.write("# changed\n")
    computer.set_up("run")
    assert "uv sync" in computer.asked()
    assert "--no-dev" not in computer.asked()


def test_an_interrupted_set_up_is_started_afresh(computer):
    failed = computer.set_up(UV_EXIT="1")
    assert failed.returncode == 1
    assert "could not be installed into .venv" in failed.stderr
    (computer.checkout / ".venv" / "half-written").touch()
    again = computer.set_up()
    assert again.returncode == 0
    assert "starting afresh" in again.stdout
    assert not (computer.checkout / ".venv" / "half-written").exists()


def test_a_checkout_that_moved_gets_a_new_environment(computer):
    computer.set_up()
    computer.checkout = computer.checkout.rename(computer.checkout.with_name("moved"))
    assert computer.set_up().returncode == 0
    assert "venv by python3" in computer.asked()


def test_an_environment_whose_python_is_gone_is_made_again(computer):
    computer.set_up()
    (computer.checkout / ".venv" / "bin" / "python").unlink()
    assert computer.set_up().returncode == 0
    assert "venv by python3" in computer.asked()


def test_a_name_that_runs_an_old_python_is_passed_over(computer):
    computer.python("python3", "3.9")
    computer.python("python3.12", "3.12")
    assert computer.set_up().returncode == 0
    assert "venv by python3.12" in computer.asked()


def test_no_suitable_python_is_said_with_what_to_do(computer):
    computer.python("python3", "3.9")
    ended = computer.set_up()
    assert ended.returncode == 3
    assert "No Python 3.11 or newer was found" in ended.stderr
    assert "apt-get install python3 python3-venv" in ended.stderr


def lacks(computer: Computer, *names: str, until: str = "/nowhere") -> None:
    """These packages are not installed as long as there is no file `until`."""
    absent = f'case " {" ".join(names)} " in *" $name "*) [ -e "{until}" ] || continue ;; esac'
    computer.stand_in("dpkg-query", f'shift 2; for name in "$@"; do {absent}; echo "$name installed"; done')


def test_missing_libraries_are_named_with_the_exact_line(computer):
    lacks(computer, "libxcb-icccm4", "libxcb-icccm4t64", "libegl1", "libegl1t64")
    ended = computer.set_up()
    assert ended.returncode == 3
    assert "    sudo apt-get install --yes --no-install-recommends libegl1 libxcb-icccm4\n" in ended.stderr
    assert computer.asked() == ""


def test_a_library_that_goes_missing_later_is_noticed(computer):
    computer.set_up()
    lacks(computer, "libegl1", "libegl1t64")
    assert computer.set_up().returncode == 3


def test_a_renamed_library_counts(computer):
    lacks(computer, "libglib2.0-0")
    assert computer.set_up().returncode == 0


def test_the_virtual_display_is_needed_for_tests_only(computer):
    lacks(computer, "xvfb", "xvfbt64")
    assert computer.set_up("check").returncode == 0
    ended = computer.set_up("test")
    assert ended.returncode == 3
    assert "xvfb" in ended.stderr


def test_root_installs_and_fetches_package_lists_only_after_a_failure(computer):
    done = computer.checkout / "installed"
    lacks(computer, "libegl1", "libegl1t64", until=str(done))
    computer.stand_in("id", "echo 0")
    computer.stand_in(
        "apt-get",
        f"""echo "apt-get $*" >>"{computer.calls}"
        case "$*" in *" update") touch "{done}.lists" ;; *install*) [ -e "{done}.lists" ] && touch "{done}" ;; esac""",
    )
    ended = computer.set_up()
    assert ended.returncode == 0, ended.stderr
    apt_calls = [line.split() for line in computer.asked().splitlines() if line.startswith("apt-get")]
    assert "update" in apt_calls[-2]
    assert apt_calls[-1][-1] == "libegl1"
    assert "sudo" not in computer.asked()


def test_an_apt_that_fails_is_shown_with_the_line_to_run(computer):
    lacks(computer, "libegl1", "libegl1t64")
    computer.stand_in("id", "echo 0")
    computer.stand_in("apt-get", "echo 'E: no network' >&2; exit 100")
    ended = computer.set_up()
    assert ended.returncode == 3
    assert "E: no network" in ended.stderr
    assert "    apt-get update && apt-get install --yes --no-install-recommends libegl1\n" in ended.stderr


def test_another_system_gets_the_names_and_goes_on(computer):
    (computer.programs / "dpkg-query").unlink()
    ended = computer.set_up()
    assert ended.returncode == 0
    assert "libxcb-cursor0" in ended.stderr
    assert computer.set_up().stderr == ""


def test_a_python_without_ensurepip_asks_for_its_venv_package(computer):
    computer.python("python3", "3.11", ensurepip=False)
    lacks(computer, "python3.11-venv", "python3.11-venvt64")
    ended = computer.set_up()
    assert ended.returncode == 3
    assert "apt-get install --yes --no-install-recommends python3.11-venv" in ended.stderr


def test_an_unknown_mode_is_wrong_usage(computer):
    assert computer.set_up("everything").returncode == 2


def test_every_target_explains_itself():
    make = shutil.which("make")
    assert make
    env_vars = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    listed = subprocess.run([make, "help"], cwd=CHECKOUT, env=env_vars, capture_output=True, text=True, check=True)
    names = [line.split()[0] for line in listed.stdout.splitlines()]
    declared = next(line for line in (CHECKOUT / "Makefile").read_text().splitlines() if line.startswith(".PHONY"))
    assert names == declared.split()[1:]
