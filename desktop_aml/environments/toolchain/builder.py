"""The protocol that every builder keeps; `tests/contracts/test_builder.py` is its contract."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from desktop_aml.domain.environments import BuildProgress, BuiltEnvironment, EnvironmentLock

if TYPE_CHECKING:
    # What reads specifications is much, and who only uses what is built needs none of it.
    from desktop_aml.environments.spec.parsing import Specification


@dataclass(frozen=True, slots=True)
class Watch:
    """Who watches a piece of work: hears of its progress, may cancel it, reads its log."""

    report: Callable[[BuildProgress], None]
    cancel: threading.Event
    log_path: Path

    def tell(self, stage: str, message: str = "", fraction: float | None = None) -> None:
        """Report a step."""
        self.report(BuildProgress(stage, message, fraction))

    def say(self, stage: str, message: str, fraction: float | None = None) -> None:
        """Report what is to be known later, too: it stands in the log."""
        self.tell(stage, message, fraction)
        with self.log_path.open("a", encoding="utf-8") as log:
            log.write(f"{message}\n")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a specification resolved to, ready to be built.

    Parameters
    ----------
    lock : EnvironmentLock
        What the build will hold, exactly; it alone decides the key of the build.
    spec : Specification
        Where the plan comes from; errors name its lines.
    material : str
        What only the builder itself understands and needs, such as the path of an interpreter.
    """

    lock: EnvironmentLock
    spec: Specification
    material: str = ""


class Builder(Protocol):
    """Makes environments of one kind. Every method may be called from any thread, and from several programs at once."""

    @property
    def name(self) -> str:
        """What locks call it; a part of the key of every build."""

    def known(self, spec: Specification) -> Plan | None:
        """Return the plan of a specification that was resolved before; quick, and without network.

        Raises
        ------
        MissingOnComputer
            When this computer lacks what a build would stand on.
        """

    def plan(self, spec: Specification, watch: Watch) -> Plan:
        """Resolve a specification to exact versions with hashes; an unchanged one is resolved once.

        Raises
        ------
        PreparationError
            With the line at fault and the resolver's reason.
        MissingOnComputer
            When this computer lacks what a build would stand on.
        BuildCanceled
            When the watcher cancelled.
        """

    def find(self, plan: Plan) -> BuiltEnvironment | None:
        """Return the finished build of a plan; None when there is none or it was damaged since."""

    def build(self, plan: Plan, watch: Watch) -> BuiltEnvironment:
        """Build a plan, or wait for another build of the same one; a build that was torn is made anew.

        Progress rises and ends with the stage ``Ready``.

        Raises
        ------
        PreparationError
            When it cannot be installed. Nothing is left but the log.
        BuildCanceled
            When the watcher cancelled, at any moment. Nothing is left but the log.
        """
