"""Export the shipped cases in every format of colleagues, and ask each format's own tools what they say of it.

`make validators` runs it with the validators' own environment; what it prints stands in docs/design/formats.md.
The validators are heavy, and no part of the suite: its tests hold the same files to the facts of each schema.
"""

# ruff: noqa: T201  (a script of the build: what it prints is what it is for)

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CASES = ("tron-seizure-orders-example", "bitcoin-first-payments-example", "daloia-shaped-example")
FORMS = ("tagpack", "stix", "misp", "ftm", "graphml", "case")
GAPS = 5
_READ = Path(__file__).with_name("read.py")


def main(python: str) -> int:
    """Every case and format; 1 where one was refused. `python` has recover, and this one the validators."""
    failed = []
    with tempfile.TemporaryDirectory() as place:
        for name in CASES:
            case, out = Path(place, name), Path(place, "out", name)
            recover = Path(python).with_name("recover")
            told = subprocess.run(
                [recover, "demo", "--out", case, "--case", name], check=False, capture_output=True
            )
            if told.returncode not in (0, GAPS):
                raise SystemExit(told.stderr.decode())
            for form in FORMS:
                command = [str(recover), "export", str(case), "--as", form, "--out", str(out / form)]
                subprocess.run(command, check=True, capture_output=True)
                print(f"\n{name}, {form}:", flush=True)
                for asked in questions(form, out / form):
                    code, said = ask(asked, out / form)
                    print(said, flush=True)
                    failed += [f"{name} {form}"] * bool(code)
    print(f"\nRefused: {', '.join(failed) or 'none'}.")
    return 1 if failed else 0


def questions(form: str, folder: Path) -> list[list[str]]:
    """What is run of a format, in its folder."""
    here = Path(sys.executable).parent
    mine = [sys.executable, str(_READ), form]
    return {
        "tagpack": [[str(here / "tagpack-tool"), "tagpack", "validate", "."]],
        "stix": [
            [str(here / "stix2_validator"), "--version", "2.1", "--strict", "--disable", "103", "bundle.json"],
            mine,
        ],
        "case": [[str(here / "case_validate"), "case.jsonld"]],
    }.get(form, [mine])


def ask(command: list[str], folder: Path) -> tuple[int, str]:
    """The exit code of a validator, and its words without those that every call repeats."""
    done = subprocess.run(
        command, cwd=folder, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    kept = [line for line in done.stdout.splitlines() if line.strip() and not _noise(line)]
    name = Path(command[0]).name if command[0] != sys.executable else Path(command[1]).name
    return done.returncode, "\n".join(
        [f"$ {' '.join([name, *command[1 if name != _READ.name else 2 :]])}", *kept[-12:]]
    )


def _noise(line: str) -> bool:
    return any(
        word in line for word in ("DEPRECATION", "has been moved", "install graphsense-lib", "more information")
    )


if __name__ == "__main__":
    packages = ("tagpack-tool", "stix2-validator", "stix2", "pymisp", "followthemoney", "case-utils", "networkx")
    print("\n".join(f"{one} {version(one)}" for one in packages))
    sys.exit(main(sys.argv[1]))
