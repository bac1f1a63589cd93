"""`azureml.core.run.Run` as scripts use it, on every Python found."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from tests.conftest import wait_until
from tests.inside_run.run_folder import RunFolder

LOGS = """
from azureml.core.run import Run
from azureml.core import Run as SameRun
assert Run is SameRun
run = Run.get_context()
assert run is Run.get_context() is Run.get_submitted_run()
assert isinstance(run, Run)
run.log("loss", 0.5)
run.log("loss", float("nan"), step=1)
run.log("loss", float("-inf"), "words", 2)
for value in (3, -1, 2**70, True, None, "text \\u00e9\\U0001f600", ""):
    run.log("any", value)
run.log_list("list", range(3))
run.log_list("list", (x / 2 for x in range(2)))
run.log_list("nothing", [])
run.log_row("row", fold=1, kind="a")
run.log_table("table", {"x": [1, 2], "y": ["a", None]})
run.log_table("line", {"x": 1})
run.flush()
run.complete()
"""


def test_what_is_logged_is_in_the_journal(run_folder: RunFolder, python: str) -> None:
    done = run_folder.script(python, LOGS)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")
    records = run_folder.records()
    assert [record["n"] for record in records] == list(range(len(records)))
    assert repr(run_folder.metrics("loss")) == "[0.5, nan, -inf]"
    assert [record["s"] for record in records[:3]] == [None, 1, 2]
    assert run_folder.metrics("any") == [3, -1, 2**70, True, None, "text é😀", ""]
    assert [(record["k"], record["name"], record["v"]) for record in records[10:]] == [
        ("list", "list", [0, 1, 2]),
        ("list", "list", [0.0, 0.5]),
        ("row", "row", {"fold": 1, "kind": "a"}),
        ("table", "table", {"x": [1, 2], "y": ["a", None]}),
        ("table", "line", {"x": [1]}),
    ]


def test_the_journal_is_private(run_folder: RunFolder, edge_python: str) -> None:
    run_folder.script(edge_python, LOGS)
    (path,) = (run_folder.path / "journal").iterdir()
    assert path.stat().st_mode & 0o077 == 0


REFUSALS = [
    ("run.log('x', [1, 2])", "UserErrorException", "log_list"),
    ("run.log('x', range(2))", "UserErrorException", "log_list"),
    ("run.log('x', (i for i in [1]))", "UserErrorException", "log_list"),
    ("run.log('x', 1.0, step='two')", "UserErrorException", "whole number"),
    ("run.log('x', 1.0, step=1.5)", "UserErrorException", "whole number"),
    ("run.log_list('x', 'text')", "UserErrorException", "list of values"),
    ("run.log_list('x', [[1], [2]])", "AzureMLException", "elements"),
    ("run.log_row('x', a=[1])", "AzureMLException", "elements"),
    ("run.log_table('x', {'a': [1], 'b': [1, 2]})", "AzureMLException", "lengths"),
    ("run.log_table('x', [1])", "UserErrorException", "dict"),
    ("run.log_image('x')", "UserErrorException", "either path or plot"),
    ("run.log_image('x', path='absent.png')", "UserErrorException", "absent.png"),
    ("run.log_confusion_matrix('x', '{')", "UserErrorException", "not JSON"),
    ("run.upload_file('x', 'absent')", "UserErrorException", "absent"),
    ("run.upload_file('../x', 'here')", "UserErrorException", "../x"),
    ("run.upload_folder('x', 'here')", "UserErrorException", "no folder"),
    ("run.upload_files(['a'], [])", "TypeError", "as many names"),
    ("run.add_properties({'commit': 'other'})", "UserErrorException", "cannot be changed"),
    ("run.register_model('m', 'outputs/absent.pkl')", "ModelPathNotFoundException", "outputs/absent.pkl"),
    ("run.fail(3)", "TypeError", "exception"),
    ("run.wait_for_completion()", "RunEnvironmentException", "its own run"),
    ("run.create_children()", "UserErrorException", "either count"),
    ("run.create_children(count=101)", "UserErrorException", "1 to 100"),
    ("run.child_run(run_id='no/path')", "UserErrorException", "no/path"),
    ("run.log_forecast", "AttributeError", "does not have 'log_forecast' yet"),
]


def test_misuse_is_refused_in_clear_words_and_leaves_nothing(run_folder: RunFolder, python: str) -> None:
    lines = ["from azureml.core.run import Run", "run = Run.get_context()", "open('here', 'w').close()"]
    for code, error, words in REFUSALS:
        lines += [
            "try:",
            f"    {code}",
            "except Exception as error:",
            f"    assert type(error).__name__ == {error!r}, ({code!r}, repr(error))",
            f"    assert {words!r} in str(error), ({code!r}, str(error))",
            "else:",
            f"    raise SystemExit({'accepted: ' + code!r})",
        ]
    done = run_folder.script(python, "\n".join(lines))
    assert (done.returncode, done.stderr) == (0, "")
    assert run_folder.records() == []
    assert list((run_folder.path / "uploads").iterdir()) == []
    assert list((run_folder.path / "requests").iterdir()) == []


def test_tags_and_properties_build_on_those_of_the_submission(run_folder: RunFolder, python: str) -> None:
    done = run_folder.script(
        python,
        """
from azureml.core import Run
run = Run.get_context()
run.tag("mark")
run.set_tags({"team": "red", "size": 3})
run.remove_tags(["size"])
run.add_properties({"seed": 4, "commit": "abc"})
assert run.get_tags() == run.tags == {"team": "red", "mark": None}, run.tags
assert run.get_properties() == run.properties == {"commit": "abc", "seed": "4"}, run.properties
assert (run.id, run.name, run.number, run.experiment.name) == ("exp_1700000000_abcd", "calm_owl", 7, "exp")
assert run.type == "azureml.scriptrun" and run == Run.get_context() and len({run, Run.get_context()}) == 1
run.display_name = "wild_owl"
assert run.name == "wild_owl" and run.parent is None and run.get_status() == "Running"
with run as same:
    assert same is run
""",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [(record["k"], record.get("key")) for record in run_folder.records()] == [
        ("tag", "mark"),
        ("tag", "team"),
        ("tag", "size"),
        ("untag", "size"),
        ("prop", "seed"),
        ("name", None),
    ]


def test_files_become_artifacts_once(run_folder: RunFolder, python: str) -> None:
    done = run_folder.script(
        python,
        """
import io, os
from azureml.core import Run
from azureml.exceptions import AzureMLException, UserErrorException
run = Run.get_context()
os.makedirs("data/deep")
for name in ("data/a.txt", "data/deep/b.txt", "outputs/m.pkl"):
    with open(name, "w") as stream: stream.write(name)
run.upload_file("kept/a.txt", "data/a.txt")
run.upload_file("./outputs/m.pkl", "outputs/m.pkl")
run.upload_file("stream", io.BytesIO(b"12345"))
run.upload_folder("tree", "data")
run.upload_files(["one", "two"], ["data/a.txt", "data/deep/b.txt"])
try:
    run.upload_file("stream", io.BytesIO(b"other"))
    raise SystemExit("accepted twice")
except UserErrorException as error:
    assert isinstance(error, AzureMLException) and "already exists" in error.message
assert run.get_file_names() == ["kept/a.txt", "one", "outputs/m.pkl", "stream", "tree/a.txt", "tree/deep/b.txt", "two"]
""",
    )
    assert (done.returncode, done.stderr) == (0, "")
    sizes = {record["path"]: record["size"] for record in run_folder.records()}
    assert sizes == {
        "kept/a.txt": 10, "outputs/m.pkl": 13, "stream": 5,
        "tree/a.txt": 10, "tree/deep/b.txt": 15, "one": 10, "two": 15,
    }  # fmt: skip
    assert (run_folder.path / "uploads" / "stream").read_bytes() == b"12345"
    assert list((run_folder.path / "requests").iterdir()) == []


def test_images_and_charts_are_artifacts_that_metrics_point_to(run_folder: RunFolder, edge_python: str) -> None:
    done = run_folder.script(
        edge_python,
        """
from azureml.core import Run
class Plot:
    def savefig(self, path):
        with open(path, "wb") as stream: stream.write(b"\\x89PNG\\r\\n\\x1a\\nplot")
run = Run.get_context()
Plot().savefig("outputs/shot.png")
run.log_image("shot", path="outputs/shot.png")
run.log_image("shot", path="outputs/shot.png")
run.log_image("drawn", plot=Plot())
matrix = {"schema_type": "confusion_matrix", "data": {"class_labels": ["a"], "matrix": [[1]]}}
run.log_confusion_matrix("matrix", matrix)
run.log_accuracy_table("table", '{"data": {}}')
run.log_residuals("residuals", {"data": {}})
run.log_predictions("predictions", {"data": {}})
""",
    )
    assert (done.returncode, done.stderr) == (0, "")
    charts = [(record["k"], record["name"], record["v"]) for record in run_folder.records() if record["k"] != "file"]
    drawn = charts.pop(2)
    assert charts == [
        ("image", "shot", {"path": "outputs/shot.png"}),
        ("image", "shot", {"path": "outputs/shot_1.png"}),
        ("confusion_matrix", "matrix", {"path": "matrix"}),
        ("accuracy_table", "table", {"path": "table"}),
        ("residuals", "residuals", {"path": "residuals"}),
        ("predictions", "predictions", {"path": "predictions"}),
    ]
    path = run_folder.path / "uploads" / drawn[2]["path"]
    assert path.name.startswith("drawn_")
    assert path.read_bytes().endswith(b"plot")
    assert b'"confusion_matrix"' in (run_folder.path / "uploads" / "matrix").read_bytes()


def test_a_failure_that_the_script_reports_is_recorded(run_folder: RunFolder, edge_python: str) -> None:
    done = run_folder.script(
        edge_python,
        "from azureml.core import Run\nrun = Run.get_context()\n"
        "run.fail(ValueError('too small'))\nrun.fail('no data', 'DataError')\n",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [(record["message"], record["code"]) for record in run_folder.records()] == [
        ("User program failed with ValueError: too small", "UserError"),
        ("no data", "DataError"),
    ]


MISSING = [
    ("from azureml.core import NoSuchThing", "azureml.core.NoSuchThing"),
    ("from azureml.core import Run, NoSuchThing", "azureml.core.NoSuchThing"),
    ("from azureml.core.run import NoSuchRun", "azureml.core.run.NoSuchRun"),
    ("from azureml.core.compute_target import NoSuch", "azureml.core.compute_target.NoSuch"),
    ("from azureml.exceptions import NoSuchError", "azureml.exceptions.NoSuchError"),
    ("import azureml.nosuch.part", "azureml.nosuch"),
    ("import azureml.core.nosuch", "azureml.core.nosuch"),
]


def test_a_part_of_azure_ml_that_is_not_there_says_so(run_folder: RunFolder, python: str) -> None:
    lines = []
    for line, _ in MISSING:
        lines += ["try:", f"    {line}", "except ModuleNotFoundError as error:", "    print(error)"]
    done = run_folder.script(python, "\n".join(lines))
    assert (done.returncode, done.stderr) == (0, "")
    answers = done.stdout.splitlines()
    assert len(answers) == len(MISSING)
    for answer, (_, name) in zip(answers, MISSING, strict=True):
        assert answer.startswith(f"Desktop AML does not have '{name}' yet")
        assert answer.endswith("is listed in docs/how-to/run-azureml-code.md.")


def test_a_missing_part_can_be_asked_for_without_harm(run_folder: RunFolder, edge_python: str) -> None:
    done = run_folder.script(
        edge_python,
        "import azureml.core\nassert not hasattr(azureml.core, 'NoSuchThing')\nassert azureml.core.VERSION\n"
        "try:\n    import azureml.nosuch\nexcept ImportError:\n    print('none')\n",
    )
    assert (done.stdout, done.stderr) == ("none\n", "")


def test_outside_a_run_the_script_prints_what_it_would_log(run_folder: RunFolder, python: str) -> None:
    run_folder.env_vars = {"PYTHONPATH": run_folder.env_vars["PYTHONPATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    done = run_folder.script(
        python,
        """
from azureml.core.run import Run, _OfflineRun
from azureml.exceptions import RunEnvironmentException
run = Run.get_context()
assert run.id.startswith("OfflineRun_") and isinstance(run, _OfflineRun)
assert not hasattr(run, "experiment")
assert run.child_run("c").id == run.id + ".c"
run.log("loss", 0.5)
run.log("loss", 0.25, step=2)
run.log_list("l", [1, 2])
run.log_row("r", a=1)
run.log_residuals("res", {})
run.complete(); run.flush(); run.cancel()
try:
    Run.get_context(allow_offline=False)
except RunEnvironmentException as error:
    assert "DESKTOP_AML_RUN_DIR" in error.message
else:
    raise SystemExit("found a run")
""",
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines(keepends=True)
    assert lines.pop().startswith("Attempted to flush run with id OfflineRun_")
    assert "".join(lines) == (
        "Attempted to log scalar metric loss:\n0.5\nAttempted to log scalar metric loss:\n0.25\n"
        "Attempted to log list metric l:\n[1, 2]\nAttempted to log row metric r:\n{'a': 1}\n"
        "Attempted to log residual metric res:\n{}\n"
    )


REGISTERS = """
import os
from azureml.core import Run
run = Run.get_context()
os.makedirs("outputs/model")
open("outputs/model/m.pkl", "w").close()
class Resources: cpu, memory_in_gb = 0.5, 2
model = run.register_model("iris", "./outputs/model/", {"k": 1}, model_framework="ScikitLearn",
                           resource_configuration=Resources())
print(model.name, model.version, model.id, model.run_id, model.tags)
"""


def test_a_model_is_registered_through_the_engine(
    run_folder: RunFolder, python: str, answered: Callable[..., dict[str, object] | None]
) -> None:
    asked = ask(run_folder, python, answered, {"ok": True, "body": {"name": "iris", "version": 3}})
    assert asked.stdout == "iris 3 iris:3 exp_1700000000_abcd {'k': 1}\n"
    assert asked.request["kind"] == "register_model"
    assert asked.request["body"] == {
        "model_name": "iris", "model_path": "outputs/model", "tags": {"k": "1"}, "properties": {}, "description": "",
        "model_framework": "ScikitLearn", "model_framework_version": "", "cpu": 0.5, "memory_in_gb": 2,
    }  # fmt: skip
    assert list((run_folder.path / "requests").iterdir()) == []


def test_a_refusal_of_the_engine_is_an_azure_ml_error(
    run_folder: RunFolder, edge_python: str, answered: Callable[..., dict[str, object] | None]
) -> None:
    refusal = {"ok": False, "error": "InvalidName", "message": "The name is off.", "hint": "Choose another."}
    asked = ask(run_folder, edge_python, answered, refusal)
    assert "azureml.exceptions.UserErrorException" in asked.stderr
    assert "The name is off.\\nChoose another." in asked.stderr


class Asked:
    """A script that asked the engine something: its request and what it printed."""

    def __init__(self, request: dict[str, object], stdout: str, stderr: str) -> None:
        self.request, self.stdout, self.stderr = request, stdout, stderr


def ask(folder: RunFolder, python: str, answer: Callable[..., dict[str, object] | None], reply: object) -> Asked:
    with subprocess.Popen(
        [python, "-c", REGISTERS],
        cwd=folder.path / "snapshot",
        env=folder.env_vars,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        requests: list[dict[str, object]] = []

        def is_asked() -> bool:
            request = answer(reply)
            requests.extend([request] if request is not None else [])
            return bool(requests) or process.poll() is not None

        wait_until(is_asked, "a request of the script")
        stdout, stderr = process.communicate(timeout=30)
    assert requests, stderr
    return Asked(requests[0], stdout, stderr)


def test_a_model_waits_only_so_long_for_an_engine(run_folder: RunFolder, edge_python: str) -> None:
    done = run_folder.script(
        edge_python, "from azureml.core._run import models\nmodels.ANSWER_TIME_S = 0.1\n" + REGISTERS
    )
    assert "ServiceException" in done.stderr
    assert "desktop-aml engine" in done.stderr
    assert list((run_folder.path / "requests").iterdir()) == []
