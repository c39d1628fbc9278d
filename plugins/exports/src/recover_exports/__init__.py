"""Exports: every table of a case as CSV and as one workbook, for a reader who recomputes its figures."""

from __future__ import annotations

from recover.sdk import Exporter, plugin


@plugin
def recover_exporters() -> list[Exporter]:
    from recover_exports.sheets import Sheets
    from recover_exports.workbook import Workbook

    return [Sheets(), Workbook()]


__all__ = ["recover_exporters"]
