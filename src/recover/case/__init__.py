"""The case folder. Nothing outside this package reads or writes inside one."""

from recover.case.acknowledged import SetAside, Stored
from recover.case.copied import asof, elsewhere
from recover.case.folder import FORMAT, Case, open_for_reading, open_for_writing
from recover.case.settings import Settings

__all__ = [
    "FORMAT",
    "Case",
    "SetAside",
    "Settings",
    "Stored",
    "asof",
    "elsewhere",
    "open_for_reading",
    "open_for_writing",
]
