"""A shell asks for completions by the variable that click takes for this program."""

from __future__ import annotations

from desktop_aml.domain.completion import PROGRAM, VARIABLE


def test_the_variable_is_the_program_s_name_as_a_shell_can_spell_it():
    assert f"_{PROGRAM.replace('-', '_').upper()}_COMPLETE" == VARIABLE
