"""Receipts and transactions as web3.py prints them: `AttributeDict({'blockHash': HexBytes('0x...'), ...})`.

The text is read as Python's own parser reads it, and nothing in it is ever run: names other than these two, and
anything but literals, are refused.
"""

from __future__ import annotations

import ast
import json
import warnings
from dataclasses import replace
from typing import Any

from recover.sdk import Exhibit, NotRecognised

_START = b"AttributeDict("
_MOST = 2**22


def begins(head: bytes) -> bool:
    """Whether this is what web3.py prints, of one record or of a list."""
    return head.lstrip(b" \t\r\n\xef\xbb\xbf[").startswith(_START)


def plain(exhibit: Exhibit) -> Exhibit:
    """The exhibit with JSON in place of what was printed; as it is where it is JSON. Raises NotRecognised."""
    if not begins(exhibit.data):
        return exhibit
    try:
        if len(exhibit.data) > _MOST:
            raise ValueError("it is larger than any list of receipts")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # of the text's own escapes, which is not our program
            tree = ast.parse(exhibit.data.decode("utf-8-sig").strip(), mode="eval")
        found = _value(tree.body)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotRecognised(
            "printed-unreadable",
            f"{exhibit.name} begins as web3.py prints a record, and cannot be read to its end.",
            f"{str(error)[:120]}.",
            "Save the record with Web3.to_json, or save the node's own answer.",
        ) from None
    return replace(exhibit, data=json.dumps(found).encode())


def _value(node: ast.expr) -> Any:
    """Raises ValueError for anything but literals, AttributeDict and HexBytes."""
    if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, str | int)):
        return node.value
    if isinstance(node, ast.Constant) and isinstance(node.value, bytes):
        return "0x" + node.value.hex()
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(each) for each in node.elts]
    if isinstance(node, ast.Dict):
        return {_key(key): _value(value) for key, value in zip(node.keys, node.values, strict=True)}
    if (
        isinstance(node, ast.Call)
        and len(node.args) == 1
        and not node.keywords
        and isinstance(node.func, ast.Name)
    ):
        made = _value(node.args[0])
        if node.func.id == "AttributeDict" and isinstance(made, dict):
            return made
        if node.func.id == "HexBytes" and isinstance(made, str):
            return made
    raise ValueError("it holds something that is neither a literal nor a record of web3.py")


def _key(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise ValueError("a name in it is no text")
