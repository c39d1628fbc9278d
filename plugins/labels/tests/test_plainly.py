"""A bulk list is read line by line, and gives what the parser of YAML gives, or is left to it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recover_labels import columns, documents

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
