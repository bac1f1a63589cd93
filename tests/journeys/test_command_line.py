"""The journey of the command line: real processes, as a user would type it."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from desktop_aml.engine.core.owner import owner_of
from tests.conftest import wait_until, words_of

TRAIN = """
import argparse, os
import joblib
from azureml.core.run import Run
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

parser = argparse.ArgumentParser()
parser.add_argument("--penalty", type=float, default=1.0)
penalty = parser.parse_args().penalty
run = Run.get_context()
features, target = load_iris(return_X_y=True)
model = LogisticRegression(C=penalty, max_iter=500).fit(features, target)
run.log("accuracy", model.score(features, target))
run.log("penalty", penalty)
os.makedirs("outputs", exist_ok=True)
joblib.dump(model, "outputs/model.joblib")
print("trained with", penalty)
"""


class Terminal:
    """Types commands in a folder and reads what they print."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "desktop_aml", *words],
            cwd=self.folder,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *words: str, code: int = 0) -> str:
        process = self.start(*words)
        out, err = process.communicate(timeout=120)
        assert process.returncode == code, f"{words} exited {process.returncode}:\n{out}\n{err}"
        assert "Traceback" not in err
        self.err = err
        return out

    def json(self, *words: str) -> object:
        at = words.index("--") if "--" in words else len(words)
        return json.loads(self.run(*words[:at], "--json", *words[at:]))


@pytest.fixture
def terminal(tmp_path: Path, marked_processes: object) -> Terminal:
    made = Terminal(tmp_path)
    (tmp_path / "project").mkdir()
    (tmp_path / "project/train.py").write_text(TRAIN)
    made.run("workspace", "create", "space", "--name", "test")
    made.folder = tmp_path / "space"
    return made


def test_train_register_deploy_and_score(terminal: Terminal, tmp_path: Path) -> None:
    printed = terminal.run(
        "submit", str(tmp_path / "project/train.py"), "--experiment", "iris", "--", "--penalty", "0.5"
    )
    assert printed == "trained with 0.5\n"
    assert terminal.err.splitlines()[1:] == ["Queued", "Preparing", "Running", "Finalizing", "Completed"]

    run = terminal.json("run", "show", "latest")
    assert run["metrics"]["penalty"] == 0.5
    assert terminal.json("run", "metrics", run["id"]) == run["metrics"]
    assert [one["id"] for one in terminal.json("run", "list", "--experiment", "iris")] == [run["id"]]
    assert terminal.run("run", "log", "latest") == "trained with 0.5\n"
    assert {one["path"] for one in terminal.json("run", "outputs", "latest")} == {
        "azureml-logs/60_control_log.txt",
        "azureml-logs/70_driver_log.txt",
        "azureml-logs/process_info.json",
        "azureml-logs/process_status.json",
        "outputs/model.joblib",
        "user_logs/std_log.txt",
    }
    terminal.run("run", "download", "latest", "outputs/model.joblib", "--to", str(tmp_path / "got"))

    model = terminal.json("model", "register", "--run", "latest", "--path", "outputs/model.joblib", "--name", "iris")
    assert (model["version"], model["framework"], bool(model["framework_version"])) == (1, "ScikitLearn", True)

    endpoint = terminal.json("deploy", "iris", "--name", "iris-service")
    assert endpoint["state"] == "Healthy"
    rows = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]
    answer = json.loads(
        terminal.run("score", "iris-service", "--data", json.dumps({"data": rows, "method": "predict"}))
    )
    assert answer == own_prediction(tmp_path / "got/outputs/model.joblib", rows)
    words = ("--data", json.dumps(rows), "--method", "predict")
    assert json.loads(terminal.run("score", "iris-service", *words)) == answer
    assert post(endpoint["scoring_uri"], {"data": rows, "method": "predict"}) == (200, answer)
    (tmp_path / "rows.csv").write_text("\n".join(["a,b,c,d", *(",".join(map(str, row)) for row in rows)]))
    lines = terminal.run("score", "iris-service", "--csv", str(tmp_path / "rows.csv"), *words[2:]).splitlines()
    assert [line.rpartition(",")[2] for line in lines] == ["prediction", *map(str, answer)]
    status, refusal = post(endpoint["scoring_uri"], {"data": [[1, 2, "x", 4]]})
    assert status == 400
    assert "3" in refusal["message"] or "column" in refusal["message"]

    terminal.run("endpoint", "stop", "iris-service")
    assert terminal.json("endpoint", "list")[0]["state"] == "Stopped"
    terminal.run("model", "delete", "iris:1", code=1)
    terminal.run("model", "rename", "iris", "flowers", code=1)
    terminal.run("endpoint", "start", "iris-service")
    assert post(terminal.json("endpoint", "list")[0]["scoring_uri"], {"data": rows, "method": "predict"})[1] == answer
    terminal.run("endpoint", "delete", "iris-service")
    assert terminal.json("endpoint", "list") == []
    terminal.run("model", "rename", "iris", "flowers")
    terminal.run("model", "delete", "iris:1", code=1)
    terminal.run("model", "delete", "flowers:1")


def own_prediction(model: Path, rows: list[list[float]]) -> list[int]:
    code = f"import joblib, json; print(json.dumps(joblib.load({str(model)!r}).predict({rows!r}).tolist()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout))


def post(uri: str, payload: object) -> tuple[int, object]:
    where = urlsplit(uri)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=30)
    connection.request("POST", where.path, json.dumps(payload), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    body = json.loads(answer.read())
    connection.close()
    return answer.status, body


def test_the_exit_code_says_how_the_run_ended(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "project/bad.py").write_text("raise RuntimeError('no luck')")
    terminal.run("submit", str(tmp_path / "project/bad.py"), code=1)
    assert "RuntimeError: no luck" in terminal.err


def test_ctrl_c_cancels_the_run(
    terminal: Terminal, tmp_path: Path, marked_processes: Callable[[], list[psutil.Process]]
) -> None:
    (tmp_path / "project/long.py").write_text("import time\nprint('up', flush=True)\ntime.sleep(600)\n")
    process = terminal.start("submit", str(tmp_path / "project/long.py"))
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert terminal.json("run", "list")[0]["state"] == "Canceled"
    wait_until(lambda: not marked_processes(), "the processes of the run to be gone", 10)


def test_a_detached_run_goes_on_and_is_followed_from_elsewhere(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "project/slow.py").write_text("import time\nfor i in range(3): print(i, flush=True); time.sleep(0.2)\n")
    run_id = terminal.run("submit", str(tmp_path / "project/slow.py"), "--detach").strip()
    assert terminal.run("run", "log", run_id, "--follow") == "0\n1\n2\n"
    assert terminal.json("run", "show", run_id)["state"] == "Completed"


def test_a_killed_terminal_does_not_end_its_run(terminal: Terminal, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    (tmp_path / "project/wait.py").write_text(
        f"import os, time\nprint('up', flush=True)\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.01)\n"
    )
    process = terminal.start("submit", str(tmp_path / "project/wait.py"))
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    process.kill()
    process.communicate()
    gate.touch()
    engine = terminal.start("engine", "--until-idle")
    assert engine.wait(60) == 0
    engine.communicate()
    assert terminal.json("run", "show", "latest")["state"] == "Completed"


def test_an_engine_that_is_asked_to_end_stays_away_and_the_run_goes_on(
    terminal: Terminal, tmp_path: Path, marked_processes: Callable[[], list[psutil.Process]]
) -> None:
    gate = tmp_path / "gate"
    (tmp_path / "project/wait.py").write_text(
        f"import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.01)\n"
    )
    terminal.run("submit", str(tmp_path / "project/wait.py"), "--detach")
    wait_until(lambda: terminal.json("run", "show", "latest")["state"] == "Running", "the script to run")

    def engines() -> list[psutil.Process]:
        return [one for one in marked_processes() if "engine" in words_of(one)]

    for engine in engines():
        engine.terminate()
    wait_until(lambda: not engines(), "the engine to end")
    assert [one for one in marked_processes() if "wait.py" in words_of(one)], "the script goes on"
    gate.touch()
    terminal.run("engine", "--until-idle")
    assert engines() == []
    assert terminal.json("run", "show", "latest")["state"] == "Completed"


def test_an_old_run_is_repeated_with_its_own_code_after_the_script_was_edited(
    terminal: Terminal, tmp_path: Path
) -> None:
    script = tmp_path / "project/note.py"
    script.write_text("import sys; print('first', sys.argv[1:])")
    run_id = terminal.json("submit", str(script), "--", "a")["id"]
    script.write_text("print('second')")
    terminal.run("submit", str(script))
    assert terminal.run("run", "rerun", run_id) == "first ['a']\n"
    assert terminal.run("run", "rerun", run_id, "--", "b", "c") == "first ['b', 'c']\n"
    assert terminal.json("run", "show", "latest")["properties"]["desktop_aml.rerun_of"] == run_id


def test_a_workspace_that_was_just_made_is_the_one_that_is_meant(terminal: Terminal, tmp_path: Path) -> None:
    terminal.folder = tmp_path / "project"  # no workspace lies above it
    terminal.run("workspace", "create", str(tmp_path / "first"))
    terminal.run("workspace", "create", str(tmp_path / "second"))
    assert terminal.json("workspace", "show")["path"] == str(tmp_path / "second")


def test_two_terminals_share_one_engine(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "project/quick.py").write_text("print('ok')")
    both = [terminal.start("submit", str(tmp_path / "project/quick.py")) for _ in range(2)]
    assert [process.communicate(timeout=60)[0] for process in both] == ["ok\n", "ok\n"]
    assert [one["state"] for one in terminal.json("run", "list")] == ["Completed", "Completed"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["submit", "missing.py"], 1, "There is no script"),
        (["submit", "."], 2, "is a folder"),
        (["submit", "ok.py", "--experiment", "bad name"], 2, "cannot be the name of an experiment"),
        (["submit", "ok.py", "--environment", "nothing"], 1, "no environment “nothing”"),
        (["submit", "ok.py", "--environment", "nothing.yml"], 1, "no file “nothing.yml”"),
        (["submit", "ok.py", "--timeout", "0"], 2, "greater than 0"),
        (["submit", "ok.py", "--target", "moon"], 2, "no target “moon”"),
        (["run", "show", "nothing"], 1, "There is no run “nothing”"),
        (["model", "show", "nothing"], 1, "There is no model “nothing”"),
        (["model", "register", "--name", "x"], 2, "Give either --run"),
        (["model", "register", "--name", "x", "--file", "nothing.joblib"], 1, "There is no file"),
        (["model", "delete", "x"], 2, "Say which version"),
        (["deploy", "nothing", "--name", "x"], 1, "There is no model “nothing”"),
        (["score", "nothing", "--data", "[[1]]"], 1, "There is no endpoint “nothing”"),
        (["score", "nothing", "--data", "{"], 2, "not JSON"),
        (["score", "nothing"], 2, "either --data or --csv"),
        (["endpoint", "show", "nothing"], 1, "There is no endpoint"),
        (["workspace", "create", "."], 1, "is a workspace already"),
        (["--workspace"], 2, "No such option"),
        (["frobnicate"], 2, "No such command"),
        (["run", "show", "latest", "--workspace", "elsewhere"], 1, "is not a workspace"),
    ],
)
def test_wrong_usage_is_answered_in_words(terminal: Terminal, words: list[str], code: int, said: str) -> None:
    (terminal.folder / "ok.py").write_text("pass")
    terminal.run(*words, code=code)
    assert said in terminal.err
    assert len(terminal.err.splitlines()) <= 6


OWN_CLASS = """
import os, joblib
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from steps import Doubled

features, target = load_iris(return_X_y=True)
model = make_pipeline(Doubled(), LogisticRegression(max_iter=500)).fit(features, target)
os.makedirs("outputs", exist_ok=True)
joblib.dump(model, "outputs/model.joblib")
print(model.predict(features[:1]).tolist())
"""
STEPS = """
from sklearn.base import BaseEstimator, TransformerMixin
from parts.scale import FACTOR

class Doubled(BaseEstimator, TransformerMixin):
    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X * FACTOR
"""


def test_a_model_of_classes_beside_its_script_is_served_with_no_code(terminal: Terminal, tmp_path: Path) -> None:
    source = tmp_path / "own classes"
    (source / "train" / "parts").mkdir(parents=True)
    (source / "train" / "train.py").write_text(OWN_CLASS)
    (source / "train" / "steps.py").write_text(STEPS)
    (source / "train" / "parts" / "scale.py").write_text("FACTOR = 2\n")
    trained = terminal.run("submit", "train/train.py", "--source", str(source))
    terminal.run("model", "register", "--run", "latest", "--path", "outputs/model.joblib", "--name", "own")
    shutil.rmtree(source)
    terminal.run("deploy", "own", "--name", "own")
    answer = terminal.json("score", "own", "--data", "[[5.1, 3.5, 1.4, 0.2]]", "--method", "predict")
    assert answer == json.loads(trained)
    terminal.run("endpoint", "stop", "own")
    terminal.run("endpoint", "start", "own")
    again = terminal.json("score", "own", "--data", "[[5.1, 3.5, 1.4, 0.2]]", "--method", "predict")
    assert again == answer
    assert not list(terminal.folder.rglob("endpoints/own/modules/**/__pycache__"))
    terminal.run("endpoint", "delete", "own")


def test_paths_with_spaces_and_emoji_work_from_end_to_end(terminal: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "mein Projekt é 🚀"
    folder.mkdir()
    (folder / "tr ain 🎉.py").write_text("import sys, os; open('outputs/é 🚀.txt', 'w').write('x'); print(sys.argv[1])")
    terminal.run("workspace", "create", str(folder / "work space"))
    assert (
        terminal.run("submit", str(folder / "tr ain 🎉.py"), "-w", str(folder / "work space"), "--", "ü ß") == "ü ß\n"
    )
    paths = [one["path"] for one in terminal.json("run", "outputs", "latest", "-w", str(folder / "work space"))]
    assert "outputs/é 🚀.txt" in paths


def test_a_damaged_database_is_named_and_rebuilt_with_everything(terminal: Terminal, tmp_path: Path) -> None:
    terminal.run("submit", str(tmp_path / "project/train.py"))
    before = terminal.json("run", "show", "latest")
    terminal.run("model", "register", "--run", "latest", "--path", "outputs/model.joblib", "--name", "iris")
    outputs = terminal.json("run", "outputs", "latest")
    for name in ("desktop_aml.db", "desktop_aml.db-wal", "desktop_aml.db-shm"):
        (terminal.folder / name).unlink(missing_ok=True)
    (terminal.folder / "desktop_aml.db").write_bytes(os.urandom(8192))
    terminal.run("run", "list", code=1)
    assert "workspace rebuild" in terminal.err
    terminal.run("workspace", "rebuild", ".")
    after = terminal.json("run", "show", "latest")
    assert [change["state"] for change in after.pop("history")] == [change["state"] for change in before.pop("history")]
    assert after == before
    assert terminal.json("run", "outputs", "latest") == outputs
    assert terminal.json("model", "list")[0]["version"] == 1
    assert any(path.name.startswith("desktop_aml.db.damaged-") for path in terminal.folder.iterdir())


def test_a_rebuild_of_a_healthy_workspace_asks_first(terminal: Terminal, tmp_path: Path) -> None:
    terminal.run("submit", str(tmp_path / "project/train.py"))
    assert "is healthy" in terminal.run("workspace", "rebuild", ".", code=130)
    assert not [path.name for path in terminal.folder.iterdir() if "rebuild" in path.name]
    assert terminal.run("workspace", "rebuild", ".", "--yes").startswith("Rebuilt: 1 run,")
    assert len(terminal.json("run", "list")) == 1


@pytest.mark.timing
def test_submitting_costs_little(terminal: Terminal, tmp_path: Path) -> None:
    """Not a timed gate (see benchmarks/submit.py): only that nothing waits for a timer of seconds."""
    (tmp_path / "project/pass.py").write_text("pass")
    start = time.monotonic()
    terminal.run("submit", str(tmp_path / "project/pass.py"))
    assert time.monotonic() - start < 10


def test_a_script_sees_the_variables_of_whoever_submitted_it_and_its_secrets_are_not_kept(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "project" / "seen.py"
    script.write_text(
        "import os, pathlib\n"
        "names = ('MY_DATA', 'MODE', 'MY_TOKEN', 'DB_PASSWORD', 'CONDA_PREFIX')\n"
        "print(*(os.environ.get(name, 'absent')[::-1] for name in names))\n"
        "job = next(pathlib.Path(os.environ['DESKTOP_AML_RUN_DIR']).glob('attempts/*/job.json'))\n"
        "while 'hidden' in job.read_text(): pass\n"
    )
    monkeypatch.setenv("MY_DATA", "/other")
    engine = terminal.start("engine")
    wait_until(lambda: (owner_of(terminal.folder / "engine.lock") or {}).get("pid") == engine.pid)
    monkeypatch.setenv("MY_DATA", "/mine")
    monkeypatch.setenv("MY_TOKEN", "hidden-1")
    monkeypatch.setenv("CONDA_PREFIX", "/conda")
    words = ("--env", "MODE=fast", "--env", "DB_PASSWORD=hidden-2")
    assert terminal.run("submit", str(script), *words) == "enim/ tsaf 1-neddih 2-neddih tnesba\n"
    monkeypatch.setenv("MY_DATA", "/third")
    monkeypatch.setenv("MY_TOKEN", "hidden-3")
    assert terminal.run("run", "rerun", "latest") == "enim/ tsaf 3-neddih tnesba tnesba\n"
    assert "Not kept, as they look like secrets: DB_PASSWORD." in terminal.err
    engine.send_signal(signal.SIGINT)
    engine.communicate(timeout=30)
    assert not [path for path in terminal.folder.rglob("*") if path.is_file() and b"hidden-" in path.read_bytes()]
