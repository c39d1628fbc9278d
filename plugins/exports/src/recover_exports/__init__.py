"""Exports: every table of a case as CSV, for a reader who recomputes figures in a spreadsheet."""

from __future__ import annotations

from recover.sdk import Exporter, plugin


@plugin
def recover_exporters() -> list[Exporter]:
    from recover_exports.sheets import Sheets

    return [Sheets()]


__all__ = ["recover_exporters"]
