"""Turn the payload of a request into a table, predict, and encode the answer. Python 3.6 or newer.

An answer never depends on what else was in the frame: requests are predicted one by one, except by trees and forests,
which treat every row by itself, so that one call for many requests gives the same numbers.
"""

import json
import os
import struct
import time
import traceback
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from desktop_aml.inside_model.answers import CannotJoin, Piece, Unserializable, encode, joined
from desktop_aml.inside_model.boosters import method_of
from desktop_aml.inside_model.columns import Known
from desktop_aml.inside_model.loading import first_line
from desktop_aml.inside_model.tables import Rows, Tables

ANSWER = struct.Struct("!IBdI")
FLOATS, INTEGERS, ROWS, VALUES, CALL = range(5)
OK, BAD_INPUT, FAILED, OUT_OF_MEMORY, BAD_OUTPUT, REPLY, APART = range(7)
METHODS = ("predict_proba", "predict", "decision_function", "predict_log_proba", "transform", "score_samples")

# Matrix products may differ in the last bit with the number of rows; walking a tree cannot.
_ROW_BY_ROW = ("sklearn.tree.", "sklearn.ensemble._forest", "sklearn.ensemble.forest")
_JOINED_METHODS = ("predict", "predict_proba")

Item = Tuple[int, str, int, int, int, bytes]
"""``(id, method, kind, rows, columns, payload)``."""


class Predictor:
    """A loaded model that answers the items of a frame.

    Parameters
    ----------
    model : object
        The estimator.
    columns : list of str or None
        Column names, when the model must be given a data frame.
    known : list of Known
        What is known of the types of its columns; may be empty.
    """

    methods = METHODS

    def __init__(self, model: Any, columns: Optional[List[str]], known: Sequence[Known] = ()) -> None:
        import numpy

        self.model = model
        self.numpy = numpy
        # A data frame of numbers is stored by columns; the order of a sum in BLAS, and so its last bit, follows that.
        order = "F" if getattr(model, "feature_names_in_", None) is not None else "C"
        self.tables = Tables(columns, list(known), order)
        # With several threads a forest adds its trees up in any order.
        alone = type(model).__module__.startswith(_ROW_BY_ROW) and getattr(model, "n_jobs", None) in (None, 1)
        self.joins = alone and not columns

    def table(self, kind: int, rows: int, columns: int, payload: bytes) -> Any:
        """Return the rows of a request as the model takes them: (rows, columns), or (rows,) for `VALUES`."""
        if kind == VALUES:
            return json.loads(payload.decode("utf-8"))
        return self.tables.of_numbers(rows, columns, payload, whole=kind == INTEGERS)

    def predict(self, method: str, kind: int, rows: int, columns: int, payload: bytes) -> Any:
        """Return what the model answers to the rows of a request."""
        ask = method_of(self.model, method)
        if kind != ROWS:
            return ask(self.table(kind, rows, columns, payload))
        pieces: List[Piece] = []
        for places, part in self.tables.split(payload):
            pieces.extend(_ask_part(ask, places, part))
        return joined(pieces, rows)

    def answer_all(self, items: List[Item]) -> bytes:
        """Return the answers to the items of a frame as bytes. Never raises."""
        if not self.joins or len(items) == 1:
            return b"".join([self.answer(item) for item in items])
        groups: Dict[Tuple[str, int, int], List[Item]] = {}
        for item in items:
            groups.setdefault((item[1], item[2], item[4]), []).append(item)
        return b"".join([self.answer_group(*group) for group in groups.items()])

    def answer_group(self, key: Tuple[str, int, int], items: List[Item]) -> bytes:
        """Return the answers to items of one method, kind and width, from one call where that gives the same."""
        method, kind, columns = key
        if len(items) > 1 and kind in (FLOATS, INTEGERS) and method in _JOINED_METHODS:
            started = time.perf_counter()
            try:
                table = self.table(kind, sum(item[3] for item in items), columns, b"".join(item[5] for item in items))
                result = method_of(self.model, method)(table)
                if isinstance(result, self.numpy.ndarray) and len(result) == len(table):
                    return self.split(items, result, time.perf_counter() - started)
            except BaseException:  # noqa: BLE001, S110 - whose rows are at fault shows when each is asked alone
                pass
        return b"".join([self.answer(item) for item in items])

    def split(self, items: List[Item], result: Any, seconds: float) -> bytes:
        """Return the answers to items whose rows were predicted together."""
        answers, at = [], 0
        for item in items:
            reply = encode(result[at : at + item[3]])
            at += item[3]
            answers.append(ANSWER.pack(item[0], OK, seconds, len(reply)) + reply)
        return b"".join(answers)

    def answer(self, item: Item) -> bytes:
        """Return the answer to one item as bytes. Never raises."""
        number, method, kind, rows, columns, payload = item
        started = time.perf_counter()
        try:
            result = self.predict(method, kind, rows, columns, payload)
            seconds = time.perf_counter() - started
            status, reply = OK, encode(result)
        except BaseException as error:  # noqa: BLE001 - a model may raise anything; the next request must be answered
            status, reply, seconds = _status_of(error), complaint(error), time.perf_counter() - started
            if status in (BAD_INPUT, FAILED):
                tell_trace()
        return ANSWER.pack(number, status, seconds, len(reply)) + reply


def _status_of(error: BaseException) -> int:
    statuses = (
        (Unserializable, BAD_OUTPUT),
        (CannotJoin, APART),
        (MemoryError, OUT_OF_MEMORY),
        (ValueError, BAD_INPUT),
    )
    return next((status for kind, status in statuses if isinstance(error, kind)), FAILED)


def tell_trace() -> None:
    """Put the traceback of the exception at hand into the log."""
    try:
        traceback.print_exc()
    except Exception:  # noqa: BLE001 - the model's code may have closed or replaced where errors are printed
        os.write(2, b"The model failed, and its traceback cannot be printed.\n")


def _ask_part(ask: Callable[[Any], Any], places: List[int], part: Rows) -> List[Piece]:
    """Return the model's answers to rows of the same types, each with the places of its rows.

    Text that is a date is handed over as text, as it came. A row that the model cannot take so is asked again with
    dates, whatever became of its neighbours.
    """
    if not part.may_be_dates:
        return [(places, ask(part.table()))]
    try:
        return [(places, ask(part.table()))]
    except Exception:
        if len(places) > 1:
            pieces: List[Piece] = []
            for place, row in zip(places, part.alone()):
                pieces.extend(_ask_part(ask, [place], row))
            return pieces
        try:
            return [(places, ask(part.table(dates=True)))]
        except Exception:  # noqa: BLE001, S110 - a model may raise anything; what it said of the text counts
            pass
        raise


def complaint(error: BaseException) -> bytes:
    """Return the JSON bytes that tell the front what a model raised."""
    return json.dumps({"type": type(error).__name__, "message": first_line(error)}).encode("ascii")
