"""Bridges between chains: the two sides of a crossing joined by the key that both record, a folder a protocol."""

from recover.sdk import Heuristic, plugin


@plugin
def recover_heuristics() -> list[Heuristic]:
    """One heuristic a protocol. The modules are imported when asked for, so that start-up stays light."""
    from recover_bridges.every import every

    return list(every())
