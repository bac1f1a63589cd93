"""Poison: whatever a script leaves in its folder, its run ends, and an innocent run beside it is whole."""

from __future__ import annotations

import base64
import json
import random
import struct
import zlib
from typing import Any

from tests.campaign.ground import Finding, Ground, Site, check_books

INNOCENT = """
import os, sys
from azureml.core import Run
run = Run.get_context()
book = os.open(os.path.join(sys.argv[1], "number"), os.O_WRONLY | os.O_CREAT)
for number in range(200):
    run.log("number", number)
    os.write(book, b"x\\n")
open("outputs/kept", "w").close()
"""

HOSTILE = """
import base64, json, os, shutil, socket, sys
R = os.fsencode(os.environ["DESKTOP_AML_RUN_DIR"])
def place(path, kind, data):
    path = os.path.join(R, path)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.isdir(path) and not os.path.islink(path): shutil.rmtree(path)
        elif os.path.lexists(path): os.unlink(path)
        if kind == "fifo": os.mkfifo(path)
        elif kind == "folder": os.mkdir(path)
        elif kind == "link": os.symlink(b"/dev/zero", path)
        elif kind == "loop": os.symlink(path, path)
        elif kind == "sparse": open(path, "wb").truncate(1 << 43)
        elif kind == "unreadable": os.close(os.open(path, os.O_CREAT, 0))
        else: open(path, "wb").write(data)
    except OSError as error: print(path, error)
for path, kind, data in json.load(open("acts.json")):
    place(base64.b64decode(path), kind, base64.b64decode(data))
sys.exit(int(sys.argv[1]))
"""

PLACES = (
    b"journal/x.jsonl",
    b"journal/\xff.jsonl",
    b"journal/x.scalars",
    b"journal",
    b"logs/std_log.txt",
    b"logs/control_log.txt",
    b"logs/launcher.log",
    b"logs",
    b"requests/a.json",
    b"requests/\xfe.json",
    b"requests/b.reply.json",
    b"requests",
    b"attempts/1/exit.json",
    b"attempts/1/exit.json.tmp",
    b"attempts/1/process.json",
    b"attempts/1/stop",
    b"attempts/1/job.json",
    b"attempts/1/job.json.tmp",
    b"attempts/x",
    b"attempts/99/exit.json",
    b"snapshot/outputs/a\xff",
    b"snapshot/outputs/a\xfe",
    b"snapshot/outputs/a\\xff",
    b"snapshot/outputs",
    b"uploads/outputs/up",
    b"uploads",
    b"run.json",
    b"request.json",
    b"snapshot.json",
    b"laid_out.json",
    b"children",
)
ODD: tuple[Any, ...] = (
    *(float("nan"), float("inf"), -1e308, 10**300, 2**70, -(2**70), True, None),
    *("HUGE", "DEEP", "\ud800", "\0", "x" * 100_000, "", "../.."),
    *([], {}, [[1]], {"path": 5}, {"path": "../../../x"}),
)
KINDS = (
    "bytes",
    "bytes",
    "journal",
    "journal",
    "slots",
    "slots",
    "fifo",
    "folder",
    "link",
    "loop",
    "sparse",
    "unreadable",
)


def run(ground: Ground) -> None:
    """Poison one run in every round."""
    site = Site(ground.folder / "workspace", HOSTILE)
    innocent = ground.folder / "innocent"
    innocent.mkdir()
    (innocent / "innocent.py").write_text(INNOCENT)
    site.start_engine()
    try:
        another = ground.rounds(5)
        number = 0
        while another():
            acts = [_act(ground.dice) for _ in range(ground.dice.randint(1, 6))]
            try:
                _round(ground, site, number, acts)
            except Finding as finding:
                told = ground.folder / f"acts-{number}.json"
                told.write_text(json.dumps(acts))
                ground.find(f"round {number}: {finding} What the script did is in {told}.")
                site.close()
                site = Site(ground.folder / f"workspace-{number}", HOSTILE)
                site.start_engine()
            number += 1
    finally:
        site.close()


def _act(dice: random.Random) -> tuple[str, str, str]:
    kind, place = dice.choice(KINDS), dice.choice(PLACES)
    if kind == "journal":
        place = dice.choice((b"journal/x.jsonl", b"journal/\xff.jsonl"))
    if kind == "slots":
        return base64.b64encode(b"journal/x.scalars").decode(), kind, base64.b64encode(_slots(dice)).decode()
    data = b"".join(_line(dice) for _ in range(dice.randint(1, 20))) if kind == "journal" else dice.randbytes(200)
    return base64.b64encode(place).decode(), kind, base64.b64encode(data).decode()


def _slots(dice: random.Random) -> bytes:
    """Return a mapped file of numbers: most marks fit, and what they mark is anything."""
    salt, found = dice.getrandbits(32) | 1, list[bytes]()
    for place in range(dice.randint(1, 300)):
        body = dice.choice(
            (dice.randbytes(27), struct.pack("<ddqH", 1.5, 0.5, dice.getrandbits(4), 0).ljust(27, b"\0"))
        )
        if place == 0 and dice.random() < 0.9:
            body, kind = b"DAML scalars 1".ljust(27, b"\0"), b"H"
        elif dice.random() < 0.3:
            body, kind = struct.pack("<dqqH", 1.5, 3, zlib.crc32(b'"x"'), dice.getrandbits(2)).ljust(27, b"\0"), b"N"
        elif dice.random() < 0.3:
            body, kind = b'"x"'.ljust(27, b"\0"), b"C"
        else:
            kind = bytes([dice.choice(b"fFiIfFiITNC?\0")])
        mark = salt + place * 32 if dice.random() < 0.9 else dice.choice((0, 5))
        found.append(body + kind + struct.pack("<I", mark & 0xFFFFFFFF))
    return b"".join(found)


def _line(dice: random.Random) -> bytes:
    """Return a record that is wrong in one way or another, often with a good checksum."""
    odd = _odd(dice)
    entry: dict[str, Any] = {"n": 0, "t": 1.5, "k": "m", "name": "a", "v": 1, "s": None}
    kinds = ("m", "list", "row", "table", "image", "tag", "untag", "prop", "name", "fail", "file", "?")
    entry["k"] = dice.choice(kinds)
    entry["key"] = "k"
    entry[dice.choice(("n", "t", "k", "name", "v", "s", "key", "message"))] = odd
    body = json.dumps(entry, default=str)
    body = body.replace('"HUGE"', "1" + "0" * 400).replace('"DEEP"', "[" * 5000 + "]" * 5000)
    data = body.encode("utf-8", "surrogatepass")
    if dice.random() < 0.2:
        data = bytes(byte ^ dice.getrandbits(8) if dice.random() < 0.05 else byte for byte in data)
    check = zlib.crc32(data) if dice.random() < 0.9 else 0
    return b"%08x %s" % (check, data) + (b"\n" if dice.random() < 0.97 else b"")


def _odd(dice: random.Random) -> Any:
    return dice.choice(ODD)


def _round(ground: Ground, site: Site, number: int, acts: list[tuple[str, str, str]]) -> None:
    (site.source / "acts.json").write_text(json.dumps(acts))
    books = ground.folder / f"books-{number}"
    books.mkdir()
    hostile = site.submit(str(ground.dice.choice((0, 0, 3))))
    innocent = site.submit(str(books), script=ground.folder / "innocent" / "innocent.py")
    good = site.end_of(innocent, 60)
    if str(good.summary.state) != "Completed":
        raise Finding(f"The innocent run is {good.summary.state}: {good.summary.error}")
    check_books(site, innocent, books, in_flight=0)
    if "outputs/kept" not in {artifact.path for artifact in site.workspace.runs.files.list(innocent)}:
        raise Finding("An output of the innocent run is not kept.")
    bad = site.end_of(hostile, 60)
    if not site.is_engine_alive():
        raise Finding("The engine ended.")
    ground.count("rounds")
    ground.count("damaged records counted", bad.damaged_records)
    ground.count("files named as left out", len(bad.left_out))
