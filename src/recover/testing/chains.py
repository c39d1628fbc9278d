"""What every chain must hold to."""

from __future__ import annotations

import re
from typing import ClassVar

import pyarrow as pa

from recover.sdk import Address, Chain, NotRecognised, TxId
from recover.testing import hostile
from recover.testing.kit import CAIP2, CAIP10, CAIP19, Kit, check_texts


class ChainKit(Kit):
    """Subclass with `chain` set. The examples are the chain's own: `info.examples` and `info.bad`."""

    needs = ("chain",)
    chain: ClassVar[Chain]

    def test_it_is_a_chain(self) -> None:
        assert isinstance(self.chain, Chain), f"{self.chain!r} lacks a member of recover.sdk.Chain"

    def test_it_tells_of_itself(self) -> None:
        info = self.chain.info
        assert CAIP2.fullmatch(info.id), f"{info.id!r} is no CAIP-2 id"
        check_texts(info.id, title=info.title, symbol=info.native.symbol)
        assert info.model in ("utxo", "account"), f"{info.model!r} is no accounting model"
        assert info.examples, "a chain shows at least one text that it reads"
        assert info.bad, "a chain shows at least one text that it refuses"
        for text, source in info.examples:
            check_texts(text, source=source)
        for text, why in info.bad:
            check_texts(text or "the empty text", why=why)

    def test_what_people_write_of_it_has_the_stated_forms(self) -> None:
        info = self.chain.info
        for name in info.short:
            assert re.fullmatch(r"[a-z][a-z0-9-]{0,15}", name), f"{name!r} is no short name in small letters"
        for form in info.links:
            assert re.fullmatch(r"[a-z0-9.-]+\.[a-z]+/[^ ?]*(\{\}|\{\}\?[a-z]+=\{\})", form), (
                f"{form!r} is no form of a link: a host in small letters, a path, and {{}} at the end, without https://"
            )

    def test_its_assets_are_its_own(self) -> None:
        info = self.chain.info
        listed = [info.native, *info.assets]
        for asset in listed:
            assert CAIP19.fullmatch(asset.id), f"{asset.id!r} is no CAIP-19 id"
            assert asset.chain == info.id, f"{asset.id} is not on {info.id}"
        for asset in info.assets:
            assert asset.decimals is not None, f"the register must give the decimals of {asset.id}"
        ids = [asset.id for asset in info.assets]
        assert len(ids) == len(set(ids)), "the register of assets names one asset twice"

    def test_its_examples_are_read(self) -> None:
        read = [self.chain.parse(text) for text, _ in self.chain.info.examples]
        for found in read:
            assert found.chain == self.chain.info.id, f"{found} is not on {self.chain.info.id}"
        assert any(isinstance(found, Address) for found in read), "no example is an address"

    def test_what_it_read_reads_the_same_again(self) -> None:
        for text, _ in self.chain.info.examples:
            self._check_stable(text, self.chain.parse(text))

    def test_its_bad_examples_are_refused_with_a_reason(self) -> None:
        for text, why in self.chain.info.bad:
            try:
                found = self.chain.parse(text)
            except NotRecognised as error:
                check_texts(repr(text), code=error.code, what=error.what, why=error.why, todo=error.todo)
            else:
                raise AssertionError(f"{text!r} was read as {found}, but: {why}")

    def test_hostile_texts_are_refused_or_read_the_same_again(self) -> None:
        # Built on a text that the chain does read: what is appended must not be dropped in silence.
        good = self.chain.info.examples[0][0]
        for text in (*hostile.TEXTS, good + "\x00", good + "\u202e", good * 100):
            try:
                found = self.chain.parse(text)
            except NotRecognised:
                continue
            self._check_stable(text, found)

    def test_its_reader_of_columns_knows_only_what_parse_gives_back(self) -> None:
        check = getattr(self.chain, "spelt", None)
        if check is None:
            return
        info = self.chain.info
        texts = [text for text, _ in (*info.examples, *info.bad)]
        texts += [self.chain.parse(text).text for text, _ in info.examples]
        texts += [text for text in (*hostile.TEXTS, texts[-1] + " ", texts[-1][:-1]) if _is_text(text)]
        told = check(pa.array([*texts, None], pa.string()))
        assert len(told) == len(texts) + 1, "spelt gives one truth value a text"
        assert told[len(texts)].as_py() is False, "a null is no address"
        for text, is_spelt in zip(texts, told.to_pylist(), strict=False):
            if is_spelt:
                found = self.chain.parse(text)
                assert isinstance(found, Address), f"spelt calls {text!r} an address, and parse gives {found}"
                assert found.text == text, f"spelt knows {text!r}, which parse writes {found.text!r}"

    def test_what_is_alike_to_an_address_is_on_another_chain(self) -> None:
        alike = getattr(self.chain, "alike", None)
        if alike is None:
            return
        for text, _ in self.chain.info.examples:
            found = self.chain.parse(text)
            for chain, other in alike(found.text) if isinstance(found, Address) else ():
                assert chain != self.chain.info.id, f"{other!r} is of this chain itself: that is a form"
                assert chain.partition(":")[0] == found.chain.partition(":")[0], f"{chain} is of another namespace"
                assert CAIP10.fullmatch(f"{chain}:{other}"), f"{chain}:{other!r} is no CAIP-10 id"

    def _check_stable(self, text: str, found: Address | TxId) -> None:
        """One spelling: what `parse` gives must parse to itself, or one address would be two in the ledger."""
        again = self.chain.parse(found.text)
        assert again == found, f"{text!r} was read as {found}, and that as {again}"
        if isinstance(found, Address):
            assert CAIP10.fullmatch(found.caip10), f"{found.caip10!r} is no CAIP-10 id"


def _is_text(text: str) -> bool:
    """Whether a column can hold it: half a pair of surrogates is no text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
