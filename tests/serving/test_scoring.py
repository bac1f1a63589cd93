"""What an endpoint answers: the model's own predictions, in the words and headers of the Azure ML server."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.ensemble import HistGradientBoostingClassifier, IsolationForest, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from desktop_aml.domain.errors import ScoringError
from desktop_aml.serving import client, snippets
from desktop_aml.serving.schema import form_fields, read_schema
from tests.old_pythons import pythons_of
from tests.serving.inline import Inline

NOISY = """
class Model:
    def predict(self, rows):
        print("the model speaks")
        if rows[0][0] == 13:
            raise RuntimeError("secret /etc/passwd")
        if rows[0][0] == 14:
            return {1, 2}
        return [float(sum(row)) for row in rows]
"""


def assert_same(answered, own):
    """Equal to the last bit but one: how memory happens to lie in a process decides how a product is summed."""
    assert np.shape(answered) == np.shape(own)
    np.testing.assert_allclose(answered, own, rtol=1e-13)


METHODS = ("predict", "predict_proba", "predict_log_proba", "decision_function")


@pytest.mark.parametrize("method", METHODS)
def test_every_method_equals_the_models_own(endpoint, classifier, iris, method):
    rows = iris[0][:20]
    answered = client.score(endpoint.uri, {"data": rows.tolist(), "method": method})
    assert_same(answered, getattr(classifier, method)(rows))


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        RandomForestClassifier(20, random_state=0),
        HistGradientBoostingClassifier(max_iter=5),
        LinearRegression(),
        KMeans(3, n_init=1, random_state=0),
        IsolationForest(n_estimators=10, random_state=0),
    ],
    ids=lambda model: type(model).__name__,
)
def test_predictions_equal_the_models_own(deploy, iris, model):
    model.fit(*iris)
    endpoint = deploy(model)
    assert_same(client.score(endpoint.uri, {"data": iris[0].tolist(), "method": "predict"}), model.predict(iris[0]))
    default = model.predict_proba if hasattr(model, "predict_proba") else model.predict
    assert_same(client.score(endpoint.uri, {"data": iris[0][:1].tolist()}), default(iris[0][:1]))


def test_a_model_of_an_older_version_without_a_parameter_of_today_predicts(deploy, iris):
    model = Ridge().fit(*iris)
    expected = model.predict(iris[0][:2])
    del model.positive  # as saved by scikit-learn before 1.0
    endpoint = deploy(model)
    assert_same(client.score(endpoint.uri, {"data": iris[0][:2].tolist()}), expected)


def test_a_model_of_texts_takes_texts(deploy):
    texts = ["good day", "bad night", "good night", "bad day"]
    model = make_pipeline(CountVectorizer(), LogisticRegression()).fit(texts, ["yes", "no", "yes", "no"])
    endpoint = deploy(model)
    assert client.score(endpoint.uri, {"data": texts, "method": "predict"}) == ["yes", "no", "yes", "no"]


def test_text_beside_numbers_stays_apart(deploy):
    rows = [["red", 1], ["blue", 2], ["red", 2], ["blue", 1]]
    table = np.array(rows, dtype=object)
    model = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(table, [0, 1, 0, 1])
    endpoint = deploy(model)
    assert client.score(endpoint.uri, {"data": rows}) == model.predict_proba(table).tolist()


def test_missing_values_reach_a_model_that_takes_them(deploy, iris):
    model = HistGradientBoostingClassifier(max_iter=5).fit(*iris)
    endpoint = deploy(model)
    answered = client.score(endpoint.uri, {"data": [[5.1, None, 1.4, 0.2]]})
    assert answered == model.predict_proba([[5.1, np.nan, 1.4, 0.2]]).tolist()


def test_columns_by_name_in_any_order(deploy, iris):
    model = GaussianNB().fit(*iris)
    names = ["sepal length", "sepal width", "petal length", "petal width"]
    row = iris[0][70].tolist()
    expected = model.predict_proba([row]).tolist()
    model.feature_names_in_ = np.array(names, dtype=object)  # as after training on a data frame
    endpoint = deploy(model)
    by_name = dict(reversed(list(zip(names, row, strict=True))))
    assert client.score(endpoint.uri, {"data": [by_name]}) == expected
    split = {"columns": names[::-1], "data": [row[::-1]]}
    assert client.score(endpoint.uri, {"data": split}) == expected
    missing = {"data": [{"sepal length": 1, "sepal width": 1, "petal length": 1, "petal wide": 1}]}
    words = endpoint.post(missing).message
    assert "data[0] (row 1) has no “petal width” and has “petal wide”" in words
    assert "data[0][2] (row 1, column “petal length”)" in endpoint.post({"data": [[1, 2, "x", 4]]}).message


def test_numbers_that_json_has_no_word_for_become_null(deploy, iris):
    model = GaussianNB().fit(*iris)
    endpoint = deploy(model)
    far = [[1e6, 1e6, 1e6, 1e6]]
    model_says = model.predict_log_proba(far)[0]
    answered = client.score(endpoint.uri, {"data": far, "method": "predict_log_proba"})[0]
    assert answered == [value if np.isfinite(value) else None for value in model_says.tolist()]


def test_the_headers_are_those_of_the_cloud_server(endpoint):
    answer = endpoint.post({"data": [[5.1, 3.5, 1.4, 0.2]]}, **{"x-request-id": "abc", "x-ms-client-request-id": "me"})
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"] == "abc"
    assert answer.headers["x-ms-client-request-id"] == "me"
    assert answer.headers["x-ms-request-id"] == "me"
    assert float(answer.headers["x-ms-run-fn-exec-ms"]) > 0
    assert answer.headers["x-desktop-aml-model"] == "iris:1"


def test_health_options_and_scoring_by_get(endpoint, classifier):
    health = endpoint.ask("GET", "/")
    assert (health.status, health.body) == (200, b"Healthy")
    assert endpoint.ask("OPTIONS", "/score").headers["allow"] == "GET, POST, OPTIONS"
    answer = endpoint.ask("GET", "/score?data=[[5.1,3.5,1.4,0.2]]&method=predict")
    assert answer.json == classifier.predict([[5.1, 3.5, 1.4, 0.2]]).tolist()


def test_the_description_is_swagger_with_the_models_inputs(endpoint):
    two = endpoint.ask("GET", "/swagger.json").json
    assert two["swagger"] == "2.0"
    given = two["definitions"]["ServiceInput"]
    assert given["properties"]["data"]["items"]["maxItems"] == 4
    assert given["properties"]["method"]["default"] == "predict_proba"
    assert endpoint.post(given["example"]).status == 200
    three = endpoint.ask("GET", "/swagger.json?version=3").json
    assert three["openapi"].startswith("3.0")
    assert endpoint.ask("GET", "/swagger.json?version=9").status == 404


def test_a_sample_names_and_types_the_columns(deploy, iris, tmp_path):
    sample = tmp_path / "sample.json"
    sample.write_text(json.dumps({"columns": ["a", "b", "c", "d"], "data": iris[0][:2].tolist()}))
    endpoint = deploy(GaussianNB().fit(*iris), sample_input=str(sample), default_method="predict")
    fields = form_fields(read_schema(endpoint.folder))
    assert (fields[0].name, fields[0].type, fields[0].example) == ("a", "number", 5.1)
    assert client.score(endpoint.uri, {"data": [{"a": 5.1, "b": 3.5, "c": 1.4, "d": 0.2}]}) == [0]


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ([[1, 2, 3, 4]], "must be an object with “data”"),
        ({}, "Missing parameter: data"),
        ({"data": [[1, 2, 3, 4]], "rows": 1}, "Unknown parameter: rows"),
        ({"data": [[1, 2, 3, 4]], "method": "fit"}, "has predict_proba, predict, decision_function"),
        ({"data": [[1, 2, 3, 4]], "method": 3}, "Unknown method: a number"),
        ({"data": []}, "data has no rows"),
        ({"data": [[]]}, "data[0] (row 1) has 0 values; the model takes 4 values"),
        ({"data": [1, 2, 3, 4]}, "data[0] is a number; each row is a list of 4 values"),
        ({"data": [[1, 2, 3, 4], [1, 2, 3]]}, "data[1] (row 2) has 3 values; the model takes 4 values"),
        ({"data": [[1, 2, 3, 4, 5]]}, "data[0] (row 1) has 5 values"),
        ({"data": [[1, 2, 3, 4], [1, "2", 3, 4]]}, "data[1][1] (row 2, column 2) is the text “2”"),
        ({"data": [[1, 2, [3], 4]]}, "data[0][2] (row 1, column 3) is a list"),
        ({"data": [[1, 2, {}, 4]]}, "data[0][2] (row 1, column 3) is an object"),
        ({"data": [[1, 2, None, 4]]}, "data[0][2] (row 1, column 3) is null"),
        ({"data": [[1, 2, 10**400, 4]]}, "data[0][2] (row 1, column 3) is too large"),
        ({"data": [{"a": 1}]}, "does not name its columns"),
        ({"data": {"columns": ["a"], "data": [[1]]}}, "does not name its columns"),
        ({"data": "rows"}, "data is text; send a list of rows"),
    ],
)
def test_a_wrong_request_is_told_what_and_where(endpoint, payload, words):
    answer = endpoint.post(payload)
    assert answer.status == 400
    assert words in answer.message


def test_the_client_raises_the_servers_words(endpoint):
    with pytest.raises(ScoringError, match="data has no rows") as caught:
        client.score(endpoint.uri, {"data": []})
    assert caught.value.status == 400
    with pytest.raises(ScoringError, match="cannot be reached"):
        client.score("http://127.0.0.1:1/score", {})
    with pytest.raises(ScoringError, match="written as JSON"):
        client.score(endpoint.uri, {"data": [[float("nan")]]})


def test_copied_calls_run_as_they_are(locked, classifier):
    schema = read_schema(locked.folder)
    expected = classifier.predict_proba([[0.0, 0.0, 0.0, 0.0]]).tolist()
    code = snippets.python_call(locked.uri, schema, "first-key")
    python = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(python.stdout) == expected
    shell = snippets.curl_call(locked.uri, schema, "second-key")
    curl = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=False)
    if curl.returncode != 127:
        assert json.loads(curl.stdout) == expected


def test_a_connection_serves_many_requests(endpoint, classifier, iris):
    connection = http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=20)
    for row in iris[0][:50]:
        connection.request("POST", "/score", json.dumps({"data": [row.tolist()]}), {"Content-Type": "application/json"})
        assert_same(json.loads(connection.getresponse().read()), classifier.predict_proba([row]))
    connection.close()


def test_a_foreign_model_may_print_and_fail(deploy):
    endpoint = deploy(Inline(NOISY))
    assert client.score(endpoint.uri, {"data": [[1, 2]]}) == [3.0]
    assert "the model speaks" in endpoint.log
    failed = endpoint.post({"data": [[13, 1]]})
    assert failed.status == 500
    assert failed.headers["x-ms-run-function-failed"] == "True"
    assert "passwd" not in failed.message
    assert "secret /etc/passwd" in endpoint.log
    assert "no JSON" in endpoint.post({"data": [[14, 1]]}).message
    assert client.score(endpoint.uri, {"data": [[1, 2]]}) == [3.0]


def test_the_model_process_compiles_on_the_oldest_python():
    import desktop_aml.inside_model as package

    found = pythons_of("3.6")
    if not found:
        pytest.skip("no Python 3.6 on this computer")
    for file in Path(package.__file__).parent.glob("*.py"):
        code = "import sys; compile(open(sys.argv[1], encoding='utf-8').read(), sys.argv[1], 'exec')"
        subprocess.run([str(found[0]), "-c", code, str(file)], check=True)
