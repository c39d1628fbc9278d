"""A `case.toml` of many losses: what is read and written at once is what the library reads and writes."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from recover.case import many, settings
from recover.case.settings import Settings
from recover.sdk import Error
from recover.sdk.view import Loss

TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
PLAIN = st.text("abcXYZ019:/-_ช", min_size=1, max_size=12)
LOSS = st.builds(
    Loss,
    id=st.integers(1, 999).map("L{}".format),
    chain=PLAIN,
    tx=st.one_of(PLAIN, TEXT),
    amount=st.none() | st.integers(1, 2**256 - 1),
    output=st.none() | st.integers(0, 2**32 - 1),
    assets=st.lists(PLAIN, max_size=2).map(tuple),
    label=st.just("") | TEXT,
)
HEAD = Settings(title="T", examiner="N", agency="A", rule="fifo", opened=datetime(2026, 1, 1, tzinfo=UTC))


@given(st.lists(LOSS, max_size=4))
def test_many_losses_are_written_and_read_as_the_library_does(losses: list[Loss]) -> None:
    made = Settings(**{**{f: getattr(HEAD, f) for f in HEAD.__slots__}, "losses": tuple(losses)})
    text = settings.text(made)
    raw = tomllib.loads(text)
    assert many.read(text) == raw
    assert text == tomli_w.dumps(raw)


ONE = '[[loss]]\nid = "L1"\nchain = "c:1"\ntx = "t"\nassets = [\n    "a",\n]\n'
TOP = 'format = 1\ntitle = "T"\n'


@pytest.mark.parametrize(
    "text",
    [
        f"{TOP}\n{ONE}",
        f"{TOP}\n{ONE}\n{ONE}",
        f"{TOP}\n{ONE}label = 'x'\n",
        f"{TOP}\n{ONE}\n[link]\nleast = 'C'\n",
        f"{TOP}\n{ONE}\n[[election]]\nloss = 'L1'\n",
        f"{TOP}\n{ONE}# a remark of the examiner\n",
        f"{TOP}\n{ONE}\n[loss.more]\nx = 1\n",
        f'{TOP}note = """\n{ONE}"""\n',
        f"{TOP}note = '''\n\n{ONE}'''\n",
        f"{TOP}loss = 3\n\n{ONE}",
        f"{TOP}x = [\n\n{ONE}\n]\n",
        f"{TOP}\n{ONE}\n{ONE}".replace("\n", "\r\n"),
        f'{TOP}\n{ONE}tx = "again"\n',
        f"{TOP}\n{ONE}\n[[election]]\n[[election]\n",
    ],
)
def test_a_text_of_another_form_is_left_to_the_library(text: str) -> None:
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(tomllib.TOMLDecodeError):
            many.read(text)
    else:
        assert many.read(text) == expected


def test_a_loss_that_cannot_stand_is_refused_as_before() -> None:
    text = settings.text(HEAD) + f"\n{ONE}".replace('"L1"', '"loss one"')
    with pytest.raises(Error, match=r"case\.toml cannot be read"):
        settings.parse(text)
