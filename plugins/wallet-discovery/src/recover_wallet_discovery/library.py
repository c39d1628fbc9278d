# SPDX-License-Identifier: AGPL-3.0-or-later
"""The only door to bitcoinlib: imported once, in a folder of its own, without a log and without a network.

Its import writes into the user's home unless `BCL_DATA_DIR` names another folder, which needs its data
files, a `config.ini` that turns the log off, and a file `install.log`, without which the settings are overwritten.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import sys
import tempfile
import warnings
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from recover.sdk import Error

_SETTINGS = "[logs]\nenable_bitcoinlib_logging=False\n[common]\nservice_caching_enabled=False\n"


@cache
def keys() -> Any:
    """The module `bitcoinlib.keys`."""
    return _import("keys")


@cache
def encoding() -> Any:
    """The module `bitcoinlib.encoding`."""
    return _import("encoding")


def _import(name: str) -> Any:
    if "bitcoinlib" in sys.modules:
        return import_module(f"bitcoinlib.{name}")
    before = os.environ.get("BCL_DATA_DIR")
    os.environ["BCL_DATA_DIR"] = str(_folder())
    logger = logging.getLogger("bitcoinlib")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return import_module(f"bitcoinlib.{name}")
    except OSError as error:
        raise Error(
            "bitcoinlib-unusable",
            "bitcoinlib, by which addresses are derived, does not start.",
            f"{error}.",
            "Use a UTF-8 locale (for example LANG=C.UTF-8).",
        ) from None
    finally:
        os.environ.pop("BCL_DATA_DIR")
        if before is not None:
            os.environ["BCL_DATA_DIR"] = before


@cache
def _folder() -> Path:
    """A private folder, removed when the program ends."""
    spec = find_spec("bitcoinlib")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(tempfile.mkdtemp(prefix="recover-keys-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for file in sorted((Path(spec.origin).parent / "data").glob("*.json")):
        shutil.copyfile(file, folder / file.name)
    (folder / "config.ini").write_text(_SETTINGS, "ascii")
    (folder / "install.log").touch()
    return folder
