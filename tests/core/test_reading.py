"""Tables that a process keeps: what is kept does not make the next reading dearer, and has a bound."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from recover.case import reading


class Weighed:
    """A table that counts how often its size is asked for."""

    def __init__(self, size: int) -> None:
        self.asked = 0
        self._size = size

    @property
    def nbytes(self) -> int:
        self.asked += 1
        return self._size


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> reading._Shelf:
    made = reading._Shelf()
    monkeypatch.setattr(reading, "_shelf", made)
    return made


def read(place: str, table: Any, times: int = 1, mark: str = "a") -> list[Any]:
    return [reading.once(place, (mark,), None, lambda _columns: table) for _ in range(times)]


@pytest.mark.usefixtures("shelf")
def test_the_size_of_a_kept_table_is_asked_for_once_however_much_is_read_after_it() -> None:
    tables = [Weighed(10) for _ in range(50)]
    for number, table in enumerate(tables):
        assert read(f"t{number}", table, 3) == [table] * 3
    assert {table.asked for table in tables} == {1}


def test_what_was_asked_for_longest_ago_goes_first(shelf: reading._Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST", 25)
    for name in ("one", "two", "one", "three"):
        read(name, Weighed(10), 2)
    assert [*shelf.places] == ["one", "three"]
    assert shelf.size == 20
    read("large", Weighed(30), 2)
    assert ([*shelf.places], shelf.size) == ([], 0)


def test_another_mark_has_the_file_read_again(shelf: reading._Shelf) -> None:
    old, new = Weighed(10), Weighed(7)
    read("t", old, 2)
    assert read("t", new, 3, mark="b") == [new] * 3
    assert shelf.size == 7


def test_places_are_bounded_too(shelf: reading._Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PLACES", 3)
    for number in range(9):
        read(f"t{number}", Weighed(10))
    assert [*shelf.places] == ["t6", "t7", "t8"]


def test_columns_that_come_later_stand_beside_those_that_are_here(shelf: reading._Shelf) -> None:
    whole = pa.table({"a": [1, 2], "b": ["x", "y"], "c": [3, 4]})

    def some(names: Any) -> pa.Table:
        return whole.select(names)

    for names in (["a"], ["a"], ["b"], ["b", "a"]):
        assert reading.once("t", ("m",), names, some).column_names == names
    assert shelf.places["t"].table is not None
    assert shelf.places["t"].table.column_names == ["a", "b"]
    assert shelf.size == whole.select(["a", "b"]).nbytes
