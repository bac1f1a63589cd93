"""What is written about a version of a model, changed by hand: description, tags, aliases, rules, with undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QWidget

from desktop_aml.domain.registry import ModelVersion
from desktop_aml.ui.models.register_dialog import parse_tags
from desktop_aml.ui.models.rules import Rules, parsed
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.text_question import ask_text

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace


class ModelEditing(QObject):
    """Asks, changes, and offers to take it back.

    Parameters
    ----------
    current : callable
        Returns the version that is shown; None for none.
    aliases : callable
        Returns the aliases of a version.
    refresh : callable
        Called when something was changed.
    """

    def __init__(
        self,
        page: QWidget,
        workspace: Workspace,
        bridge: Bridge,
        current: Callable[[], ModelVersion | None],
        aliases: Callable[[ModelVersion], Sequence[str]],
        refresh: Callable[[], object],
    ) -> None:
        super().__init__(page)
        self._page, self._workspace, self._bridge = page, workspace, bridge
        self._current, self._aliases, self._refresh = current, aliases, refresh
        self.rules: Callable[[], Rules] = Rules
        """Returns the rules of the model."""

    def menu(self) -> QMenu:
        """Return the menu of what can be changed."""
        menu = QMenu(self._page)
        menu.addAction(self.tr("Description…")).triggered.connect(self.edit_description)
        menu.addAction(self.tr("Tags…")).triggered.connect(self.edit_tags)
        menu.addAction(self.tr("Aliases…")).triggered.connect(self.edit_aliases)
        menu.addAction(self.tr("Rules before promotion…")).triggered.connect(self.edit_rules)
        return menu

    def edit_description(self) -> None:
        """Ask for another description of the shown version."""
        model = self._current()
        if model is not None:
            words = self.tr("Description of {0}").format(model.label)
            ask_text(
                self._page, self.tr("Edit description"), words, self.tr("Save"), partial(self._describe, model),
                present=model.description, lines=True,
            )  # fmt: skip

    def _describe(self, model: ModelVersion, text: str) -> None:
        update = self._workspace.models.update
        self._change(
            lambda: update(model.name, model.version, description=text.strip()),
            lambda: update(model.name, model.version, description=model.description),
        )

    def edit_tags(self) -> None:
        """Ask for other tags of the shown version."""
        model = self._current()
        if model is not None:
            words = self.tr("Tags of {0}, as NAME=VALUE with commas between them").format(model.label)
            ask_text(
                self._page, self.tr("Edit tags"), words, self.tr("Save"), partial(self._tag, model),
                present=pairs(model.tags),
            )  # fmt: skip

    def _tag(self, model: ModelVersion, text: str) -> None:
        tags = parse_tags(text)
        if tags is None:
            self._bridge.tell(self.tr("Tags are NAME=VALUE, with commas between them."), "warning")
            return
        update = self._workspace.models.update
        gone, new = [key for key in model.tags if key not in tags], [key for key in tags if key not in model.tags]
        self._change(
            lambda: update(model.name, model.version, tags=tags, remove_tags=gone),
            lambda: update(model.name, model.version, tags=model.tags, remove_tags=new),
        )

    def edit_aliases(self) -> None:
        """Ask for other aliases of the shown version."""
        model = self._current()
        if model is not None:
            words = self.tr("Aliases of {0}, with commas between them; each means one version").format(model.label)
            ask_text(
                self._page, self.tr("Edit aliases"), words, self.tr("Save"), partial(self._alias, model),
                present=", ".join(self._aliases(model)),
            )  # fmt: skip

    def _alias(self, model: ModelVersion, text: str) -> None:
        wanted = [word for part in text.split(",") if (word := part.strip())]
        gone = [alias for alias in self._aliases(model) if alias not in wanted]
        changes: dict[str, int | None] = {**dict.fromkeys(gone), **dict.fromkeys(wanted, model.version)}
        before: dict[str, int | None] = {}
        set_aliases = self._workspace.models.set_aliases
        self._change(
            lambda: before.update(set_aliases(model.name, changes)),
            lambda: set_aliases(model.name, before, force=True),
        )

    def edit_rules(self) -> None:
        """Ask for other rules before aliases and stages of the model."""
        model = self._current()
        if model is not None:
            words = self.tr(
                "Rules of {0}, a line each: ALIAS: CONDITIONS\n"
                "Such as champion: accuracy not worse than champion, signature unchanged"
            ).format(model.name)
            ask_text(
                self._page, self.tr("Rules before promotion"), words, self.tr("Save"), partial(self._rule, model.name),
                present=self.rules().lines(), lines=True,
            )  # fmt: skip

    def _rule(self, name: str, text: str) -> None:
        wanted, before = parsed(text), dict(self.rules().texts)
        if wanted is None:
            self._bridge.tell(self.tr("A rule is a line ALIAS: CONDITIONS."), "warning")
            return
        self._change(lambda: self._set_rules(name, wanted), lambda: self._set_rules(name, before))

    def _set_rules(self, name: str, wanted: dict[str, str]) -> None:
        rules = self._workspace.models.rules
        for target, text in {**dict.fromkeys(rules.of(name), ""), **wanted}.items():
            rules.set(name, target, text)

    def _change(self, work: Callable[[], object], back: Callable[[], object]) -> None:
        def undo() -> None:
            call_for(self, self._bridge, back, lambda _: self._refresh())

        def done(_: object) -> None:
            self._refresh()
            self._bridge.tell_undoable(self.tr("Saved."), undo, "success")

        call_for(self, self._bridge, work, done)


def pairs(tags: dict[str, str]) -> str:
    """Return tags as they are typed."""
    return ", ".join(f"{key}={value}" for key, value in tags.items())
