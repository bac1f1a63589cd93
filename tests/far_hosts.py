"""Computers for tests: each has a network, process numbers, a root folder and an ssh server of its own.

Nothing of this computer's disk is seen there but its system and the Python that a worker needs, to be read. There is no
route to anywhere but here.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docker_engine import unmarked
from tests.far_engine import SSHD

PYTHON = "/opt/ml/bin/python"
"""One with `distributed`, over there."""

_BEGIN = r"""
set -e
mount --make-rprivate /
mount --bind "$ROOT" "$ROOT"
for one in usr etc; do mkdir -p "$ROOT/$one"; mount --bind -o ro "/$one" "$ROOT/$one"; done
for one in bin sbin lib lib64; do
  if [ -L "/$one" ]; then ln -sfn "$(readlink "/$one")" "$ROOT/$one"
  elif [ -d "/$one" ]; then mkdir -p "$ROOT/$one"; mount --bind -o ro "/$one" "$ROOT/$one"; fi
done
mkdir -p "$ROOT/opt/ml" "$ROOT/proc" "$ROOT/dev" "$ROOT/run/sshd" "$ROOT/root" "$ROOT/tmp" "$ROOT$BASE"
mount --bind -o ro "$VENV" "$ROOT/opt/ml"
case "$BASE" in /usr|/usr/*) ;; *) mount --bind -o ro "$BASE" "$ROOT$BASE" ;; esac
mount -t proc proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
ip link set lo up
read -r address
ip link set eth0 up
ip addr add "$address" dev eth0
exec env -i HOME=/root PATH=/usr/bin:/bin:/usr/sbin:/sbin chroot "$ROOT" /usr/sbin/sshd -D -e -f /dev/null "$@"
"""


@dataclass
class FarHost:
    """One computer.

    Parameters
    ----------
    name : str
        How ssh gets there.
    root : Path
        Its root folder, seen from here.
    """

    name: str
    root: Path
    link: str
    words: list[str]
    variables: dict[str, str]
    address: str
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Switch it on."""
        (self.root / "run" / "sshd").mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            self.words, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env={**unmarked(), **self.variables}
        )
        init = self._init()
        subprocess.run(
            ["ip", "link", "add", self.link, "type", "veth", "peer", "name", "eth0", "netns", str(init)], check=True
        )
        network, _, last = self.address.rpartition(".")
        here = f"{network}.{int(last) - 1}/30"
        subprocess.run(["ip", "addr", "add", here, "dev", self.link], check=True)
        subprocess.run(["ip", "link", "set", self.link, "up"], check=True)
        assert self.process.stdin is not None
        assert self.process.stderr is not None
        self.process.stdin.write(f"{self.address}/30\n".encode())
        self.process.stdin.flush()
        while b"listening on" not in (line := self.process.stderr.readline()):
            assert line, "the ssh server of a computer for tests did not start"

    def _init(self) -> int:
        """Return the number of its first process, once it has a network of its own."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        until, ours = time.monotonic() + 20, Path("/proc/self/ns/net").readlink()
        while time.monotonic() < until:
            found = children.read_text().split()
            if found and Path(f"/proc/{found[0]}/ns/net").readlink() != ours:
                return int(found[0])
            time.sleep(0.005)
        raise AssertionError("a computer for tests did not start")

    def kill(self) -> None:
        """Pull its plug: all that goes on there ends at once, and its network is gone."""
        if self.process is not None:
            os.kill(self._init(), signal.SIGKILL)
            self.process.communicate(timeout=20)
            self.process = None
            subprocess.run(["ip", "link", "del", self.link], check=False, stderr=subprocess.DEVNULL)

    def connect(self, *, is_up: bool) -> None:
        """Put the cable in, or pull it."""
        subprocess.run(["ip", "link", "set", self.link, "up" if is_up else "down"], check=True)


@contextmanager
def far_hosts(folder: Path, count: int) -> Iterator[list[FarHost]]:
    """Yield computers that are switched on. The user's own ``ssh`` is asked, which is put before it on the path."""
    if os.geteuid() != 0 or not Path(SSHD).exists() or shutil.which("unshare") is None:
        pytest.skip("computers of the tests' own need root, unshare and an ssh server")
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    (folder / "bin").mkdir()
    program = folder / "bin" / "ssh"
    own = "-F /dev/null -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o LogLevel=ERROR"
    program.write_text(
        f'#!/bin/sh\nexec {shutil.which("ssh")} {own} -o UserKnownHostsFile=/dev/null -i {folder}/user "$@"\n'
    )
    program.chmod(0o755)
    hosts = [_host(folder, number) for number in range(count)]
    path = os.environ["PATH"]
    os.environ["PATH"] = f"{folder}/bin:{path}"
    try:
        for host in hosts:
            host.start()
        yield hosts
    finally:
        os.environ["PATH"] = path
        for host in hosts:
            host.kill()


def _host(folder: Path, number: int) -> FarHost:
    root = folder / f"computer-{number}"
    (root / "ssh").mkdir(parents=True)
    shutil.copy(folder / "host", root / "ssh" / "host")
    shutil.copy(folder / "user.pub", root / "ssh" / "allowed")
    # A network for each that no other test of this computer has at the same time.
    mark = os.getpid() % (1 << 14)
    address = f"10.{64 + (mark >> 8)}.{mark & 255}.{4 * number + 2}"
    options = [
        "Port=22",
        f"ListenAddress={address}",
        "HostKey=/ssh/host",
        "AuthorizedKeysFile=/ssh/allowed",
        "PasswordAuthentication=no",
        "KbdInteractiveAuthentication=no",
        "PermitRootLogin=prohibit-password",
        "StrictModes=no",
        "UsePAM=no",
        "PidFile=none",
    ]
    words = [word for option in options for word in ("-o", option)]
    unshared = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", _BEGIN, "sh"]
    variables = {"ROOT": str(root), "VENV": sys.prefix, "BASE": sys.base_prefix}
    return FarHost(f"root@{address}", root, f"da{os.getpid()}-{number}", [*unshared, *words], variables, address)
