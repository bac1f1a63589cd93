"""How fast journals become durable rows: points a second through the engine's own reader, beside one-row commits."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
import zlib
from pathlib import Path

from desktop_aml.domain.requests import SubmitRun
from desktop_aml.engine.runs.ingest import JournalReader
from desktop_aml.store import metrics, runs
from desktop_aml.store.database import Database

POINTS = 200_000
ROUNDS = 3
SINGLE = 200


def main() -> None:
    """Measure and print."""
    batched, single = [], []
    for _ in range(ROUNDS):
        root = Path(tempfile.mkdtemp(prefix="benchmark-"))
        with Database(root / "a.db", read_only=False) as db:
            prepare(db)
            write_journal(root / "run" / "journal")
            batched.append(POINTS / ingest(db, root / "run"))
            single.append(SINGLE / one_by_one(db))
    print(f"journal to durable rows  {statistics.median(batched):>10,.0f} points/s (bar: 20,000)")
    print(f"one commit a point       {statistics.median(single):>10,.0f} points/s")
    print(f"ratio                    {statistics.median(batched) / statistics.median(single):>10,.0f} x")


def prepare(db: Database) -> None:
    """Make a run to log into."""
    with db.transaction():
        request = SubmitRun(run_id="r", experiment="e", script="s", environment="x")
        runs.insert(db, request, environment="x", version=None, seed=0, at=0.0)


def write_journal(folder: Path) -> None:
    """Write the journal of a script that logged four curves."""
    folder.mkdir(parents=True)
    with (folder / "1-00000000.jsonl").open("wb") as journal:
        for number in range(POINTS):
            entry = {
                "n": number,
                "t": 1.7e9 + number / 1000,
                "k": "m",
                "name": f"c{number % 4}",
                "v": number / 7,
                "s": None,
            }
            body = json.dumps(entry).encode()
            journal.write(b"%08x %s\n" % (zlib.crc32(body), body))


def ingest(db: Database, run: Path) -> float:
    """Store the whole journal and return the seconds it took."""
    reader, start = JournalReader(db), time.perf_counter()
    while stretches := reader.read("r", run):
        with db.transaction():
            reader.store(stretches)
        reader.stored(stretches)
    return time.perf_counter() - start


def one_by_one(db: Database) -> float:
    """Store points with a durable commit each and return the seconds it took."""
    start = time.perf_counter()
    for number in range(SINGLE):
        with db.transaction():
            metrics.add_points(db, "r", [("single", None, 0.0, number)])
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
