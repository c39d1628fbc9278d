"""The rest of the catalogue: texts that claim nothing of a case, and those that are true of every case.

Every text of a template is in one of three places: in `catalogue` with its condition, in `ALWAYS` because the way
in which papers are made bears it out, or in `PARTS` because it is a heading, a blank, a name or half a sentence.
A test holds the three to the templates, so that no sentence comes in unnoticed.
"""

from __future__ import annotations

import re

ALWAYS = frozenset(
    {
        # What the report and the letters are, and are not.
        *("edition.V0", "edition.V1", "edition.V2", "edition.defence", "defence.intro"),
        *("cover.notice", "cover.draft", "cover.no_title", "review.state"),
        *("ask.scope", "sign.text", "declarations.absent"),
        # How figures are made: the same in every case, and tested as such.
        *("method.applied", "method.arithmetic", "method.rule", "method.rule_bare", "method.head", "method.stops"),
        *("method.stop_service", "method.stop_hub", "method.stop_mixer", "method.stop_bridge"),
        *("method.stop_uncollected", "instructions.meaning", "findings.intro", "attribution.intro", "link.intro"),
        *("background.chain", "background.account", "background.utxo"),
        *("appendices.rebuild", "appendices.verify", "appendices.run", "appendices.spreadsheet", "errors.intro"),
        *(
            "errors.replay",
            "flows.schedule",
            "table.intro",
            "urgent.text",
        ),
        # Limits of every trace, and explanations that every attribution leaves open.
        *("limits.chain", "limits.books", "limits.exhibits", "limits.labels", "alternatives.nested"),
        *("alternatives.batching", "alternatives.reuse", "alternatives.hub", "alternatives.label"),
        *("alternatives.coincidence", "alternatives.rule", "summary.question", "instructions.case"),
    }
)
"""True of every case: by how papers are made, or because they say only what is asked or left open."""

_FRAGMENTS = (
    # Headings, columns, words for grades and tags, terms, names of files.
    r"summary\.(?:acts|exhibits(?:_one)?|fact_.*|spans?|spans_more|still)",
    r".*\.title|column\..*|grade\.[A-E]|tag\..*|findings\..*\.tag|glossary\..*|doc\..*|and|amount\..*|sheet\..*",
    r"role\..*|glance\..*|differs\..*|range\.more|about\..*|reach\..*|month\..*|day\..*|start\..*|proof\..*|review\..*|memo\..*|complete\..*|none\..*|until\..*|rule\..*",
    r"cover\..*|head\..*|unverified\..*|delivery\..*|mail\..*|portal\..*|former\..*|given\..*|claim\..*",
    # Blanks that a person fills.
    r".*todo.*|.*unrelied|.*\.cv|declarations\.sign",
    # The page's own tools: names of buttons, and what they say of themselves.
    r"board\..*",
    # Captions of tables, and words inside their cells.
    r".*\.caption|reached\.(?:began|left)_caption|.*\.(?:losses|addresses|endpoints|hubs|hub|assets|every|largest|none)(?:_one)?",
    r"said\..*|materials\..*|method\.(?:rules|heuristics|plugins|plugins_more|assets|declared_mark|no_decimals|used|refused|elected|exposure)",
    r"errors\.(?:caption|unmeasured|grades|population|by|fails|idle)|appendices\..*|limits\.(?:caption|effects)",
    r"instructions\..*|origins\.(?:caption|service|hub|loss|other|payerless|services|by_address|declared)|withdrawn\..*|declared\..*|background\.glossary",
    r"paid\.upto|ramp\.fees|flows\.(?:own_.*|paid_on|still_between|over|into|others|more_rows|more_assets|nowhere|beyond(?:_.*)?|end_.*|more_ends|picture|alt|alt_part|places|more|unlabelled|graded|pays|by_.*|deposit|plain|possible|rivals|left_out.*|zero|conser.*|fees_part)",
    r"routes\.(?:more|over|lot|lots|lots_more|other|nothing|both|shortest|largest|held|emptied|spent|spent_whole|untraced|unshown|stopped|began|came|hop)|byhand\..*|custody\..*|sender\..*|hold\..*|flow\..*|attribution\.(?:labels|by_method|times|more|ended|pays|not_called)|part\.used|order\.(?:whole|some|ruled|ruled_some|rule|spans|spans_some|sequence|opening|rivals|possible|loss|cell_.*|of_.*|more)|part\.cell_.*|range\.(?:bare|on_bare|begun|loss|rule|cell_.*)|shape\..*",
    r"summary\.(?:ranges|rests|urgent|zero_part(?:_every)?|beyond_rows|limits|payments(?:_one)?|mixes(?:_one)?|places_more|most|act_(?:letter|enquiry|disclose|freeze|freeze_open|more|none)|limit.*)|reason\.(?:at|rest|other)",
    r"reason\.swap-stopped|cell\.(?:left_.*|still_.*)|freeze\..*|swap\..*|crossing\..*|alert\..*|findings\.(?:span|alike|tabled_.*)|table\..*|holding\..*",
    # What letters ask for, and from whom: requests, and no statements.
    r"records\..*|period\..*|enquiry\..*|care\..*|ask\..*|victim\..*|chronology\..*|urgent\..*|exhibits\..*",
    r"history\.(?:mark_.*|in|out|more|(?:whole|short|unproved)_.*)",
    r"crossed\.(?:key|promised)|link\.(?:deposit|own|plain)|facts\.(?:intro|part_.*|hub_.*|intro_named|swept|came|came_only|back|withdrawn.*|unfollowed)",
    r"against\..*",
    r"victims\.(?:several|nobody)|charts\..*|pack\..*|edition\.(?:left|name|file|log|kind_.*)|defence\.(?:against|labels|labels_caption|labels_more|rules|aside|commands|commands_caption|command_.*)",
    r"unsettled\.without|lacking\..*|balance\.by|notice\..*|answer\..*|worth\..*|version\..*",
)
PARTS = re.compile("|".join(f"(?:{pattern})" for pattern in _FRAGMENTS))
"""Headings, blanks, requests, names and parts of sentences: they state nothing of a case by themselves."""
