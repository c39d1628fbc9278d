"""Calling plugins: whatever one raises becomes a named record, never a crash of the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from recover.sdk.batch import Batch
from recover.sdk.errors import Error, PluginFailed


def batches(name: str, action: Callable[[], Iterable[Batch]]) -> list[Batch]:
    """All batches of one call, checked. Raises the plugin's own Error, or PluginFailed for anything else."""
    try:
        found = list(action())
        for batch in found:
            batch.tables()
    except Error:
        raise
    except Exception as error:
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = (
            ""
            if place is None
            else f" (line {place.tb_lineno} of {place.tb_frame.f_code.co_filename.split('/')[-1]})"
        )
        raise PluginFailed(
            "plugin-raised",
            f"The plugin {name} failed.",
            f"{type(error).__name__}: {error}{where}.",
            "Report it to the plugin's author with the exhibit that caused it; other plugins still work.",
        ) from error
    return found
