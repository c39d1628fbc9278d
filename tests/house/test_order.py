"""Nothing is made in the order of a set: that order is another one in each process, and bytes would be too."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

_SETS = {"set", "frozenset"}
_INDIFFERENT = {"sorted", "set", "frozenset", "any", "all", "sum", "max", "min", "len"}
"""What is handed to one of these has no order there."""


def _set(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.BitOr | ast.BitAnd | ast.Sub | ast.BitXor) and (
            _set(node.left) or _set(node.right)
        )
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _SETS
    return called or isinstance(node, ast.Set | ast.SetComp)


def _walked(node: ast.AST) -> list[ast.expr]:
    """What a node goes through, one after the other."""
    if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp):
        return [part.iter for part in node.generators]
    if isinstance(node, ast.For):
        return [node.iter]
    if isinstance(node, ast.List | ast.Tuple):
        return [one.value for one in node.elts if isinstance(one, ast.Starred)]
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        return node.args[:1] if name in {"list", "tuple", "enumerate", "fromkeys", "join"} else []
    return []


def unordered(tree: ast.Module) -> Iterator[int]:
    """The lines on which something is made in the order of a set."""
    free = {
        id(one)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _INDIFFERENT
        for one in node.args
    }
    for node in ast.walk(tree):
        if id(node) not in free:
            yield from (one.lineno for one in _walked(node) if _set(one))


def test_nothing_is_made_in_the_order_of_a_set(
    core: dict[str, ast.Module], members: dict[str, ast.Module]
) -> None:
    found = {name: [*unordered(tree)] for name, tree in {**core, **members}.items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "line",
    ["{k: 1 for k in {*a, *b}}", "[*{1, 2}]", "','.join({a, b} - {c})", "for x in set(a): pass", "list({a})"],
)
def test_what_stands_in_the_order_of_a_set_is_found(line: str) -> None:
    assert [*unordered(ast.parse(line))] == [1]
    assert not [*unordered(ast.parse("sorted(x for x in {a}); any(y for y in set(b)); {z for z in c}"))]
