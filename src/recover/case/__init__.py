"""The case folder. Nothing outside this package reads or writes inside one."""

from recover.case.folder import Case, Stored, open_for_reading, open_for_writing
from recover.case.settings import Settings

__all__ = ["Case", "Settings", "Stored", "open_for_reading", "open_for_writing"]
