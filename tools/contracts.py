"""Compile the staged case's contracts again and compare them with what is committed; --write replaces it.

    sh tools/solc.sh && python tools/contracts.py

Exits 1 naming every contract whose interface or code differs, 2 when the compilers are not there.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "chains" / "evm" / "src" / "recover_chain_evm" / "testing" / "contracts"
COMPILED = FOLDER / "compiled.json"
SOLC = ROOT / ".tools" / "solc" / "node_modules"
OLD = "0.4.26"
# The old compiler's `compile` is another function; its standard interface has a name of its own.
RUN = "let c=require(process.argv[1]);let f=c.compileStandardWrapper||c.compile;let t='';"
RUN += "process.stdin.on('data',d=>t+=d);process.stdin.on('end',()=>process.stdout.write(f(t)))"
OUTPUT = {"*": {"*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "evm.methodIdentifiers"]}}


def main(arguments: list[str]) -> int:
    if shutil.which("node") is None or not SOLC.is_dir():
        print(
            "The compilers are not there: run tools/solc.sh (it needs npm, and node to run them).", file=sys.stderr
        )
        return 2
    made = compiled()
    if "--write" in arguments:
        COMPILED.write_text(text(made), "utf-8")
        print(f"{len(made)} contracts written to {COMPILED.relative_to(ROOT)}")
        return 0
    kept: dict[str, Any] = json.loads(COMPILED.read_text("utf-8"))
    differing = sorted(name for name in made.keys() | kept.keys() if made.get(name) != kept.get(name))
    if differing:
        print(
            f"Not what the sources give: {', '.join(differing)}. Run with --write, and look at why.",
            file=sys.stderr,
        )
        return 1
    print(f"{len(made)} contracts are what their sources give.")
    return 0


def compiled() -> dict[str, dict[str, Any]]:
    """Each contract's interface (`abi`), selectors (`methods`), creation `code` and `runtime` code, by name."""
    sources = {path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.sol"))}
    old = {name: body for name, body in sources.items() if re.search(rf"pragma solidity {OLD}", body)}
    new = {name: body for name, body in sources.items() if name not in old}
    return dict(sorted((solc("solc-0.4", old) | solc("solc", new)).items()))


def solc(package: str, sources: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Raises SystemExit with the compiler's own words."""
    settings: dict[str, Any] = {"optimizer": {"enabled": True, "runs": 200}, "outputSelection": OUTPUT}
    # Named, so that a newer compiler's choice does not change the code; the old one knows no later fork.
    settings["evmVersion"] = "byzantium" if package == "solc-0.4" else "cancun"
    if package == "solc":
        settings["metadata"] = {"appendCBOR": False}  # no digest of the sources in the code
    asked = {
        "language": "Solidity",
        "sources": {name: {"content": body} for name, body in sources.items()},
        "settings": settings,
    }
    command = ["node", "-e", RUN, str(SOLC / package)]
    said = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=True).stdout
    answer: dict[str, Any] = json.loads(said)
    faults = [e["formattedMessage"] for e in answer.get("errors", ()) if e["severity"] == "error"]
    if faults:
        raise SystemExit("\n".join(faults))
    return {
        name: {
            "abi": made["abi"],
            "methods": made["evm"]["methodIdentifiers"],
            "code": made["evm"]["bytecode"]["object"],
            "runtime": made["evm"]["deployedBytecode"]["object"],
        }
        for contracts in answer["contracts"].values()
        for name, made in contracts.items()
        if made["evm"]["bytecode"]["object"] and name != "Tokens"
    }


def text(made: dict[str, dict[str, Any]]) -> str:
    """One line a contract."""
    lines = [f"{json.dumps(name)}: {json.dumps(each, sort_keys=True)}" for name, each in sorted(made.items())]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
