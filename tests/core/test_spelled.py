"""A sealed name is found however it is spelled in a text, and what is no name is not."""

from __future__ import annotations

import pytest

from recover.sdk import Error
from recover.victims import leaks, spelled

RECORD = {"name": "Somchai Jaidee", "email": "s.j@example.org", "phone": "+66 81 111 2222"}
SEALED = leaks.telling(RECORD)


@pytest.mark.parametrize(
    "text",
    [
        "Jaidee, Somchai paid.",
        "Mr Jaidee paid.",
        "Somchai S. Jaidee paid.",
        "SOMCHAI\u00a0JAIDEE",
        "Som\u2011chai Jai\u2011dee paid.",
        "Som\u200bchai Jai\u00addee",
        "Ｓｏｍｃｈａｉ Ｊａｉｄｅｅ",
        "statement_of_Jaidee_2026.csv",
        "Somchaí Jaideé",
        "write to S.J@example.org",
        "call +66-81-111-2222",
    ],
)
def test_a_name_is_found_however_it_is_spelled(text: str) -> None:
    assert spelled.Names(SEALED).inside(text)
    assert {*leaks._wanted([("V-2CPXWD", RECORD)]).inside(text.encode())} == {"V-2CPXWD"}
    with pytest.raises(Error, match="tells who V-2CPXWD is"):
        leaks.Minds([("V-2CPXWD", RECORD)])({"facts": f"It\n{text}"})


def test_what_tells_nobody_is_not_found() -> None:
    for text in ("My client Somchai paid.", "Jaideep paid.", "Nothing was paid on 2026-11-22."):
        assert spelled.Names(SEALED).inside(text) == set(), text


def test_names_of_numbered_persons_and_of_other_scripts() -> None:
    made = leaks.telling({"name": "Made-up Person 00001"})
    assert spelled.Names(made).inside("Made\u2011up  Person 00001 paid.")
    assert spelled.Names(made).inside("Person 00001, Made up")
    assert not spelled.Names(made).inside("Made-up Person 00002 paid 00001")
    thai = leaks.telling({"name": "นายสมชาย ใจดีมาก"})
    assert spelled.Names(thai).inside("ผู้เสียหายคือใจดี\u200bมากและอื่น")


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("Somchai Jaidee", "Jaidee"), ("Jaidee, Somchai", "Jaidee"), ("Anne Li", ""), ("Somchai", ""),
        ("Ann Prasert-Wong", "Prasert-Wong"), ("John Weber Jr.", "Weber"), ("Acme Online Co., Ltd.", ""),
        ("Made-up Person 00001", ""),
    ],
)  # fmt: skip
def test_the_surname(name: str, last: str) -> None:
    assert spelled.surname(name) == last


def test_a_surname_that_is_a_word_of_our_papers_is_looked_for_in_typed_words_alone() -> None:
    assert spelled.usual({"Price", "Jaidee", "Ann Price"}, ["The price of it.", "x"]) == {"Price"}
    record = [("V-1", {"name": "Ann Price"})]
    assert not {*leaks._wanted(record, ["The price of it."]).inside(b"Which price was used")}
    assert {*leaks._wanted(record, ["The price of it."]).inside(b"Price, Ann")} == {"V-1"}
