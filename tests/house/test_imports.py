"""Who may import what, and who may catch everything."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path, PurePosixPath

import pytest

Trees = dict[str, ast.Module]

NETWORK = frozenset(
    [
        "httpx",
        "socket",
        "socketserver",
        "ssl",
        "urllib.request",
        "urllib3",
        "http.client",
        "http.server",
        "requests",
        "aiohttp",
        "web3",
        "websockets",
        "ftplib",
        "smtplib",
        "imaplib",
        "poplib",
        "telnetlib",
        "xmlrpc",
        "httpcore",
        "h11",
        "anyio",
        "asyncio",
        "selectors",
        "pycurl",
    ]
)
SCREEN = frozenset(["typer", "rich", "click", "pprint", "curses"])
# A plugin is loaded, a plugin is called, the program ends: each turns the exception into a named record.
CATCH_ALL = frozenset(
    {"src/recover/plugins/registry.py", "src/recover/plugins/call.py", "src/recover/cli/main.py"}
)


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything imported, by statement or by name given to import_module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            module = node.module or ""
            yield node.lineno, module
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in (
            "import_module",
            "__import__",
        ):
            yield from ((node.lineno, str(a.value)) for a in node.args[:1] if isinstance(a, ast.Constant))


def under(name: str, packages: frozenset[str]) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:n]) in packages for n in range(1, len(parts) + 1))


def offenders(trees: Trees, packages: frozenset[str], allowed: str) -> list[str]:
    return [
        f"{name}:{line} imports {found}"
        for name, tree in trees.items()
        if not name.startswith(allowed)
        for line, found in imports(tree)
        if under(found, packages)
    ]


@pytest.mark.parametrize(
    ("text", "caught"),
    [
        ("import urllib.request", True),
        ("from urllib import request", True),
        ("from http import client as c", True),
        ("def f():\n    import httpx", True),
        ("__import__('socket')", True),
        ("importlib.import_module('web3')", True),
        ("from urllib.parse import urlsplit", False),
        ("import http", False),
    ],
)
def test_the_scan_sees_every_way_to_import(text: str, caught: bool) -> None:
    assert bool(offenders({"src/x.py": ast.parse(text)}, NETWORK, "-")) is caught


def test_only_capture_touches_the_network(core: Trees, members: Trees) -> None:
    product = {name: tree for name, tree in (core | members).items() if not _serves_tests(name)}
    found = offenders(product, NETWORK, "src/recover/capture/")
    assert not found, "\n".join(["", *found])


def test_nothing_but_tests_uses_what_serves_tests(core: Trees, members: Trees) -> None:
    """A member's `testing` package starts servers on loopback; no part of the product may reach it."""
    found = [
        f"{name}:{line} imports {what}"
        for name, tree in (core | members).items()
        if not _serves_tests(name)
        for line, what in imports(tree)
        if what.startswith("recover_") and "testing" in what.split(".")[1:]
    ]
    assert not found, "\n".join(["", *found])


def _serves_tests(name: str) -> bool:
    """Whether a file lies in a member's `testing` package."""
    parts = PurePosixPath(name).parts
    return parts[0] in ("chains", "plugins") and parts[4:5] == ("testing",)


def test_only_the_cli_writes_to_a_screen(core: Trees, members: Trees) -> None:
    printed = [
        f"{name}:{node.lineno} prints"
        for name, tree in (core | members).items()
        if not name.startswith("src/recover/cli/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("print", "input")
    ]
    found = printed + offenders(core | members, SCREEN, "src/recover/cli/")
    assert not found, "\n".join(["", *found])


def test_members_know_nothing_of_the_core_but_its_contract(everything: Trees) -> None:
    found = []
    for name, tree in everything.items():
        if not name.startswith(("chains/", "plugins/")):
            continue
        allowed = {"recover", "recover.sdk"} if "/src/" in name else {"recover", "recover.sdk", "recover.testing"}
        for line, what in imports(tree):
            ours = under(what, frozenset({"recover"}))
            if ours and ".".join(what.split(".")[:2]) not in allowed:
                found.append(f"{name}:{line} imports {what}")
            if what == "recover" and not _submodules_only(tree, line, allowed):
                found.append(f"{name}:{line} imports the core itself")
    assert not found, "\n".join(["", *found])


def _submodules_only(tree: ast.Module, line: int, allowed: set[str]) -> bool:
    """Whether `from recover import ...` on this line names only what is allowed."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.lineno == line and node.module == "recover":
            return all(f"recover.{alias.name}" in allowed for alias in node.names)
    return False


def test_members_declare_what_they_import(members: Trees, root: Path) -> None:
    providers = packages_distributions()
    found = []
    for name, tree in members.items():
        folder = name.split("/src/")[0]
        project = tomllib.loads((root / folder / "pyproject.toml").read_text("utf-8"))["project"]
        declared = {_distribution(text) for text in project["dependencies"]} | {project["name"]}
        own = {path.name for path in (root / folder / "src").iterdir()}
        for line, what in imports(tree):
            top = what.split(".")[0]
            if top in sys.stdlib_module_names or top in own or top == "recover":
                continue
            if not declared & {_distribution(each) for each in providers.get(top, [])}:
                found.append(f"{name}:{line} imports {top}, which {folder}/pyproject.toml does not declare")
    assert not found, "\n".join(["", *found])


def _distribution(requirement: str) -> str:
    """The name, as registries compare names: eth_abi is eth-abi."""
    for mark in "=<>!~;[ ":
        requirement = requirement.split(mark)[0]
    return requirement.strip().lower().replace("_", "-")


def test_three_places_catch_everything(core: Trees, members: Trees) -> None:
    # The conformance kit turns whatever a plugin raises into the failure of a test: it is no fourth place.
    found = {
        name: node.lineno
        for name, tree in (core | members).items()
        if not name.startswith("src/recover/testing/")
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and _broad(node)
    }
    others = [f"{name}:{line} catches everything" for name, line in found.items() if name not in CATCH_ALL]
    assert not others, "\n".join(["", *others])
    assert set(found) == CATCH_ALL, "a place on the list no longer catches everything: take it off"


def _broad(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or ast.unparse(kind) in ("Exception", "BaseException") for kind in caught)
