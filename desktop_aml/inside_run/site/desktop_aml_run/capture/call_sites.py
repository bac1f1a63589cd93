"""Tell by which name a script gave the first argument of the call that it is in.

Read from the bytecode of the calling code alone: to ask a frame for its local variables would renew the dict that
`locals` gave the script.
"""

import dis
from bisect import bisect_right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType


_LOADS = ("LOAD_NAME", "LOAD_FAST", "LOAD_GLOBAL", "LOAD_DEREF", "LOAD_CLASSDEREF")
_CALLS = ("CALL", "CALL_FUNCTION", "CALL_METHOD", "CALL_FUNCTION_KW", "CALL_KW")
_MARKS = ("KW_NAMES", "EXTENDED_ARG", "CACHE", "NOP")
_MOST_INSTRUCTIONS = 200
_MOST_CODE = 20000

_names: "dict[int, tuple[CodeType, dict[int, str]]]" = {}
_instructions: "dict[int, list[dis.Instruction]]" = {}
"""Of each code whose number is in `_names`: taken apart once, however many calls it has."""


def first_argument(frame: "FrameType") -> str:
    """Return the name of the variable that is the first argument of the call under way, or an empty text."""
    code, at = frame.f_code, frame.f_lasti
    # By number, as code compares and hashes by all that it holds; kept, so that no other one gets the number.
    known, names = _names.setdefault(id(code), (code, {}))
    if at not in names:
        names[at] = _first_argument(known, at)
    return names[at]


def _first_argument(code: "CodeType", at: int) -> str:
    if len(code.co_code) > _MOST_CODE * 2:
        return ""
    whole = _instructions.get(id(code))
    if whole is None:
        whole = _instructions[id(code)] = list(dis.get_instructions(code))
    before = whole[: bisect_right([one.offset for one in whole], at)]
    if not before or before[-1].opname not in _CALLS:
        return ""
    call = before.pop()
    wanted = call.arg or 0
    if call.opname in ("CALL_FUNCTION_KW", "CALL_KW"):
        before.pop()  # the names of the keywords
    while before and before[-1].opname in ("PRECALL", *_MARKS):
        before.pop()  # belongs to this call
    if not wanted:
        return ""
    # Backwards: how many of the arguments what follows leaves on the stack.
    pushed = 0
    for one in reversed(before[-_MOST_INSTRUCTIONS:]):
        if one.opname in _MARKS:
            continue
        if _jumps(one):
            return ""
        names, missing = _loaded(one), wanted - pushed
        # The load that completes the arguments is the first of them.
        if 1 <= missing <= len(names):
            return names[-missing]
        if missing <= 1:
            return ""
        pushed += dis.stack_effect(one.opcode, one.arg) if one.arg is not None else dis.stack_effect(one.opcode)
    return ""


def _jumps(instruction: "dis.Instruction") -> bool:
    return "JUMP" in instruction.opname or instruction.opname in ("FOR_ITER", "SETUP_FINALLY", "SETUP_WITH")


def _loaded(instruction: "dis.Instruction") -> "list[str]":
    """Return the names of the variables that an instruction loads, in order; none for what loads no variable."""
    name = instruction.opname
    if name in ("LOAD_GLOBAL", "LOAD_NAME"):
        return [instruction.argval] if type(instruction.argval) is str and not _pushes_null(instruction) else []
    if name.startswith("LOAD_FAST") and "AND_CLEAR" not in name:
        value = instruction.argval
        return list(value) if isinstance(value, tuple) else [value]
    return [instruction.argval] if name in _LOADS else []


def _pushes_null(instruction: "dis.Instruction") -> bool:
    return dis.stack_effect(instruction.opcode, instruction.arg) > 1
