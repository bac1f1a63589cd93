import os
import socket
import subprocess
import sys
import threading
from collections import namedtuple
from pathlib import Path

import pytest

from desktop_aml import doctor
from desktop_aml.doctor import Finding, State

CHECKOUT = Path(__file__).resolve().parents[1]


@pytest.fixture
def ldd(tmp_path, monkeypatch):
    """Put an ldd on the path that says what a test wants."""

    def say(*lines: str) -> None:
        program = tmp_path / "ldd"
        program.write_text("#!/bin/sh\ncat <<'END'\n" + "\n".join(lines) + "\nEND\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    return say


def test_a_diagnosis_names_every_subject_once():
    findings = doctor.diagnose()
    subjects = [finding.subject for finding in findings]
    assert len(set(subjects)) == len(subjects)
    assert {"Python", "Qt", "Libraries for the window", "Display", "uv", "Disk", "Docker"} <= set(subjects)


def test_a_diagnosis_imports_nothing_of_qt():
    code = (
        "import sys; from desktop_aml import doctor; doctor.diagnose();"
        "print([name for name in sys.modules if name.startswith(('PySide6', 'shiboken6', 'sklearn', 'docker'))])"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


def test_notes_do_not_make_a_computer_incomplete():
    note = Finding("Docker", State.NOTE, "off")
    assert doctor.is_complete([note, Finding("Qt", State.OK, "6.11")])
    assert not doctor.is_complete([note, Finding("Qt", State.MISSING, "none")])


def test_an_old_python_is_refused():
    assert doctor.check_python((3, 10, 9)).state is State.MISSING
    assert doctor.check_python((3, 11, 0)).state is State.OK


@pytest.mark.parametrize(
    ("pyside", "python", "refused"),
    [
        ("6.12.0", (3, 11, 7), True),
        ("6.12.0.1", (3, 11, 7), True),
        ("6.12.0", (3, 12, 1), False),
        ("6.11.3", (3, 11, 7), False),
        ("6.9.3", (3, 11, 2), False),
    ],
)
def test_the_qt_binding_that_aborts_is_refused_where_it_aborts(pyside, python, refused):
    assert bool(doctor.qt_fault(pyside, python)) is refused
    finding = doctor.check_qt(pyside, python)
    assert (finding.state is State.MISSING) is refused
    assert ("<6.12" in finding.fix) is refused


def test_a_missing_qt_binding_is_named_with_its_line():
    finding = doctor.check_qt("", (3, 11, 7))
    assert finding.state is State.MISSING
    assert "pip install" in finding.fix


def test_missing_libraries_become_one_apt_line(ldd, tmp_path):
    ldd(
        "\tlibxcb-icccm.so.4 => not found",
        "\tlibxcb-keysyms.so.1 => not found",
        "\tlibc.so.6 => /lib/libc.so.6 (0x0000)",
        "\tlibxcb-icccm.so.4 => not found",
    )
    finding = doctor.check_libraries((tmp_path / "libqxcb.so",))
    assert finding.state is State.MISSING
    assert finding.message == "The window needs libxcb-icccm.so.4, libxcb-keysyms.so.1."
    assert finding.fix == "sudo apt-get install --yes --no-install-recommends libxcb-icccm4 libxcb-keysyms1"


def test_a_library_without_a_known_package_is_still_named(ldd, tmp_path):
    ldd("\tlibnovel.so.9 => not found")
    assert doctor.check_libraries((tmp_path / "libqxcb.so",)).fix == "install what brings libnovel.so.9"


def test_complete_libraries_are_fine(ldd, tmp_path):
    ldd("\tlibc.so.6 => /lib/libc.so.6 (0x0000)")
    assert doctor.check_libraries((tmp_path / "libqxcb.so",)).state is State.OK


def test_the_set_up_and_the_doctor_name_the_same_packages():
    lines = (CHECKOUT / "packaging" / "debian-run.txt").read_text().splitlines()
    libraries = {line for line in lines if line.startswith("lib")}
    assert libraries <= set(doctor.LIBRARY_PACKAGES.values())


def test_no_display_is_a_note_with_a_way_out():
    finding = doctor.check_display({})
    assert finding.state is State.NOTE
    assert "xvfb-run" in finding.fix


def test_a_display_where_nothing_answers_is_a_fault():
    finding = doctor.check_display({"DISPLAY": ":64123"})
    assert finding.state is State.MISSING
    assert finding.fix == "unset DISPLAY"


def test_a_wayland_or_remote_display_is_taken_at_its_word():
    assert doctor.check_display({"WAYLAND_DISPLAY": "wayland-0"}).state is State.OK
    assert doctor.check_display({"DISPLAY": "elsewhere:10.0"}).state is State.OK


def test_no_font_is_a_fault_and_one_is_enough(tmp_path):
    assert doctor.check_fonts([tmp_path]).state is State.MISSING
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "Some.TTF").touch()
    assert doctor.check_fonts([tmp_path]).state is State.OK


def test_an_old_sqlite_is_explained_calmly():
    finding = doctor.check_sqlite((3, 40, 1))
    assert finding.state is State.OK
    assert "one process writes" in finding.message
    assert doctor.check_sqlite((3, 51, 3)).message == "3.51.3"


def test_a_missing_or_broken_uv_is_a_fault(tmp_path):
    assert doctor.check_uv(None).state is State.MISSING
    assert doctor.check_uv(tmp_path / "uv").state is State.MISSING


@pytest.mark.parametrize(("free", "state"), [(100 << 20, State.MISSING), (2 << 30, State.NOTE), (50 << 30, State.OK)])
def test_free_space_is_judged_where_the_data_will_be(tmp_path, monkeypatch, free, state):
    asked = []
    usage = namedtuple("usage", "total used free")  # noqa: PYI024

    def disk_usage(folder: Path) -> object:
        asked.append(folder)
        return usage(free, 0, free)

    monkeypatch.setattr(doctor.shutil, "disk_usage", disk_usage)
    assert doctor.check_disk(tmp_path / "not" / "yet").state is state
    assert asked == [tmp_path]


def test_no_docker_is_a_note_never_a_fault(tmp_path):
    finding = doctor.check_docker({"DOCKER_HOST": f"unix://{tmp_path}/none.sock"})
    assert finding.state is State.NOTE
    assert "optional" in finding.message
    assert doctor.check_docker({"DOCKER_HOST": "tcp://elsewhere:2375"}).state is State.NOTE


def test_a_docker_that_answers_is_seen(tmp_path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "d.sock"))
        server.listen()

        def answer() -> None:
            channel, _ = server.accept()
            with channel:
                channel.recv(1024)
                channel.sendall(b"HTTP/1.0 200 OK\r\n\r\nOK")

        thread = threading.Thread(target=answer)
        thread.start()
        assert doctor.check_docker({"DOCKER_HOST": f"unix://{tmp_path}/d.sock"}).state is State.OK
        thread.join()


def test_interpreters_are_listed_by_version_and_shims_are_not_asked(tmp_path, monkeypatch):
    for name in ("bin/python3.11", "bin/python3.9", "shims/python3.8", "pyenv/versions/3.6.15/bin/python3"):
        program = tmp_path / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/sh\necho {name}\n")
        program.chmod(0o755)
    versions = {"python3.11": "3.11.2", "python3.9": "3.9.18", "python3.8": "3.8.1", "python3": "3.6.15"}
    monkeypatch.setenv("PATH", f"{tmp_path}/shims{os.pathsep}{tmp_path}/bin")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    found = doctor._interpreters(lambda command: versions[Path(command[0]).name] + "\n")
    assert list(found) == ["3.6.15", "3.9.18", "3.11.2"]
    assert doctor.check_interpreters(found).message == "3.6.15, 3.9.18, 3.11.2"
    assert doctor.check_interpreters({}).state is State.NOTE


@pytest.mark.parametrize("display", ["", ":7431"])
def test_a_window_without_a_display_says_so_and_does_not_abort(tmp_path, display):
    env_vars = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **({"DISPLAY": display} if display else {})}
    command = [sys.executable, "-m", "desktop_aml"]
    ended = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, env=env_vars, check=False)
    assert ended.returncode == 3
    assert ended.stderr.startswith("Error: ")
    assert "DISPLAY" in ended.stderr
    assert "qt.qpa" not in ended.stderr


def test_a_platform_that_needs_no_display_is_no_obstacle():
    assert doctor.window_obstacle({"QT_QPA_PLATFORM": "offscreen"}) is None


def test_a_display_without_qt_libraries_names_the_package(ldd, monkeypatch, tmp_path):
    broken = tmp_path / "libqxcb.so"
    broken.write_bytes(b"no library")
    monkeypatch.setattr(doctor, "_qt_libraries", lambda: (broken,))
    ldd("libxcb-cursor.so.0 => not found")
    found = doctor.window_obstacle({"WAYLAND_DISPLAY": "wayland-0"})
    assert found is not None
    assert "libxcb-cursor0" in found.fix
