"""All that would stop a drafted letter from going out, gathered in one go and not one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from recover.case import Case
from recover.declared import decisions
from recover.letters import (
    changed,
    delivery,
    drafts,
    follows,
    front,
    gates,
    life,
    matter,
    outgoing,
    paper,
    renderings,
    rules,
    scope,
    served,
)
from recover.letters.profile import Profile
from recover.letters.running import Own
from recover.plugins.registry import Plugins
from recover.sdk import Error


def found(case: Case, plugins: Plugins, profile: Profile, ident: str) -> tuple[list[str], str]:
    """What stands against issuing the letter as it is drafted, and what mends each; who issues it is not asked.

    And in what it differs from the version that went out, where that is known.
    """
    listed = list(plugins.templates.values())
    seen, known = outgoing.seen(case, plugins), life.letters(case)
    desk = drafts.desk(listed, profile.templates)
    letter = known[ident]
    if letter.choice is None:
        return [], ""
    choice = follows.told(known, letter.choice)
    kind, basis = desk.kind(choice), desk.basis(choice)
    service = seen.services.get(choice.service) or seen.services.get(choice.name)
    doubt = delivery.doubtful(service or served.unlisted(choice.name), delivery.named(seen, choice))
    assert case.now is not None
    moment = case.now().replace(microsecond=0)
    made = drafts.matters(seen, desk, matter.Ways(seen), choice, letter, moment)
    passed, chains = decisions.passed(case), list(plugins.chains.values())
    text = {"all.txt": b"".join(renderings.plain(m, paper.brief(m)) for m in made)}
    languages = choice.language or case.settings.language

    def refuse(wrong: list[gates.Refusal]) -> None:
        if wrong:
            raise gates.refused(wrong)

    checks: tuple[Callable[[], None], ...] = (
        lambda: desk.same(choice),
        lambda: outgoing.sendable(desk, choice, "somebody", doubt, moment.date()),
        lambda: refuse(scope.unsaid(seen, kind, choice)),
        lambda: refuse(rules.said(choice, follows.asking(known, desk, choice), basis, chains, passed)),
        lambda: refuse([one for m in made for one in rules.issued(m, moment.date())]),
        lambda: outgoing.whole(text, desk, choice, languages, paper.addressed(made[0])),
    )
    english = replace(made[0], texts=desk.layered(kind, "en"), changed=changed.since(made, letter) or ())
    differs = english.texts.joined(dict.fromkeys(english.texts.say(key) for key in front.differing(english)))
    return list(dict.fromkeys(line for check in checks for line in _said(check))), differs


def shut(case: Case, plugins: Plugins, profile: Profile, ident: str) -> str:
    """That the letter's addressee takes none of its sender, and who can send one."""
    choice = life.letters(case)[ident].choice
    if choice is None:
        return ""
    desk = drafts.desk(list(plugins.templates.values()), profile.templates)
    entry = Own(case, plugins).entry(choice.name)
    return delivery.shut(desk.layered(desk.kind(choice), "en"), entry, choice, choice.name)


def _said(check: Callable[[], None]) -> Iterator[str]:
    try:
        check()
    except Error as error:
        whys, todos = ([line.strip() for line in text.splitlines()] for text in (error.why, error.todo))
        for number, why in enumerate(whys):
            yield f"{why} {todos[number]}" if len(todos) == len(whys) else why
