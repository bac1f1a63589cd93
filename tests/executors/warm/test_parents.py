"""A script that is forked from a warm interpreter cannot tell, and what stands against forking starts cold."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from desktop_aml.domain.jobs import Job, TrackingDoor
from desktop_aml.domain.runs import RunOutcome
from desktop_aml.executors.attempt_files import Handle
from desktop_aml.executors.local_process import LocalProcessExecutor
from desktop_aml.run_folder.log_notes import read_notes
from tests.conftest import wait_until
from tests.contracts.places import WarmPlace, begin, carry_out, finish
from tests.inside_run.conftest import interpreters

STATE = (Path(__file__).parent / "state_script.py").read_text()
"""A script that writes down whatever it can find out about its process."""

ENDS = {
    "error": "import json\ndef f(n):\n    return 1 / n\njson.dumps(1)\nf(0)\n",
    "chained": "try:\n    {}['a']\nexcept KeyError as e:\n    raise ValueError('b') from e\n",
    "syntax": "x = (\n",
    "words": "import sys\nprint('before')\nsys.exit('no data')\n",
    "raised words": "raise SystemExit('gone')\n",
    "number": "import sys\nsys.exit(7)\n",
    "quit": "exit('left')\n",
    "leaves at once": "import os\nos._exit(9)\n",
    "interrupted": "raise KeyboardInterrupt\n",
    "terminated": "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n",
    "crashed": "import ctypes\nctypes.string_at(0)\n",
    "in a thread": "import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()\n",
    "late": "import atexit\natexit.register(print, 'farewell')\nprint('first')\nassert False, 'why'\n",
    "warns": "import warnings\nwarnings.warn('one', stacklevel=1)\nwarnings.warn('two', stacklevel=2)\n",
    "deep": "def f():\n    f()\ntry:\n    f()\nexcept RecursionError as e:\n    print(e)\n",
    "argparse": "import argparse\nargparse.ArgumentParser().parse_args(['--odd'])\n",
    "odd text": "# -*- coding: latin-1 -*-\nprint('gr\\u00fc\\u00df')\n",
    "children": "import multiprocessing as m\ndef g(x):\n    return x * x\nif __name__ == '__main__':\n"
    "    for how in ('fork', 'spawn'):\n        with m.get_context(how).Pool(2) as p:\n"
    "            print(p.map(g, [1, 2]))\n",
}


@pytest.fixture
def place(tmp_path: Path, marked_processes: object) -> Iterator[WarmPlace]:
    made = WarmPlace(tmp_path)
    yield made
    made.close()


def cold_and_warm(
    place: WarmPlace, text: str, **options: object
) -> tuple[tuple[Job, RunOutcome], tuple[Job, RunOutcome]]:
    """Run a script both ways."""
    cold, warm = place.job(text, **options), place.job(text, **options)
    ended_cold = carry_out(place.executor(LocalProcessExecutor()), cold)
    ended_warm = carry_out(place.executor(), warm)
    assert place.was_warm(warm), Handle.of("local", warm).files().how_started()
    assert not place.was_warm(cold)
    return (cold, ended_cold), (warm, ended_warm)


def told(place: WarmPlace, job: Job, text: str) -> str:
    """Return text without what differs from run to run."""
    for own in (job.run_directory, job.run_id, job.nonce):
        text = text.replace(own, "RUN")
    return re.sub(r"0x[0-9a-f]+", "0x", text)


def test_a_warm_script_finds_what_a_cold_one_finds(place: WarmPlace) -> None:
    options = {"arguments": ("--C", "1", "", "a b", "\udce9"), "script": "train.py"}
    (cold, _), (warm, _) = cold_and_warm(place, STATE, **options)
    states = [json.loads(told(place, job, (place.snapshot(job) / "state.json").read_text())) for job in (cold, warm)]
    assert states[1] == states[0]
    assert states[1]["below"] == "None"
    assert states[1]["death"] == signal.SIGKILL


@pytest.mark.parametrize("how", sorted(ENDS))
def test_a_warm_script_ends_as_a_cold_one(place: WarmPlace, how: str) -> None:
    (cold, ended_cold), (warm, ended_warm) = cold_and_warm(place, ENDS[how])
    assert told(place, warm, place.log(warm)) == told(place, cold, place.log(cold))
    for name in ("exit_code", "signal", "reason", "message"):
        assert getattr(ended_warm, name) == getattr(ended_cold, name)
    ends = []
    for job in (cold, warm):
        path = Path(job.run_directory) / "logs" / "ends.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        ends.append([{**json.loads(told(place, job, line)), "pid": 0} for line in lines])
    assert ends[1] == ends[0]


AT_THE_END = """
import good, odd, wills

class Last:
    def __init__(self, name):
        self.name = name
    def __del__(self, write=__import__("os").write):
        write(1, b"the last of " + self.name + b"\\n")

last = Last(b"the script")
good.put = Last(b"a library")
stream = open("left.txt", "w")
stream.write("whole")
odd.held.append(open("held.txt", "w"))
odd.held[0].write("whole")
"""


def test_what_a_script_leaves_to_the_end_of_its_process_is_done_in_a_warm_one(place: WarmPlace, python: str) -> None:
    (cold, _), (warm, _) = cold_and_warm(place, AT_THE_END, python=python)
    assert place.log(cold).count("last") == 2
    assert sorted(place.log(warm).splitlines()) == sorted(place.log(cold).splitlines())
    assert [(place.snapshot(warm) / name).read_text() for name in ("left.txt", "held.txt")] == ["whole"] * 2


def test_a_file_that_is_left_open_is_warned_of_as_in_a_cold_start(place: WarmPlace, python: str) -> None:
    text = "import odd, warnings\nwarnings.simplefilter('always')\nodd.held.append(open(__file__, 'rb'))\n"
    (cold, _), (warm, _) = cold_and_warm(place, text, python=python)
    assert "unclosed file" in place.log(cold)
    assert told(place, warm, place.log(warm)) == told(place, cold, place.log(cold))


def test_a_library_that_was_imported_ahead_is_not_taken_apart(place: WarmPlace, python: str) -> None:
    # As a picture of matplotlib leaves its fonts: files that are only read hold nothing back.
    text = "import good, hides, odd\nodd.held += [open(__file__), open(__file__, 'rb')]\nprint(hides.kept)\n"
    (cold, _), (warm, _) = cold_and_warm(place, text, python=python)
    # Nothing is promised of objects that are still there at the end, and only this one shows that they stay.
    assert place.log(cold).endswith("taken apart\n")
    assert "taken apart" not in place.log(warm)


def test_what_a_script_imports_of_ours_for_its_run_is_there_before_it(place: WarmPlace) -> None:
    text = "import sys\nprint('azureml.core.run' in sys.modules)\nfrom azureml.core import Run\n"
    (cold, _), (warm, _) = cold_and_warm(place, text)
    assert (place.log(cold), place.log(warm)) == ("False\n", "True\n")


# What stands against it


@pytest.fixture
def python(tmp_path: Path) -> str:
    """An interpreter with site-packages of its own, in which these tests install what they like."""
    home = tmp_path / "environment"
    packages = home / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    packages.mkdir(parents=True)
    (home / "bin").mkdir()
    (home / "bin" / "python").symlink_to(os.path.realpath(sys.executable))
    (home / "pyvenv.cfg").write_text(f"home = {Path(os.path.realpath(sys.executable)).parent}\n")
    for name, text in INSTALLED.items():
        (packages / f"{name}.py").write_text(text)
    return str(home / "bin" / "python")


INSTALLED = {
    "good": "import os\nVALUE = os.environ.get('KIND', '')\nos.environ.setdefault('SET_BY_GOOD', 'yes')\n",
    "wills": "class A:\n    def __del__(self):\n        print('a library says farewell')\nkept = A()\n",
    "hides": "class A:\n    def __del__(self):\n        print('taken apart')\nkept = [A()]\n",
    # A module and a class that answer no question as Python's own do.
    "odd": "import sys, types\nheld = []\nclass Module(types.ModuleType):\n    def __getattr__(self, name):\n"
    "        raise ImportError(name)\nclass Kind(type):\n    def __getattr__(cls, name):\n        raise KeyError\n"
    "class A(metaclass=Kind): pass\na = A()\nsys.modules['odd_part'] = Module('odd_part')\n",
    "slow": "import os\nopen(os.environ['COUNT'], 'a').write('x')\n",
    "prints": "print('hello')\n",
    "warns": "import warnings\nwarnings.warn('old', DeprecationWarning, stacklevel=2)\n",
    "threads": "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n",
    "opens": "STREAM = open(__file__)\n",
    "forks": "import subprocess\nCHILD = subprocess.Popen(['sleep', '60'])\n",
    "remembers": "import os\nRUN = os.environ.get('AZUREML_RUN_ID') or os.environ['DESKTOP_AML_RUN_DIR']\n",
    "numbered": "import os\nPID = os.getpid()\n",
    "shares": "import multiprocessing\nLOCK = multiprocessing.Lock()\n",
    "fails": "raise ImportError('not here')\n",
    "where": "import os\nFOLDER = os.getcwd()\n",
    "traces": "import sys\nsys.settrace(lambda *_: None)\n",
}


@pytest.mark.parametrize("name", sorted(set(INSTALLED) - {"good", "hides", "odd", "slow", "wills"}))
def test_what_an_import_does_to_each_process_it_does_to_each_run(place: WarmPlace, python: str, name: str) -> None:
    text = (
        f"import good\ntry:\n    import {name} as it\nexcept ImportError as error:\n    it = error\n"
        "import os, sys\nshown = {k: str(v) for k, v in vars(it).items() if k in ('FOLDER', 'RUN')}\n"
        "print(shown, good.VALUE, os.environ['SET_BY_GOOD'], getattr(it, 'PID', os.getpid()) == os.getpid())\n"
        "print(sys.gettrace() is not None)\nsys.settrace(None)\n"
        "if hasattr(it, 'CHILD'):\n    it.CHILD.kill(), it.CHILD.wait()\n"
    )
    (cold, _), (warm, _) = cold_and_warm(place, text, python=python)
    assert told(place, warm, place.log(warm)) == told(place, cold, place.log(cold))


@pytest.mark.parametrize(
    ("files", "options", "words"),
    [
        ({"json.py": "x = 1"}, {}, "json"),
        ({"matplotlibrc": ""}, {}, "matplotlibrc"),
        ({"pkg/__init__.py": "", "pkg/a.py": "pass"}, {"script": "train.py", "module": "pkg.a"}, "pkg.a"),
    ],
)
def test_what_cannot_be_warm_starts_cold_and_says_why(
    place: WarmPlace, files: dict[str, str], options: dict[str, object], words: str
) -> None:
    job = place.job("import sys\nprint(sys.version)", **options)
    for name, text in files.items():
        (place.snapshot(job) / name).parent.mkdir(exist_ok=True)
        (place.snapshot(job) / name).write_text(text)
    assert carry_out(place.executor(), job).succeeded()
    how = Handle.of("local", job).files().how_started()
    assert how["how"] == "cold"
    assert words in how["why"]


def test_a_source_of_the_users_own_is_never_imported_ahead(place: WarmPlace, python: str, tmp_path: Path) -> None:
    count = tmp_path / "count"
    executor = place.executor()
    for _ in range(2):
        job = place.job("import good, helper\nprint(helper.X)", python=python)
        (place.snapshot(job) / "helper.py").write_text(f"X = 1\nopen({str(count)!r}, 'a').write('x')\n")
        assert carry_out(executor, job).succeeded()
        assert place.was_warm(job)
    assert count.read_text() == "xx"


def test_an_interpreter_is_shared_by_what_has_the_same_variables(place: WarmPlace, python: str, tmp_path: Path) -> None:
    count, executor = tmp_path / "count", place.executor()
    seen = []
    for kind in ("a", "a", "b"):
        job = place.job("import good, slow\nprint(good.VALUE)", python=python)
        job.env_vars.update({"KIND": kind, "COUNT": str(count)})
        assert carry_out(executor, job).succeeded()
        seen.append(place.log(job).strip())
    assert seen == ["a", "a", "b"]
    assert count.read_text() == "xx", "one import for each kind of variables"


def test_variables_that_are_set_before_an_import_are_seen_by_it(place: WarmPlace, python: str) -> None:
    job = place.job("import os\nos.environ['KIND'] = 'own'\nimport good\nprint(good.VALUE)", python=python)
    assert carry_out(place.executor(), job).succeeded()
    assert place.was_warm(job)
    assert place.log(job) == "own\n"


def test_each_run_draws_its_own_random_numbers(place: WarmPlace) -> None:
    executor, drawn = place.executor(), []
    for _ in range(3):
        job = place.job("import random, os, sys\nprint(random.random(), sys.flags.hash_randomization)")
        assert carry_out(executor, job).succeeded()
        assert place.was_warm(job)
        drawn.append(place.log(job))
    assert len(set(drawn)) == 3


def test_what_runs_before_it_read_is_not_told_of_a_warm_script(place: WarmPlace, tmp_path: Path) -> None:
    data = [tmp_path / f"data{number}.csv" for number in range(3)]
    executor, jobs = place.executor(), []
    for path in data:
        path.write_text("1")
        jobs.append(place.job(f"open({str(path)!r}).read()\n"))
        carry_out(executor, jobs[-1])
        assert place.was_warm(jobs[-1])
    for job, path in zip(jobs, data, strict=True):
        lines = (Path(job.run_directory) / "logs" / "files_read.jsonl").read_text().splitlines()
        told = [
            json.loads(line)["path"].replace("$(workspace)", str(Path(job.run_directory).parents[1])) for line in lines
        ]
        assert told == [str(path)]


def test_without_another_run_in_sight_no_interpreter_is_begun(place: WarmPlace) -> None:
    job = place.job("pass", has_followers=False)
    assert carry_out(place.executor(), job).succeeded()
    assert Handle.of("local", job).files().how_started() == {}


# Kills


def parents_of(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if "desktop_aml_warm" in process.cmdline() and process.environ().get("TEST_MARK") == mark:
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_a_killed_interpreter_takes_no_run_with_it(place: WarmPlace) -> None:
    executor = place.executor()
    job = place.job(
        "import time\nopen('ready', 'w').close()\nwhile not __import__('os').path.exists('go'): time.sleep(0.01)"
    )
    handle = begin(place, executor, job)
    assert place.was_warm(job)
    (parent,) = parents_of(job.env_vars["TEST_MARK"])
    parent.kill()
    wait_until(lambda: not parent.is_running() or parent.status() == psutil.STATUS_ZOMBIE, "its end")
    second = place.job("pass")
    assert carry_out(executor, second).succeeded()
    (place.snapshot(job) / "go").touch()
    assert finish(executor, handle).succeeded()


def test_an_interpreter_that_does_not_answer_costs_no_run(place: WarmPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    from desktop_aml.executors.warm import parents

    monkeypatch.setattr(parents, "ANSWER_S", 0.2)
    executor = place.executor()
    first = place.job("pass")
    assert carry_out(executor, first).succeeded()
    (parent,) = parents_of(first.env_vars["TEST_MARK"])
    parent.suspend()
    second = place.job("open('begun', 'x').close()")
    assert carry_out(executor, second).succeeded()
    assert "did not answer" in Handle.of("local", second).files().how_started()["why"]
    wait_until(lambda: not parent.is_running() or parent.status() == psutil.STATUS_ZOMBIE, "its end")


def test_an_interpreter_ends_with_its_engine(place: WarmPlace) -> None:
    executor = place.executor()
    job = place.job("pass")
    assert carry_out(executor, job).succeeded()
    (parent,) = parents_of(job.env_vars["TEST_MARK"])
    folder = Path(parent.environ()["DESKTOP_AML_RUN_DIR"])
    assert folder.is_dir()
    executor.close()
    wait_until(lambda: not parents_of(job.env_vars["TEST_MARK"]), "the end of the interpreter")
    assert not folder.exists()


def test_nothing_but_an_inherited_descriptor_asks_for_a_fork(place: WarmPlace) -> None:
    executor = place.executor()
    job = place.job("pass")
    assert carry_out(executor, job).succeeded()
    (parent,) = parents_of(job.env_vars["TEST_MARK"])
    assert not parent.net_connections(kind="inet")
    named = [one for one in parent.net_connections(kind="unix") if one.laddr]
    assert not named


VERSIONS = pytest.mark.parametrize("version", sorted(interpreters(), key=lambda one: int(one.split(".")[1])))


def started_warm(place: WarmPlace, job: Job, version: str) -> bool:
    """Whether a script was warm, else that it said why its Python cannot be."""
    how = Handle.of("local", job).files().how_started()
    assert place.was_warm(job) or (version.startswith("3.6") and "Python 3.6" in how["why"]), how
    return place.was_warm(job)


@VERSIONS
def test_a_script_of_each_python_is_warm_or_says_why_it_is_not(place: WarmPlace, version: str) -> None:
    text = "import sys\nprint(sys.argv[1:], __name__)\nassert len(sys.argv) == 3\ndef act():\n    pass\n"
    text += "forgotten = open('left.txt', 'w')\nforgotten.write('whole')\n"
    job = place.job(text, python=interpreters()[version], arguments=("--C", "1"))
    assert carry_out(place.executor(), job).succeeded(), place.log(job)
    assert place.log(job) == "['--C', '1'] __main__\n"
    assert (place.snapshot(job) / "left.txt").read_text() == "whole"
    started_warm(place, job, version)


@VERSIONS
def test_nothing_of_the_launcher_closes_a_descriptor_of_the_script(place: WarmPlace, version: str) -> None:
    text = """
import gc, os
ends = [end for _ in range(50) for end in os.pipe()]
gc.collect()
for end in ends:
    os.fstat(end)
print("whole")
"""
    door = TrackingDoor(command=("/bin/false",), env_vars={}, script={})
    job = place.job(text, python=interpreters()[version], tracking=door)
    assert carry_out(place.executor(), job).succeeded(), place.log(job)
    started_warm(place, job, version)


def test_a_warm_script_finds_no_module_of_ours_under_a_name_of_its_own_and_tells_its_errors(place: WarmPlace) -> None:
    """A package `limits` is to be had; what is in the way is told by its file."""
    script = (
        "import json, os, sys\nours = [n for n, m in sys.modules.items() if os.path.basename(os.path.dirname("
        "getattr(m, '__file__', None) or '')) == 'inside_run']\nprint(ours)\nsys.stderr.write('an error\\n')\n"
    )
    _, (job, outcome) = cold_and_warm(place, script)
    assert outcome.exit_code == 0
    assert place.log(job) == "[]\nan error\n"
    known = read_notes(Path(job.run_directory))
    assert [known.is_error(0, 3), known.is_error(3, 11)] == [False, True]
