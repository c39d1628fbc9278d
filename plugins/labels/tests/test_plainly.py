"""A bulk list is read line by line, and gives what the parser of YAML gives, or is left to it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recover.sdk import Error
from recover.testing import exhibit
from recover_labels import columns, documents
from recover_labels.tagpack import TagPack

HEAD = "title: t\ncreator: c\n"
PLAIN = (
    HEAD + "tags:\n- address: 3BMEXa\n  label: 'one # two''s'\n  source: https://x.org/a (it's \"b\") \n"
    "- address: '0x1'\n  lastmod: 2022-11-16\n"
)


def whole(found: columns.Tags) -> documents.Node:
    return {**found.head, "tags": found.tree()}


def test_a_plain_list_is_read_without_the_parser() -> None:
    found = columns.read(PLAIN.encode())
    assert found is not None
    assert whole(found) == documents.read(PLAIN.encode())
    assert [tag.line for tag in found.tree() if isinstance(tag, documents.Lines)] == [4, 7]
    assert [found.one(0), found.one(1)] == found.tree()


@pytest.mark.parametrize(
    "tail",
    [
        "- address: a\n  address: b\n",
        "- address: &x a\n",
        "- address: *x\n",
        "- address: a # remark\n",
        "- address: a\n# remark\n",
        '- address: "a"\n',
        "- address: a\n   label: deep\n",
        "- address: a\n  more\n",
        "- address: [a]\n",
        "- address: a: b\n",
        "- address: a #b\n",
        "- address: a:\n",
        "- address: a :b\n",
        "- address: 'a' b\n",
        "- address: é\n",
        "- address: a\ntitle: twice\n",
        "- address: a",
        "-  address: a\n",
        "- address: a\n---\n",
        "- address: ~\n",
    ],
)
def test_whatever_is_not_of_the_plain_form_is_left_to_the_parser(tail: str) -> None:
    assert columns.read((HEAD + "tags:\n" + tail).encode()) is None


def test_a_list_with_a_key_of_its_own_in_every_tag_is_left_to_the_parser() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    tags = "".join(f"- address: x\n  {a}{b}: y\n" for a in letters for b in letters)
    assert columns.read((HEAD + "tags:\n" + tags).encode()) is None


@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.sampled_from(["- ", "  "]), st.text("ab_: '#-~nul0.,1x()&;=/!?*%$\"", max_size=12)),
        max_size=5,
    )
)
def test_both_ways_give_the_same_tree(lines: list[tuple[str, str]]) -> None:
    text = HEAD + "tags:\n- address: x\n" + "".join(f"{a}k{n}: {b}\n" for n, (a, b) in enumerate(lines))
    quick = columns.read(text.encode())
    if quick is not None:
        assert whole(quick) == documents.read(text.encode())


QUICK = """title: t
creator: c
confidence: forensic
label: L
source: https://x.org
lastmod: 2022-11-16
tags:
- address: 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa
  currency: BTC
- address: 0x00000000000000000000000000000000000000a1
  currency: ETH
  category: exchange
- address: 0x00000000000000000000000000000000000000a2
  currency: ETH
  category: exchange
- address: ' 12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S '
  currency: BTC
- address: 0x00000000000000000000000000000000000000a3
  currency: BTC
- address: D8vFz4p1L37jdg47HXKtSHA5uYLYxbGgPD
  currency: DOGE
- address: 'not an address'
  currency: BTC
- address: 1dice8EMZmqKvrGE4Qc9bUFf9PX3xaYDp
  currency: NOSUCH
- address: 1HLoD9E4SDFFPDiYfNYnkBLQ85Y51J3Zb1
  currency: BTC
  label: Other
  lastmod: null
""" + "".join(f"- address: 0x{n:040x}\n  currency: ETH\n  category: exchange\n" for n in range(20))


@pytest.mark.parametrize("more", ["", "  confidence: nonsense\n", "- tx_hash: ab\n", "- label: none\n"])
def test_a_bulk_pack_gives_the_same_in_columns_and_one_by_one(more: str) -> None:
    """A remark anywhere sends the whole pack to the parser of YAML, which asks every tag."""
    assert columns.read((QUICK + more).encode()) is not None
    told: list[object] = []
    for pack in (QUICK + more, QUICK + more + "# remark\n"):
        try:
            found = [batch.tables() for batch in TagPack().decode(exhibit("p.yaml", pack.encode()))]
            told.append([{name: rows.to_pylist() for name, rows in tables.items()} for tables in found])
        except Error as error:
            told.append(error.why)
    assert told[0] == told[1]
