"""A real X server and the real program in it, driven by mouse and keys as a person would, and watched for stumbles."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import wait_until

SIZE = (1280, 800)

_acts: list[tuple[float, str]] = []
_watches: list[Path] = []


def stumbles() -> list[str]:
    """Return what held up a window since the last question, each with what a person did last before it."""
    found = []
    for watch in _watches:
        for at, words in map(json.loads, watch.read_text().splitlines()):
            act = max((one for one in _acts if one[0] <= at), default=(at, "the start"))
            found.append(f"{at - act[0]:.1f} s after “{act[1]}”: {words}")
        watch.unlink()
    _watches.clear()
    _acts.clear()
    return found


@dataclass
class Display:
    """A virtual screen."""

    name: str
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls) -> Display:
        """Start an X server on a free display; its number comes through a pipe."""
        server = shutil.which("Xvfb")
        assert server is not None, "Xvfb is missing: packaging/setup.sh test installs it"
        reading, writing = os.pipe()
        words = [
            server,
            "-displayfd",
            str(writing),
            "-screen",
            "0",
            f"{SIZE[0]}x{SIZE[1]}x24",
            "-nolisten",
            "tcp",
            "-noreset",
        ]
        process = subprocess.Popen(words, pass_fds=[writing], stderr=subprocess.DEVNULL)
        os.close(writing)
        with os.fdopen(reading) as stream:
            number = stream.readline().strip()
        assert number, "Xvfb did not start"
        return cls(f":{number}", process)

    def stop(self) -> None:
        """End the X server."""
        self.process.terminate()
        self.process.wait(10)

    def xdotool(self, *words: str) -> str:
        """Move, click and type."""
        tool = shutil.which("xdotool")
        assert tool is not None, "xdotool is missing: packaging/setup.sh test installs it"
        environment = {**os.environ, "DISPLAY": self.name}
        if words[0] not in {"search", "windowfocus"}:
            _acts.append((time.monotonic(), " ".join(words)))
        return subprocess.run([tool, *words], env=environment, capture_output=True, text=True, check=True).stdout

    def click(self, x: int, y: int) -> None:
        """Click with the left button."""
        self.xdotool("mousemove", str(x), str(y), "click", "1")

    def picture(self, target: Path) -> Path:
        """Take a picture of the whole screen."""
        tool = shutil.which("import")
        assert tool is not None, "ImageMagick is missing: packaging/setup.sh test installs it"
        subprocess.run([tool, "-window", "root", str(target)], env={**os.environ, "DISPLAY": self.name}, check=True)
        return target


@dataclass
class Window:
    """The program's own process with its window on a display."""

    display: Display
    process: subprocess.Popen[bytes]

    @classmethod
    def open(cls, display: Display, *words: str) -> Window:
        """Start the program and wait until its window can take the keyboard."""
        environment = {**os.environ, "DISPLAY": display.name, "QT_QPA_PLATFORM": "xcb"}
        descriptor, watch = tempfile.mkstemp(prefix="stumbles-")
        os.close(descriptor)
        _watches.append(Path(watch))
        _acts.append((time.monotonic(), "the start"))
        command = [sys.executable, "-m", "tests.journeys.watched_program", watch, *words]
        process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
        made = cls(display, process)
        wait_until(lambda: made._identity() or process.poll() is not None, "the window to be mapped", 60)
        assert process.poll() is None, f"the program ended: {process.communicate()[1].decode()}"
        # There is no window manager here, so the keyboard is given by hand.
        display.xdotool("windowfocus", "--sync", made._identity())
        return made

    def _identity(self) -> str:
        try:
            found = self.display.xdotool("search", "--onlyvisible", "--pid", str(self.process.pid)).split()
        except subprocess.CalledProcessError:
            return ""
        return found[-1] if found else ""

    def keys(self, *names: str) -> None:
        """Press keys such as ``F5`` or ``ctrl+w``."""
        self.display.xdotool("windowfocus", "--sync", self._identity())
        self.display.xdotool("key", "--clearmodifiers", *names)

    def press(self, name: str) -> None:
        """Press a key in whatever has the keyboard, such as a question on top of the window."""
        time.sleep(0.2)
        self.display.xdotool("key", "--clearmodifiers", name)

    def kill(self) -> None:
        """Kill the program as the kernel would."""
        self.process.kill()
        self.process.communicate(timeout=20)

    def close(self) -> str:
        """Close it as a person does; return what it wrote to its terminal."""
        deadline = time.monotonic() + 20
        while self.process.poll() is None and time.monotonic() < deadline:
            self.keys("ctrl+q")
            time.sleep(0.2)
        return self.process.communicate(timeout=20)[1].decode()
