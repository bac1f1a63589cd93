"""The seeds that a script sets: what it calls with them, in its own words, and where."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from typing import Final

_SETS: Final = frozenset(
    {
        "random.seed",
        "random.Random",
        "random.RandomState",
        "random.default_rng",
        "random.SeedSequence",
        "random.set_seed",
        "random.PRNGKey",
        "torch.manual_seed",
        "cuda.manual_seed",
        "cuda.manual_seed_all",
        "utils.set_random_seed",
        "tf.set_random_seed",
        "pl.seed_everything",
    }
)
"""The last two words of a call; those that are imported alone are known by the last one."""
_ALONE: Final = frozenset(
    {"RandomState", "default_rng", "manual_seed", "seed_everything", "set_seed", "set_random_seed", "SeedSequence"}
)
_KEYWORDS: Final = frozenset({"random_state", "random_seed", "seed"})


@functools.lru_cache(64)  # trials of a sweep share their code
def seeds(text: str) -> tuple[tuple[str, int], ...]:
    r"""Return each seed that Python code sets as it is written, with its line; none where the code cannot be read.

    Examples
    --------
    >>> seeds("import numpy as np\nnp.random.seed(12)\nsplit(X, random_state=7)")
    (('np.random.seed(12)', 2), ('random_state=7', 3))
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    first: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for words in _of_call(node):
                first[words] = min(node.lineno, first.get(words, node.lineno))
    return tuple(sorted(first.items(), key=lambda one: one[1]))


def _of_call(call: ast.Call) -> Iterator[str]:
    name = _dotted(call.func)
    ends = ".".join(name.split(".")[-2:])
    if (ends in _SETS or name in _ALONE) and (call.args or call.keywords):
        yield ast.unparse(call)
        return
    for keyword in call.keywords:
        if keyword.arg in _KEYWORDS and isinstance(keyword.value, ast.Constant) and keyword.value.value is not None:
            yield f"{keyword.arg}={keyword.value.value!r}"


def _dotted(node: ast.expr) -> str:
    words: list[str] = []
    while isinstance(node, ast.Attribute):
        words.insert(0, node.attr)
        node = node.value
    return ".".join((node.id, *words)) if isinstance(node, ast.Name) else ""
