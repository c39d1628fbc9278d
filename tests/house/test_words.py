"""What the core's code may not say: the name of a chain, a number that is not exact."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

Trees = dict[str, ast.Module]

CHAINS = re.compile(
    r"(?i:\b(?:tron|trongrid|tronscan|bitcoin|ethereum|etherscan|solana|litecoin|dogecoin|eip155|bip122)\b)"
    r"|\b(?:TRX|BTC|ETH|SOL|LTC|USDT|USDC|TRC-?20|ERC-?20|BEP-?20)\b"
)
EXACT = ("sdk", "registers", "ledger", "linking", "tracing", "declared", "trails", "findings", "stages", "report")
FLOATING = re.compile(r"(?i)(?:::\s*|\bas\s+)(?:double|float\d?|real)\b")
# file -> why a number there is not an amount.
ALLOWED: dict[str, str] = {}


def words(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, text) of every string in code; what documents it, and the title of a work cited, is not counted."""
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    cited = [k.value for k in ast.walk(tree) if isinstance(k, ast.keyword) and k.arg in ("source", "citation")]
    documents |= {id(node) for value in cited for node in ast.walk(value)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.lineno, node.value


def floats(tree: ast.Module, paths: frozenset[str]) -> Iterator[tuple[int, str]]:
    """(line, what) of everything that makes or names a number that is not exact."""
    # How alike two names must be to be offered as the nearest is no amount.
    likeness = {id(k.value) for k in ast.walk(tree) if isinstance(k, ast.keyword) and k.arg == "cutoff"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex) and id(node) not in likeness:
            yield node.lineno, f"the constant {node.value}"
        elif isinstance(node, ast.Name) and node.id in ("float", "complex"):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and re.fullmatch(r"float\d+|double|mean|average|std", node.attr):
            yield node.lineno, f".{node.attr}"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not _joins_paths(node, paths):
            yield node.lineno, f"the division {ast.unparse(node)}"
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div):
            yield node.lineno, "a division in place"
    yield from ((line, f"SQL {text!r}") for line, text in words(tree) if FLOATING.search(text))


def _joins_paths(node: ast.BinOp, paths: frozenset[str]) -> bool:
    """Whether `/` joins paths: a text stands on one side, or what is on the left is known to be a path."""
    if _text(node.left) or _text(node.right):
        return True
    left = node.left
    if isinstance(left, ast.BinOp):
        return isinstance(left.op, ast.Div) and _joins_paths(left, paths)
    return _last(left) in paths


def _last(node: ast.expr) -> str:
    """The last name of a dotted one, less what it is called or indexed with."""
    if isinstance(node, ast.Call):
        return _last(node.func)
    if isinstance(node, ast.Subscript):
        return _last(node.value)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def paths_of(trees: Iterable[ast.Module]) -> frozenset[str]:
    """Every name that is annotated as a path somewhere, or given one by a call, `with` or `/`."""
    found = {"Path", "parent"}
    nodes = [node for tree in trees for node in ast.walk(tree)]
    for node in nodes:
        if isinstance(node, ast.arg) and node.annotation and _path(node.annotation):
            found.add(node.arg)
        elif isinstance(node, ast.AnnAssign) and _path(node.annotation):
            found.add(ast.unparse(node.target).rsplit(".", 1)[-1])
        elif isinstance(node, ast.FunctionDef) and node.returns and _path(node.returns):
            found.add(node.name)
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _made(node.value, found):
            found.add(node.targets[0].id)
        elif isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
            found |= {node.optional_vars.id} if _made(node.context_expr, found) else set()
    return frozenset(found)


def _path(annotation: ast.expr) -> bool:
    return bool(re.search(r"\b(?:Path|Traversable)\b", ast.unparse(annotation)))


def _made(value: ast.expr, known: set[str]) -> bool:
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Div):
        return _joins_paths(value, frozenset(known))
    return isinstance(value, ast.Call) and _last(value) in known


@pytest.mark.parametrize(
    ("text", "caught"),
    [
        ("a / b", True),
        ("amount /= 2", True),
        ("x = 0.5", True),
        ("def f(x: float) -> int: ...", True),
        ("pa.float64()", True),
        ("q = 'select amount::double from legs'", True),
        ("q = 'cast(amount as DOUBLE)'", True),
        ("def f(folder: Path) -> None: folder / name", False),
        ("class C:\n    path: Path\nC().path / name / other", False),
        ("def new() -> Iterator[Path]: ...\nwith new() as fresh:\n    fresh / name", False),
        ("def f(total: int) -> None: total / count", True),
        ("get_close_matches(a, b, cutoff=0.4)", False),
        ("x / 'legs.parquet'", False),
        ("a // b", False),
        ('"""Never a float: not cast as double."""', False),
    ],
)
def test_the_scan_for_floats_sees(text: str, caught: bool) -> None:
    assert bool(list(floats(ast.parse(text), paths_of([ast.parse(text)])))) is caught


def test_no_value_is_ever_a_float(core: Trees, members: Trees) -> None:
    exact = tuple(f"src/recover/{name}/" for name in EXACT)
    read = {name: tree for name, tree in core.items() if name.startswith(exact)} | members
    paths = paths_of((core | members).values())
    found = {name: [f"{name}:{line} {what}" for line, what in floats(tree, paths)] for name, tree in read.items()}
    inexact = [each for name, listed in found.items() if name not in ALLOWED for each in listed]
    assert not inexact, "\n".join(["", *inexact])
    assert [name for name in ALLOWED if not found.get(name)] == [], "no longer needed in ALLOWED"


def test_the_core_names_no_chain(core: Trees, files: tuple[str, ...], root: Path) -> None:
    found = [
        f"{name}:{line} {match[0]!r}"
        for name, tree in core.items()
        for line, text in words(tree)
        if (match := CHAINS.search(text))
    ]
    for name in files:
        if name.startswith("src/recover/") and name.endswith((".typ", ".toml", ".html", ".sql", ".json", ".css")):
            match = CHAINS.search((root / name).read_text("utf-8"))
            found += [f"{name} {match[0]!r}"] if match else []
    assert not found, "\n".join(["", *found])
