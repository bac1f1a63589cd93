"""An endpoint whose answers come from a scoring script: what the script gets, what the client gets, what goes wrong."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator

import pytest

from desktop_aml.domain.registry import EndpointState
from desktop_aml.serving import front_process
from desktop_aml.serving.config import EndpointConfig, ScoringScript, write_config
from desktop_aml.serving.script_requests import read_script
from desktop_aml.serving.snippets import curl_call
from tests.old_pythons import pythons_of
from tests.serving.conftest import Deployed, healthy, wait_until

ROWS = {"data": [[5.1, 3.5, 1.4, 0.2]]}
OLD_PYTHONS = pythons_of("3.[6-9]")
PLAIN = """
    import json, os
    def init():
        global weight
        with open(os.path.join(os.environ["AZUREML_MODEL_DIR"], "model.txt")) as stream:
            weight = float(stream.read())
        print("init ran")
    def run(raw_data):
        assert isinstance(raw_data, str)
        return [weight * sum(row) for row in json.loads(raw_data)["data"]]
"""
DECORATED = """
    import numpy as np
    from inference_schema.schema_decorators import input_schema, output_schema
    from inference_schema.parameter_types.numpy_parameter_type import NumpyParameterType
    from inference_schema.parameter_types.standard_py_parameter_type import StandardPythonParameterType
    def init(): pass
    @input_schema("data", NumpyParameterType(np.array([[5.1, 3.5, 1.4, 0.2]])))
    @input_schema("times", StandardPythonParameterType(2))
    @output_schema(NumpyParameterType(np.array([0.5])))
    def run(data, times=1):
        assert isinstance(data, np.ndarray)
        return data.sum(axis=1) * times
"""


def failure(endpoint: Deployed) -> tuple[str, str]:
    assert endpoint.state.state is EndpointState.FAILED
    return endpoint.state.error, endpoint.state.details


# -- what run() gets, what it may give ---------------------------------------------------------------------------------


def test_a_plain_run_gets_the_body_as_text_and_its_result_goes_out_as_json(deploy_script):
    endpoint = healthy(deploy_script(PLAIN))
    answer = endpoint.post(ROWS)
    assert (answer.status, answer.json) == (200, pytest.approx([20.4]))
    assert answer.headers["content-type"] == "application/json"
    assert float(answer.headers["x-ms-run-fn-exec-ms"]) >= 0
    assert "x-ms-run-function-failed" not in answer.headers
    assert "init ran" in endpoint.log


@pytest.mark.parametrize("python", [pytest.param(path, id=path.parts[-3]) for path in OLD_PYTHONS])
def test_a_script_runs_in_an_old_interpreter_without_any_package(deploy_script, python):
    source = PLAIN + textwrap.indent(
        textwrap.dedent("""
        from azureml.contrib.services.aml_request import rawhttp
        from azureml.monitoring import ModelDataCollector
        from inference_schema.schema_decorators import input_schema
        from inference_schema.parameter_types.standard_py_parameter_type import StandardPythonParameterType
        run_plain = run
        @input_schema("data", StandardPythonParameterType([[1.5]]))
        def run(data):
            ModelDataCollector("iris", "inputs").collect(data)
            return run_plain(json.dumps({"data": data}))
        """),
        "    ",
    )
    endpoint = healthy(deploy_script(source, python=str(python)))
    assert endpoint.post(ROWS).json == pytest.approx([20.4])
    assert endpoint.post({"data": 5}).status == 400


def test_a_decorated_run_gets_its_named_fields_as_the_types_it_said(deploy_script):
    endpoint = healthy(deploy_script(DECORATED))
    assert endpoint.post(ROWS).json == pytest.approx([10.2])
    assert endpoint.post({**ROWS, "times": 3}).json == pytest.approx([30.6])
    query = "/score?data=[[1,2,3,4]]&times=2"
    assert endpoint.ask("GET", query).json == [20.0]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not valid JSON"),
        (b"[1]", "JSON object"),
        (b'{"times": 2}', "Missing parameter: data"),
        (b'{"data": [[1,2,3,4]], "dat": 1}', "Unknown parameter: dat"),
        (b'{"data": [[1,2,3]]}', "size 3 on dimension #1"),
        (b'{"data": [1,2,3,4]}', "2 dimensions"),
        (b'{"data": [["x",2,3,4]]}', "data: could not convert"),
        (b'{"data": [[1,2,3,4]], "times": "x"}', "times: expected int, got str"),
        (b"\xff", "UTF-8"),
    ],
)
def test_a_request_that_run_does_not_take_is_400_and_names_the_fault(deploy_module_script, body, words):
    answer = deploy_module_script.post(body)
    assert answer.status == 400
    assert words in answer.message
    assert "x-ms-run-function-failed" not in answer.headers


@pytest.fixture(scope="module")
def deploy_module_script(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("decorated")
    app = folder / "app"
    app.mkdir()
    (app / "score.py").write_text(textwrap.dedent(DECORATED))
    script = ScoringScript(app=str(app), entry_script="score.py", model_dir=str(app), data_dir=str(folder / "data"))
    config = EndpointConfig(name="d", model="d:1", files=(), python=sys.executable, nonce="d", script=script)
    write_config(folder, config)
    front_process.spawn_front(folder)
    endpoint = Deployed(folder)
    endpoint.wait(EndpointState.HEALTHY, EndpointState.FAILED)
    yield healthy(endpoint)
    front_process.stop_front(folder, 10)


def test_a_decorated_run_takes_json_only_and_other_methods_are_refused(deploy_module_script):
    wrong_type = deploy_module_script.ask("POST", "/score", b"{}", {"Content-Type": "text/plain"})
    assert (wrong_type.status, deploy_module_script.ask("PUT", "/score", b"{}").status) == (415, 405)
    assert deploy_module_script.ask("GET", "/elsewhere").status == 404
    assert deploy_module_script.ask("GET", "/").status == 200


def test_the_decorators_make_the_description_and_the_call_to_copy(deploy_module_script):
    document = deploy_module_script.ask("GET", "/swagger.json").json
    data = document["definitions"]["ServiceInput"]["properties"]["data"]
    numbers = {"type": "array", "items": {"type": "number", "format": "double"}}
    assert data == {"type": "array", "items": numbers, "format": "numpy.ndarray"}
    assert document["definitions"]["ServiceOutput"] == {**numbers, "example": [0.5], "format": "numpy.ndarray"}
    assert deploy_module_script.ask("GET", "/swagger.json?version=3").json["openapi"].startswith("3.")
    assert deploy_module_script.ask("GET", "/swagger.json?version=9").status == 404
    found = read_script(deploy_module_script.folder)
    assert found is not None
    assert found.example == {"data": [[5.1, 3.5, 1.4, 0.2]], "times": 2}
    assert '"times": 2' in curl_call(deploy_module_script.uri, found)


def test_the_users_own_description_wins(deploy_script):
    endpoint = healthy(deploy_script(PLAIN, files={"swagger.json": '{"swagger": "2.0", "own": true}'}))
    assert endpoint.ask("GET", "/swagger.json").json == {"swagger": "2.0", "own": True}


def test_a_raw_run_sees_the_whole_request_and_gives_the_whole_answer(deploy_script):
    endpoint = healthy(
        deploy_script("""
        from azureml.contrib.services.aml_request import AMLRequest, rawhttp
        from azureml.contrib.services.aml_response import AMLResponse
        def init(): pass
        @rawhttp
        def run(request):
            assert isinstance(request, AMLRequest)
            if request.method == "GET":
                return AMLResponse({"asked": request.args.get("q"), "path": request.full_path}, 200)
            if request.files:
                upload = request.files["image"]
                return AMLResponse("%s %d" % (upload.filename, len(upload.read())), 201, {"X-Own": "yes"})
            return AMLResponse(request.get_data(), 202, {"Content-Type": "application/octet-stream"})
        """)
    )
    asked = endpoint.ask("GET", "/score?q=a%20b")
    assert (asked.status, asked.json) == (200, {"asked": "a b", "path": "/score?q=a%20b"})
    echoed = endpoint.ask("POST", "/score", bytes(range(256)), {"Content-Type": "image/png"})
    assert (echoed.status, echoed.body) == (202, bytes(range(256)))
    assert echoed.headers["content-type"] == "application/octet-stream"
    form = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n\x00\xff\x00\r\n--b--\r\n'
    uploaded = endpoint.ask("POST", "/score", form, {"Content-Type": "multipart/form-data; boundary=b"})
    assert (uploaded.status, uploaded.body, uploaded.headers["x-own"]) == (201, b"a.png 3", "yes")


def test_run_may_ask_for_the_headers(deploy_script):
    endpoint = healthy(
        deploy_script("""
        def init(): pass
        def run(data, request_headers):
            return request_headers["X-Trace"]
        """)
    )
    assert endpoint.post(ROWS, **{"X-Trace": "t1"}).json == "t1"


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ("None", {}),
        ("'text'", "text"),
        ("json.dumps({'a': 1})", '{"a": 1}'),
        ("{'a': np.float32(0.5), 'b': np.arange(2), 'c': float('nan')}", {"a": 0.5, "b": [0, 1], "c": None}),
        ("np.array([[1.5]])", [[1.5]]),
    ],
)
def test_what_run_returns_is_json(deploy_script, result, expected):
    source = f"import json\nimport numpy as np\ndef init(): pass\ndef run(data):\n    return {result}\n"
    assert healthy(deploy_script(source)).post(ROWS).json == expected


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def test_an_error_in_run_is_500_with_its_traceback_in_the_log_alone(deploy_script):
    endpoint = healthy(
        deploy_script("""
        def init(): pass
        def helper(data): raise KeyError("secret")
        def run(data): return helper(data)
        """)
    )
    answer = endpoint.post(ROWS)
    assert (answer.status, answer.headers["x-ms-run-function-failed"]) == (500, "True")
    assert "secret" not in answer.message
    wait_until(lambda: "KeyError: 'secret' (score.py, line 3)" in endpoint.log, "the error in the log")
    assert "in helper" in endpoint.log
    assert endpoint.post(ROWS).status == 500


def test_a_run_that_ends_its_process_by_exit_only_fails(deploy_script):
    endpoint = healthy(deploy_script("import sys\ndef init(): pass\ndef run(data): sys.exit(3)\n"))
    pid = endpoint.state.model_pid
    assert endpoint.post(ROWS).status == 500
    assert endpoint.state.model_pid == pid


def test_a_run_that_takes_too_long_is_500_and_the_next_one_is_answered(deploy_script):
    source = """
        import json, time
        def init(): pass
        def run(data):
            while json.loads(data)["wait"]:
                time.sleep(0.01)
            return "done"
    """
    endpoint = healthy(deploy_script(source, scoring_timeout_ms=300))
    answer = endpoint.post({"wait": True})
    assert (answer.status, answer.headers["x-ms-run-function-failed"]) == (500, "True")
    assert answer.message == "Scoring timeout after 300 ms."
    wait_until(lambda: endpoint.post({"wait": False}).status == 200, "an answer of the new process")


@pytest.mark.parametrize(
    ("source", "words", "details"),
    [
        ("def init(): raise FileNotFoundError('no model.pkl')\ndef run(x): pass\n", "(score.py, line 1)", "model.txt"),
        ("import nosuchpackage\n", "needs “nosuchpackage”", "import nosuchpackage"),
        ("def init(:\n", "SyntaxError", "score.py"),
        ("def run(x): pass\n", "has no function init()", ""),
        ("def init(): pass\n", "has no function run()", ""),
        ("def init(): pass\ndef run(a, b): pass\n", "must take one parameter", ""),
        ("def init(): pass\ndef run(*a): pass\n", "*args", ""),
        ("import sys\ndef init(): sys.exit('bye')\ndef run(x): pass\n", "ended its own process (bye)", ""),
        ("def init(): 1 / 0\ndef run(x): pass\n", "ZeroDivisionError: division by zero (score.py, line 1)", "in init"),
    ],
)
def test_a_script_that_cannot_serve_is_explained_at_once(deploy_script, source, words, details):
    error, trace = failure(deploy_script(source))
    assert words in error
    assert details in trace
    assert "inside_model" not in trace


def test_a_model_file_that_changed_is_not_given_to_the_script(deploy_script):
    endpoint = deploy_script(PLAIN, files={"azureml-models/iris/3/model.txt": "3"})
    assert endpoint.state.state is EndpointState.HEALTHY
    front_process.stop_front(endpoint.folder, 10)
    (endpoint.folder / "app/azureml-models/iris/3/model.txt").write_text("4")
    front_process.spawn_front(endpoint.folder)
    endpoint.wait(EndpointState.FAILED)
    assert "changed since it was registered" in endpoint.state.error


# -- where the script finds itself -------------------------------------------------------------------------------------


def test_the_script_finds_its_folder_its_modules_and_its_model(deploy_script):
    endpoint = healthy(
        deploy_script(
            """
            import glob, os, helper
            def init(): pass
            def run(data):
                return [helper.WORD, os.getcwd(), os.environ["AZUREML_MODEL_DIR"], os.environ["AML_APP_ROOT"],
                        glob.glob("azureml-models/*/*/*")]
            """,
            files={"helper.py": "WORD = 'helped'\n"},
        )
    )
    app = str(endpoint.folder / "app")
    models = f"{app}/azureml-models/iris/3"
    assert endpoint.post(ROWS).json == ["helped", app, models, app, ["azureml-models/iris/3/model.txt"]]


def test_collected_rows_are_kept_in_the_endpoints_folder(deploy_script):
    endpoint = healthy(
        deploy_script("""
        import json
        from azureml.monitoring import ModelDataCollector
        def init():
            global inputs
            inputs = ModelDataCollector("iris", designation="inputs", feature_names=["a", "b"])
        def run(data):
            return inputs.collect(json.loads(data)["data"], "c1")
        """)
    )
    assert endpoint.post({"data": [[1, 2], [3, 4]]}).json is True
    (kept,) = endpoint.folder.glob("modeldata/iris/inputs/*/*/*/data.csv")
    head, *rows = [line.split(",") for line in kept.read_text().split()]
    assert head == ["timestamp", "correlation_id", "a", "b"]
    assert [row[1:] for row in rows] == [["c1", "1", "2"], ["c1", "3", "4"]]


def test_an_installed_inference_schema_is_the_one_that_is_used(deploy_script):
    # A package of that name beside the script stands for one that is installed: it comes before ours.
    files = {
        "inference_schema/__init__.py": "",
        "inference_schema/schema_util.py": """
            def is_schema_decorated(func): return True
            def get_input_schema(func): return {"type": "object", "title": "the installed one"}
            def get_output_schema(func): return {}
        """,
    }
    source = "import inference_schema\ndef init(): pass\ndef run(data): return data\n"
    endpoint = healthy(deploy_script(source, files=files))
    assert json.dumps("the installed one").encode() in endpoint.ask("GET", "/swagger.json").body


OLD_MODEL = "csklearn.linear_model.ridge\nRidge\np0\n(V_sklearn_version\np1\nV0.21.3\np2\n."


@pytest.mark.parametrize("reader", ["pickle.load(open(path, 'rb'))", "joblib.load(path)"])
def test_a_model_of_another_version_that_init_cannot_load_is_named(deploy_script, reader):
    source = f"""
        import joblib, os, pickle, sklearn
        def init():
            path = os.path.join(os.environ["AZUREML_MODEL_DIR"], "model.txt")
            {reader}
        def run(data): return 1
    """
    endpoint = deploy_script(source, files={"azureml-models/iris/3/model.txt": OLD_MODEL})
    assert endpoint.state.state is EndpointState.FAILED
    assert "No module named 'sklearn.linear_model.ridge' (score.py, line 5)" in endpoint.state.error
    assert "The model model.txt was written with scikit-learn 0.21.3; here there is" in endpoint.state.error
