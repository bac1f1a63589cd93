"""What goes wrong with one answer is no business of the clients whose requests travel with it."""

from __future__ import annotations

import json
import random

from desktop_aml.cli.output import show_json
from desktop_aml.inside_model.predicting import BAD_OUTPUT, FAILED, OK, Predictor
from desktop_aml.serving.frames import answers
from desktop_aml.serving.use import read_use
from tests.campaign.serving_fuzz import Fuzz, models
from tests.serving.conftest import wait_until
from tests.serving.inline import Inline
from tests.serving.test_joining import item

ODD = r"""
import sys
class Silent(Exception):
    def __str__(self):
        raise RuntimeError("no words")
class Model:
    feature_names_in_ = None
    def predict(self, rows):
        what = int(rows[0][0])
        if what == 1:
            raise ValueError("\ud800")
        if what == 2:
            raise KeyError("\udcff" * 400)
        if what == 3:
            raise Silent()
        if what == 4:
            sys.exit("enough")
        if what == 5:
            raise KeyboardInterrupt
        if what == 6:
            print("\ud800")
        if what == 7:
            sys.stderr = None
            raise OSError("after its log was closed")
        if what == 8:
            return ["\ud800"]
        if what == 9:
            return [{("a", "\ud800"): {1, 2}}]
        return [what]
"""
REFUSED = {1: 400, 2: 500, 3: 500, 4: 500, 5: 500, 7: 500, 9: 500}


def in_one_go(endpoint, bodies):
    """Send requests in one piece, so that they go to the model in one frame, and return the statuses and bodies."""
    head = "POST /score HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"
    sent = b"".join(head.format(endpoint.port, len(body)).encode() + body for body in bodies)
    rest, found = endpoint.raw(sent), []
    while rest:
        headers, _, rest = rest.partition(b"\r\n\r\n")
        size = int(next(line for line in headers.split(b"\r\n") if line.startswith(b"content-length:")).split()[1])
        found.append((int(headers.split()[1]), rest[:size]))
        rest = rest[size:]
    return found


def test_every_client_is_answered_whatever_becomes_of_the_others(deploy):
    endpoint = deploy(Inline(ODD))
    asked = [0, 1, 0, 2, 3, 0, 4, 5, 6, 7, 0, 8, 9, 0]
    found = in_one_go(endpoint, [json.dumps({"data": [[number]]}).encode() for number in asked])
    assert [status for status, _ in found] == [REFUSED.get(number, 200) for number in asked]
    for number, (status, body) in zip(asked, found, strict=True):
        assert json.loads(body) == ["\ud800"] if number == 8 else json.loads(body)
        if status == 200 and number in (0, 6):
            assert json.loads(body) == [number]
    assert r"\ud800" in found[1][1].decode()
    assert r"\ud800" in endpoint.log
    assert endpoint.state.model_pid
    use = wait_until(lambda: (found := read_use(endpoint.folder)) and found.total == len(asked) and found, "its use")
    failed = sum(REFUSED.get(number, 200) == 500 for number in asked)
    assert (use.answered, use.refused, use.failed) == (len(asked) - failed - 1, 1, failed)
    assert 0 < use.median_ms <= use.most_ms


def test_an_answer_larger_than_a_frame_may_be_is_refused_alone(monkeypatch):
    class Long:
        def predict(self, rows):
            return ["x" * 200] * int(rows[0][0])

    monkeypatch.setattr("desktop_aml.inside_model.answers.MAX_ANSWER_BYTES", 1000)
    items = [item(number, [[rows]], "predict") for number, rows in ((1, 2.0), (2, 50.0), (3, 1.0))]
    found = answers(Predictor(Long(), None).answer_all(items))
    assert [status for _, status, _, _ in found] == [OK, BAD_OUTPUT, OK]


def test_an_answer_with_half_a_character_can_be_printed(capsys):
    show_json(["\ud800", "é"])
    assert json.loads(capsys.readouterr().out) == ["\ud800", "é"]


def test_a_column_with_a_name_that_cannot_be_encoded_is_served(deploy):
    endpoint = deploy(Inline("class Model:\n feature_names_in_ = ['\\ud800']\n def predict(self, rows): return [1]\n"))
    assert endpoint.post({"data": [[1]]}).json == [1]


def test_an_error_with_words_that_cannot_be_encoded_while_loading_is_told(deploy, tmp_path):
    file = tmp_path / "model.pkl"
    file.write_bytes(b"cbuiltins\neval\n(S'(_ for _ in ()).throw(ValueError(chr(0xd800)))'\ntR.")
    endpoint = deploy(file=file)
    assert endpoint.state.error


class Forest:
    """Looks like a forest, so that requests are joined, and ends its process when asked for several rows."""

    n_jobs = None

    def predict(self, rows):
        if len(rows) > 1:
            raise SystemExit
        return rows[:, 0]


Forest.__module__ = "sklearn.ensemble._forest"


def test_a_model_that_ends_its_process_in_a_joined_call_is_asked_one_by_one():
    predictor = Predictor(Forest(), None)
    assert predictor.joins
    found = list(answers(predictor.answer_all([item(1, [[1.0]], "predict"), item(2, [[2.0]], "predict")])))
    assert [(number, status, json.loads(body)) for number, status, _, body in found] == [(1, OK, [1.0]), (2, OK, [2.0])]
    ((_, status, _, _),) = answers(predictor.answer(item(3, [[1.0], [2.0]], "predict")))
    assert status == FAILED


def test_random_bodies_are_answered_the_same_alone_and_in_company(deploy):
    model, row = models()["columns"]
    endpoint = deploy(model)
    fuzz = Fuzz(random.Random(7))
    fuzz.try_model("columns", endpoint.port, row, 100)
    assert fuzz.wrong == []
    assert fuzz.counts["200"] > 10
    assert fuzz.counts["400"] > 10
