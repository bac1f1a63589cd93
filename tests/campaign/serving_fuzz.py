"""Random bodies against real endpoints: every one is answered, in words, and each row as it is alone.

The seed decides everything that is sent. Models of several kinds are deployed, each in processes of its own; their
requests come one by one, and several together over one connection, so that they share a frame. What was wrong is found
with the bodies that show it.
"""

from __future__ import annotations

import http.client
import json
import random
import socket
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from desktop_aml.domain.registry import EndpointState
from desktop_aml.serving import front_process
from desktop_aml.serving.config import EndpointConfig, ModelFile, write_config
from tests.campaign.ground import Ground
from tests.serving.conftest import sha256_of, wait_until
from tests.serving.inline import Inline

STATUSES: Final = {200, 400, 413, 415, 500}
_MOST_SHOWN: Final = 10
REQUESTS: Final = 300
"""How many each model is sent a round."""
_ODD: Final = (
    None,
    True,
    False,
    0,
    -1,
    10**18,
    10**30,
    0.1,
    -1e308,
    "",
    "a",
    "é",
    "\u0000",
    "2024-05-05",
    [],
    {},
    [[]],
)
_OWN = """
class Model:
    def predict(self, rows):
        row = rows[0] if not hasattr(rows, "iloc") else rows.iloc[0]
        if len(row) == 3:
            raise ValueError(chr(0xd800))
        if len(row) == 4:
            raise SystemExit(3)
        return [str(list(row)) for row in (rows.values if hasattr(rows, "iloc") else rows)]
"""


def models() -> dict[str, tuple[Any, list[Any]]]:
    """Return a model of each kind, and a row that it takes."""
    r = np.random.RandomState(0)
    frame = pd.DataFrame({"city": r.choice(["a", "b", "c"], 90), "age": r.randint(18, 80, 90), "fee": r.rand(90)})
    frame.loc[::7, "city"] = np.nan
    target = (frame.age > 50).astype(int)
    text = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    columns = ColumnTransformer([("t", text, ["city"]), ("n", StandardScaler(), ["age", "fee"])])
    numbers = frame[["age", "fee"]].to_numpy()
    objects = np.array([["a", 1], ["b", 2], [None, 3]] * 4, dtype=object)
    texts = ["good day", "bad night", "good night", "bad day"]
    return {
        "forest": (RandomForestClassifier(5, random_state=0).fit(numbers, target), [30, 0.5]),
        "columns": (make_pipeline(columns, LogisticRegression()).fit(frame, target), ["a", 30, 0.5]),
        "missing": (HistGradientBoostingClassifier(max_iter=3).fit(numbers, target), [30, None]),
        "objects": (OrdinalEncoder().fit(objects), ["a", 1]),
        "texts": (make_pipeline(CountVectorizer(), LogisticRegression()).fit(texts, [1, 0, 1, 0]), ["good day"]),
        "own": (Inline(_OWN), [1, 2]),
    }


class Fuzz:
    """One campaign: what was sent, what came back, what was wrong."""

    def __init__(self, dice: random.Random) -> None:
        self.random = dice
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []

    def body(self, row: list[Any]) -> bytes:
        """Return a body that is near what the model takes, or far from it."""
        choose = self.random.random()
        rows: Any = [self.row(row) for _ in range(self.random.choice([1, 1, 1, 2, 3, 8]))]
        whole: Any = {"data": rows}
        if choose < 0.08:
            whole = self.anything(3)
        elif choose < 0.13:
            whole[self.random.choice(["method", "data", "rows", "é"])] = self.anything(1)
        elif choose < 0.2:
            whole["data"] = {"columns": [f"c{i}" for i in range(len(row))], "data": rows}
        elif choose < 0.3:
            whole["data"] = [{f"c{i}": value for i, value in enumerate(one)} for one in rows if isinstance(one, list)]
        sent = json.dumps(whole, ensure_ascii=self.random.random() < 0.5).encode("utf-8", "replace")
        if self.random.random() < 0.1:
            at = self.random.randrange(len(sent))
            piece = self.random.choice([b"", b"\xff", b"\x00", b"NaN", b"[", b"}", b"\\ud800", b"1e999", b","])
            sent = sent[:at] + piece + sent[at + self.random.choice([0, 1]) :]
        return sent

    def row(self, row: list[Any]) -> Any:
        """Return a row like one that the model takes, with a cell changed now and then."""
        made = list(row)
        for i in range(len(made)):
            if self.random.random() < 0.12:
                made[i] = self.random.choice([*_ODD, self.random.random() * 100, self.random.randrange(100)])
        if self.random.random() < 0.03:
            made = made[: self.random.randrange(len(made))] if self.random.random() < 0.5 else [*made, 1]
        return self.anything(2) if self.random.random() < 0.03 else made

    def anything(self, depth: int) -> Any:
        """Return any JSON value."""
        kind = self.random.randrange(4 if depth else 2)
        if kind == 2:
            return [self.anything(depth - 1) for _ in range(self.random.randrange(4))]
        if kind == 3:
            return {self.random.choice(["data", "method", "a", ""]): self.anything(depth - 1) for _ in range(2)}
        return self.random.choice(_ODD)

    def ask(self, port: int, body: bytes) -> tuple[int, bytes]:
        """Send one body and return the status and the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("POST", "/score", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def ask_together(self, port: int, bodies: list[bytes]) -> list[tuple[int, bytes]]:
        """Send several bodies in one piece and return the answers, in their order."""
        head = (
            "POST /score HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", port), timeout=30) as wire:
            wire.sendall(b"".join(head.format(port, len(body)).encode() + body for body in bodies))
            wire.shutdown(socket.SHUT_WR)
            rest = b"".join(iter(lambda: wire.recv(1 << 16), b""))
        found = []
        while rest:
            headers, _, rest = rest.partition(b"\r\n\r\n")
            lines = headers.lower().split(b"\r\n")
            size = int(next(line for line in lines if line.startswith(b"content-length:")).split(b":")[1])
            found.append((int(lines[0].split()[1]), rest[:size]))
            rest = rest[size:]
        return found

    def look(self, name: str, body: bytes, status: int, answer: bytes) -> None:
        """Count an answer, and keep what is wrong with it."""
        self.counts[str(status)] += 1
        try:
            said = json.loads(answer)
        except ValueError:
            self.note(name, body, f"{status} without JSON: {answer[:80]!r}")
            return
        if status not in STATUSES:
            self.note(name, body, f"status {status}: {said}")
        elif status != 200 and not (isinstance(said, dict) and said.get("message")):
            self.note(name, body, f"{status} without words: {said}")
        elif status == 500 and name != "own" and "The endpoint failed" in said["message"]:
            self.note(name, body, f"the endpoint itself failed: {said}")

    def note(self, name: str, body: bytes, words: str) -> None:
        """Keep what is wrong."""
        self.wrong.append(f"{name}: {words}\n    {body[:300]!r}")

    def try_model(self, name: str, port: int, row: list[Any], requests: int) -> None:
        """Send bodies one by one and together, and compare."""
        while requests > 0:
            bodies = [self.body(row) for _ in range(self.random.choice([1, 2, 5]))]
            alone = [self.ask(port, body) for body in bodies]
            for body, (status, answer) in zip(bodies, alone, strict=True):
                self.look(name, body, status, answer)
            together = self.ask_together(port, bodies)
            for body, one, other in zip(bodies, alone, together, strict=False):
                if one[0] != other[0] or not _same(one[1], other[1]):
                    self.note(name, body, f"alone {one}, in company {other}")
            if len(together) != len(bodies):
                self.note(name, b"; ".join(bodies), f"{len(together)} answers to {len(bodies)} requests")
            self.try_rows(name, port, row)
            self.counts["requests"] += 2 * len(bodies)
            requests -= 2 * len(bodies)

    def try_rows(self, name: str, port: int, row: list[Any]) -> None:
        """Send rows of the right shape together and alone: each is answered the same."""
        rows = [[self.random.choice([value, value, None, 7, 7.5]) for value in row] for _ in range(4)]
        status, answer = self.ask(port, json.dumps({"data": rows}).encode())
        if status != 200:
            return
        alone = [self.ask(port, json.dumps({"data": [one]}).encode()) for one in rows]
        single = [json.loads(body)[0] if code == 200 else code for code, body in alone]
        self.counts["rows"] += len(rows)
        if not _same(json.dumps(single).encode(), answer):
            self.note(name, json.dumps(rows).encode(), f"together {answer[:200]!r}, alone {single}")


def _same(one: bytes, other: bytes) -> bool:
    """Whether two answers say the same; a product of matrices may differ in its last bit."""
    if one == other:
        return True
    try:
        first, second = json.loads(one), json.loads(other)
        return first == second or bool(
            np.allclose(np.array(first, float), np.array(second, float), rtol=1e-12, equal_nan=True)
        )
    except (ValueError, TypeError):
        return False


def run(ground: Ground) -> None:
    """Deploy every model, one after the other, and send it its share of the requests."""
    fuzz = Fuzz(ground.dice)
    another = ground.rounds()
    while another():
        for name, (model, row) in models().items():
            folder = ground.folder / f"{name}-{fuzz.counts['models']}"
            folder.mkdir()
            fuzz.counts["models"] += 1
            _try_endpoint(fuzz, name, model, row, folder)
    for words in fuzz.wrong[:_MOST_SHOWN]:
        ground.find(words)
    for what, amount in sorted(fuzz.counts.items()):
        ground.count(what, amount)
    ground.count("wrong", len(fuzz.wrong))


def _try_endpoint(fuzz: Fuzz, name: str, model: Any, row: list[Any], folder: Path) -> None:
    file = folder / "model.joblib"
    joblib.dump(model, file)
    entry = ModelFile(str(file), sha256_of(file), file.name)
    config = EndpointConfig(name=name, model=f"{name}:1", files=(entry,), python=sys.executable, nonce=name)
    write_config(folder, config)
    front_process.spawn_front(folder)
    try:
        state = wait_until(lambda: _ready(folder), f"{name} is served", 120)
        fuzz.try_model(name, state.port, row, REQUESTS)
        after = front_process.read_state(folder)
        if after is None or after.state is not EndpointState.HEALTHY or after.model_pid != state.model_pid:
            fuzz.note(name, b"", f"the endpoint did not live through it: {after}")
    finally:
        front_process.stop_front(folder, 10)


def _ready(folder: Path) -> Any:
    state = front_process.read_state(folder)
    return state if state is not None and state.state is EndpointState.HEALTHY else None
