"""Fuzz: readers never raise what they should not, and an engine answers whatever lies in its spool."""

from __future__ import annotations

import json
import random
import string
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.journal import decode
from desktop_aml.domain.names import as_it_was, storable
from desktop_aml.domain.requests import Request, SubmitRun
from desktop_aml.engine.core import spool
from desktop_aml.run_folder import collect
from tests.campaign.ground import Finding, Ground, Site, until
from tests.campaign.poison import _line, _odd

BATCH = 40


def run(ground: Ground) -> None:
    """Ask the readers, and an engine, for what nobody would ask."""
    site = Site(ground.folder / "workspace", "print(1)\n")
    site.start_engine()
    try:
        another = ground.rounds(2)
        number = 0
        while another():
            try:
                _readers(ground)
                _spool(ground, site, number)
            except Finding as finding:
                ground.find(f"round {number}: {finding}")
                if not site.is_engine_alive():
                    site.start_engine()
            number += 1
    finally:
        site.close()


def _readers(ground: Ground) -> None:
    dice = ground.dice
    for _ in range(300):
        data = b"".join(_line(dice) for _ in range(dice.randint(0, 5)))
        _call(ground, lambda data=data: decode(data), ())
        text = "".join(dice.choice("\\xu0af\udcff\ud800é/ \n") for _ in range(dice.randint(0, 12)))
        if as_it_was(storable(text)) != text:
            raise Finding(f"The name {text!a} does not come back.")
        noise = dice.randbytes(dice.randint(0, 60)) if dice.random() < 0.5 else json.dumps(_request(dice)).encode()
        _call(ground, lambda noise=noise: spool.decode(noise), (DesktopAMLError,))
    folder = ground.folder / "reported" / "journal"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "x.jsonl").write_bytes(b"".join(_line(dice) for _ in range(50)))
    _call(ground, lambda: collect.reported_failure(folder.parent), ())


def _call(ground: Ground, act: Any, allowed: tuple[type[Exception], ...]) -> None:
    ground.count("calls of readers")
    try:
        act()
    except allowed:
        return
    except Exception as error:
        raise Finding(f"A reader raised {error!r}.") from error


def _request(dice: random.Random) -> dict[str, Any]:
    kind = dice.choice(get_args(Request))
    names = list(kind.__dataclass_fields__)
    body: dict[str, Any] = {name: _word(dice) for name in names}
    if kind is SubmitRun:
        body = asdict(SubmitRun(run_id=_word(dice), experiment=_word(dice), script="script.py", environment=""))
    for name in dice.sample(names, dice.randint(0, min(2, len(names)))):
        body[name] = _odd(dice)
    # One that would end the engine's ownership is no fuzz.
    name = "CancelRun" if kind.__name__ == "ReleaseWorkspace" else kind.__name__
    return {"request": name, "body": body}


def _word(dice: random.Random) -> str:
    return "".join(dice.choice(string.ascii_lowercase + "./-\\\x00é") for _ in range(dice.randint(0, 9)))


def _spool(ground: Ground, site: Site, number: int) -> None:
    folder = site.workspace.path / "requests"
    asked: list[Path] = []
    for index in range(BATCH):
        path = folder / f"{time.time_ns():020d}-{number}x{index}.json"
        data = json.dumps(_request(ground.dice)).encode() if index % 4 else ground.dice.randbytes(100)
        temporary = path.with_suffix(".tmp")
        temporary.write_bytes(data)
        temporary.replace(path)
        asked.append(path)
    replies = [path.with_name(f"{path.stem}.reply.json") for path in asked]
    until(lambda: all(reply.exists() for reply in replies) or not site.is_engine_alive(), "the replies", 60)
    if not site.is_engine_alive():
        raise Finding("The engine ended.")
    for path, reply in zip(asked, replies, strict=True):
        spool.decode_reply(reply.read_bytes())
        path.unlink()
        reply.unlink()
        ground.count("requests answered")
