"""What a plain script does with scikit-learn is noted, and the script is as it was."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.inside_run.conftest import SITE
from tests.inside_run.plain_scripts import SCRIPTS
from tests.inside_run.run_folder import RunFolder

PLAYER = Path(__file__).with_name("play_scripts.py")
AS_SCRIPT = 'export DESKTOP_AML_SCRIPT_PID=$$; exec "$@"'
"""What the launcher tells each process of a run: which of them is the script."""


class Captured:
    """Runs scripts as the launcher does, and reads what was noted of them."""

    def __init__(self, run_folder: RunFolder) -> None:
        self.folder = run_folder
        self.path = run_folder.path

    def run(self, source: str, *words: str, **env_vars: str) -> subprocess.CompletedProcess[str]:
        script = self.path / "snapshot" / "train.py"
        script.write_text(textwrap.dedent(source))
        return self.start([sys.executable, "train.py", *words], self.path / "snapshot", **env_vars)

    def start(self, words: list[str], cwd: Path, **env_vars: str) -> subprocess.CompletedProcess[str]:
        environment = {**self.folder.env_vars, "PYTHONHASHSEED": "0", "MPLBACKEND": "Agg", **env_vars}
        return subprocess.run(
            ["sh", "-c", AS_SCRIPT, "sh", *words], cwd=cwd, env=environment, capture_output=True, text=True, timeout=300
        )

    def values(self) -> list[tuple[object, object]]:
        return [(one["name"], one["v"]) for one in self.folder.records() if one["k"] == "cm"]

    def names(self) -> list[str]:
        return [str(name) for name, _ in self.values()]

    def records(self) -> dict[str, str]:
        return {str(one["name"]): str(one["kind"]) for one in self.folder.records() if one["k"] == "crec"}

    def parameters(self) -> dict[object, object]:
        return {one["key"]: one["v"] for one in self.folder.records() if one["k"] == "cparam"}

    def documents(self, beginning: str) -> list[dict[str, object]]:
        found = [one for one in self.folder.records() if one["k"] == "doc" and str(one["key"]).startswith(beginning)]
        return [one["v"] for one in found]  # type: ignore[misc]

    def fitted(self) -> list[object]:
        return [one["class"] for one in self.documents("estimator ")]

    def told(self) -> str:
        log = self.path / "logs" / "launcher.log"
        return log.read_text() if log.exists() else ""


@pytest.fixture
def captured(run_folder: RunFolder) -> Captured:
    return Captured(run_folder)


DATA = """
    from sklearn.datasets import load_iris
    from sklearn.model_selection import train_test_split
    X, y = load_iris(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
"""


def test_what_a_script_fits_measures_and_searches_is_noted_with_names(captured: Captured) -> None:
    ended = captured.run(
        DATA
        + """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import *
    from sklearn.model_selection import GridSearchCV, cross_val_score
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC
    def main(C):
        scaler = StandardScaler().fit(X_train)
        model = SVC(C=C).fit(X_train, y_train)
        pred = model.predict(X_test)
        a = accuracy_score(y_test, pred)
        b = f1_score(y_test, model.predict(X_test), average="macro")
        c = accuracy_score(y_train, model.predict(X_train))
        print(repr([float(one) for one in (a, b, c, model.score(X_test, y_test))]))
        confusion_matrix(y_test, pred), precision_recall_fscore_support(y_test, pred, average="macro")
        classification_report(y_test, pred, target_names=["se tosa", "ver", "vir"])
    main(2.5)
    LogisticRegression(max_iter=2).fit(X_train, y_train)
    GridSearchCV(SVC(), {"C": [0.01, 7]}).fit(X, y), cross_val_score(SVC(), X, y)
    """
    )
    assert ended.returncode == 0, ended.stderr
    assert captured.fitted() == ["StandardScaler", "SVC", "LogisticRegression", "GridSearchCV"]
    accuracy, f1, of_training, score = eval(ended.stdout)
    assert captured.values()[:4] == [
        ("accuracy_score", accuracy),
        ("f1_score", f1),
        ("accuracy_score (y_train)", of_training),
        ("SVC.score", score),
    ]
    assert captured.names()[4:] == ["GridSearchCV.best_score"]
    assert captured.parameters() == {
        "SVC.C": "2.5",
        "LogisticRegression.max_iter": "2",
        "GridSearchCV.estimator": "SVC()",
        "GridSearchCV.param_grid": "{'C': [0.01, 7]}",
        "GridSearchCV.best_params.C": "7",
    }
    assert captured.records() == {
        "confusion_matrix": "confusion_matrix",
        "classification_report": "table",
        "precision_recall_fscore_support": "table",
        "GridSearchCV.cv_results": "table",
        "cross_val_score (SVC)": "list",
    }
    tables = {str(one.get("name")): one.get("v") for one in captured.folder.records()}
    assert tables["classification_report"]["class"][:4] == ["se tosa", "ver", "vir", "accuracy"]  # type: ignore[index]
    assert tables["precision_recall_fscore_support"]["support"] == [None]  # type: ignore[index]
    assert [one["estimator"] for one in captured.documents("score ")] == ["SVC"] * 4
    assert [(one["category"], one["count"]) for one in captured.documents("warning ")] == [("ConvergenceWarning", 1)]
    assert captured.documents("model") == [{"class": "GridSearchCV", "path": "outputs/captured/GridSearchCV.joblib"}]
    assert captured.told() == ""


def test_what_libraries_and_own_estimators_do_inside_is_not_noted(captured: Captured) -> None:
    ended = captured.run(
        DATA
        + """
    import os
    from joblib import Parallel, delayed
    from sklearn.base import BaseEstimator, ClassifierMixin, clone
    from sklearn.ensemble import VotingClassifier
    from sklearn.metrics import accuracy_score, make_scorer
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.tree import DecisionTreeClassifier

    class Own(ClassifierMixin, BaseEstimator):
        def fit(self, X, y):
            self.classes_ = sorted(set(y))
            self.inner_ = DecisionTreeClassifier().fit(X, y)
            self.inner_.score(X, y)
            return self
        def predict(self, X):
            return self.inner_.predict(X)

    class Trainer:
        def fit(self):
            return DecisionTreeClassifier(max_depth=3).fit(X, y)

    def scored(truth, answer):
        return accuracy_score(truth, answer)

    make_pipeline(StandardScaler(), Own()).fit(X, y)
    VotingClassifier([("a", Own()), ("b", DecisionTreeClassifier())]).fit(X, y)
    cross_val_score(Own(), X, y, scoring=make_scorer(scored))
    Trainer().fit()
    Parallel(n_jobs=2)(delayed(Own().fit)(X, y) for _ in range(2))
    if os.fork() == 0:
        DecisionTreeClassifier().fit(X, y).score(X, y)
        os._exit(0)
    os.wait()
    """
    )
    assert ended.returncode == 0, ended.stderr
    assert captured.fitted() == ["Pipeline", "VotingClassifier", "DecisionTreeClassifier"]
    assert captured.names() == []
    assert captured.parameters()["DecisionTreeClassifier.max_depth"] == "3"


def test_an_estimator_of_the_scripts_own_is_noted_when_its_base_fits_it_or_it_is_scored(captured: Captured) -> None:
    ended = captured.run(
        DATA
        + """
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.svm import SVC

    class Mine(SVC):
        def fit(self, X, y, sample_weight=None):
            return super().fit(X, y, sample_weight)

    class Constant(ClassifierMixin, BaseEstimator):
        def fit(self, X, y):
            self.answer_ = y[0]
            return self
        def predict(self, X):
            return [self.answer_] * len(X)

    Mine(C=3).fit(X, y)
    Constant().fit(X, y).score(X, y)
    """
    )
    assert ended.returncode == 0, ended.stderr
    assert captured.fitted() == ["Mine", "Constant"]
    assert captured.names() == ["Constant.score"]
    assert captured.documents("model") == [], "no other program could load it"


def test_nothing_changes_for_scripts_of_ten_habits(captured: Captured, tmp_path: Path) -> None:
    left: dict[str, dict[str, str]] = {}
    for capture in ("off", "on"):
        # The same path, as it stands in tracebacks and warnings.
        place = tmp_path / "scripts"
        for name, source in SCRIPTS.items():
            (place / name).mkdir(parents=True)
            (place / name / "train.py").write_text(source)
        ended = captured.start([sys.executable, str(PLAYER), str(place)], tmp_path, DESKTOP_AML_CAPTURE=capture)
        assert ended.returncode == 0, ended.stderr
        left[capture] = {
            str(path.relative_to(place)): digest(path) for path in sorted(place.rglob("*")) if path.is_file()
        }
        place.rename(tmp_path / capture)
    differing = [name for name, text in left["off"].items() if left["on"].get(name) != text]
    shown = [(tmp_path / "on" / name).read_text()[-3000:] for name in differing if "/" not in name]
    assert (differing, set(left["on"])) == ([], set(left["off"])), "\n".join(shown)
    assert len(captured.fitted()) > 40
    assert captured.told() == ""


def digest(path: Path) -> str:
    """Return what a file says; how often and in which order workers of joblib warn is theirs to say."""
    data = path.read_bytes()
    return hashlib.sha256(b"".join(sorted(set(data.splitlines()))) if path.name == "err-joblib" else data).hexdigest()


def test_what_cannot_be_noted_is_told_in_the_log_of_the_launcher_alone(captured: Captured) -> None:
    source = """
    import os
    from sklearn.svm import SVC
    from desktop_aml_run.capture import describing
    describing.parameters = None
    m = SVC().fit([[0], [1]], [0, 1])
    print(m.score([[0], [1]], [0, 1]))
    """
    ended = captured.run(source)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "1.0\n", "")
    assert "something was not captured, TypeError in estimators.py" in captured.told()
    assert captured.names() == ["SVC.score"], "the rest is noted"


def test_a_model_that_the_script_saved_itself_is_not_saved_again(captured: Captured, tmp_path: Path) -> None:
    elsewhere = tmp_path / "model.pkl"
    source = f"""
    import pickle
    from sklearn.svm import SVC
    with open({str(elsewhere)!r}, "wb") as stream:
        pickle.dump(SVC().fit([[0], [1]], [0, 1]), stream)
    """
    ended = captured.run(source)
    assert (ended.returncode, captured.fitted(), captured.documents("model")) == (0, ["SVC"], [])
    assert b"desktop_aml" not in elsewhere.read_bytes()


def test_a_kept_model_is_what_was_fitted_last_and_knows_nothing_of_us(captured: Captured) -> None:
    ended = captured.run("""
    from sklearn.linear_model import LinearRegression, Ridge
    from sklearn.preprocessing import StandardScaler
    def main():
        Ridge().fit([[0.0], [1.0]], [0, 1])
        m = LinearRegression().fit([[0.0], [1.0]], [1, 3])
        StandardScaler().fit([[0.0]])
        m.coef_ = None
    main()
    """)
    assert (ended.returncode, ended.stderr) == (0, "")
    (path,) = (captured.path / "snapshot/outputs/captured").iterdir()
    assert path.name == "LinearRegression.joblib"
    asked = [sys.executable, "-c", f"import joblib; print(joblib.load({str(path)!r}).predict([[2.0]]))"]
    answer = subprocess.run(asked, capture_output=True, text=True, env={"PATH": os.environ["PATH"]}, check=True)
    assert answer.stdout == "[5.]\n"
    assert b"desktop_aml" not in path.read_bytes()


@pytest.mark.parametrize("source", ["print(1)", "import sklearn.base, sys; raise SystemExit(3)"])
def test_what_has_nothing_to_note_leaves_nothing(captured: Captured, source: str) -> None:
    captured.run(source)
    assert (captured.folder.records(), captured.told()) == ([], "")


def test_without_the_wish_nothing_is_noted(captured: Captured) -> None:
    source = "from sklearn.svm import SVC\nSVC().fit([[0], [1]], [0, 1])"
    captured.run(source, DESKTOP_AML_CAPTURE="off")
    assert captured.folder.records() == []


WAYS_IN = """
import inspect, sys, warnings
sys.path.insert(0, {site!r})
from desktop_aml_run.capture import noting
from desktop_aml_run.capture.call_sites import first_argument
from desktop_aml_run.capture.watched import watch

class Notes:
    def watch(self, see, *args):
        see(*args)

seen = []
def see(frame, result, args, keywords):
    seen.append((result, args, keywords, first_argument(frame)))

def plain(a, b=2, *rest, c=3, **more):
    "what it says"
    return (a, b, rest, c, more)
def closed():
    kept = 7
    def inner(x):
        return kept + x
    return inner
def warns():
    warnings.warn("here", stacklevel=2)
def fails(x):
    raise ValueError(x)
inner = closed()
looks = [(inspect.signature(one), inspect.getsource(one), one.__doc__, one.__name__) for one in (plain, inner)]
ids = id(plain)
for one in (plain, inner, warns, fails):
    assert watch(one, see, Notes())
assert looks == [(inspect.signature(one), inspect.getsource(one), one.__doc__, one.__name__) for one in (plain, inner)]
value, other = 5, [1]
def caller(mine):
    plain(mine, *other)
    return plain(mine, value, c=len(other))
assert plain(value) == (5, 2, (), 3, {{}})
assert plain(other[0], b=value, z=1) == (1, 5, (), 3, {{"z": 1}})
assert caller(9) == (9, 5, (), 1, {{}})
assert inner(value) == 12
assert [one[3] for one in seen] == ["value", "", "", "mine", "value"], seen
assert seen[1][:3] == ((1, 5, (), 3, {{"z": 1}}), (1, 5), {{"z": 1}}), seen[1]
try:
    plain()
except TypeError as error:
    print(error)
with warnings.catch_warnings(record=True) as shown:
    warnings.simplefilter("always")
    warns(); line = inspect.currentframe().f_lineno
assert shown[0].lineno == line, (shown[0].filename, shown[0].lineno)
try:
    fails(1)
except ValueError as error:
    names = []
    entry = error.__traceback__
    while entry is not None:
        names.append(entry.tb_frame.f_code.co_name)
        entry = entry.tb_next
if sys.version_info >= (3, 11):
    assert names == ["<module>", "fails"], names
import pickle
assert pickle.loads(pickle.dumps(plain)) is plain and id(plain) == ids
"""


def test_a_watched_function_is_what_it_was(python: str, tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(WAYS_IN.format(site=str(SITE)))
    ended = subprocess.run([python, "-B", script], capture_output=True, text=True, cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "plain() missing 1 required positional argument: 'a'" in ended.stdout


def test_a_run_in_an_interpreter_that_was_warm_before_is_captured_alike(captured: Captured) -> None:
    ended = captured.run(
        """
    import os; os.environ["DESKTOP_AML_CAPTURE"] = "on"
    import sklearn.svm, sklearn.linear_model, sklearn.metrics
    from desktop_aml_run import capture; capture.prepare(); capture.begin(os.environ["DESKTOP_AML_RUN_DIR"])
    from sklearn.model_selection import GridSearchCV
    sklearn.linear_model.LogisticRegression(C=3).fit([[0], [1]], [0, 1])
    search = GridSearchCV(sklearn.svm.SVC(), {"C": [1]}, cv=2).fit([[0], [1]] * 4, [0, 1] * 4)
    print(sklearn.metrics.accuracy_score([0, 1], search.predict([[0], [1]])))
    part = sklearn.linear_model.SGDClassifier(alpha=0.1)
    [part.set_params(alpha=a).partial_fit([[0], [1]], [0, 1], classes=[0, 1]) for a in (part.alpha,) * 2 + (0.2,) * 2]
    """,
        DESKTOP_AML_CAPTURE="off",
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "1.0\n", "")
    assert captured.fitted() == ["LogisticRegression", "GridSearchCV", "SGDClassifier", "SGDClassifier"]
    assert captured.names() == ["GridSearchCV.best_score", "accuracy_score"]


def test_the_kernel_of_a_notebook_is_the_script_and_what_it_starts_is_not(captured: Captured) -> None:
    asks = """
    import os, subprocess, sys
    from desktop_aml_run import capture
    print(capture.is_wanted(os.environ["DESKTOP_AML_RUN_DIR"]), flush=True)
    if len(sys.argv) < 3:
        sys.exit(subprocess.call([sys.executable, *sys.argv, "x"]))
    """
    assert captured.run(asks).stdout.split() == ["True", "False", "False"]
    assert captured.run(asks, DESKTOP_AML_NOTEBOOK="executed").stdout.split() == ["True", "True", "False"]
