"""The tables of a report inside its PDF: one file then holds the words and the rows that they sum up."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import PurePosixPath

TYPES = {".csv": "text/csv"}


def attached(made: bytes, files: Mapping[str, bytes], date: tuple[int, int, int]) -> bytes:
    """The PDF/A-3 with these files in it, as data of the document (ISO 19005-3, 6.8); the same bytes each time.

    `files` are by relative name, of which the last part is shown; `date` is the document's.
    """
    import pikepdf

    if not files:
        return made
    stamp = "D:{:04}{:02}{:02}000000Z".format(*date)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        for name, data in sorted(files.items()):
            path = PurePosixPath(name)
            pdf.attachments[path.name] = pikepdf.AttachedFileSpec(
                pdf,
                data,
                description=name,
                filename=path.name,
                mime_type=TYPES[path.suffix],
                creation_date=stamp,
                mod_date=stamp,
                relationship=pikepdf.Name.Data,
            )
        # A reader of PDF/A takes only what the document itself names as its own.
        pdf.Root.AF = pikepdf.Array([spec.obj for _, spec in sorted(pdf.attachments.items())])
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return out.getvalue()
