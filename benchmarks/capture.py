"""What capture costs a script: processor time with it and without, on the samples and on a random forest.

    python -m benchmarks.capture [--rounds N] [--trees N] [--only WORD]

A round starts the script twice at the same time, once with capture and once without, so that whatever else the computer
does meets both; which of them is first is drawn by lot. What counts is user and system time of each and its children.
The cost is the median of the rounds' ratios; beside it stands the interval that 95 % of the medians of rounds drawn
from these again lie in. Bound: 3 %, of all but many small calls. Ends with 1 where even the interval is beyond it.
A forest of 100 trees takes some 7 s, of 850 a minute.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.history import note

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "desktop_aml" / "inside_run" / "site"
SAMPLES = ROOT / "resources" / "samples"
BOUND = 0.03
DRAWN = 10_000
"""How often the rounds are drawn again for the interval."""

FOREST = """
import sys
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
X, y = make_classification(20000, 20, random_state=0)
model = RandomForestClassifier(int(sys.argv[1]), random_state=0).fit(X, y)
print(model.score(X, y))
"""
CALLS = """
from sklearn.datasets import load_iris
from sklearn.metrics import accuracy_score
from sklearn.tree import DecisionTreeClassifier
X, y = load_iris(return_X_y=True)
for depth in range(400):
    model = DecisionTreeClassifier(max_depth=depth % 5 + 1).fit(X, y)
    accuracy_score(y, model.predict(X))
    model.score(X, y)
"""


class Started:
    """A script that was started as the launcher starts it, with or without capture."""

    def __init__(self, script: Path, words: list[str], folder: Path, *, capture: bool) -> None:
        self._run, self._capture = Path(tempfile.mkdtemp(dir=folder)), capture
        for name in ("journal", "logs", "snapshot/outputs", "uploads", "requests"):
            (self._run / name).mkdir(parents=True)
        env = {
            **os.environ,
            "PYTHONPATH": str(SITE),
            "DESKTOP_AML_RUN_DIR": str(self._run),
            "AZUREML_RUN_ID": "r",
            "DESKTOP_AML_CAPTURE": "on" if capture else "off",
        }
        act = ["sh", "-c", 'export DESKTOP_AML_SCRIPT_PID=$$; exec "$@"', "sh", sys.executable, str(script), *words]
        self._process = subprocess.Popen(act, env=env, cwd=self._run / "snapshot", stdout=subprocess.DEVNULL)

    def processor_s(self) -> float:
        """Wait for its end and return its processor seconds, those of its children too."""
        _, status, used = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        assert not status, "the script failed"
        assert not self._capture or any((self._run / "journal").iterdir()), "nothing was captured"
        return used.ru_utime + used.ru_stime


def measured(script: Path, words: list[str], folder: Path, rounds: int) -> list[tuple[float, float]]:
    """Return the processor seconds of each round without and with capture; the first round only warms."""
    found = []
    for _ in range(rounds + 1):
        order = random.sample((False, True), 2)
        started = {capture: Started(script, words, folder, capture=capture) for capture in order}
        found.append((started[False].processor_s(), started[True].processor_s()))
    return found[1:]


def interval(ratios: list[float]) -> tuple[float, float]:
    """Return where 95 % of the medians of rounds lie that are drawn from these."""
    lot = random.Random(0)
    medians = sorted(statistics.median(lot.choices(ratios, k=len(ratios))) for _ in range(DRAWN))
    return medians[DRAWN // 40], medians[-1 - DRAWN // 40]


def main() -> int:
    """Measure, print, and return 1 where the bound is broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--trees", type=int, default=60)
    parser.add_argument("--only", default="", help="a word of the cases that are measured: iris, forest, …")
    asked = parser.parse_args()
    broken = False
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name, source in (("forest.py", FOREST), ("calls.py", CALLS)):
            (folder / name).write_text(source)
        samples = {"iris": ["--pause", "0"], "wine": []}
        cases = (
            *((f"sample {name}", SAMPLES / name / "train.py", words, True) for name, words in samples.items()),
            (f"forest of {asked.trees}", folder / "forest.py", [str(asked.trees)], True),
            ("1,200 small calls", folder / "calls.py", [], False),
        )
        for name, script, words, is_bound in (one for one in cases if asked.only in one[0]):
            found = measured(script, words, folder, asked.rounds)
            ratios = [with_it / without for without, with_it in found]
            share, (least, most) = statistics.median(ratios) - 1, interval(ratios)
            note(f"capture: {name}", ratios)
            without, with_it = map(statistics.median, zip(*found, strict=True))
            print(f"{name:>20}: {without:7.3f} s without, {with_it:7.3f} s with capture: {share:+.1%}", end=" ")
            print(f"({least - 1:+.1%} to {most - 1:+.1%}{', bound 3 %' if is_bound else ''})", flush=True)
            broken |= is_bound and least - 1 > BOUND
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
