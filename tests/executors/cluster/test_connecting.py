"""Why a scheduler that others started is not reached: each cause by its name, with what would help."""

from __future__ import annotations

import asyncio
import socket
import ssl
from pathlib import Path

import pytest

from desktop_aml.domain.targets import ClusterSpec, TlsFiles
from desktop_aml.executors.cluster import connecting
from desktop_aml.executors.cluster.far_scheduler import FarScheduler
from desktop_aml.executors.cluster.own_security import CERTIFICATE, KEY, make_keys
from desktop_aml.executors.cluster.tls_files import obstacle_in

TLS = TlsFiles(ca="/keys/ca.pem", certificate="/keys/me.pem", key="/keys/me.key")


def spec_of(address: str) -> ClusterSpec:
    return ClusterSpec(name="team", address=address, tls=TLS if address.startswith("tls:") else TlsFiles())


def caused_by(cause: BaseException, words: str = "") -> OSError:
    """As Dask raises it: an error of its own, whose words may be none."""
    error = OSError(words)
    error.__cause__ = cause
    return error


def tls_error(kind: type[ssl.SSLError], reason: str) -> ssl.SSLError:
    error = kind(1, "words of OpenSSL")
    error.reason = reason
    if isinstance(error, ssl.SSLCertVerificationError):
        error.verify_message = "self-signed certificate"
    return error


@pytest.mark.parametrize(
    ("address", "error", "words"),
    [
        (
            "tls://nowhere:8786",
            caused_by(socket.gaierror(-2, "Name or service not known"), "Timed out trying to connect"),
            "no computer is known as “nowhere” (Name or service not known)",
        ),
        ("tcp://127.0.0.1:1", ConnectionRefusedError(111, "Connect call failed"), "nobody listens there"),
        (
            "tls://head:8786",
            caused_by(tls_error(ssl.SSLCertVerificationError, "CERTIFICATE_VERIFY_FAILED")),
            "its certificate is not signed by that in “/keys/ca.pem” (self-signed certificate)",
        ),
        (
            "tls://head:8786",
            caused_by(tls_error(ssl.SSLError, "TLSV1_ALERT_UNKNOWN_CA")),
            "it does not accept the certificate in “/keys/me.pem”",
        ),
        (
            "tls://head:8786",
            caused_by(tls_error(ssl.SSLError, "WRONG_VERSION_NUMBER")),
            "what listens there does not speak TLS",
        ),
        ("tcp://127.0.0.1:1", OSError("Timed out trying to connect to tcp://127.0.0.1:1 after 10 s"), "no answer for"),
        ("tcp://127.0.0.1:1", caused_by(ConnectionResetError()), "where it wants TLS, its address begins with tls://"),
        ("tcp://127.0.0.1:1", KeyError(), "KeyError"),
        ("", OSError("no port is free"), "no port is free"),
    ],
)
def test_a_scheduler_that_is_not_reached_is_told_with_its_cause(
    address: str, error: Exception, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "_version_at", _nothing)
    assert words in asyncio.run(connecting.why_not(error, spec_of(address)))


async def _nothing(_spec: ClusterSpec) -> str:
    return ""


def test_a_scheduler_of_another_version_is_told_with_both(monkeypatch: pytest.MonkeyPatch) -> None:
    async def old(_spec: ClusterSpec) -> str:
        return "2024.5.0"

    monkeypatch.setattr(connecting, "_version_at", old)
    error = TypeError("Scheduler.identity() got an unexpected keyword argument 'n_workers'")
    words = asyncio.run(connecting.why_not(error, spec_of("tcp://127.0.0.1:8786")))
    assert words.startswith("it is “distributed” 2024.5.0, and here is 20")


@pytest.mark.parametrize("said", [b"", b"HTTP/1.0 400 Bad Request\r\n\r\n"])
def test_what_takes_the_call_and_does_not_speak_as_dask_is_not_waited_for(
    said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "_ALL_S", 0.2)

    async def ask() -> str:
        taken: list[asyncio.StreamWriter] = []

        def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            taken.append(writer)
            writer.write(said)

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        address = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            await connecting.client_of(address, None)
        except Exception as error:
            return await connecting.why_not(error, spec_of(address))
        finally:
            for one in taken:
                one.close()
            server.close()
        return ""

    assert "what listens there is no Dask scheduler" in asyncio.run(ask())


def test_files_that_prove_nothing_are_named_before_anybody_is_called(tmp_path: Path) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    for home in (mine, other):
        home.mkdir()
        make_keys(home)
    certificate, key = str(mine / CERTIFICATE), str(mine / KEY)
    text = tmp_path / "notes.txt"
    text.write_text("no certificate\n")
    assert obstacle_in(TlsFiles(ca=certificate, certificate=certificate, key=key)) == ""
    assert obstacle_in(TlsFiles()) == ""
    wrong = TlsFiles(ca=certificate, certificate=certificate, key=str(other / KEY))
    assert obstacle_in(wrong) == f"“{other / KEY}” is not the key of the certificate in “{certificate}”"
    assert f"“{text}” holds no certificate" in obstacle_in(TlsFiles(ca=str(text)))
    nothing = obstacle_in(TlsFiles(ca=certificate, certificate=str(text), key=key))
    assert nothing.startswith(f"“{text}” and “{key}” hold no certificate and key")
    spec = ClusterSpec(name="team", address="tls://127.0.0.1:1", tls=wrong)
    with pytest.raises(connecting.Unusable, match="is not the key"):
        asyncio.run(FarScheduler(spec).open())
