"""The contract of every builder: what the service may rely on without asking which one it holds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.environments import BuildProgress, BuiltEnvironment
from desktop_aml.domain.errors import BuildCanceled, PreparationError
from desktop_aml.environments.resolve.interpreters import find_all
from desktop_aml.environments.toolchain.builder import Builder, Plan
from tests.contracts.yards import YARDS, UvYard

DEADLINE_S = 60.0


@pytest.fixture(scope="session")
def interpreters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    memory = tmp_path_factory.mktemp("interpreters") / "interpreters.json"
    find_all(memory)
    return memory


@pytest.fixture(params=sorted(YARDS))
def yard(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interpreters: Path
) -> Iterator[UvYard]:
    if "image" in request.param:
        request.getfixturevalue("docker_host")
    made = YARDS[request.param](tmp_path, monkeypatch, interpreters)
    yield made
    made.close()


@pytest.fixture
def builder(yard: UvYard) -> Builder:
    return yard.builder()


def made(yard: UvYard, builder: Builder) -> tuple[Plan, BuiltEnvironment]:
    plan = builder.plan(yard.spec(), yard.watch())
    return plan, builder.build(plan, yard.watch())


# Plans


def test_a_plan_names_its_builder_and_every_package_with_version_and_hash(yard: UvYard, builder: Builder):
    lock = builder.plan(yard.spec(), yard.watch()).lock
    assert lock.builder == builder.name
    assert tuple((one.name, one.version) for one in lock.packages) == yard.locked
    assert all(one.hashes for one in lock.packages)
    assert lock.python_version


def test_what_was_resolved_once_is_known_to_every_later_builder_and_stays(yard: UvYard, builder: Builder):
    assert builder.known(yard.spec()) is None
    plan = builder.plan(yard.spec(), yard.watch())
    yard.publish_newer()
    yard.cut_network()
    assert yard.builder().known(yard.spec()) == plan
    assert yard.builder().plan(yard.spec(), yard.watch()) == plan


def test_an_unknown_package_is_named_with_its_line_and_leaves_nothing(yard: UvYard, builder: Builder):
    with pytest.raises(PreparationError) as raised:
        builder.plan(yard.spec(yard.unknown), yard.watch())
    assert raised.value.message.startswith(f"Line {yard.line_of_unknown}:")
    assert "appp" in raised.value.message
    assert yard.leftovers() == []
    assert builder.known(yard.spec(yard.unknown)) is None


def test_a_source_out_of_reach_says_so_and_leaves_nothing(yard: UvYard, builder: Builder):
    yard.cut_network()
    with pytest.raises(PreparationError):
        builder.plan(yard.spec(), yard.watch())
    assert yard.leftovers() == []


# Builds


def test_a_build_holds_what_its_lock_names_and_runs(yard: UvYard, builder: Builder):
    plan, built = made(yard, builder)
    assert built.lock == plan.lock
    assert len(built.key) == 64
    assert yard.run(built, "import app, lib; print(app.VERSION, lib.VERSION)") == "1.0 2.0"


def test_a_finished_build_is_found_by_every_later_builder_without_network(yard: UvYard, builder: Builder):
    plan = builder.plan(yard.spec(), yard.watch())
    assert builder.find(plan) is None
    built = builder.build(plan, yard.watch())
    yard.cut_network()
    later = yard.builder()
    known = later.known(yard.spec())
    assert known is not None
    assert later.find(known) == built
    assert later.build(known, yard.watch()) == built


def test_a_torn_build_is_not_found_and_is_made_anew(yard: UvYard, builder: Builder):
    plan, built = made(yard, builder)
    yard.tear(built)
    assert yard.builder().find(plan) is None
    assert yard.builder().build(plan, yard.watch()) == built
    assert yard.run(built, "import app; print(app.VERSION)") == "1.0"
    assert not list(yard.builds.glob("*/rubbish"))


def test_progress_only_rises_and_ends_ready(yard: UvYard, builder: Builder):
    steps: list[BuildProgress] = []
    builder.build(builder.plan(yard.spec(), yard.watch(steps.append)), yard.watch(steps.append))
    fractions = [step.fraction for step in steps if step.fraction is not None]
    assert fractions == sorted(fractions)
    assert (steps[-1].stage, steps[-1].fraction) == ("Ready", 1.0)
    assert yard.log.read_text()


def test_builders_of_several_programs_build_once_and_wait_for_each_other(yard: UvYard, builder: Builder):
    plan = builder.plan(yard.spec(), yard.watch())
    stages: list[list[str]] = [[] for _ in range(3)]
    results: list[BuiltEnvironment] = []

    def build(heard: list[str]) -> None:
        results.append(yard.builder().build(plan, yard.watch(lambda step: heard.append(step.stage))))

    threads = [threading.Thread(target=build, args=(heard,)) for heard in stages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    assert len(results) == 3
    assert len(set(results)) == 1
    assert sum("Ready" in heard for heard in stages) == 1


def test_a_build_cancelled_at_any_step_leaves_nothing_but_its_log(yard: UvYard, builder: Builder):
    for moment in range(7):
        cancel = threading.Event()
        steps: list[BuildProgress] = []

        def report(step: BuildProgress, moment=moment, cancel=cancel, steps=steps) -> None:
            steps.append(step)
            if len(steps) > moment:
                cancel.set()

        watch = yard.watch(report, cancel)
        try:
            builder.build(builder.plan(yard.spec(), watch), watch)
        except BuildCanceled:
            assert yard.leftovers() == [], moment
        else:
            # How often an engine tells of its progress is its own affair: this build had no such step.
            assert 3 < moment >= len(steps), steps
            break
    plan, built = made(yard, builder)
    assert builder.find(plan) == built


def test_a_build_that_is_cancelled_while_it_waits_for_another_leaves_that_one_alone(yard: UvYard, builder: Builder):
    plan = builder.plan(yard.spec(), yard.watch())
    cancel, waits, goes_on = threading.Event(), threading.Event(), threading.Event()
    results: list[BuiltEnvironment] = []

    def hold(_: BuildProgress) -> None:
        waits.set()
        goes_on.wait(DEADLINE_S)

    first = threading.Thread(target=lambda: results.append(builder.build(plan, yard.watch(hold))))
    first.start()
    try:
        assert waits.wait(DEADLINE_S)
        with pytest.raises(BuildCanceled):
            yard.builder().build(plan, yard.watch(lambda _: cancel.set(), cancel))
    finally:
        goes_on.set()
        first.join(DEADLINE_S)
    assert results == [builder.find(plan)]
