"""Every kind of environment has a name, a hint and a text to start from that holds no error."""

from __future__ import annotations

import pytest

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.environments.spec import parsing as spec
from desktop_aml.ui.environments import kinds as kinds


@pytest.mark.parametrize("kind", list(EnvironmentKind))
def test_a_kind_starts_from_a_text_without_errors(kind: EnvironmentKind):
    text = kinds.template_of(kind)
    assert kinds.is_template(text)
    assert [problem for problem in spec.check(text, kind) if problem.severity == "error"] == []
    assert spec.detect_kind(text, kinds.file_name_of(kind) if kind in kinds.TOLD_BY_TEXT else "") is kind


@pytest.mark.parametrize("kind", list(EnvironmentKind))
def test_a_kind_is_named_and_explained(kind: EnvironmentKind):
    assert kinds.word_of(kind)
    assert kinds.hint_of(kind).endswith(".")
