"""An endpoint's life: it starts, survives the death of its model, explains what cannot work, and leaves nothing."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import socket
import stat
import sys
import threading
import time

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.cluster import DBSCAN
from sklearn.linear_model import LogisticRegression

from desktop_aml.domain.errors import ScoringError
from desktop_aml.domain.registry import EndpointState
from desktop_aml.serving import client, front_process
from desktop_aml.serving.config import EndpointConfig, read_config, write_config
from desktop_aml.system.processes import start_time
from tests.serving.conftest import wait_until
from tests.serving.inline import Inline, constant

ROW = {"data": [[5.1, 3.5, 1.4, 0.2]]}


def is_gone(pid: int) -> bool:
    return start_time(pid) == 0


def test_a_deployed_model_is_private_and_stops_politely(deploy):
    endpoint = deploy(constant())
    state = endpoint.state
    assert state.scoring_uri == f"http://127.0.0.1:{state.port}/score"
    assert stat.S_IMODE(endpoint.folder.stat().st_mode) == 0o700
    for name in ("endpoint.json", "state.json", "schema.json", "log.txt"):
        assert stat.S_IMODE((endpoint.folder / name).stat().st_mode) == 0o600, name
    front_process.stop_front(endpoint.folder)
    assert endpoint.state.state is EndpointState.STOPPED
    assert is_gone(state.pid)
    assert is_gone(state.model_pid)
    front_process.stop_front(endpoint.folder)
    with pytest.raises(ScoringError, match="cannot be reached"):
        client.score(state.scoring_uri, ROW)


def test_a_killed_model_is_started_again(deploy):
    endpoint = deploy(constant())
    before = endpoint.state
    expected = client.score(endpoint.uri, ROW)
    os.kill(before.model_pid, signal.SIGKILL)
    wait_until(lambda: endpoint.state.model_pid not in (before.model_pid, 0), "a new model process")
    after = endpoint.wait(EndpointState.HEALTHY)
    assert (after.pid, after.port) == (before.pid, before.port)
    assert client.score(endpoint.uri, ROW) == expected
    assert "SIGKILL" in endpoint.log


def test_while_the_model_is_away_a_client_is_told_to_come_back(deploy):
    endpoint = deploy(constant())
    os.kill(endpoint.state.model_pid, signal.SIGKILL)
    answer = wait_until(lambda: (found := endpoint.post(ROW)).status == 503 and found, "status 503")
    assert answer.headers["retry-after"] == "1"
    assert endpoint.ask("GET", "/").status in (200, 503)
    wait_until(lambda: endpoint.post(ROW).status == 200, "an answer")


def test_what_a_model_started_in_sessions_of_its_own_ends_with_it(deploy, tmp_path):
    # Loaded, it is no model; a pickle runs what it likes before anybody can know.
    told = tmp_path / "stray"
    code = f"""
import os, signal
pid = os.fork()
if pid == 0:
    os.setsid()
    signal.pause()
open({str(told)!r}, "w").write(str(pid))
"""
    path = tmp_path / "forks.pkl"
    path.write_bytes(pickle.dumps(Runs(code)))
    deploy(file=path)
    wait_until(lambda: is_gone(int(told.read_text())), "the end of the stray process")


class Runs:
    """What runs code when it is loaded."""

    def __init__(self, code):
        self.code = code

    def __reduce__(self):
        return exec, (self.code,)


STRAY = """
import os, signal
pid = os.fork()
if pid == 0:
    os.setsid()
    signal.pause()
class Model:
    stray = pid
    def predict(self, rows):
        return [self.stray for _ in rows]
"""


@pytest.mark.parametrize("follow", [front_process.spawn_front, front_process.stop_front, front_process.remove_endpoint])
def test_what_the_model_of_a_killed_front_left_ends_with_whatever_follows(deploy, follow):
    endpoint = deploy(Inline(STRAY))
    (stray,) = client.score(endpoint.uri, ROW)
    os.kill(endpoint.state.pid, signal.SIGKILL)
    wait_until(lambda: endpoint.state.lost, "the end of the front")
    copy = endpoint.folder.with_name(endpoint.folder.name + "-copy")
    shutil.copytree(endpoint.folder, copy)
    front_process.stop_front(copy)
    assert not is_gone(stray)
    follow(endpoint.folder)
    wait_until(lambda: is_gone(stray), "the end of the stray process")


def test_a_killed_front_leaves_no_model(deploy):
    endpoint = deploy(constant())
    state = endpoint.state
    os.kill(state.pid, signal.SIGKILL)
    wait_until(lambda: is_gone(state.pid) and is_gone(state.model_pid), "both processes gone", 10)
    assert endpoint.state.state is EndpointState.FAILED
    assert endpoint.state.lost
    front_process.spawn_front(endpoint.folder)
    again = endpoint.wait(EndpointState.HEALTHY, EndpointState.FAILED)
    assert again.port == state.port
    assert client.score(again.scoring_uri, ROW)


def test_a_model_that_does_without_scikit_learn_is_served_without_it(deploy):
    endpoint = deploy(
        Inline("class Model:\n    def predict(self, rows):\n        import sys\n        return [[*sys.modules]]\n")
    )
    (loaded,) = client.score(endpoint.uri, ROW)
    assert not {"sklearn", "scipy"} & set(loaded)
    assert f'"{sklearn.__version__}"' in (endpoint.folder / "schema.json").read_text()


def test_a_second_start_changes_nothing(deploy):
    endpoint = deploy(constant())
    before = endpoint.state
    front_process.spawn_front(endpoint.folder)
    assert endpoint.state == before


def test_requests_in_flight_are_finished_before_the_end(deploy):
    endpoint = deploy(Inline(SLOW))
    answers = []
    asking = threading.Thread(target=lambda: answers.append(client.score(endpoint.uri, {"data": [[1.0]]})))
    asking.start()
    wait_until(lambda: "begin" in endpoint.log, "the request in the model")
    front_process.stop_front(endpoint.folder)
    asking.join(10)
    assert answers == [[1.0]]


SLOW = """
class Model:
    def predict(self, rows):
        import time
        print("begin", flush=True)
        time.sleep(float(rows[0][0]))
        return rows[:, 0]
"""


def test_a_request_that_takes_too_long_ends_the_model(deploy):
    endpoint = deploy(Inline(SLOW), scoring_timeout_ms=500)
    before = endpoint.state.model_pid
    answer = endpoint.post({"data": [[60.0]]})
    assert answer.status == 500
    assert "Scoring timeout after 500 ms" in answer.message
    wait_until(lambda: endpoint.post({"data": [[0.0]]}).status == 200, "a new model process")
    assert is_gone(before)


def test_a_full_queue_is_told_at_once(deploy):
    endpoint = deploy(Inline(SLOW), max_queue=1)
    asking = threading.Thread(target=endpoint.post, args=({"data": [[2.0]]},))
    asking.start()
    wait_until(lambda: "begin" in endpoint.log, "the first request in the model")
    answer = endpoint.post({"data": [[0.0]]})
    assert answer.status == 503
    assert "Too many requests" in answer.message
    asking.join(10)


def test_a_model_that_ends_its_process_is_503_and_comes_back(deploy):
    source = "class Model:\n def predict(self, rows):\n  import os\n  return [os._exit(7)] if rows[0][0] else [0]"
    endpoint = deploy(Inline(source))
    answer = endpoint.post({"data": [[1.0]]})
    assert answer.status == 503
    assert answer.headers["x-ms-run-function-failed"] == "True"
    wait_until(lambda: endpoint.post({"data": [[0.0]]}).status == 200, "a new model process")


def test_a_model_over_its_memory_limit_is_told_so(deploy):
    source = "class Model:\n def predict(self, rows):\n  return [len(bytearray(int(rows[0][0])))]"
    endpoint = deploy(Inline(source), memory_in_gb=0.5)
    assert endpoint.post({"data": [[1000.0]]}).json == [1000]
    answer = endpoint.post({"data": [[1e9]]})
    assert answer.status == 500
    assert "more memory than its limit of 0.5 GB" in answer.message
    assert endpoint.post({"data": [[1000.0]]}).json == [1000]


def test_the_model_sees_no_secrets_and_gains_no_rights(deploy, monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "s3cret")
    source = (
        "class Model:\n def predict(self, rows):\n  import os\n"
        "  return [dict(os.environ), open('/proc/self/status').read(), sorted(os.listdir('/proc/self/fd'), key=int)]"
    )
    endpoint = deploy(Inline(source), auth_enabled=True, keys=("k1", "k2"))
    environment, status, _ = endpoint.post({"data": [[1.0]]}, Authorization="Bearer k1").json
    assert "s3cret" not in environment.values()
    assert environment["OMP_NUM_THREADS"] == "1"
    assert "NoNewPrivs:\t1" in status


def test_a_model_that_liblinear_trained_for_several_classes_tells_probabilities_as_it_was_trained(deploy):
    rows = np.array([[0.0], [1.0], [2.0], [0.2], [1.1], [2.3]])
    kinds = [0, 1, 2, 0, 1, 2]
    parts = [LogisticRegression(solver="liblinear").fit(rows, [kind == one for kind in kinds]) for one in range(3)]
    model = LogisticRegression(solver="liblinear").fit(rows, [kind == 0 for kind in kinds])
    model.classes_ = np.arange(3)
    model.coef_, model.intercept_ = (
        np.concatenate([part.coef_ for part in parts]),
        np.concatenate([part.intercept_ for part in parts]),
    )
    one_by_one = np.array([part.predict_proba([[1.0]])[0, 1] for part in parts])
    endpoint = deploy(model)
    answer = endpoint.post({"data": [[1.0]], "method": "predict_proba"}).json
    assert np.allclose(answer, [one_by_one / one_by_one.sum()])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not a model file"),
        (b"just some text", "is not a model file"),
        (b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f.", "is not a model file"),
        (pickle.dumps({"a": 1}), "is not a model: it holds a dict, which has no predict"),
        (pickle.dumps(np.arange(3)), "it holds a ndarray"),
        (pickle.dumps(LogisticRegression), "holds the class LogisticRegression itself"),
        (pickle.dumps(LogisticRegression()), "is not fitted"),
        (pickle.dumps(DBSCAN().fit([[0], [1]])), "has only fit_predict"),
        (b"cmissing_module\nThing\n.", "needs “missing_module”"),
        (b"c__main__\nThing\n.", "defined in the training script itself"),
        (b"csklearn.svm\nGone\n.", "saved with other library versions"),
        (b"cos\n_exit\n(I9\ntR.", "ends its process while it is loaded (exit code 9)"),
    ],
    ids=lambda value: value[:12].hex() if isinstance(value, bytes) else None,
)
def test_a_file_that_cannot_be_served_is_explained_in_seconds(deploy, tmp_path, content, words):
    file = tmp_path / "model.pkl"
    file.write_bytes(content)
    started = time.monotonic()
    endpoint = deploy(file=file)
    assert endpoint.state.state is EndpointState.FAILED
    assert words in endpoint.state.error
    assert time.monotonic() - started < 20
    wait_until(lambda: is_gone(endpoint.state.pid), "the front gone", 10)


def test_a_changed_file_is_not_loaded(deploy, tmp_path):
    file, canary = tmp_path / "model.pkl", tmp_path / "canary"
    file.write_bytes(b"cos\nsystem\n(S'touch " + str(canary).encode() + b"'\ntR.")
    endpoint = deploy(file=file, sha256="0" * 64)
    assert endpoint.state.state is EndpointState.FAILED
    assert "changed since it was registered" in endpoint.state.error
    assert not canary.exists()


def test_another_scikit_learn_version_is_noted(deploy, tmp_path, classifier):
    file = tmp_path / "model.joblib"
    joblib.dump(classifier, file)
    version = sklearn.__version__.encode()
    other = version[:-1] + (b"8" if version.endswith(b"9") else b"9")
    file.write_bytes(file.read_bytes().replace(version, other))
    endpoint = deploy(file=file)
    assert endpoint.state.state is EndpointState.HEALTHY
    assert any("Saved with scikit-learn" in note for note in endpoint.state.notes)


def test_a_missing_interpreter_is_named(deploy):
    endpoint = deploy(constant(), python="/nowhere/bin/python")
    assert endpoint.state.state is EndpointState.FAILED
    assert "/nowhere/bin/python" in endpoint.state.error


def test_an_interpreter_without_scikit_learn_is_explained(deploy, classifier, tmp_path):
    bare = sys.base_prefix + "/bin/python3"
    endpoint = deploy(classifier, python=bare)
    assert endpoint.state.state is EndpointState.FAILED
    assert "has no working “" in endpoint.state.error


def test_a_port_in_use_is_named(deploy):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        endpoint = deploy(constant(), port=port)
        assert endpoint.state.state is EndpointState.FAILED
        assert f"Port {port} on 127.0.0.1 is in use" in endpoint.state.error


def test_only_loopback_is_served(deploy):
    endpoint = deploy(constant(), host="0.0.0.0")
    assert endpoint.state.state is EndpointState.FAILED
    assert "0.0.0.0" in endpoint.state.error


def test_new_keys_hold_without_a_restart(deploy):
    endpoint = deploy(constant(), auth_enabled=True, keys=("old", "other"))
    config = read_config(endpoint.folder)
    fields = {name: getattr(config, name) for name in config.__struct_fields__}
    write_config(endpoint.folder, EndpointConfig(**(fields | {"keys": ("new", "other")})))
    front_process.reload_front(endpoint.folder)
    wait_until(lambda: endpoint.post(ROW, Authorization="Bearer new").status == 200, "the new key", 10)
    assert endpoint.post(ROW, Authorization="Bearer old").status == 401


def test_a_recycled_pid_is_not_signalled(deploy):
    endpoint = deploy(constant(), start=False)
    from desktop_aml.serving.config import FrontState, write_state
    from desktop_aml.system.processes import boot_id

    me = FrontState(
        nonce="x",
        state=EndpointState.HEALTHY,
        since=time.time(),
        pid=os.getpid(),
        start_time=start_time(os.getpid()) - 1,
        boot_id=boot_id(),
    )
    write_state(endpoint.folder, me)
    front_process.stop_front(endpoint.folder)
    assert endpoint.state.lost
