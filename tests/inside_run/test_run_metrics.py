"""What a script gets back from get_metrics inside its own run, without an engine, on every Python found."""

from __future__ import annotations

import json

from tests.inside_run.run_folder import RunFolder

SHAPES = """
import json
from azureml.core import Run
run = Run.get_context()
assert run.get_metrics() == {}
run.log("one", 3)
for value in (1, 2.5, 4):
    run.log("many", value)
run.log_list("single", [7])
run.log_list("list", range(2))
run.log_list("list", [5])
run.log_row("row", x=1, y="a")
for x in range(3):
    run.log_row("rows", x=x, y=x / 2)
run.log_table("table", {"x": [1, 2], "y": [3, 4]})
matrix = {"schema_type": "confusion_matrix", "schema_version": "v1", "data": {"class_labels": ["0"], "matrix": [[1]]}}
run.log_confusion_matrix("matrix", json.dumps(matrix))
run.log_row("one", x=5)
print(json.dumps(run.get_metrics()))
assert run.get_metrics("many") == {"many": [1.0, 2.5, 4.0]}
assert run.get_metrics(name="absent") == {}
assert run.get_metrics("matrix", populate=True) == {"matrix": matrix}
"""


def test_a_script_reads_its_own_metrics_in_azure_mls_shapes(run_folder: RunFolder, python: str) -> None:
    done = run_folder.script(python, SHAPES)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "one": 3,
        "many": [1.0, 2.5, 4.0],
        "single": 7,
        "list": [0, 1, 5],
        "row": {"x": 1, "y": "a"},
        "rows": {"x": [0, 1, 2], "y": [0.0, 0.5, 1.0]},
        "table": {"x": [1, 2], "y": [3, 4]},
        "matrix": "aml://artifactId/ExperimentRun/dcid.exp_1700000000_abcd/matrix",
    }


BEYOND_AZURE = """
import warnings
from azureml.core import Run
run = Run.get_context()
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    run.log("t", "x" * 256)
    run.log("n" * 256, 1)
    run.log_row("wide", **{"c%d" % n: n for n in range(16)})
    run.log_list("long", range(251))
    run.tag("k" * 101)
    run.add_properties({"p": "v" * 1001})
    try:
        run.add_properties({"p": "w" * 1001})
    except Exception:
        said = len([one for one in told if "properties" in str(one.message)])
        assert said == 1, "nothing is said to be kept that is refused"
    for number in range(60):
        run.log("m%d" % number, number)
print("\\n".join(str(one.message) for one in told))
assert len(run.get_metrics()) == 64 and len(run.get_metrics()["long"]) == 251
assert run.get_tags() == {"team": "blue", "k" * 101: None} and len(run.get_properties()["p"]) == 1001
"""


def test_azures_limits_are_told_and_never_applied(run_folder: RunFolder, edge_python: str) -> None:
    done = run_folder.script(edge_python, BEYOND_AZURE)
    assert (done.returncode, done.stderr) == (0, "")
    told = done.stdout.splitlines()
    for words in (
        "Azure keeps 255 characters of the value of 't'",
        "Azure keeps 255 characters of the name of a metric",
        "Azure keeps 15 columns of a table at most, 'wide' has 16",
        "Azure takes 250 values at once, 'long' has 251",
        "Azure keeps 50 metrics of a run at most",
        "Azure allows 100 characters for the name",
    ):
        assert sum(line.startswith(words) for line in told) >= 1, (words, told)
    assert len(told) == 7


WARNED = """
import warnings
from azureml.core import Run
run = Run.get_context()
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    run.log("n" * 9999, "x" * 256); run.log_table("t" * 9999, {"c" * 256: [1]}); run.log_list("l" * 9999, range(251))
    run.tag("k" * 101); run.add_properties({"p": "v" * 1001}); run.set_tags({"k" * 101: "v"})
print([(one.lineno, len(str(one.message)) < 200) for one in told], {one.filename for one in told})
"""


def test_a_warning_names_the_line_of_the_script_in_few_words(run_folder: RunFolder, edge_python: str) -> None:
    done = run_folder.script(edge_python, WARNED)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip().startswith(str([(7, True)] * 6 + [(8, True)] * 3)[:-1]), done.stdout
    assert "azureml" not in done.stdout


NUMPY = """
import numpy as np
from azureml.core import Run
run = Run.get_context()
kinds = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64"]
for kind in kinds:
    run.log(kind, np.dtype(kind).type(5))
run.log("bool", np.bool_(True))
run.log("str", np.str_("a"))
run.log("nothing", np.float64("nan"))
run.log_list("ints", np.arange(3))
run.log_row("row", n=np.int64(4))
run.log_table("table", {"x": np.array([1, 2], dtype="int64")})
found = run.get_metrics()
assert [type(found[kind]) for kind in kinds] == [int] * 8 + [float] * 3, found
assert {found[kind] for kind in kinds} == {5} and found["bool"] is True and found["str"] == "a"
assert found["ints"] == [0, 1, 2] and found["row"] == {"n": 4} and found["table"] == {"x": [1, 2]}
try:
    run.log("array", (n for n in np.arange(3)))
except Exception as error:
    assert type(error).__name__ == "UserErrorException" and "log_list" in str(error)
else:
    raise SystemExit("accepted a generator")
"""


def test_numpy_scalars_of_every_kind_are_numbers(run_folder: RunFolder) -> None:
    import sys

    done = run_folder.script(sys.executable, NUMPY)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_parent_of_a_run_is_none_without_asking(run_folder: RunFolder, edge_python: str) -> None:
    done = run_folder.script(edge_python, "from azureml.core import Run\nprint(Run.get_context().parent)")
    assert (done.stdout, done.stderr) == ("None\n", "")
