"""What the launcher takes from CPython's own parts does what the modules around them do, in every version."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

INSIDE = Path(__file__).parents[2] / "desktop_aml" / "inside_run"

VALUES = [
    {
        "a": [1, -2.5, 1e300, True, None, '\u20ac \ud83d\ude00 " \\ \n'],
        "b": {"c": {}, "d": []},
        "e": 12345678901234567890,
    },
    {"nonce": "x", "timeout_s": None, "infinite": float("inf"), "less": float("-inf")},
    [],
    "text",
]

PROGRAM = """
import sys
sys.path.append(sys.argv[1])
import supervision, tracking_door, lean
heavy = {"json", "re", "enum", "signal", "socket", "ctypes", "contextlib", "threading", "collections"}
lean.prctl(36, 1)
values = [lean.loads(text.encode()) for text in sys.argv[2:]]
texts = [lean.dumps(value) for value in values]
print(sorted(heavy & set(sys.modules)))
import json
print(values == [json.loads(text) for text in sys.argv[2:]], texts == [json.dumps(value) for value in values])
import ctypes
found = ctypes.c_int()
ctypes.CDLL(None).prctl(37, ctypes.byref(found), 0, 0, 0)
print(found.value)
"""


def test_a_launcher_loads_none_of_the_large_modules_and_reads_and_writes_the_same(python: str) -> None:
    words = [python, "-I", "-S", "-c", PROGRAM, str(INSIDE), *map(json.dumps, VALUES)]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.splitlines() == ["[]", "True True", "1"]


def test_where_an_interpreter_has_other_parts_the_modules_do_it(edge_python: str) -> None:
    program = (
        "import sys; sys.path.append(sys.argv[1])\n"
        "import lean, ctypes\n"
        "sys.modules['_json'] = sys.modules['_ctypes'] = None\n"
        "lean.prctl(36, 1)\n"
        "print([lean.dumps(lean.loads(text.encode())) == text for text in sys.argv[2:]])\n"
    )
    words = [edge_python, "-I", "-S", "-c", program, str(INSIDE), *map(json.dumps, VALUES)]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.splitlines() == [str([True] * len(VALUES))]


@pytest.mark.parametrize("text", ['{"a": 1', "{} x", "", '"\x01"'])
def test_what_is_no_json_is_refused_in_words(text: str, edge_python: str) -> None:
    program = (
        "import sys; sys.path.append(sys.argv[1]); import lean\n"
        "try: lean.loads(sys.argv[2].encode())\n"
        "except ValueError as error: print(str(error) != '')"
    )
    words = [edge_python, "-I", "-S", "-c", program, str(INSIDE), text]
    assert subprocess.run(words, capture_output=True, text=True, timeout=60, check=True).stdout == "True\n"
