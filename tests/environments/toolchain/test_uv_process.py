"""What an installer inherits of the user's settings, and how it ends."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from desktop_aml.domain.errors import BuildCanceled
from desktop_aml.environments.toolchain import uv_process
from desktop_aml.environments.toolchain.uv_process import environment_for_uv


def given(home: Path, **variables: str) -> dict[str, str]:
    return environment_for_uv({"HOME": str(home), **variables})


def test_the_index_the_proxy_and_the_certificates_are_kept(tmp_path: Path):
    kept = {
        "UV_INDEX_URL": "https://mirror/simple",
        "UV_FIND_LINKS": "/wheels",
        "HTTPS_PROXY": "http://proxy:3128",
        "SSL_CERT_FILE": "/ca.pem",
        "PIP_EXTRA_INDEX_URL": "https://extra",
        "PATH": "/bin",
    }
    assert given(tmp_path, **kept).items() >= kept.items()


@pytest.mark.parametrize(
    "name",
    ["PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "CONDA_PREFIX", "UV_TARGET", "UV_OVERRIDE"],
)
def test_what_would_lead_an_installer_astray_is_dropped(tmp_path: Path, name: str):
    assert name not in given(tmp_path, **{name: "1"})


def test_the_certificates_of_the_computer_are_trusted_unless_the_user_says_otherwise(tmp_path: Path):
    assert given(tmp_path)["UV_SYSTEM_CERTS"] == "true"
    assert given(tmp_path, UV_SYSTEM_CERTS="false")["UV_SYSTEM_CERTS"] == "false"


def test_pythons_are_never_downloaded(tmp_path: Path):
    assert given(tmp_path, UV_PYTHON_DOWNLOADS="automatic")["UV_PYTHON_DOWNLOADS"] == "never"


def test_the_mirror_of_pips_configuration_serves_uv_too(tmp_path: Path):
    file = tmp_path / ".config" / "pip" / "pip.conf"
    file.parent.mkdir(parents=True)
    file.write_text("[global]\nindex-url = https://mirror/simple\ncert = /own-ca.pem\nextra-index-url = https://x\n")
    environment = given(tmp_path)
    assert environment["UV_DEFAULT_INDEX"] == "https://mirror/simple"
    assert environment["SSL_CERT_FILE"] == "/own-ca.pem"
    assert "UV_INDEX" not in environment
    told = given(tmp_path, UV_DEFAULT_INDEX="https://mine/simple", SSL_CERT_FILE="/mine.pem")
    assert (told["UV_DEFAULT_INDEX"], told["SSL_CERT_FILE"]) == ("https://mine/simple", "/mine.pem")
    assert given(tmp_path, PIP_INDEX_URL="https://env/simple")["UV_DEFAULT_INDEX"] == "https://env/simple"


def test_a_broken_pip_configuration_is_passed_over(tmp_path: Path):
    file = tmp_path / "pip.conf"
    file.write_bytes(b"no section\n\xff")
    assert "UV_DEFAULT_INDEX" not in given(tmp_path, PIP_CONFIG_FILE=str(file))


def test_output_reaches_the_log_and_the_watcher(tmp_path: Path):
    log, lines = tmp_path / "log", []
    code, printed = uv_process.run(
        ["sh", "-c", "echo one; echo two >&2; exit 3"], log_path=log, cancel=threading.Event(), on_line=lines.append
    )
    assert (code, printed, lines) == (3, "one\ntwo\n", ["one", "two"])
    assert "one\ntwo\n" in log.read_text()


def test_a_process_that_ignores_polite_words_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uv_process, "_GRACE_S", 0.2)
    cancel = threading.Event()
    with pytest.raises(BuildCanceled):
        uv_process.run(
            ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"],
            log_path=tmp_path / "log",
            cancel=cancel,
            on_line=lambda _: cancel.set(),
        )
