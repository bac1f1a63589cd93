"""A rule before an alias or a stage holds for MLflow's clients, in the terminal and by call alike."""

from __future__ import annotations

import json

import pytest

from desktop_aml.cli import main
from desktop_aml.domain.errors import InvalidInput, NotFound
from desktop_aml.workspace import Workspace
from tests.rest.conftest import Client

RULE = "accuracy not worse than champion, tag reviewed = yes"


def version(client: Client, workspace: Workspace, accuracy: float, tags: dict[str, str]) -> int:
    run_id = client.new_run()
    client.put_file(run_id, "model/model.pkl", b"pickled")
    made = workspace.models.register("iris", run_id=run_id, path="outputs/model/model.pkl", tags=tags)
    # Logged just now: whether the engine has it yet or not, it counts.
    client.post("/runs/log-metric", run_id=run_id, key="accuracy", value=accuracy, timestamp=1, step=0)
    return made.version


@pytest.fixture
def ruled(client: Client, workspace: Workspace) -> Workspace:
    """Three versions, of which the second is worse and the third was not reviewed; the first is the champion."""
    for accuracy, tags in ((0.9, {"reviewed": "yes"}), (0.8, {"reviewed": "yes"}), (0.95, {})):
        version(client, workspace, accuracy, tags)
    workspace.models.rules.set("iris", "champion", RULE)
    workspace.models.set_aliases("iris", {"champion": 1})
    return workspace


def test_an_alias_is_refused_and_given_by_its_rule(client: Client, ruled: Workspace) -> None:
    refused = client.post("/registered-models/alias", name="iris", alias="champion", version="2")
    assert (refused.status, refused.code) == (400, "INVALID_PARAMETER_VALUE")
    assert "accuracy is 0.8, that of version 1 is 0.9" in refused.json["message"]
    with pytest.raises(InvalidInput, match="it has no tag reviewed"):
        ruled.models.set_aliases("iris", {"other": 3, "champion": 3})
    assert ruled.models.aliases() == {"iris": {"champion": 1}}, "all of them or none"
    ruled.models.update("iris", 3, tags={"reviewed": "yes"})
    assert client.post("/registered-models/alias", name="iris", alias="champion", version="3").status == 200
    assert client.post("/registered-models/alias", name="iris", alias="free", version="2").status == 200
    assert ruled.models.aliases() == {"iris": {"champion": 3, "free": 2}}
    kept = [(one.version, one.target, one.passed, one.forced) for one in ruled.models.rules.checks("iris")]
    champion = "champion"
    assert kept == [
        (3, champion, True, False),
        (3, champion, False, False),
        (2, champion, False, False),
        (1, champion, True, False),
    ]
    assert ruled.models.set_aliases("iris", {"champion": 2}, force=True) == {"champion": 3}
    assert (ruled.models.rules.checks("iris")[0].forced, ruled.models.aliases()["iris"]["champion"]) == (True, 2)
    assert (
        client.send("DELETE", "/api/2.0/mlflow/registered-models/alias", {"name": "iris", "alias": "champion"}).status
        == 200
    )


def test_a_stage_has_rules_too(client: Client, ruled: Workspace) -> None:
    ruled.models.rules.set("iris", "stage:production", "accuracy >= 0.85, accuracy not worse than current")
    assert list(ruled.models.rules.of("iris")) == ["champion", "stage:Production"]
    move = {"name": "iris", "stage": "production", "archive_existing_versions": False}
    assert client.post("/model-versions/transition-stage", version="2", **move).status == 400
    assert client.post("/model-versions/transition-stage", version="3", **move).status == 200
    with pytest.raises(InvalidInput, match="accuracy not worse than current"):
        ruled.models.set_stage("iris", 1, "Production")
    assert ruled.models.set_stage("iris", 1, "staging") == "None"
    assert [ruled.models.stage("iris", one) for one in (1, 2, 3)] == ["Staging", "None", "Production"]
    assert (
        client.get("/model-versions/get", name="iris", version="1").json["model_version"]["current_stage"] == "Staging"
    )


def test_rules_that_make_no_sense_are_refused(ruled: Workspace) -> None:
    for target, rule in (
        ("v1", "loss < 1"),
        ("stage:Gone", "loss < 1"),
        ("champion", "good"),
        ("champion", "rows better than x"),
    ):
        with pytest.raises(InvalidInput):
            ruled.models.rules.set("iris", target, rule)
    with pytest.raises(NotFound):
        ruled.models.rules.set("gone", "champion", "loss < 1")
    assert ruled.models.rules.of("iris") == {"champion": RULE}
    assert ruled.models.rules.set("iris", "champion", "") == RULE
    assert ruled.models.rules.of("iris") == {}


def test_the_terminal_sets_checks_and_promotes(
    ruled: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ruled.path)

    def typed(*words: str) -> tuple[int, str]:
        code = main(["model", *words])
        said = capsys.readouterr()
        return code, said.out + said.err

    code, said = typed("check", "iris:2", "--for", "champion")
    assert code == 1
    assert "NO   accuracy not worse than champion: accuracy is 0.8" in said
    code, said = typed("promote", "iris:2", "--to", "champion")
    assert (code != 0, "--despite-rule" in said) == (True, True)
    assert typed("promote", "iris:2", "--to", "champion", "--despite-rule")[0] == 0
    assert typed("rule", "iris", "accuracy better than current", "--for", "stage:Production")[0] == 0
    assert typed("promote", "iris:3", "--to", "stage:Production")[0] == 0
    code, said = typed("show", "iris:3", "--json")
    found = json.loads(said)
    assert (found["stage"], found["aliases"]) == ("Production", {"champion": 2})
    code, said = typed("rule", "iris")
    assert "version 2 for champion: does not keep the rule, and was promoted all the same" in said
    assert "accuracy better than current" in said
    assert typed("rule", "iris", "--for", "champion", "--clear")[0] == 0
    assert typed("check", "iris:2", "--for", "champion") == (0, "No rule stands before champion of iris.\n")
