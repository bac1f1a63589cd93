"""Arguments, words and methods of 2018 to 2021 mean on newer libraries what they meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inside_run.script_bench import Bench

DATA = """
import numpy as np
from sklearn.datasets import load_diabetes, load_wine
rows, target = load_diabetes(return_X_y=True)
rows, target = rows[:120], target[:120]
many, classes = load_wine(return_X_y=True)
"""
WORDS = [
    ("ensemble.GradientBoostingRegressor", "loss='ls'", "loss='squared_error'"),
    ("ensemble.GradientBoostingRegressor", "loss='lad'", "loss='absolute_error'"),
    ("ensemble.GradientBoostingRegressor", "presort='auto', min_impurity_split=None", ""),
    ("ensemble.GradientBoostingClassifier", "loss='deviance'", "loss='log_loss'"),
    ("ensemble.HistGradientBoostingRegressor", "loss='least_squares'", "loss='squared_error'"),
    ("ensemble.RandomForestRegressor", "criterion='mse', max_features='auto'", "max_features=1.0"),
    ("ensemble.RandomForestRegressor", "criterion='mae'", "criterion='absolute_error'"),
    ("ensemble.RandomForestClassifier", "max_features='auto', min_impurity_split=None", "max_features='sqrt'"),
    ("ensemble.AdaBoostClassifier", "base_estimator=None, algorithm='SAMME'", ""),
    ("ensemble.IsolationForest", "behaviour='new'", ""),
    ("tree.DecisionTreeRegressor", "criterion='mse', presort=False", ""),
    ("tree.DecisionTreeClassifier", "max_features='auto'", "max_features='sqrt'"),
    ("linear_model.SGDClassifier", "loss='log', penalty='none'", "loss='log_loss', penalty=None"),
    ("linear_model.SGDRegressor", "loss='squared_loss'", "loss='squared_error'"),
    ("linear_model.LassoCV", "n_alphas=7", "alphas=7"),
    ("svm.SVC", "gamma='auto_deprecated'", "gamma='auto'"),
]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_old_words_of_estimators_give_the_model_of_the_new_ones(bench):
    checks = "\n".join(f"check({owner}, dict({old}), dict({new}))" for owner, old, new in WORDS)
    out, err = bench.good(
        DATA
        + """
from sklearn import ensemble, linear_model, svm, tree
from sklearn.base import clone, is_classifier
def check(owner, old, new):
    known = owner().get_params()
    def trained(arguments):
        fixed = {"random_state": 0, "n_estimators": 5}
        made = owner(**arguments, **{name: value for name, value in fixed.items() if name in known})
        return clone(made).fit(*((many, classes) if is_classifier(made) else (rows, target)))
    given = many if is_classifier(owner()) else rows
    same = (trained(old).predict(given) == trained(new).predict(given)).all()
    print(owner.__name__, same, set(old) & set(new) <= set(trained(old).get_params()))
"""
        + checks
    )
    assert out.splitlines() == [f"{owner.partition('.')[2]} True True" for owner, _, _ in WORDS]
    assert "GradientBoostingRegressor(loss='ls')" in err
    assert "RandomForestRegressor(criterion='mse')" in err


@pytest.mark.parametrize(
    ("call", "pin"),
    [
        ("ensemble.AdaBoostClassifier(algorithm='SAMME.R')", "scikit-learn<1.6"),
        ("ensemble.RandomForestClassifier(min_impurity_split=0.1)", "scikit-learn<1.0"),
        ("ensemble.IsolationForest(behaviour='old')", "scikit-learn<0.24"),
        ("model_selection.GridSearchCV(None, {}, iid=True)", "scikit-learn<0.24"),
    ],
)
def test_an_old_argument_that_would_change_the_result_names_the_version_to_pin(bench, call, pin):
    ended = bench.run(f"from sklearn import ensemble, model_selection\n{call}\n")
    assert ended.returncode == 1
    assert f"pin {pin}" in ended.stderr


def test_clusters_folds_and_searches_take_what_they_took(bench):
    out, err = bench.good(
        DATA
        + """
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.linear_model import LogisticRegression, RANSACRegressor, LinearRegression
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold, cross_val_score
a = KMeans(3, n_jobs=-1, precompute_distances="auto", algorithm="full", random_state=0, n_init=2).fit(many)
b = KMeans(3, algorithm="lloyd", random_state=0, n_init=2).fit(many)
print((a.labels_ == b.labels_).all(), AgglomerativeClustering(affinity="l1", linkage="average").metric)
print([int(test[0]) for _, test in KFold(n_splits=3, random_state=7).split(rows)])
print(StratifiedKFold(2, random_state=1).random_state)
print(KFold(n_splits=3, shuffle=True, random_state=7).random_state)
print(GridSearchCV(LogisticRegression(), {"C": [1]}, iid=False, cv=2).fit(rows, target > 100).best_params_)
print(len(cross_val_score(LinearRegression(), rows, target, cv=3, fit_params=None)))
print(RANSACRegressor(base_estimator=LinearRegression(), loss="absolute_loss").get_params(deep=False)["loss"])
"""
    )
    assert out.splitlines() == ["True l1", "[0, 40, 80]", "None", "7", "{'C': 1}", "3", "absolute_error"]
    assert "KFold(random_state=) without shuffle" in err


def test_names_of_features_and_scores_are_found(bench):
    out, _ = bench.good("""
        import pandas as pd
        from sklearn import metrics
        from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
        from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures
        words = CountVectorizer().fit(["a bb", "cc bb"])
        print(words.get_feature_names(), TfidfVectorizer().fit(["dd"]).get_feature_names())
        colours = OneHotEncoder().fit(pd.DataFrame({"colour": ["red", "blue"]}))
        print(colours.get_feature_names(), colours.get_feature_names(["c"]), list(colours.feature_names_in_))
        print(PolynomialFeatures(2).fit([[1, 2]]).get_feature_names(["a", "b"]))
        print("accuracy" in metrics.SCORERS, metrics.calinski_harabaz_score is metrics.calinski_harabasz_score)
    """)
    assert out.splitlines() == [
        "['bb', 'cc'] ['dd']",
        "['x0_blue', 'x0_red'] ['c_blue', 'c_red'] ['colour']",
        "['1', 'a', 'b', 'a^2', 'a b', 'b^2']",
        "True True",
    ]


def test_tables_take_what_they_took(bench):
    out, err = bench.good("""
        import io
        import pandas as pd
        table = pd.DataFrame({"a": [1.0, None, 4.0], "b": [3, 2, 1], "c": ["x", "y", "x"]})
        print(list(table.drop("a", 1).columns), list(table.isnull().any(1)), len(pd.concat([table, table], 1).columns))
        print(table.mean().to_dict(), table.corr().shape, table.groupby("b").mean().shape, table["b"].mad())
        print(table.fillna(method="ffill")["a"].tolist(), table["a"].fillna(method="bfill").tolist())
        print(table.sort_values("b", 0, False)["b"].tolist(), pd.np.pi > 3, pd.datetime(2020, 1, 2).day)
        text = "a,b\\n1,2\\n1,2,3\\n"
        print(len(pd.read_csv(io.StringIO(text), error_bad_lines=False)))
        print(len(pd.read_csv(io.StringIO("a b\\n1 2"), " ")))
        days = pd.Series(range(60), index=pd.date_range("2020-01-01", periods=60, freq="24H"))
        print(days.resample("M").sum().tolist(), days.resample("2W-SUN").sum().size)
        print(pd.Series(days.index).dt.week.tolist()[:6], table.to_csv(line_terminator=";", index=False, columns=["b"]))
        print(pd.to_datetime("2020-01-03", infer_datetime_format=True).day, pd.io.json.json_normalize({"a": 1}).shape)
    """)
    assert out.splitlines() == [
        "['b', 'c'] [False, True, False] 6",
        "{'a': 2.5, 'b': 2.0} (2, 2) (3, 1) 0.6666666666666666",
        "[1.0, 1.0, 4.0] [1.0, 4.0, 4.0]",
        "[3, 2, 1] True 2",
        "1",
        "1",
        "[465, 1305] 5",
        "[1, 1, 1, 1, 1, 2] b;3;2;1;",
        "3 (1, 1)",
    ]
    assert "DataFrame.drop(axis by position)" in err
    assert "DataFrame.corr of columns that are no numbers" in err


APPENDED = [
    ("plain.append([{'a': 3}, {'a': 4}])", "[1, 2, 3, 4] [0, 1, 0, 1] [None]"),
    ("plain.append([{'a': 3}, {'a': 4}], ignore_index=True)", "[1, 2, 3, 4] [0, 1, 2, 3] [None]"),
    ("plain.append([pd.Series({'a': 3}, name='r')])", "[1, 2, 3] [0, 1, 'r'] [None]"),
    ("plain.append((plain, plain))", "[1, 2, 1, 2, 1, 2] [0, 1, 0, 1, 0, 1] [None]"),
    ("plain.append([])", "[1, 2] [0, 1] [None]"),
    ("named.append(pd.Series({'a': 3}, name='z'))", "[1, 2, 3] ['x', 'y', 'z'] ['key']"),
    ("named.append([{'a': 3}])", "[1, 2, 3] ['x', 'y', 0] ['key']"),
    ("deep.append(pd.Series({'a': 3}, name=('z', 9)))", "[1, 2, 3] [('x', 1), ('y', 2), ('z', 9)] ['key', 'n']"),
    *((f"plain.append({other})", "TypeError") for other in ("5", "'ab'", "np.ones(2)", "({'a': 3},)", "[plain, 5]")),
    ("plain.a.append(plain)", "TypeError"),
    ("plain.a.append([plain.a, plain])", "TypeError"),
]
"""What pandas 1.5.3 itself answers: the values, the index, its names."""


def test_rows_are_appended_as_pandas_did_it(bench):
    checks = "\n".join(f"show(lambda: {call})" for call, _ in APPENDED)
    out, _ = bench.good(
        """
import numpy as np, pandas as pd
plain = pd.DataFrame({"a": [1, 2]})
named = plain.set_axis(pd.Index(["x", "y"], name="key"))
deep = plain.set_axis(pd.MultiIndex.from_tuples([("x", 1), ("y", 2)], names=["key", "n"]))
def show(call):
    try:
        got = call()
        print(got.a.tolist(), got.index.tolist(), list(got.index.names))
    except TypeError as error:
        print("TypeError")
"""
        + checks
        + """
wide = pd.DataFrame({"a": [1.0, None, 3.0], "b": [1.0, 2.0, 6.0], "t": ["p", "q", "r"]})
print(wide.mad().to_dict(), wide.mad(axis=1).tolist(), wide.a.mad(skipna=False))
print(pd.Series(pd.to_datetime(["2024-01-09"]), name="day").dt.week.to_frame().columns.tolist())
"""
    )
    *rows, deviations, week = out.splitlines()
    assert rows == [expected for _, expected in APPENDED]
    assert deviations == "{'a': 1.0, 'b': 2.0} [0.0, 0.0, 1.5] nan"
    assert week == "['day']"


def test_a_call_that_is_wrong_in_any_version_keeps_its_own_error(bench):
    ended = bench.run("""
        import pandas as pd
        try:
            pd.DataFrame({"c": ["x"]}).mean(axis="sideways")
        except ValueError as error:
            print(error, error.__suppress_context__ or error.__context__ is None)
        pd.date_range("2020", periods=2, freq="nonsense")
    """)
    assert ended.stdout == "No axis named sideways for object type DataFrame True\n"
    assert "Invalid frequency: nonsense" in ended.stderr
    assert "restored" not in ended.stderr


def test_code_of_a_library_gets_the_librarys_own_answer(bench):
    (bench.folder / "site-packages").mkdir()
    (bench.folder / "site-packages" / "somebody.py").write_text(
        "def drop(table):\n    try:\n        table.drop('a', 1)\n    except TypeError:\n        return 'refused'\n"
    )
    out, err = bench.good("""
        import sys
        sys.path.append("site-packages")
        import pandas as pd
        import somebody
        print(somebody.drop(pd.DataFrame({"a": [1]})))
    """)
    assert (out, err) == ("refused\n", "")


def test_what_stands_for_a_function_is_pickled_as_the_function_itself(bench):
    out, _ = bench.good("""
        import pickle
        import numpy as np
        import sklearn.metrics as metrics
        from sklearn.metrics import accuracy_score, get_scorer, make_scorer, mean_squared_error
        from sklearn.model_selection import cross_val_score
        for one in (accuracy_score, mean_squared_error, cross_val_score):
            assert pickle.loads(pickle.dumps(one)) is one
        for one in (make_scorer(accuracy_score), get_scorer("accuracy"), get_scorer("neg_mean_squared_error")):
            pickle.loads(pickle.dumps(one))
        open("scorer.pkl", "wb").write(pickle.dumps(accuracy_score))
        every = [getattr(metrics, name) for name in metrics.__all__]
        print([one.__name__ for one in every if callable(one) and pickle.loads(pickle.dumps(one)) is not one])
    """)
    assert out == "[]\n"
    elsewhere = "import pickle; print(pickle.load(open('scorer.pkl', 'rb'))([1, 0], [1, 1]))"
    assert bench.plainly(elsewhere) == "0.5\n"
