"""What every exporter must hold to."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath
from typing import ClassVar

from recover.sdk import Exporter, View
from recover.testing.kit import Kit, check_id, check_texts


class ExporterKit(Kit):
    """Subclass with `exporter` and a `view` for it to write."""

    needs = ("exporter", "view")
    exporter: ClassVar[Exporter]
    view: ClassVar[View]

    def test_it_is_an_exporter(self) -> None:
        assert isinstance(self.exporter, Exporter), f"{self.exporter!r} lacks a member of recover.sdk.Exporter"

    def test_it_tells_of_itself(self) -> None:
        info = self.exporter.info
        check_id(info.id)
        check_texts(info.id, version=info.version, title=info.title, form=info.form)

    def test_it_writes_something(self) -> None:
        files = dict(self.exporter.files(self.view))
        assert files, "a view with content gave no file"
        assert all(isinstance(data, bytes) for data in files.values()), "a file's content is bytes"

    def test_the_same_view_gives_the_same_bytes(self) -> None:
        once, again = list(self.exporter.files(self.view)), list(self.exporter.files(self.view))
        differing = [name for (name, a), (_, b) in zip(once, again, strict=True) if a != b]
        assert [n for n, _ in once] == [n for n, _ in again], "the names or their order changed"
        assert not differing, f"written differently the second time: {', '.join(differing)}"

    def test_its_names_stay_inside_the_folder(self) -> None:
        names = [name for name, _ in self.exporter.files(self.view)]
        for name in names:
            assert _safe(name), f"{name!r} is not a plain relative name"
        # Where case does not count, the second file would replace the first.
        folded = [name.casefold() for name in names]
        assert len(folded) == len(set(folded)), "two files have one name where case does not count"


def _safe(name: str) -> bool:
    # Files are handed on to people with other systems: a name must be safe, and the same one, on all of them.
    path, windows = PurePosixPath(name), PureWindowsPath(name)
    plain = name.isprintable() and not set(name) & set('\\<>:"|?*') and not name.endswith((".", " "))
    rooted = path.is_absolute() or bool(windows.drive)
    return plain and not rooted and bool(path.parts) and ".." not in path.parts and name == path.as_posix()
