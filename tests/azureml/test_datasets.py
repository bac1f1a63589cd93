"""Datasets and datastores, as Azure ML code outside a run uses them."""

from __future__ import annotations

import functools
import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_aml.workspace import Workspace
from tests.inside_run.conftest import SITE, interpreters

Say = Callable[..., object]

START = """
import json, os, sys
from azureml.core import Dataset, Datastore, Workspace
from azureml.exceptions import UserErrorException
ws = Workspace.from_config({workspace!r})
store = Datastore.get_default(ws)
def say(value):
    print("ANSWER " + json.dumps(value, default=str))
def refused(act, *arguments, **options):
    try:
        act(*arguments, **options)
    except (UserErrorException, NotImplementedError) as error:
        return getattr(error, "message", str(error))
"""

ROWS = """id,price,name,ok,day,code
1,2.5,ann,true,2019-05-01,7
2,,bob,False,2019-05-02,NA
3,4,,TRUE,2019-06-30,9
"""


@pytest.fixture
def said(tmp_path: Path, workspace: Workspace) -> Say:
    """Return what runs Azure ML code in a folder of its own, and gives what the code says."""
    folder = tmp_path / "client"
    folder.mkdir()

    def run(code: str, python: str = sys.executable) -> object:
        done = subprocess.run(
            [python, "-c", START.format(workspace=str(workspace.path)) + code],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(SITE), "DESKTOP_AML_PYTHON": sys.executable},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        answers = [line.removeprefix("ANSWER ") for line in done.stdout.splitlines() if line.startswith("ANSWER ")]
        return json.loads(answers[-1])

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder that the code runs in, with a table in it."""
    path = tmp_path / "client"
    path.mkdir(exist_ok=True)
    (path / "rows.csv").write_text(ROWS)
    return path


def test_types_are_found_as_azure_finds_them(said: Say, folder: Path) -> None:
    types, rows = said(
        "frame = Dataset.Tabular.from_delimited_files('rows.csv').to_pandas_dataframe()\n"
        "say([{c: t.kind for c, t in frame.dtypes.items()}, json.loads(frame.to_json(orient='values'))])"
    )
    assert types == {"id": "i", "price": "f", "name": "O", "ok": "b", "day": "M", "code": "f"}
    assert [row[:4] for row in rows] == [[1, 2.5, "ann", True], [2, None, "bob", False], [3, 4.0, None, True]]
    assert [row[5] for row in rows] == [7, None, 9]


def test_without_inference_everything_is_text(said: Say, folder: Path) -> None:
    rows = said(
        "data = Dataset.Tabular.from_delimited_files('rows.csv', infer_column_types=False, empty_as_string=True)\n"
        "say(data.to_pandas_dataframe().values.tolist()[1])"
    )
    assert rows == ["2", "", "bob", "False", "2019-05-02", "NA"]


def test_a_script_may_say_the_types(said: Say, folder: Path) -> None:
    types, values, failure = said(
        "from azureml.data.dataset_factory import DataType\n"
        "def read(on_error, **types):\n"
        "    data = Dataset.Tabular.from_delimited_files('rows.csv', set_column_types=types)\n"
        "    return data.to_pandas_dataframe(on_error=on_error)\n"
        "frame = read('null', id=DataType.to_string(), code=DataType.to_float(), name=DataType.to_long(),\n"
        "             day=DataType.to_datetime('%Y-%m-%d'), ok=DataType.to_bool())\n"
        "say([{c: t.kind for c, t in frame.dtypes.items()}, [frame.id.tolist(), frame.name.isnull().tolist()],\n"
        "     refused(read, 'fail', name=DataType.to_float())])"
    )
    assert (types["id"], types["code"], types["day"], types["ok"]) == ("O", "f", "M", "b")
    assert values == [["1", "2", "3"], [True, True, True]]
    assert "type 'float'" in failure


@pytest.mark.parametrize(
    ("options", "columns", "rows"),
    [("", ["a", "b"], 2), ("header=False", ["Column1", "Column2"], 4), ("header=1", ["a", "b"], 3)],
)
def test_the_first_line_may_be_a_header(said: Say, folder: Path, options: str, columns: list[str], rows: int) -> None:
    (folder / "x1.tsv").write_text("a;b\n1;2\n")
    (folder / "x2.tsv").write_text("a;b\n3;4\n")
    found, count = said(
        f"data = Dataset.Tabular.from_delimited_files('x*.tsv', separator=';', {options})\n"
        "frame = data.to_pandas_dataframe()\nsay([list(frame.columns), len(frame)])"
    )
    assert (found, count) == (columns, rows)


def test_rows_and_columns_are_chosen_lazily(said: Say, folder: Path) -> None:
    (folder / "n.csv").write_text("n,m\n" + "".join(f"{n},{n % 3}\n" for n in range(200)))
    assert said(
        "data = Dataset.Tabular.from_delimited_files('n.csv')\n"
        "def ns(data): return data.to_pandas_dataframe()['n'].tolist()\n"
        "left, right = data.random_split(0.7, seed=5)\n"
        "few = data.filter((data['n'] >= 10) & ~(data['m'] == 1) | (data['n'] == 0)).take(4)\n"
        "os.rename('n.csv', 'moved.csv')\n"
        "gone = refused(data.to_pandas_dataframe)\n"
        "os.rename('moved.csv', 'n.csv')\n"
        "say([ns(data.skip(195).take(2)), ns(few), sorted(ns(left) + ns(right)) == list(range(200)),\n"
        "     100 < len(ns(left)) < 180, ns(left) == ns(left), 20 < len(ns(data.take_sample(0.3, seed=1))) < 100,\n"
        "     list(data.drop_columns('m').to_pandas_dataframe().columns),\n"
        "     list(data.keep_columns(['m']).to_pandas_dataframe().columns),\n"
        "     refused(data.keep_columns('k').to_pandas_dataframe)[:35], gone is not None])"
    ) == [
        [195, 196],
        [0, 11, 12, 14],
        True,
        True,
        True,
        True,
        ["n"],
        ["m"],
        "The dataset has no column ['k']: ['",
        True,
    ]


def test_a_datastore_is_a_folder_of_the_workspace(said: Say, folder: Path, workspace: Workspace) -> None:
    (folder / "deep").mkdir()
    (folder / "deep" / "more.csv").write_text("a\n1\n")
    name, kind, count, again = said(
        "store.upload_files(['./rows.csv', './deep/more.csv'], target_path='flowers/', overwrite=True)\n"
        "store.upload('deep', target_path='flowers2')\n"
        "with open('deep/more.csv', 'w') as out: out.write('changed')\n"
        "store.upload(src_dir='deep', target_path='flowers2', overwrite=False, show_progress=False)\n"
        "say([store.name, store.datastore_type, store.download('back', prefix='flowers2'),\n"
        "     open('back/flowers2/more.csv').read()])"
    )
    assert (name, kind, count, again) == ("workspaceblobstore", "AzureBlob", 1, "a\n1\n")
    assert (workspace.datasets.datastore() / "flowers" / "deep" / "more.csv").read_text() == "a\n1\n"


def test_versions_are_kept_in_the_workspace(said: Say, folder: Path, workspace: Workspace) -> None:
    answers = said(
        "store.upload_files(['rows.csv'], target_path='t')\n"
        "data = Dataset.Tabular.from_delimited_files(path=(store, 't/*.csv'))\n"
        "one = data.register(workspace=ws, name='rows of May', description='all', tags={'month': 5})\n"
        "same = data.register(ws, 'rows of May')\n"
        "clash = refused(data.take(1).register, ws, 'rows of May')\n"
        "two = data.take(1).register(ws, 'rows of May', create_new_version=True)\n"
        "found = Dataset.get_by_name(ws, name='rows of May')\n"
        "old = Dataset.get_by_name(ws, 'rows of May', version=1)\n"
        "old.add_tags({'seen': True})\n"
        "say([one.version, same.version, clash, two.version, found.version, len(found.to_pandas_dataframe()),\n"
        "     len(old.to_pandas_dataframe()), sorted(ws.datasets), Dataset.get_by_id(ws, two.id).name,\n"
        "     [Dataset.get_by_name(ws, 'rows of May', version=1).tags, old.description],\n"
        "     'rows of May' in Dataset.get_all(ws), refused(Dataset.get_by_name, ws, 'absent'), data.name])"
    )
    assert [answers[0], answers[1], answers[3], answers[4]] == [1, 1, 2, 2]
    assert "create_new_version=True" in answers[2]
    assert answers[5:10] == [
        1,
        3,
        ["rows of May"],
        "rows of May",
        [{"month": "5", "seen": "True"}, "all"],
    ]
    assert answers[10] is True
    assert "There is: rows of May" in answers[11]
    assert answers[12] is None
    assert workspace.datasets.get("rows of May").version == 2


def test_a_change_of_the_files_after_the_registration_is_told(said: Say, folder: Path) -> None:
    code = (
        "import io, contextlib\n"
        "heard = io.StringIO()\n"
        "with contextlib.redirect_stderr(heard):\n"
        "    Dataset.get_by_name(ws, 'rows').to_pandas_dataframe()\n"
        "say(heard.getvalue())"
    )
    said("say(Dataset.Tabular.from_delimited_files('rows.csv').register(ws, 'rows').version)")
    assert said(code) == ""
    (folder / "rows.csv").write_text(ROWS.replace("ann", "eve"))
    assert "have changed since it was registered" in str(said(code))


def test_a_table_of_pandas_comes_back_as_it_was(said: Say, folder: Path) -> None:
    assert said(
        "import pandas as pd\n"
        "frame = pd.DataFrame({'n': [1, 2], 'x': [0.1, float('nan')], 't': ['a', None], 'b': [True, False],\n"
        "                      'd': [pd.Timestamp('2020-01-01'), pd.Timestamp('2020-01-02 03:04:05.5')],\n"
        "                      'z': ['01', '02']})\n"
        "kept = Dataset.Tabular.register_pandas_dataframe(frame, (store, 'frames'), 'frame', show_progress=False)\n"
        "back = Dataset.get_by_name(ws, 'frame').to_pandas_dataframe()\n"
        "say([kept.version, {c: t.kind for c, t in back.dtypes.items()}, back.z.tolist(), back.x.tolist()[0],\n"
        "     (back.d == frame.d).all().item(), back.t.tolist()])"
    ) == [1, {"n": "i", "x": "f", "t": "O", "b": "b", "d": "M", "z": "O"}, ["01", "02"], 0.1, True, ["a", None]]


def test_json_lines_are_a_table(said: Say, folder: Path) -> None:
    (folder / "rows.jsonl").write_text('{"a": 1, "t": "2020-01-01"}\nnot json\n{"a": 2.5}\n')
    assert said(
        "make = Dataset.Tabular.from_json_lines_files\n"
        "say([make('rows.jsonl', invalid_lines='drop').to_pandas_dataframe()['a'].tolist(),\n"
        "     refused(make('rows.jsonl').to_pandas_dataframe)])"
    ) == [[1.0, 2.5], f"The file {folder}/rows.jsonl cannot be read: line 2 is not JSON: " + _json_words()]


def _json_words() -> str:
    try:
        json.loads("not json\n")
    except ValueError as error:
        return str(error)
    raise AssertionError


def test_paths_give_columns(said: Say, folder: Path) -> None:
    (folder / "cz" / "2019").mkdir(parents=True)
    (folder / "cz" / "2019" / "rows.csv").write_text("a\n1\n")
    assert said(
        "data = Dataset.Tabular.from_delimited_files('**/2019/*.csv', include_path=True,\n"
        "    partition_format='/{country}/{year:yyyy}/rows.csv')\n"
        "say([[str(value) for value in row] for row in data.to_pandas_dataframe().values.tolist()])"
    ) == [["/cz/2019/rows.csv", "1", "cz", "2019-01-01 00:00:00"]]


def test_columns_of_paths_may_begin_before_the_first_wildcard(said: Say, folder: Path) -> None:
    (folder / "cz" / "2019").mkdir(parents=True)
    (folder / "cz" / "2019" / "rows.csv").write_text("a\n1\n")
    assert said(
        "data = Dataset.Tabular.from_delimited_files('cz/*/rows.csv', partition_format='cz/{year:yyyy}/rows.csv')\n"
        "say([[str(value) for value in row] for row in data.to_pandas_dataframe().values.tolist()])"
    ) == [["1", "2019-01-01 00:00:00"]]


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Return the address of a web server of this computer, and the folder that it serves."""
    served = tmp_path / "web"
    served.mkdir()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(served))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", served
        server.shutdown()
        thread.join()


def test_an_address_is_fetched_once_and_then_read_from_its_saved_copy(
    said: Say, web: tuple[str, Path], workspace: Workspace
) -> None:
    address, served = web
    code = (
        "from azureml.data.dataset_factory import TabularDatasetFactory\n"
        f"make = lambda: TabularDatasetFactory.from_delimited_files('{address}/data/rows.csv').to_pandas_dataframe()\n"
    )
    place = workspace.path / "downloads" / address.removeprefix("http://").replace(":", "_") / "data" / "rows.csv"
    refusal = str(said(code + "say(refused(make))"))
    assert "cannot be fetched: HTTP Error 404" in refusal
    assert f"Save it as {place} and run this again." in refusal
    assert not place.exists()
    (served / "data").mkdir()
    (served / "data" / "rows.csv").write_text(ROWS)
    assert said(code + "say(len(make()))") == 3
    (served / "data" / "rows.csv").unlink()
    assert said(code + "say(len(make()))") == 3
    assert [path.name for path in place.parent.iterdir()] == ["rows.csv"]


def test_a_path_that_names_nothing_is_refused_at_once(said: Say, folder: Path) -> None:
    assert "names no file" in str(said("say(refused(Dataset.Tabular.from_delimited_files, (store, 'absent/*.csv')))"))


@pytest.mark.parametrize("python", interpreters().values(), ids=interpreters())
def test_files_are_shown_and_copied_by_every_python(said: Say, folder: Path, python: str) -> None:
    (folder / "images" / "a").mkdir(parents=True)
    for number in range(3):
        (folder / "images" / "a" / f"{number}.bin").write_bytes(bytes([number]))
    assert said(
        "data = Dataset.File.upload_directory('images', (store, 'pictures'), show_progress=False)\n"
        "data = data.register(ws, 'pictures', create_new_version=True)\n"
        "places = data.download('here')\n"
        "with data.mount() as whole:\n"
        "    seen = sorted(os.listdir(os.path.join(whole.mount_point, 'a')))\n"
        "mounted = data.take(1).mount()\n"
        "mounted.start()\n"
        "first = os.listdir(os.path.join(mounted.mount_point, 'a'))\n"
        "mounted.stop()\n"
        "say([data.to_path(), [os.path.relpath(place) for place in places], seen, first,\n"
        "     os.path.exists(mounted.mount_point), 'exists already' in refused(data.download, 'here'),\n"
        "     data.skip(2).to_path(), data.version, 'as_mount' in refused(data.as_hdfs)])",
        python,
    ) == [
        ["/a/0.bin", "/a/1.bin", "/a/2.bin"],
        ["here/a/0.bin", "here/a/1.bin", "here/a/2.bin"],
        ["0.bin", "1.bin", "2.bin"],
        ["0.bin"],
        False,
        True,
        ["/a/2.bin"],
        1,
        True,
    ]


def test_a_table_is_written_as_files_of_the_default_datastore(azure, project: Path) -> None:
    from azureml.core import Dataset

    pytest.importorskip("pandas")
    (project / "rows.csv").write_text("a,b\n1,x\n2,y\n3,z\n")
    store = azure.get_default_datastore()
    store.upload_files(["rows.csv"], show_progress=False)
    table = Dataset.Tabular.from_delimited_files((store, "rows.csv"))
    files = table.filter(table["a"] > 1).to_csv_files(separator=";")
    (path,) = files.download("out")
    assert Path(path).read_text() == "a;b\n2;y\n3;z\n"
    assert files.register(azure, "written").version == 1


def test_the_rows_of_the_last_days_are_those_before_now(azure, project: Path) -> None:
    from datetime import UTC, datetime, timedelta

    from azureml.core import Dataset

    now = datetime.now(UTC).replace(tzinfo=None)
    days = [now - timedelta(days=3), now - timedelta(hours=5), now + timedelta(days=1)]
    (project / "rows.csv").write_text(
        "at,n\n" + "".join(f"{day:%Y-%m-%d %H:%M:%S},{n}\n" for n, day in enumerate(days))
    )
    table = Dataset.Tabular.from_delimited_files("rows.csv").with_timestamp_columns("at")
    assert table.time_recent(timedelta(days=1)).to_pandas_dataframe()["n"].tolist() == [1]


def test_lines_are_one_column_where_the_separator_is_the_end_of_a_line(azure, project: Path) -> None:
    from azureml.core import Dataset
    from azureml.data.dataset_type_definitions import PromoteHeadersBehavior

    lines = ['{"data": [[1, 2]], "name": "a,b"}', '{"data": "\\"x"}', "12"]
    (project / "requests.txt").write_text("\n".join([*lines, "", ""]))
    none = PromoteHeadersBehavior.NO_HEADERS
    table = Dataset.Tabular.from_delimited_files("requests.txt", separator="\n", header=none).to_pandas_dataframe()
    assert table["Column1"].tolist() == lines
    (project / "requests.txt").write_text("request\r\n1\r\n2\r\n")
    table = Dataset.Tabular.from_delimited_files("requests.txt", separator="\n").to_pandas_dataframe()
    assert table["request"].tolist() == [1, 2]
