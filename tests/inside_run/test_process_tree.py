"""What is left of a run: found by descent and by its mark, and told quickly where there is nothing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

INSIDE = Path(__file__).parents[2] / "desktop_aml" / "inside_run"

PROGRAM = """
import json, os, signal, subprocess, sys
sys.path.append(sys.argv[1])
import process_tree
looked = []
status = process_tree._status
process_tree._status = lambda pid: (looked.append(pid), status(pid))[1]
process_tree.prctl(process_tree.PR_SET_CHILD_SUBREAPER, 1)

def found(apart=0):
    looked.clear()
    there = [pid for pid, _ in process_tree.find_remaining("nonce-of-this", b"", apart)]
    return [there, len(looked) > 1]

def sleeping(**more):
    return subprocess.Popen(["sleep", "60"], **more)

told = {"nothing": found()}
first = sleeping()
told["apart"] = found(first.pid)
second = sleeping()
told["beside"] = [found(first.pid)[0] == [second.pid], True]
second.kill()
os.waitid(os.P_PID, second.pid, os.WEXITED | os.WNOWAIT)
told["ended"] = found(first.pid)
second.wait()
first.kill()
first.wait()
orphan = subprocess.run(["sh", "-c", "sleep 60 > /dev/null & echo $!"], stdout=subprocess.PIPE).stdout.decode()
told["orphan"] = [found()[0] == [int(orphan)], True]
os.kill(int(orphan), signal.SIGKILL)
os.waitpid(int(orphan), 0)
pipe = os.pipe()
process_tree.prctl(process_tree.PR_SET_CHILD_SUBREAPER, 0)
if os.fork() == 0:
    # It goes to another process than this one, as what a service starts: only the mark tells.
    away = subprocess.Popen(["sleep", "60"], env={"DESKTOP_AML_NONCE": "nonce-of-this"})
    os.write(pipe[1], str(away.pid).encode())
    os._exit(0)
marked = int(os.read(pipe[0], 20))
os.wait()
told["marked"] = [found()[0] == [marked], True]
os.kill(marked, signal.SIGKILL)
print(json.dumps(told))
"""


def test_what_is_left_is_found_and_nothing_else_is_looked_at_where_nothing_is(edge_python: str) -> None:
    words = [edge_python, "-I", "-S", "-c", PROGRAM, str(INSIDE)]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert not ran.stderr
    told: dict[str, Any] = json.loads(ran.stdout)
    assert told == {
        "nothing": [[], False],
        "apart": [[], False],
        "beside": [True, True],
        "ended": [[], True],
        "orphan": [True, True],
        "marked": [True, True],
    }
