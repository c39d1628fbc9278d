"""The commands by name, where each one is written, and the first answer of the program: what there is.

Nothing is imported here: `recover --help` is printed from this table, and a command loads its own module only.
"""

from __future__ import annotations

import os

ABOUT = """\
Follow stolen value from a loss to the services it reached, on stored evidence, offline.

Exit codes: 0 done; 2 usage; 3 a hash or the journal does not hold; 4 a plugin failed; 5 done, with gaps
that can change a figure; 6 made with other versions, not comparable; 70 an error of recover's own."""

VERSION = "Print the version."

COMMANDS = (
    ("now", "now:now", "From a transaction or an address to drafted papers, while the money moves."),
    (
        "watch",
        "watch:watch",
        "Look at the places where traced value rests, the largest first, and tell what moves.",
    ),
    (
        "status",
        "status:status",
        "Say how a case stands, or each of a folder: asks open by value, what moved, clocks, papers waiting.",
    ),
    (
        "doctor",
        "doctor:doctor",
        "Say what each source can answer, where and at what pace, and what is not set up.",
    ),
    (
        "open",
        "open:open_",
        "Make a new case folder, under one declared tracing rule; or open that of a sealed bundle.",
    ),
    ("import", "imports:import_", "Store files as exhibits, or say how stored ones were obtained."),
    ("loss", "loss:loss", "Declare losses: one for each --address and each --tx."),
    ("decide", "decide:decide", "Settle a contradiction, or a letter that a label keeps back."),
    ("set-aside", "aside:set_aside", "Let no result rest on an exhibit, or use it again."),
    (
        "elect",
        "elect:elect",
        "Record a claimant's election (Re Oatway): this movement took the claimant's value first.",
    ),
    ("assert", "hands:assert_", "Give an address a name by hand, or take one from it; it is printed as yours."),
    ("review", "hands:review", "Accept or reject a finding, or an indicator, as it stands now."),
    ("split", "hands:split", "Set addresses apart from the rest of their cluster."),
    ("join", "hands:join", "Say that addresses have one owner."),
    ("undo", "hands:undo", "Take an act back, or an indicator; the journal keeps both."),
    ("collect", "stages:collect", "Ask allowed sources what is still open."),
    ("decode", "stages:decode", "Read the exhibits into transactions and transfers."),
    ("link", "stages:link", "Say which addresses belong together and to whom, with grades."),
    ("trace", "stages:trace", "Follow the losses under the declared rule."),
    ("find", "stages:find", "State off-ramps, value that no exhibit shows leaving, and what was not examined."),
    ("write", "stages:write", "Write the report and the letters, as drafts."),
    ("run", "stages:run_", "Run every stage; what is unchanged is skipped."),
    ("verify", "verify:verify", "Check that everything still holds."),
    (
        "upgrade",
        "upgrade:upgrade",
        "Bring an older case to this version's format, run it again, and say which figures differ and why.",
    ),
    (
        "seal",
        "seal:seal",
        "Close a case in a bundle: its evidence, results, papers and the verifier, under one sealed manifest.",
    ),
    ("sign", "sign:sign", "Sign a paper with your own certificate (PAdES)."),
    (
        "verifier",
        "seal:verifier",
        "Write the verifier: one file that checks a case or a bundle with Python 3.9 or newer and nothing else.",
    ),
    (
        "compare",
        "compare:compare",
        "Say which figures differ between two states of a case, or two cases, and what made each another one.",
    ),
    ("show", "show:show", "Show what a case holds or what was found."),
    (
        "explain",
        "explain:explain",
        "Show the shortest and the largest route from a loss to an endpoint; of two addresses, what joins them.",
    ),
    (
        "why",
        "places:why",
        "Everything known for and against an address's name, by origin, and what would raise or lower its grade.",
    ),
    ("export", "export:export", "Write the case in a published format."),
    (
        "check",
        "check:check",
        "Hold flows that others state (tx, from, to, amount, asset, time) against the exhibits.",
    ),
    (
        "labels",
        "lists:labels",
        "List the bases of labels: versions, counts by chain, what is in them and what is left out.",
    ),
    (
        "allocate",
        "allocate:allocate",
        "Share a pool among all who claim the asset, by one or more rules, to the last unit.",
    ),
    (
        "figures",
        "sums:figures",
        "The case in figures: lost, traced, frozen, seized, returned, by asset, with times.",
    ),
    ("demo", "demo:demo", "Work a shipped case, from its files to its documents."),
    ("letter", "letter:app", "Draft letters, issue them, and keep their life."),
    ("indicator", "indicator:app", "Enter sites, accounts and addresses that were used, each with its capture."),
    ("feed", "feed:app", "Tell wallets, networks and exchanges of reviewed indicators, and take them back."),
    ("meet", "meet:app", "Find which addresses another agency has too, and show it no others."),
    ("victim", "victim:app", "Take victims in, under random pseudonyms."),
    ("plan", "plan:app", "Plan a seizure, and check a proposed transaction."),
    ("custody", "custody:app", "Keep the custody of what was seized."),
    ("evidence", "handover:app", "Keep the custody of the evidence: earlier holders, the clock, hand-overs."),
    ("claims", "claimants:app", "Enter competing claims, and list them."),
    ("template", "template:app", "Make a kind of letter of your own, and check it."),
    ("plugins", "plugins:app", "List what is installed, and what is broken; `new` makes another."),
    (
        "register",
        "register:app",
        "Who can act: services, issuers, chains and desks, with channels, sources and dates.",
    ),
)
"""Name, module and function in `recover.cli` (`app` is a group of commands), first sentence of its help."""

WIDEST = 110
"""Columns of help on a wide terminal."""

_OPTIONS = (("--version", VERSION), ("-h, --help", "Show this message and exit."))


def text() -> str:
    """The help of the program: as typer prints it, which a test holds, without loading typer."""
    width = max(min(_columns(), WIDEST) - 2, 50)
    about = (_wrapped(paragraph, width - 2) for paragraph in ABOUT.split("\n\n"))
    # Help is cut to one line; 6 columns go to the margins.
    room = width - 6 - max(len(name) for name, _, _ in COMMANDS)
    parts = [
        "Usage: recover [OPTIONS] COMMAND [ARGS]...",
        *("\n".join(f"  {line}" for line in lines) for lines in about),
        "Options:\n" + _listed(_OPTIONS),
        "Commands:\n" + _listed([(name, _cut(line, room)) for name, _, line in COMMANDS]),
    ]
    return "\n\n".join(parts) + "\n"


def _listed(rows: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> str:
    first = max(len(name) for name, _ in rows)
    return "\n".join(f"  {name:{first}}  {line}" for name, line in rows)


def _wrapped(paragraph: str, width: int) -> list[str]:
    lines = [""]
    for word in paragraph.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".lstrip()
    return lines


def _cut(line: str, room: int) -> str:
    if len(line) <= room:
        return line
    words = line.split()
    while len(" ".join(words)) + 3 > room:
        words.pop()
    return " ".join(words) + "..."


def _columns() -> int:
    """The width of the terminal, 80 where there is none; COLUMNS says otherwise, as everywhere."""
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(1).columns or 80
    except OSError:
        return 80
