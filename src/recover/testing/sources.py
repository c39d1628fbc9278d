"""What every source must hold to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from recover.sdk import (
    Address,
    Ask,
    Chain,
    Details,
    Error,
    Exhibit,
    History,
    Source,
    Spend,
    Status,
    TxId,
    WhoIs,
)
from recover.testing import alone, histories, hostile, naming, perturbed, sound
from recover.testing.cassette import Cassette
from recover.testing.exhibits import exhibit, rows
from recover.testing.expected import Expected, differences, unstated
from recover.testing.guards import offline
from recover.testing.kit import CAIP2, Kit, check_id, check_texts

# As much as the core reads to recognise a file.
HEAD = 65_536
# Bytes above which an example is damaged in fewer places, as each is decoded anew.
LARGE = 262_144
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9-]*)\}")

Rows = dict[str, list[dict[str, Any]]]


class SourceKit(Kit):
    """Subclass with `source`, recorded `examples` and what they come to; with `recorded` where it answers asks.

    `expected` states from the protocol what examples come to: see `Expected`. `recorded` holds an (ask, cassette)
    pair for each kind of ask that the source declares. `empty` are recorded answers with nothing in them,
    `refused` those by which the service would not answer: a source that answers asks shows both. `one_page` says
    why a history never takes a second page, where that is so. `chains` are needed where they are not installed.
    `made` is the form (a regular expression) of ids that the source makes itself, for what a chain gives no id.
    `reaches` is what a library makes `decode` reach for -> why it cannot be helped.
    `foreign` are files of others, as (name, bytes), that it must leave alone, besides the kit's own.
    """

    needs = ("source", "examples")
    source: ClassVar[Source]
    examples: ClassVar[tuple[Exhibit, ...]]
    expected: ClassVar[tuple[Expected, ...]] = ()
    recorded: ClassVar[tuple[tuple[Ask, Cassette], ...]] = ()
    empty: ClassVar[tuple[Exhibit, ...]] = ()
    refused: ClassVar[tuple[Exhibit, ...]] = ()
    one_page: ClassVar[str] = ""
    chains: ClassVar[tuple[Chain, ...]] = ()
    made: ClassVar[str] = ""
    reaches: ClassVar[Mapping[str, str]] = {}
    foreign: ClassVar[tuple[tuple[str, bytes], ...]] = ()

    def test_it_is_a_source(self) -> None:
        assert isinstance(self.source, Source), f"{self.source!r} lacks a member of recover.sdk.Source"

    def test_it_tells_of_itself(self) -> None:
        info = self.source.info
        check_id(info.id)
        check_texts(info.id, version=info.version, title=info.title, media=info.media, terms=info.terms)
        assert info.chains, "it must name its chains, or say ('*',)"
        for chain in info.chains:
            assert info.chains == ("*",) or CAIP2.fullmatch(chain), f"{chain!r} is no CAIP-2 id"
        known = set(Ask.kinds)
        assert set(info.asks) <= known, f"{sorted(set(info.asks) - known)} are no asks; those are {sorted(known)}"
        assert info.place in ("line", "item", "byte"), f"{info.place!r} is no unit of places"

    def test_its_examples_decode_to_something(self) -> None:
        assert self.examples, "a source shows at least one recorded example"
        for each in self.examples:
            found = self._decoded(each)
            assert any(found.values()), f"{each.name} decodes to nothing"

    def test_what_it_decodes_holds_together(self) -> None:
        for each in self.examples:
            self._check(each, self._decoded(each))

    def test_decoding_twice_gives_equal_tables(self) -> None:
        for each in self.examples:
            once = [batch.tables() for batch in self.source.decode(each)]
            again = [batch.tables() for batch in self.source.decode(each)]
            assert len(once) == len(again), f"{each.name} gave another number of batches"
            for a, b in zip(once, again, strict=True):
                assert a.keys() == b.keys(), f"{each.name} gave other tables"
                for name, value in a.items():
                    assert value.equals(b[name]), f"{each.name} gave another {name} table"

    def test_it_states_what_its_examples_come_to(self) -> None:
        assert self.expected, (
            "no expectation is stated: set `expected` to what at least one example comes to, taken from the "
            "protocol or another explorer, never from the decoder (recover.testing.Expected)"
        )
        for each in self.expected:
            check_texts(each.example.name, taken=each.taken)
            something = each.transactions or each.decimals or any(each.rows.values())
            assert something, f"the expectation of {each.example.name} states nothing"

    def test_its_examples_come_to_what_is_stated(self) -> None:
        for each in self.expected:
            _none(each.example.name, differences(each, self._decoded(each.example)))

    def test_what_its_examples_show_is_stated_once(self) -> None:
        for each in (*self.examples, *(one.example for one in self.expected)):
            _none(
                f"{each.name} shows, and `expected` nowhere states", unstated(self.expected, self._decoded(each))
            )

    def test_what_it_names_is_spelt_as_its_chain_spells_it(self) -> None:
        info = self.source.info
        chains = naming.known(self.chains, () if info.chains == ("*",) else info.chains)
        missing = [] if info.chains == ("*",) else sorted(set(info.chains) - set(chains))
        assert not missing, f"set `chains` to {', '.join(missing)}: without them no name can be checked"
        for each in self.examples:
            _none(each.name, naming.misspelt(self._decoded(each), chains))

    def test_its_ids_and_times_are_those_of_the_recording(self) -> None:
        for each in self.examples:
            found = self._decoded(each)
            _none(each.name, [*naming.unrecorded(found, each, self.made), *naming.untimely(found)])

    def test_no_amount_goes_through_a_float(self) -> None:
        for each in self.examples:
            if len(each.data) <= LARGE:
                self._check_inflated(each, self._decoded(each))

    def test_a_fresh_process_gives_equal_tables_and_reaches_for_nothing(self) -> None:
        ways = alone.answers(type(self), self.source, self.examples)
        for at, each in enumerate(self.examples):
            here = alone.tables(self.source, each)
            for answer, way in zip((ways[0][at], ways[1][at]), alone.WAYS, strict=True):
                said = f"{each.name}, decoded in a fresh process with {way}"
                assert not answer.error, f"{said}: {answer.error}"
                reached = [what for what in answer.reached if not any(known in what for known in self.reaches)]
                assert not reached, f"{said}, reached for {', '.join(reached[:5])}"
                assert answer.tables == here, f"{said}: {_first_difference(here, answer.tables)}"

    def test_damaged_bytes_are_refused_or_hold_together(self) -> None:
        for each in self.examples:
            cuts = 12 if len(each.data) < LARGE else 2
            self._check_damaged(each, hostile.damaged(each.data, cuts))

    def test_garbage_is_refused_or_holds_together(self) -> None:
        garbage = [(repr(data[:16]), data) for data in hostile.GARBAGE]
        self._check_damaged(self.examples[0], garbage)

    def test_it_recognises_its_own_files(self) -> None:
        for each in self.examples:
            assert self.source.recognises(each.name, each.data[:HEAD]), f"{each.name} is not recognised"

    def test_it_leaves_the_files_of_others_alone(self) -> None:
        for name, data in (*hostile.FOREIGN, *self.foreign):
            assert not self.source.recognises(name, data[:HEAD]), f"{name} is not its own"
        for data in hostile.GARBAGE:
            # An answer either way is a bool; an exception would stop the import of somebody else's file.
            assert self.source.recognises("garbage", data[:HEAD]) in (True, False)

    def test_each_ask_it_declares_is_recorded(self) -> None:
        shown = {type(ask).__name__ for ask, _ in self.recorded}
        missing = sorted(set(self.source.info.asks) - shown)
        assert not missing, f"no recorded example of {', '.join(missing)}"
        undeclared = sorted(shown - set(self.source.info.asks))
        assert not undeclared, f"recorded, but not declared in `asks`: {', '.join(undeclared)}"

    def test_recorded_asks_are_answered_through_the_recorder(self) -> None:
        for ask, tape, got in self._answered():
            assert got, f"{ask} brought no exhibit"
            for each in got:
                # The very object: bytes that a source made or fetched by itself have no request behind them.
                assert any(each is stored for stored in tape.captured), (
                    f"{each.name} did not come from the recorder"
                )
                self._check(each, self._decoded(each))

    def test_recorded_answers_are_never_empty_and_decode_the_same_twice(self) -> None:
        for _, cassette, got in self._answered():
            for each in got:
                assert any(self._decoded(each).values()), f"{each.name} ({cassette.source}) decodes to nothing"
                once, again = (alone.tables(self.source, each) for _ in range(2))
                assert once == again, f"{each.name}: {_first_difference(once, again)}"

    def test_a_history_covers_what_was_asked_and_no_more(self) -> None:
        for ask, _, got in self._answered():
            if isinstance(ask, History):
                pages = [self._decoded(each) for each in got]
                _none(str(ask), histories.faults(ask, pages))

    def test_a_history_is_recorded_page_by_page(self) -> None:
        pages = [len(got) for ask, _, got in self._answered() if isinstance(ask, History)]
        assert not pages or max(pages) > 1 or self.one_page, (
            "no recorded History has a second page: record one that has, or say in `one_page` why none ever does"
        )

    def test_empty_answers_and_refusals_say_so(self) -> None:
        asks = self.source.info.asks
        assert self.empty or "History" not in asks, "set `empty` to a recorded answer with nothing in it"
        assert self.refused or not asks, "set `refused` to a recorded answer by which the service refuses"
        for each in self.empty:
            found = self._decoded(each)
            said = found["coverage"] or found["nothing"] or found["gaps"] or found["states"]
            assert said, f"{each.name} is empty: say so with Nothing, Coverage or a Gap"
        for each in self.refused:
            try:
                found = self._decoded(each)
            except Error as error:
                check_texts(each.name, code=error.code, what=error.what, why=error.why, todo=error.todo)
            else:
                assert found["gaps"], f"{each.name} is a refusal: raise Error, or yield a Gap"
                assert not found["coverage"], f"{each.name} is a refusal, and covers a history"

    def test_its_secrets_are_declared(self) -> None:
        requests = [each.request for _, cassette in self.recorded for each in cassette.exchanges]
        texts = [text for r in requests for text in (r.url, *(value for _, value in r.headers))]
        used = {name for text in texts for name in _PLACEHOLDER.findall(text)}
        undeclared = sorted(used - set(self.source.info.secrets))
        assert not undeclared, f"placeholders not declared in `secrets`: {', '.join(undeclared)}"

    def test_other_asks_bring_nothing(self) -> None:
        info = self.source.info
        chain = "test:1" if info.chains == ("*",) else info.chains[0]
        address, tx = Address(chain=chain, text="nobody"), TxId(chain=chain, text="none")
        asks: tuple[Ask, ...] = (
            History(address=address),
            Details(tx=tx),
            WhoIs(address=address),
            Spend(tx=tx, index=0),
            Status(address=address),
        )
        for ask in asks:
            if type(ask).__name__ not in info.asks:
                assert list(self.source.collect(ask, Cassette())) == [], f"{ask} is not declared, but answered"

    def _decoded(self, each: Exhibit) -> Rows:
        with offline() as seen:
            found = rows(self.source.decode(each))
        # Said even where the decoder swallows the exception, and goes on as if nothing had been asked.
        assert not seen, f"decoding {each.name} reached for {seen[0]}"
        return found

    def _answered(self) -> Iterable[tuple[Ask, Cassette, Sequence[Exhibit]]]:
        """Each recorded ask with a fresh cassette and the exhibits that it brings."""
        for ask, cassette in self.recorded:
            where = cassette.endpoint or self.source.info.endpoint
            tape = Cassette(exchanges=cassette.exchanges, source=self.source.info.id, endpoint=where)
            yield ask, tape, list(self.source.collect(ask, tape))

    def _check_inflated(self, each: Exhibit, found: Rows) -> None:
        before = perturbed.magnitudes(found)
        for value, other, data in perturbed.inflated(each, found):
            changed = exhibit(each.name, data, media=each.media, source=self.source.info.id, asked=each.asked)
            try:
                again = self._decoded(changed)
            except Error:
                continue  # it may refuse what its chain cannot hold
            after = perturbed.magnitudes(again)
            # Where the first amount is still there, the number that was replaced was not what was read.
            lost = other not in after and value not in after and len(after) == len(before)
            assert again["gaps"] or not lost, (
                f"{each.name}: with {other} recorded in place of {value}, the legs have {sorted(after - before)}: "
                "an amount went through a float or too few bits"
            )

    def _check_damaged(self, each: Exhibit, spoiled: Iterable[tuple[str, bytes]]) -> None:
        for what, data in spoiled:
            other = exhibit(each.name, data, media=each.media, source=self.source.info.id, asked=each.asked)
            try:
                found = self._decoded(other)
            except Error as error:
                check_texts(what, code=error.code, what=error.what, why=error.why, todo=error.todo)
            # An exception of another kind would be a failed plugin in a case, where a sentence to the examiner was
            # due.
            except Exception as error:
                raise AssertionError(f"{each.name}, {what}: raised {type(error).__name__}: {error}") from error
            else:
                self._check(other, found, what)

    def _check(self, each: Exhibit, found: Rows, what: str = "as recorded") -> None:
        said = f"{each.name}, {what}"
        info = self.source.info
        _none(said, sound.faults(found, each, info.chains, info.place))


def _none(said: str, faults: Iterable[str]) -> None:
    told = list(faults)
    assert not told, f"{said}: " + "; ".join(told[:20])


def _first_difference(once: alone.Tables, again: alone.Tables) -> str:
    """Where two decodings part, in words short enough to read."""
    if len(once) != len(again):
        return f"{len(once)} batches here, and {len(again)} there"
    for here, there in zip(once, again, strict=True):
        for name in sorted({*here, *there}):
            rows = zip(here.get(name, []), there.get(name, []), strict=False)
            for a, b in rows:
                if a != b:
                    parted = {k: (a[k], b[k]) for k in a if a[k] != b[k]}
                    return f"a row of {name} differs in (here, there): {parted}"
            if len(here.get(name, [])) != len(there.get(name, [])):
                return f"{len(here.get(name, []))} rows of {name} here, {len(there.get(name, []))} there"
    return "equal rows in another order"
