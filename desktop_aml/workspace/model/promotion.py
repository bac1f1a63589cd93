"""Rules before a version of a model gets an alias or a stage: kept, checked, and what came of it kept."""

from __future__ import annotations

import shlex
import time
from functools import partial
from typing import Final

import msgspec

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.registry import ModelVersion
from desktop_aml.domain.summaries.goals import Goal, goal_of
from desktop_aml.domain.summaries.promotion import CURRENT, STAGE, Known, check, read_rule, unclear
from desktop_aml.store import registry
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.run_table import fields
from desktop_aml.workspace.model.signature import read_signature
from desktop_aml.workspace.tracking.model_records import (
    STAGES,
    ConditionResult,
    ModelRecord,
    PromotionCheck,
    check_alias,
    records_of_models,
)
from desktop_aml.workspace.tracking.reading import RunReader

_CHECKS_KEPT: Final = 50


class PromotionRules:
    """The rules of models, and what came of checking them.

    A rule stands before an alias, such as ``champion``, or a stage, written ``stage:Production``: who gives it to a
    version, by whatever way, is refused where the version does not keep the rule.
    """

    def __init__(self, db: Database, folder: WorkspaceFolder) -> None:
        self._db = db
        self._folder = folder
        self._records = records_of_models(folder)

    def of(self, name: str) -> dict[str, str]:
        """Return the rules of a model, by the alias or stage that they stand before."""
        return dict(self._record(name).rules)

    def set(self, name: str, target: str, rule: str) -> str:
        """Let a rule stand before an alias or stage of a model; an empty one takes it away. Return the one before.

        Raises
        ------
        NotFound
            When there is no such model.
        InvalidInput
            When the rule cannot be read, or nobody can get `target`.
        """
        registry.get_model(self._db, name, 0)
        record, target = self._record(name), target_of(target)
        if rule.strip():
            conditions = read_rule(rule)
            if metric := unclear(conditions, self._goal):
                raise InvalidInput(
                    f"Nothing tells whether less or more of “{metric}” is better.",
                    f"Write which is meant, such as: {metric} >= {CURRENT}, or {metric} <= {CURRENT}.",
                )
        rules = {**record.rules, target: rule.strip()}
        kept = {one: text for one, text in rules.items() if text}
        self._records.put(name, msgspec.structs.replace(record, rules=kept, updated_at=time.time()))
        return record.rules.get(target, "")

    def check(self, name: str, version: int, target: str) -> PromotionCheck | None:
        """Return what a rule says of a version, without promoting it; None where no rule stands before `target`.

        Raises
        ------
        NotFound
            When there is no such version.
        """
        target = target_of(target)
        model, record = registry.get_model(self._db, name, version), self._record(name)
        rule = record.rules.get(target)
        if rule is None:
            return None
        # What a stranger's workspace holds may be no rule: then nothing is allowed by it.
        candidate, other = self._known(model), partial(self._other, name, record, target)
        findings = [check(one, candidate, other, self._goal, target) for one in read_rule(rule)]
        results = [ConditionResult(condition=one.condition, holds=one.holds, words=one.words) for one in findings]
        passed = all(one.holds for one in findings)
        return PromotionCheck(
            at=time.time(), target=target, version=model.version, rule=rule, passed=passed, results=results
        )

    def checks(self, name: str) -> tuple[PromotionCheck, ...]:
        """Return what came of promoting versions of a model under a rule, the newest first; 50 are kept."""
        return tuple(reversed(self._record(name).checks))

    def demand(self, name: str, version: int, target: str, *, force: bool = False) -> None:
        """Keep what the rule before `target` says of a version that is to get it.

        Raises
        ------
        InvalidInput
            When it does not keep the rule, and is not to get it all the same (`force`).
        """
        record, target = self._record(name), target_of(target)
        if target not in record.rules or record.aliases.get(target) == version:
            return
        found = self.check(name, version, target)
        assert found is not None
        found = msgspec.structs.replace(found, forced=force and not found.passed)
        kept = [*record.checks, found][-_CHECKS_KEPT:]
        self._records.put(name, msgspec.structs.replace(self._record(name), checks=kept))
        if not found.passed and not force:
            failed = next(one for one in found.results if not one.holds)
            label = shlex.quote(f"{name}:{version}")
            raise InvalidInput(
                f"Version {version} of “{name}” does not keep the rule before {words_of(target)}:"
                f" “{failed.condition}”, but {failed.words}.",
                f"See: desktop-aml model check {label} --for {shlex.quote(target)}. To give it all the same:"
                f" desktop-aml model promote {label} --to {shlex.quote(target)} --despite-rule",
            )

    def _goal(self, metric: str) -> Goal | None:
        return fields.goals(self._db).get(metric) or goal_of(metric)

    def _record(self, name: str) -> ModelRecord:
        return record_of(self._db, self._records.get(name), name)

    def _other(self, name: str, record: ModelRecord, target: str, who: str) -> Known | None:
        wanted = target if who == CURRENT else who
        versions = registry.model_versions(self._db, name)
        if wanted.startswith(STAGE):
            stage = wanted.removeprefix(STAGE)
            staged = {one for one, said in record.versions.items() if said.stage == stage}
            found = next((one for one in versions if str(one.version) in staged), None)
        else:
            found = next((one for one in versions if one.version == record.aliases.get(wanted)), None)
        return None if found is None else self._known(found)

    def _known(self, model: ModelVersion) -> Known:
        return Known(
            model.version,
            RunReader(self._folder, self._db).last_values(model.run_id) if model.run_id else None,
            read_signature(self._folder, model),
            f"{model.framework} {model.framework_version}".strip(),
            model.environment,
            model.tags,
        )


def target_of(text: str) -> str:
    """Return what a rule stands before: an alias, or ``stage:`` with a stage as MLflow spells it.

    Raises
    ------
    InvalidInput
        When it can be neither.
    """
    if not text.lower().startswith(STAGE):
        return check_alias(text)
    wanted = text[len(STAGE) :].strip().lower()
    stage = next((one for one in STAGES if one.lower() == wanted), None)
    if stage is None:
        raise InvalidInput(f"There is no stage “{text[len(STAGE) :][:50]}”.", f"Stages are {', '.join(STAGES)}.")
    return f"{STAGE}{stage}"


def words_of(target: str) -> str:
    """Return what a rule stands before, in words."""
    return f"the stage {target.removeprefix(STAGE)}" if target.startswith(STAGE) else f"the alias {target}"


def record_of(db: Database, record: ModelRecord | None, name: str) -> ModelRecord:
    """Return what is kept of a model, as it is before anything is kept of it."""
    if record is not None:
        return record
    versions = registry.model_versions(db, name)
    made = versions[-1].created_at if versions else time.time()
    return ModelRecord(created_at=made, updated_at=made)
