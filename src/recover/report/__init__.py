"""Documents: a view becomes a brief, a brief becomes a page. Nothing here reads a clock, a case or the network."""

from __future__ import annotations

from recover.report.documents import documents, shown

__all__ = ["documents", "shown"]
