"""Whether a text tells a person: a name in any order, spacing, hyphens and letter forms, or its surname alone.

The one search for letters, the rules of language and `victim check`. Names are compared by their parts: what is
not seen is taken out, and every mark between parts counts as a space.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence

from recover.sdk import Template

_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_MARK = re.compile("[\u0300-\u036f]")
_PART = re.compile(r"[^\x00-/:-@\[-`{-\xbf\u2000-\u206f\u3000-\u303f\ufffd]+")
_BETWEEN = 2
"""So many words more than a name has may stand between its parts: a title, an initial."""
_APART = 24
"""The same in characters, for scripts without spaces."""
_LEAST = 4
_AFTER = frozenset(("jr", "sr", "ii", "iii", "iv"))
_FORMS = frozenset(
    {"limited", "ltd", "company", "co", "corporation", "corp", "incorporated", "inc", "llc", "llp", "plc", "gmbh"}
    | {"ag", "sa", "bank", "foundation", "trust", "group", "holdings", "association"}
)
"""Who is called so is no person, and has no surname."""


def folded(text: str) -> str:
    """A text as it is compared: plain forms of letters and digits, small, without accents and what is not seen."""
    if text.isascii():
        return text.casefold()
    apart = unicodedata.normalize("NFKD", _UNSEEN.sub("", text))
    return unicodedata.normalize("NFC", _MARK.sub("", apart)).casefold()


def parts(text: str) -> tuple[str, ...]:
    """The words of a text, folded."""
    return tuple(_PART.findall(folded(text)))


def surname(name: str) -> str:
    """The last part of a name, or what stands before its comma; empty where it has one part or under 4 letters."""
    before, comma, after = name.partition(",")
    words = [word for word in name.split() if not _AFTER & {*parts(word)}]
    if len(words) < 2 or _FORMS & {*parts(name)}:
        return ""
    last = before.split()[-1:] if comma and after.strip() and before.strip() else words[-1:]
    found = "".join(last).strip(".,;")
    said = "".join(parts(found))
    return found if len(said) >= _LEAST and not any(c.isdigit() for c in said) else ""


class Sought:
    """Texts that are looked for, by their longest word: one pass finds any of thousands."""

    def __init__(self, wanted: Iterable[tuple[str, str]] = ()) -> None:
        self._words: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._runs: list[tuple[tuple[str, ...], str]] = []
        self._known: set[str] = set()
        for text, who in wanted:
            self.add(text, who)

    def add(self, text: str, who: str) -> None:
        said = parts(text)
        if not said:
            return
        if not all(part.isascii() for part in said):
            self._runs.append((said, who))
            return
        for one in dict.fromkeys((said, ("".join(said),))):
            self._words.setdefault(max(one, key=len), []).append((one, who))
            self._known |= {*one}

    def inside(self, text: str) -> Iterator[str]:
        """Whose text stands in this one, each as often as it was found in another way."""
        said = _PART.findall(folded(text))
        at: dict[str, list[int]] = {}
        for n, part in enumerate(said):
            if part in self._known:
                at.setdefault(part, []).append(n)
            if n and (both := said[n - 1] + part) in self._known:
                at.setdefault(both, []).append(n)
        for word in (one for one in at if one in self._words):
            yield from (who for wanted, who in self._words[word] if _near(wanted, word, at))
        if self._runs and not text.isascii():
            close = "".join(said)
            yield from (who for wanted, who in self._runs if _run(wanted, close))


def _near(wanted: Sequence[str], word: str, at: dict[str, list[int]]) -> bool:
    """Whether all parts stand in one short stretch around a place of their longest."""
    if not all(part in at for part in wanted):
        return False
    numbered = any(part.isdigit() for part in wanted)  # numbers are all over a paper
    most = len(wanted) + (0 if numbered else _BETWEEN)
    starts = (start for n in at[word] for start in range(n - most + 1, n + 1))
    return any(all(any(0 <= m - start < most for m in at[part]) for part in wanted) for start in starts)


def _run(wanted: Sequence[str], close: str) -> bool:
    if not all(part in close for part in wanted):
        return False
    longest, most = max(wanted, key=len), sum(map(len, wanted)) + _APART
    places = (found.start() for found in re.finditer(re.escape(longest), close))
    return any(all(part in close[max(n - most, 0) : n + most] for part in wanted) for n in places)


def _initialled(name: str) -> bool:
    """Whether a name is one word with an initial: without its full stop ‘A. Victim’ is two words of any paper."""
    said = parts(name)
    return len(said) > 1 and sum(len(part) > 1 for part in said) == 1


class Names:
    """Names as they stand, as part of a longer word too, and as `Sought` finds them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._plain = {name: " ".join(name.casefold().split()) for name in names}
        self._sought = Sought((name, name) for name in self._plain if not _initialled(name))

    def inside(self, text: str) -> set[str]:
        """Which of them a text tells."""
        if not self._plain:
            return set()
        shown = " ".join(text.casefold().split())
        whole = {name for name, plain in self._plain.items() if " " in name and plain in shown}
        return whole | {*self._sought.inside(text)}


def own(templates: Iterable[Template]) -> Iterator[str]:
    """The texts of which papers are made."""
    for folder in dict.fromkeys(template.folder for template in templates):
        for file in sorted(folder.glob("*.t*")):
            yield file.read_text("utf-8", "replace")


def usual(names: Collection[str], texts: Iterable[str]) -> set[str]:
    """Names of one part that are words of these texts too: alone, they tell nobody there."""
    single = {name: said[0] for name in names if len(said := parts(name)) == 1}
    if not single:
        return set()
    said = parts("\n".join(texts))
    words, close = {*said}, "".join(said)
    return {name for name, part in single.items() if part in words or (not part.isascii() and part in close)}
