"""How fast journals become durable: points a second through the engine's own reader, beside two ways without it.

One is a commit for each point; the other is `sqlite3.executemany` of the same points, which are in memory already, into
one plain table with one durable commit. Processor time, the median of several rounds.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import sys
import tempfile
import time
import zlib
from pathlib import Path

from benchmarks.history import note
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.engine.runs.ingest import JournalReader
from desktop_aml.store import metrics, runs
from desktop_aml.store.database import Database

SITE = Path(__file__).resolve().parent.parent / "desktop_aml" / "inside_run" / "site"
POINTS = 200_000
ROUNDS = 3
SINGLE = 200
MANY = 1_000_000


def main() -> None:
    """Measure and print."""
    mapped, lines, single, plain = [], [], [], []
    for _ in range(ROUNDS):
        root = Path(tempfile.mkdtemp(prefix="benchmark-"))
        for write, found in ((map_numbers, mapped), (write_lines, lines)):
            place = root / write.__name__
            place.mkdir()
            with Database(place / "a.db", read_only=False) as db:
                prepare(db)
                write(place / "run" / "journal")
                found.append(POINTS / ingest(db, place / "run"))
                single.append(SINGLE / one_by_one(db))
        plain.append(POINTS / plainly(root / "plain.db"))
    ours, text, commits, many = map(statistics.median, (mapped, lines, single, plain))
    print(f"mapped file to durable points  {ours:>10,.0f} points/s")
    print(f"lines to durable points        {text:>10,.0f} points/s")
    print(f"one commit a point             {commits:>10,.0f} points/s")
    print(f"executemany, one commit        {many:>10,.0f} points/s")
    note("ingest: mapped file, times executemany", [many / ours])
    note("ingest: times executemany", [many / text])
    of_size(Path(tempfile.mkdtemp(prefix="benchmark-")))
    print(f"time of ours against executemany's: {many / ours:.2f} times (bar 1), of lines {many / text:.1f} times")


def of_size(folder: Path) -> None:
    """Print what a point takes of the disk, when a script logged a million."""
    with Database(folder / "a.db", read_only=False) as db:
        prepare(db)
        map_numbers(folder / "run" / "journal", MANY)
        ingest(db, folder / "run")
    stored = sum(path.stat().st_size for path in folder.glob("a.db*")) / MANY
    kept = sum(path.stat().st_size for path in (folder / "run" / "journal").iterdir()) / MANY
    print(
        f"bytes a point: database {stored:.1f} (bar 30), with what is kept of the journal {stored + kept:.1f} (bar 50)"
    )


def prepare(db: Database) -> None:
    """Make a run to log into."""
    with db.transaction():
        request = SubmitRun(run_id="r", experiment="e", script="s", environment="x")
        runs.insert(db, request, environment="x", version=None, seed=0, at=0.0)


def map_numbers(folder: Path, count: int = POINTS) -> None:
    """Write the mapped file of a script that logged four curves, by the script's own code."""
    folder.mkdir(parents=True)
    sys.path.insert(0, str(SITE))
    from desktop_aml_run.scalars import ScalarFile

    file = ScalarFile(str(folder))
    for number in range(count):
        file.scalar(f"c{number % 4}", number / 7, None)
    file.close()


def write_lines(folder: Path) -> None:
    """Write the journal of lines of a script that logged four curves."""
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
    reader, start = JournalReader(db), time.process_time()
    while stretches := reader.read("r", run):
        with db.transaction():
            reader.store(stretches)
        reader.stored(stretches)
    return time.process_time() - start


def plainly(path: Path) -> float:
    """Store the same points as rows of a plain table and return the seconds it took."""
    points = [(number % 4, number // 4, None, 1.7e9 + number / 1000, number / 7) for number in range(POINTS)]
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE point (metric, n, step, at, value, PRIMARY KEY (metric, n)) WITHOUT ROWID")
    start = time.process_time()
    with connection:
        connection.executemany("INSERT INTO point VALUES (?, ?, ?, ?, ?)", points)
    taken = time.process_time() - start
    connection.close()
    return taken


def one_by_one(db: Database) -> float:
    """Store points with a durable commit each and return the seconds it took."""
    start = time.process_time()
    for number in range(SINGLE):
        with db.transaction():
            metrics.add_points(db, "r", [("single", None, 0.0, number)])
    return time.process_time() - start


if __name__ == "__main__":
    main()
