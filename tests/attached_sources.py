"""Sources of other tools as these write them, made small: databases and folders of MLflow, event files."""

from __future__ import annotations

import sqlite3
import struct
from pathlib import Path

_SCHEMA = """
CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name VARCHAR(256) NOT NULL UNIQUE,
  artifact_location VARCHAR(256), lifecycle_stage VARCHAR(32), creation_time BIGINT, last_update_time BIGINT);
CREATE TABLE runs (run_uuid VARCHAR(32) PRIMARY KEY, name VARCHAR(250), source_type VARCHAR(20), status VARCHAR(9),
  start_time BIGINT, end_time BIGINT, deleted_time BIGINT, lifecycle_stage VARCHAR(20), artifact_uri VARCHAR(200),
  experiment_id INTEGER);
CREATE TABLE params (key VARCHAR(250), value VARCHAR(8000), run_uuid VARCHAR(32), PRIMARY KEY (key, run_uuid));
CREATE TABLE tags (key VARCHAR(250), value VARCHAR(8000), run_uuid VARCHAR(32), PRIMARY KEY (key, run_uuid));
CREATE TABLE metrics (key VARCHAR(250), value FLOAT NOT NULL, timestamp BIGINT NOT NULL, run_uuid VARCHAR(32) NOT NULL,
  step BIGINT NOT NULL DEFAULT 0, is_nan BOOLEAN NOT NULL DEFAULT 0,
  PRIMARY KEY (key, timestamp, step, run_uuid, value, is_nan));
"""
RUN = "0123456789abcdef0123456789abcde"
"""Ids of runs begin so."""


def mlflow_database(path: Path, runs: int = 2) -> Path:
    """Make an ``mlflow.db`` with runs of the experiment *old*: ``C`` 0, 1, ..., a curve ``loss``, one artifact."""
    with sqlite3.connect(path) as db:
        db.executescript(_SCHEMA)
        db.execute("INSERT INTO experiments VALUES (1, 'old', ?, 'active', 1, 1)", (str(path.parent / "artifacts"),))
        for n in range(runs):
            run_id = f"{RUN}{n}"
            artifacts = path.parent / "artifacts" / run_id / "artifacts"
            artifacts.mkdir(parents=True)
            (artifacts / "model.txt").write_text(f"model {n}")
            status = "FINISHED" if n else "RUNNING"
            end = 1_700_000_060_000 if n else None
            db.execute(
                "INSERT INTO runs VALUES (?, ?, 'LOCAL', ?, ?, ?, NULL, 'active', ?, 1)",
                (run_id, f"bold-{n}", status, 1_700_000_000_000 + n, end, artifacts.as_uri()),
            )
            db.execute("INSERT INTO params VALUES ('C', ?, ?)", (str(n), run_id))
            db.execute("INSERT INTO tags VALUES ('stage', 'old', ?)", (run_id,))
            points = [("loss", 3.0 - n - step, 1_700_000_000_000 + step, run_id, step, 0) for step in range(3)]
            points.append(("loss", 0.0, 1_700_000_000_009, run_id, 9, 1))
            db.executemany("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?)", points)
    db.close()
    return path


def mlruns(path: Path, runs: int = 2) -> Path:
    """Make an ``mlruns`` folder with the same runs."""
    experiment = path / "1"
    experiment.mkdir(parents=True)
    (experiment / "meta.yaml").write_text(
        f"artifact_location: {experiment.as_uri()}\nexperiment_id: '1'\nlifecycle_stage: active\nname: old\n"
    )
    for n in range(runs):
        run_id = f"{RUN}{n}"
        place = experiment / run_id
        for folder in ("params", "tags", "metrics/val", "artifacts"):
            (place / folder).mkdir(parents=True)
        end = "1700000060000" if n else "null"
        (place / "meta.yaml").write_text(
            f"artifact_uri: {(place / 'artifacts').as_uri()}\nend_time: {end}\nentry_point_name: ''\n"
            f"experiment_id: '1'\nlifecycle_stage: active\nrun_id: {run_id}\nrun_name: 'bold: {n}'\n"
            f"run_uuid: {run_id}\n"
            f"source_name: ''\nstart_time: {1_700_000_000_000 + n}\nstatus: {3 if n else 1}\ntags: []\nuser_id: ann\n"
        )
        (place / "params" / "C").write_text(str(n))
        (place / "tags" / "stage").write_text("old")
        (place / "artifacts" / "model.txt").write_text(f"model {n}")
        lines = [f"{1_700_000_000_000 + step} {3.0 - n - step} {step}" for step in range(3)]
        (place / "metrics" / "loss").write_text("\n".join([*lines, "damaged", "1700000000009 nan 9"]) + "\n")
        (place / "metrics" / "val" / "acc").write_text("1700000000001 0.5\n")
    return path


def scalar_event(tag: str, value: float, step: int, at: float, *, tensor: bool = False) -> bytes:
    """Return an event of TensorBoard: the older form with a simple value, or the newer one with a tensor."""
    if tensor:
        packed = b"\x08\x01" + b"\x22" + _counted(struct.pack("<f", value))
        number = b"\x42" + _counted(packed)
    else:
        number = b"\x15" + struct.pack("<f", value)
    one = b"\x0a" + _counted(tag.encode()) + number
    summary = b"\x0a" + _counted(one)
    return b"\x09" + struct.pack("<d", at) + b"\x10" + _varint(step & ((1 << 64) - 1)) + b"\x2a" + _counted(summary)


def record(data: bytes) -> bytes:
    """Return an event as it stands in a file, between its length and checksums."""
    length = struct.pack("<Q", len(data))
    return length + _checksum(length) + data + _checksum(data[:100])


def _counted(data: bytes) -> bytes:
    return _varint(len(data)) + data


def _varint(number: int) -> bytes:
    found = b""
    while number > 0x7F:
        found += bytes((number & 0x7F | 0x80,))
        number >>= 7
    return found + bytes((number,))


def _checksum(data: bytes) -> bytes:
    """Return the masked CRC-32C, bit by bit as it is defined."""
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
    value ^= 0xFFFFFFFF
    return struct.pack("<I", ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF)
