"""Calling plugins: whatever one raises becomes a named record, never a crash of the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

from recover.plugins.faults import faults
from recover.sdk.batch import Batch
from recover.sdk.errors import Error, PluginFailed

Made = TypeVar("Made")
_SHOWN = 5  # faults named in one error


def batches(name: str, action: Callable[[], Iterable[Batch]]) -> list[Batch]:
    """All batches of one call, checked. Raises the plugin's own Error, or PluginFailed for anything else."""
    made = everything(name, action)
    for batch in made:
        # Checked here, while the plugin that is at fault can still be named.
        everything(name, lambda batch=batch: batch.tables())  # type: ignore[misc]
        wrong = list(islice(faults(batch), _SHOWN + 1))
        if wrong:
            raise PluginFailed(
                "record-wrong",
                f"The plugin {name} gave records that cannot be used.",
                "; ".join(wrong[:_SHOWN]) + ("; and more." if len(wrong) > _SHOWN else "."),
                "Report it to the plugin's author; nothing of this call was used.",
            )
    return made


def everything(name: str, action: Callable[[], Iterable[Made]]) -> list[Made]:
    """All that one call yields. Raises the plugin's own Error, or PluginFailed for anything else."""
    try:
        # Drawn out here, inside the guard: a generator raises when it is read, not when it is made.
        return list(action())
    except Error:
        raise
    except Exception as error:
        # The innermost frame is the plugin author's own line; the file's folder is left out, as it names the
        # machine.
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
