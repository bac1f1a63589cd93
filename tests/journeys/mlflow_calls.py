"""Calls of MLflow's own client against the server that its environment names; prints as JSON what became of each.

Run by the interpreter of an environment with MLflow in it. Each function is one promise.
"""

import json
import math
import os
import sys
import tempfile
import traceback
import warnings
from unittest.mock import patch

warnings.simplefilter("ignore")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")

import mlflow  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402

IS_3 = mlflow.__version__.startswith("3")
client = MlflowClient()


def named(name):
    """Return how this release names the place of a model; its packages are named, as finding them takes very long."""
    return {"name" if IS_3 else "artifact_path": name, "pip_requirements": ["scikit-learn"]}


def fitted():
    import numpy
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression().fit(numpy.array([[0.0], [1.0], [2.0], [3.0]]), numpy.array([0, 0, 1, 1]))


def set_experiment_makes_one_and_finds_it_again():
    first = mlflow.set_experiment("an experiment/1")
    assert mlflow.set_experiment("an experiment/1").experiment_id == first.experiment_id
    assert mlflow.get_experiment_by_name("an experiment/1").name == "an experiment/1"


def fluent_run_logs_and_ends():
    mlflow.set_experiment("fluent")
    with mlflow.start_run(run_name="r", tags={"a": "b"}, description="words") as run:
        mlflow.log_param("C", 1.5)
        mlflow.log_params({"kernel": "rbf", "n": 3})
        mlflow.log_metric("loss", 0.5, step=1)
        mlflow.log_metrics({"loss": 0.25, "acc": 1.0}, step=2)
        mlflow.set_tags({"c": "d"})
        mlflow.set_tag("gone", "x")
        mlflow.delete_tag("gone")
    found = mlflow.get_run(run.info.run_id)
    assert found.info.status == "FINISHED"
    assert found.info.run_name == "r"
    assert found.data.params == {"C": "1.5", "kernel": "rbf", "n": "3"}
    assert found.data.metrics == {"loss": 0.25, "acc": 1.0}
    assert found.data.tags["c"] == "d"
    assert found.data.tags["mlflow.note.content"] == "words"
    assert "gone" not in found.data.tags


def failed_run_is_failed():
    try:
        with mlflow.start_run() as run:
            raise ValueError("x")
    except ValueError:
        pass
    assert mlflow.get_run(run.info.run_id).info.status == "FAILED"


def nested_runs_name_their_parent():
    with mlflow.start_run() as parent, mlflow.start_run(nested=True) as child:
        mlflow.log_metric("m", 1)
    tags = mlflow.get_run(child.info.run_id).data.tags
    assert tags["mlflow.parentRunId"] == parent.info.run_id
    assert mlflow.get_parent_run(child.info.run_id).info.run_id == parent.info.run_id


def run_is_resumed():
    with mlflow.start_run() as run:
        mlflow.log_metric("m", 1, step=0)
    with mlflow.start_run(run_id=run.info.run_id):
        mlflow.log_metric("m", 2, step=1)
    assert [one.value for one in client.get_metric_history(run.info.run_id, "m")] == [1.0, 2.0]


def asynchronous_logging_arrives():
    with mlflow.start_run() as run:
        for step in range(20):
            mlflow.log_metric("m", step, step=step, synchronous=False)
        mlflow.flush_async_logging()
    assert len(client.get_metric_history(run.info.run_id, "m")) == 20


def odd_numbers_come_back():
    run = client.create_run("0")
    values = [math.nan, math.inf, -math.inf, 1e308, -0.0]
    for step, value in enumerate(values):
        client.log_metric(run.info.run_id, "m", value, timestamp=1, step=step)
    found = [one.value for one in client.get_metric_history(run.info.run_id, "m")]
    assert math.isnan(found[0])
    assert found[1:] == values[1:]


def client_calls_of_runs():
    experiment = client.create_experiment("by client", tags={"x": "y"})
    run = client.create_run(experiment, start_time=1234, tags={"t": "1"}, run_name="named")
    run_id = run.info.run_id
    assert run.info.start_time == 1234
    client.log_param(run_id, "p", "v")
    client.log_batch(
        run_id,
        metrics=[mlflow.entities.Metric("b", 1.0, 5, 0)],
        params=[mlflow.entities.Param("q", "w")],
        tags=[mlflow.entities.RunTag("u", "2")],
    )
    client.set_tag(run_id, "v", "3")
    client.update_run(run_id, name="renamed")
    assert client.get_run(run_id).info.run_name == "renamed"
    client.set_terminated(run_id, "KILLED", end_time=99999)
    info = client.get_run(run_id).info
    assert (info.status, info.end_time) == ("KILLED", 99999)
    client.delete_run(run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    assert client.search_runs([experiment]) == []
    client.restore_run(run_id)
    assert len(client.search_runs([experiment])) == 1


def parameter_is_not_changed():
    run_id = client.create_run("0").info.run_id
    client.log_param(run_id, "p", 1)
    client.log_param(run_id, "p", 1)
    try:
        client.log_param(run_id, "p", 2)
    except MlflowException as error:
        assert error.error_code == "INVALID_PARAMETER_VALUE"
    else:
        raise AssertionError


def experiments_are_changed():
    made = client.create_experiment("to change")
    try:
        client.create_experiment("to change")
    except MlflowException as error:
        assert error.error_code == "RESOURCE_ALREADY_EXISTS"
    client.set_experiment_tag(made, "k", "v")
    client.rename_experiment(made, "changed")
    assert client.get_experiment(made).name == "changed"
    assert client.get_experiment(made).tags["k"] == "v"
    if IS_3:
        client.set_experiment_tag(made, "gone", "x")
        client.delete_experiment_tag(made, "gone")
        assert "gone" not in client.get_experiment(made).tags
    client.delete_experiment(made)
    assert client.get_experiment(made).lifecycle_stage == "deleted"
    client.restore_experiment(made)
    assert any(one.name == "changed" for one in client.search_experiments())
    found = client.search_experiments(filter_string="name LIKE 'chan%' AND tags.k = 'v'")
    assert [one.name for one in found] == ["changed"]
    assert client.get_experiment_by_name("not there") is None


def artifacts_go_and_come():
    with mlflow.start_run() as run, tempfile.TemporaryDirectory() as folder:
        for name in ("a.txt", "sub dir/b+c.txt"):
            path = os.path.join(folder, "files", name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            open(path, "w").write(name)
        open(os.path.join(folder, "empty"), "w").close()
        mlflow.log_artifact(os.path.join(folder, "empty"))
        mlflow.log_artifacts(os.path.join(folder, "files"), "all")
        mlflow.log_text("text", "t/x.txt")
        mlflow.log_dict({"a": 1}, "d.json")
        mlflow.log_table({"a": [1, 2]}, "table.json")
        import matplotlib

        matplotlib.use("Agg")
        import matplotlib.pyplot as plt

        mlflow.log_figure(plt.figure(), "f.png")
    run_id = run.info.run_id
    names = {one.path for one in client.list_artifacts(run_id)}
    assert names == {"all", "d.json", "empty", "f.png", "t", "table.json"}
    assert {one.path for one in client.list_artifacts(run_id, "all")} == {"all/a.txt", "all/sub dir"}
    with tempfile.TemporaryDirectory() as folder:
        there = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="all", dst_path=folder)
        assert open(os.path.join(there, "sub dir", "b+c.txt")).read() == "sub dir/b+c.txt"
    assert mlflow.artifacts.load_text(run.info.artifact_uri + "/t/x.txt") == "text"
    assert list(mlflow.load_table("table.json", run_ids=[run_id])["a"]) == [1, 2]


def inputs_are_kept():
    import pandas

    with mlflow.start_run() as run:
        mlflow.log_input(mlflow.data.from_pandas(pandas.DataFrame({"a": [1]}), name="set"), context="train")
    (one,) = mlflow.get_run(run.info.run_id).inputs.dataset_inputs
    assert one.dataset.name == "set"
    assert [tag.value for tag in one.tags] == ["train"]


def model_is_logged_and_loaded():
    import pandas

    with mlflow.start_run() as run:
        mlflow.log_metric("acc", 0.5)
        info = mlflow.sklearn.log_model(fitted(), input_example=pandas.DataFrame({"a": [1.0]}), **named("model"))
    for uri in (info.model_uri, f"runs:/{run.info.run_id}/model"):
        assert list(mlflow.sklearn.load_model(uri).predict([[3.0]])) == [1]
    assert len(client.get_metric_history(run.info.run_id, "acc")) == 1
    listed = [one.path for one in client.list_artifacts(run.info.run_id, "model")]
    assert "model/MLmodel" in listed
    assert len(listed) == len(set(listed))
    if IS_3:
        assert [one.path for one in client.list_artifacts(run.info.run_id)] == []
        model = mlflow.get_logged_model(info.model_id)
        assert model.status == "READY"
        assert [(one.key, one.model_id) for one in model.metrics] == [("acc", info.model_id)]
        found = mlflow.search_logged_models(filter_string="name = 'model'", output_format="list")
        assert info.model_id in [one.model_id for one in found]


def registry_is_the_workspaces():
    with mlflow.start_run() as run:
        mlflow.sklearn.log_model(fitted(), registered_model_name="iris", **named("model"))
    again = mlflow.register_model(f"runs:/{run.info.run_id}/model", "iris")
    assert int(again.version) == 2
    client.set_registered_model_alias("iris", "champion", "1")
    for uri in ("models:/iris/2", "models:/iris@champion", "models:/iris/latest"):
        assert list(mlflow.sklearn.load_model(uri).predict([[3.0]])) == [1]
    assert list(mlflow.pyfunc.load_model("models:/iris/1").predict([[0.0]])) == [0]
    client.transition_model_version_stage("iris", "1", "Production")
    assert [one.version for one in client.get_latest_versions("iris", ["Production"])] in (["1"], [1])
    client.update_model_version("iris", "1", description="words")
    client.set_model_version_tag("iris", "1", "k", "v")
    version = client.get_model_version("iris", "1")
    assert (version.description, version.tags, list(version.aliases)) == ("words", {"k": "v"}, ["champion"])
    client.update_registered_model("iris", description="model")
    client.set_registered_model_tag("iris", "k", "v")
    assert client.get_registered_model("iris").tags == {"k": "v"}
    assert [one.name for one in client.search_registered_models("name = 'iris'")] == ["iris"]
    assert len(client.search_model_versions("name = 'iris'")) == 2
    assert str(client.copy_model_version("models:/iris/1", "copy").version) == "1"
    client.delete_registered_model_alias("iris", "champion")
    client.delete_model_version("iris", "2")
    client.delete_registered_model("copy")


def autolog_records_a_fit():
    mlflow.set_experiment("auto")
    mlflow.sklearn.autolog(log_models=False, silent=True)
    fitted()
    mlflow.sklearn.autolog(disable=True, silent=True)
    run = mlflow.last_active_run()
    assert run.info.status == "FINISHED"
    assert run.data.params["solver"] == "lbfgs"
    assert run.data.metrics["training_accuracy_score"] == 1.0
    assert run.inputs.dataset_inputs


def runs_are_searched():
    experiment = client.create_experiment("searched")
    for number in range(4):
        with mlflow.start_run(experiment_id=experiment, run_name=f"r{number}"):
            mlflow.log_metric("m", number / 2)
            mlflow.log_param("p", f"v{number % 2}")
            mlflow.set_tag("t x", "a")

    def names(text, order=("metrics.m ASC",)):
        found = client.search_runs([experiment], text, order_by=list(order))
        return [one.info.run_name for one in found]

    assert names("metrics.m >= 0.5 and params.p = 'v1'") == ["r1", "r3"]
    assert names("tags.`t x` LIKE 'a%' AND metrics.m < 0.5") == ["r0"]
    assert names("attributes.status = 'FINISHED'", ["metrics.m DESC"]) == ["r3", "r2", "r1", "r0"]
    assert names("run_name ILIKE 'R2'") == ["r2"]
    assert names("", ["params.p DESC", "metrics.m DESC"]) == ["r3", "r1", "r2", "r0"]
    page = client.search_runs([experiment], max_results=3)
    assert len(page) == 3
    assert len(client.search_runs([experiment], max_results=3, page_token=page.token)) == 1
    frame = mlflow.search_runs(experiment_ids=[experiment])
    assert sorted(frame["metrics.m"]) == [0.0, 0.5, 1.0, 1.5]
    try:
        names("metrics.m == 'a'")
    except MlflowException as error:
        assert error.error_code == "INVALID_PARAMETER_VALUE"
    else:
        raise AssertionError


def images_and_tables_are_added_to():
    import numpy

    dots = numpy.zeros((4, 4, 3), dtype=numpy.uint8)
    with mlflow.start_run() as run:
        mlflow.log_image(dots, "one.png")
        mlflow.log_image(dots, key="dog", step=3)
        mlflow.log_table({"a": [1], "b": ["x"]}, "t.json")
        mlflow.log_table({"a": [2], "b": ["y"]}, "t.json")
    run_id = run.info.run_id
    assert mlflow.artifacts.load_image(run.info.artifact_uri + "/one.png").size == (4, 4)
    kept = [one.path for one in client.list_artifacts(run_id, "images")]
    assert len(kept) == 2
    assert all("dog+step+3" in one or "dog%step%3" in one for one in kept), kept
    assert client.get_run(run_id).data.tags["mlflow.loggedImages"] == "True"
    assert list(mlflow.load_table("t.json", run_ids=[run_id], extra_columns=["run_id"])["a"]) == [1, 2]


def large_file_goes_and_comes_in_parts():
    sizes = ("MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", "MULTIPART_UPLOAD_CHUNK_SIZE", "MULTIPART_DOWNLOAD_CHUNK_SIZE")
    switches = {f"MLFLOW_{name}": "5" for name in sizes}
    switches |= {f"MLFLOW_ENABLE_PROXY_MULTIPART_{name}": "true" for name in ("UPLOAD", "DOWNLOAD")}
    with patch.dict(os.environ, switches):
        with mlflow.start_run() as run:
            mlflow.log_text("0123456789ab", "large files/one.txt")
        assert mlflow.artifacts.load_text(run.info.artifact_uri + "/large files/one.txt") == "0123456789ab"


def registry_is_changed():
    client.create_registered_model("old", tags={"a": "b"}, description="words")
    client.rename_registered_model("old", "new")
    assert client.get_registered_model("new").description == "words"
    client.delete_registered_model_tag("new", "a")
    run_id = client.create_run("0").info.run_id
    for number in range(3):
        client.log_text(run_id, "x", f"m{number}/MLmodel")
        client.create_model_version("new", f"runs:/{run_id}/m{number}", run_id=run_id, tags={"n": str(number)})
    client.set_registered_model_alias("new", "prod", "2")
    assert str(client.get_model_version_by_alias("new", "prod").version) == "2"
    client.transition_model_version_stage("new", "1", "Staging")
    client.transition_model_version_stage("new", "2", "Staging", archive_existing_versions=True)
    assert client.get_model_version("new", "1").current_stage == "Archived"
    found = client.search_model_versions("name = 'new'", order_by=["version_number DESC"])
    assert [int(one.version) for one in found] == [3, 2, 1]
    client.delete_model_version_tag("new", "1", "n")
    assert client.get_model_version_download_uri("new", "1")
    client.delete_model_version("new", "3")
    assert int(client.create_model_version("new", f"runs:/{run_id}/m1").version) == 4
    client.delete_model_version("new", "2")
    assert client.get_registered_model("new").aliases == {}


def logged_models_are_changed():
    if not IS_3:
        return
    made = mlflow.initialize_logged_model("outside", params={"a": "1"}, tags={"t": "u"}).model_id
    assert mlflow.finalize_logged_model(made, "READY").status == "READY"
    mlflow.set_logged_model_tags(made, {"k": "v"})
    mlflow.delete_logged_model_tag(made, "t")
    mlflow.log_model_params({"b": "2"}, made)
    mlflow.log_metric("acc", 0.7, model_id=made)
    found = mlflow.get_logged_model(made)
    assert {"k", "t"} & found.tags.keys() == {"k"}
    assert found.params == {"a": "1", "b": "2"}
    assert [(one.key, one.value) for one in found.metrics] == [("acc", 0.7)]
    client.delete_logged_model(made)
    listed = mlflow.search_logged_models(output_format="list")
    assert made not in [one.model_id for one in listed]


def autolog_of_a_search_makes_children():
    import numpy
    from sklearn.model_selection import GridSearchCV
    from sklearn.svm import SVC

    X, y = numpy.arange(20.0).reshape(20, 1), numpy.arange(20) // 10
    mlflow.set_experiment("grid")
    mlflow.sklearn.autolog(log_models=False, silent=True, max_tuning_runs=2)
    with mlflow.start_run() as run:
        search = GridSearchCV(SVC(), {"C": [0.1, 1, 10]}, cv=2).fit(X, y)
    mlflow.sklearn.autolog(disable=True, silent=True)
    run = client.get_run(run.info.run_id)
    assert run.data.metrics["best_cv_score"] == search.best_score_
    children = client.search_runs([run.info.experiment_id], f"tags.mlflow.parentRunId = '{run.info.run_id}'")
    assert len(children) == 2
    assert all(one.info.status == "FINISHED" and "C" in one.data.params for one in children)
    assert "cv_results.csv" in {one.path for one in client.list_artifacts(run.info.run_id)}


PROMISES = [
    one for name, one in sorted(globals().items()) if "_" in name and callable(one) and one.__module__ == "__main__"
]

if __name__ == "__main__":
    told = {}
    for one in PROMISES:
        try:
            one()
            told[one.__name__] = ""
        except BaseException:
            told[one.__name__] = traceback.format_exc()
        while mlflow.active_run():
            mlflow.end_run()
    sys.stdout = sys.__stdout__
    print(json.dumps(told))
