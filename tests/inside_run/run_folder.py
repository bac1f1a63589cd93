"""A run's folder as the engine makes it, and a reader of journals that shares no code with the product."""

from __future__ import annotations

import json
import subprocess
import zlib
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class RunFolder:
    """A run's folder as the engine makes it, and what runs scripts in it as the launcher does."""

    path: Path
    env_vars: dict[str, str] = field(default_factory=dict)

    def script(self, python: str, text: str, **env_vars: str) -> subprocess.CompletedProcess[str]:
        """Run a script to its end inside the run."""
        return subprocess.run(
            [python, "-c", text],
            cwd=self.path / "snapshot",
            env={**self.env_vars, **env_vars},
            capture_output=True,
            text=True,
            timeout=60,
        )

    def records(self) -> list[dict[str, object]]:
        """Return the whole records of all journals: file by file, as written."""
        return [record for records in self.records_by_file().values() for record in records]

    def records_by_file(self) -> dict[str, list[dict[str, object]]]:
        """Return the whole records of each journal file."""
        paths = sorted((self.path / "journal").glob("*.jsonl"))
        return {path.name: decode_lines(path.read_bytes()) for path in paths}

    def metrics(self, name: str) -> list[object]:
        """Return the scalars logged under a name."""
        return [record["v"] for record in self.records() if record["k"] == "m" and record["name"] == name]


def decode_lines(data: bytes) -> list[dict[str, object]]:
    """Decode journal bytes; a line counts when it is whole and its checksum fits."""
    records = []
    for line in data.split(b"\n")[:-1]:
        mark, _, body = line.partition(b" ")
        if len(mark) == 8 and int(mark, 16) == zlib.crc32(body):
            records.append(json.loads(body))
    return records
