"""Calling plugins: whatever one raises becomes a named record, never a crash of the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from recover.sdk.batch import Batch
from recover.sdk.errors import Error, PluginFailed

Made = TypeVar("Made")


def batches(name: str, action: Callable[[], Iterable[Batch]]) -> list[Batch]:
    """All batches of one call, checked. Raises the plugin's own Error, or PluginFailed for anything else."""
    return everything(name, lambda: map(_checked, action()))


def everything(name: str, action: Callable[[], Iterable[Made]]) -> list[Made]:
    """All that one call yields. Raises the plugin's own Error, or PluginFailed for anything else."""
    try:
        return list(action())
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


def _checked(batch: Batch) -> Batch:
    batch.tables()
    return batch
