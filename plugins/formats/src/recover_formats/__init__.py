"""Formats that colleagues read, each written with the standard library alone; its own tools read it back."""

from __future__ import annotations

from recover.sdk import Exporter, plugin


@plugin
def recover_exporters() -> list[Exporter]:
    from recover_formats.ftm import FollowTheMoney
    from recover_formats.graph import Graph
    from recover_formats.misp import Misp
    from recover_formats.stix import Stix
    from recover_formats.tagpack import TagPack
    from recover_formats.uco import CaseUco

    return [CaseUco(), FollowTheMoney(), Graph(), Misp(), Stix(), TagPack()]


__all__ = ["recover_exporters"]
