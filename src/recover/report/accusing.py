"""Sentences that say of somebody that he did the deed: no letter does (PL06). What befell a victim may be told."""

from __future__ import annotations

import re

_BEFELL = (
    r"(?:cheated|robbed|defrauded|scammed|swindled|conned|deceived|tricked|duped|fooled|misled|embezzled"
    r"|misappropriated|extorted|blackmailed|laundered|hacked|phished|fleeced|stolen)"
)
_DID = rf"(?:stole|(?!stolen){_BEFELL})"
_DO = (
    r"(?:steal|cheat|rob|defraud|scam|swindle|con|deceive|trick|dupe|fool|mislead|embezzle|misappropriate|extort"
    r"|blackmail|launder|hack|phish|fleece)"
)
_DOES = (
    r"(?:steals|cheats|robs|defrauds|swindles|deceives|dupes|misleads|embezzles|misappropriates|extorts|launders)"
)
_DOING = (
    r"(?:stealing|cheating|robbing|defrauding|scamming|swindling|conning|deceiving|tricking|duping|fooling"
    r"|misleading|embezzling|extorting|blackmailing|laundering|hacking|phishing)"
)
_WRONG = r"(?:frauds?|thefts?|scams?|robber(?:y|ies)|embezzlement|extortion|crimes?|offen[cs]es?|hack)"
_HIT = r"(?:from )?(?:me|us|him|her|them|my|our|people|victims?|(?:the|his|her|their) \w+)\b"
"""Who or what it was done to."""
_BETWEEN = (
    r"(?: (?:\w+ly|also|not|never|then|later|first|all|both|twice|once|again|being|been|so|thus|already|now|since"
    r"|just))*"
)
_IS = r"(?:be|been|being|is|are|am|was|were|got|gets?|getting|feels?|felt|i'm|i’m)"
_THINGS = r"(?:money|funds|value|amounts?|sums?|coins|tokens|usdt|usdc|btc|eth|wallets?|accounts?)"
_THOSE = r"(?:those|victims?|clients?|complainants?|persons|many|others)"
_SOMEBODY = (
    r"(?:some(?:one|body)|(?:an? |the )?(?:unknown|unidentified) \w+|(?:persons?|people) unknown"
    r"|an? (?:\w+ )?(?:person|stranger|man|woman|caller|group|website|site|app|platform|message|link))"
)
_POINTED = (
    r"(?:him|her|them|you|your|his|their|its|this|that|these|those|mr|mrs|ms|miss|khun|v-\w+|(?:an? |the )?"
    r"(?:holders?|owners?|users?|customers?|clients?|recipients?|beneficiar\w+|exchange|compan\w+|bank|operators?"
    r"|employees?|staff|suspects?|accused|defendants?|person (?!unknown)))"
)
_MONTHS = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|UTC|SMS)"

_BAD = r"(?:ฉ้อโกง|โกง|หลอก|ยักยอก|ขโมย|ลักทรัพย์|ลักเงิน|ปล้น|ต้มตุ๋น|รีดไถ|กรรโชก|แฮ[กค])"
_STRANGER = r"(?:คน|ผู้|บุคคล)(?:อื่น|หนึ่ง|ไม่ทราบชื่อ|ที่ไม่ทราบชื่อ|ไม่รู้จัก|ที่ไม่รู้จัก)?"
_SAID_OF = r"(?:นาย|นาง|น\.ส\.|คุณ|เขา|มัน|ท่าน|ผู้ถือ|เจ้าของ|ผู้ใช้|ลูกค้า|บริษัท|กระดาน|ธนาคาร|พนักงาน)"

_NOBODY = re.compile(
    # The passive, which says what befell somebody; a past participle beside a thing or a victim; the name of an
    # offence; and somebody whom nobody can tell by these words.
    rf"(?i:\b{_IS}\b{_BETWEEN} {_BEFELL}\b|\b(?:the|an?|this|that|my|our|his|her|their) {_BEFELL}(?= \w)"
    rf"|\b(?:{_THINGS}|{_THOSE}),? {_BEFELL}\b(?! {_HIT})|(?:^|[.;:!?]\s*){_BEFELL}\b(?! {_HIT})"
    rf"|\b(?:conspiracy|intent(?:ion)?|scheme|attempt) to {_DO}\b"
    rf"|\b{_SOMEBODY}(?: (?:who|has|have|had|then|also|later))* (?:{_DID}|stolen)\b)"
    rf"|(?:ถูก|โดน)(?:{_STRANGER})?(?:แอบ|ลวง)?{_BAD}"
    rf"|(?:ฐาน|คดี|ข้อหา|เรื่อง|เหตุ|การ|ความผิด|พยายาม(?=ฉ้อโกง)){_BAD}|มี{_STRANGER}(?:มา|ได้|แอบ|เข้ามา)?{_BAD}"
    r"|(?:เว็บไซต์|เว็บ|แอป|แอปพลิเคชัน|ลิงก์|ข้อความ|กล|อุบาย|โครงการ)หลอกลวง"
    r"(?!ผม|ฉัน|ดิฉัน|เรา|ข้าพเจ้า|ลูกค้า|ผู้เสียหาย|เอา|ให้)"
)
"""What happened, told of nobody."""

_AGENT = re.compile(
    rf"(?i:\b{_BEFELL}\b[^.;!?\n]{{0,40}}? by {_POINTED}\b)"
    rf"|(?i:\b{_BEFELL}\b)[^.;!?\n]{{0,40}}? (?i:by) (?!{_MONTHS}\w*\b)[A-Z]\w+"
    rf"|{_BAD}[^.\n]{{0,30}}โดย\s*{_SAID_OF}"
)
"""The passive with the one who did it behind it."""

_ACCUSING = re.compile(
    rf"(?i:\b(?:{_DID}|{_DOES})\b|\b(?:has|have|had|having){_BETWEEN} stolen\b|\blied to\b"
    rf"|\b(?:to|did|do|does|will|would|could|can|may|might|helps?|helped|they|you|who|that) {_DO} (?:{_HIT}|it\b)"
    rf"|\b(?:is|are|was|were|been|keeps?|kept|accused of|for){_BETWEEN} {_DOING}\b"
    rf"|\b(?:scams|cons|{_DOING}) {_HIT}|\bcommit(?:s|ted|ting)? (?:\w+ ){{0,2}}{_WRONG}\b"
    r"|\b(?:behind|responsible for|complicit in|involved in) (?:(?:the|this|that|a|my|our) )?"
    rf"{_WRONG}\b|\b(?:r[au]ns?|made|makes?) (?:off|away) with\b|\bripp(?:ed|ing) (?:\w+ ){{0,2}}off\b"
    r"|\bmule (?:accounts?|wallets?)\b|\b(?:suspects?|accused)(?: is| are| was| named| called|,|:) "
    r"(?!(?:is |are |was )?(?:not|un\w+|still|yet|nobody|no one)\b))"
    rf"|{_BAD}|(?:ผู้ต้องหา|ผู้ต้องสงสัย|ผู้ก่อเหตุ)\s*(?:คือ|ได้แก่|ชื่อ|เป็น|นาย|นาง|น\.ส\.)(?!ใคร)"
)
"""A deed said of somebody: who did it stands in the sentence, or is pointed at."""


def accuses(text: str) -> bool:
    """Whether a folded text says of somebody who is named or pointed at that he did the deed.

    `My money was stolen` tells what befell somebody, and not by whom: that is no breach.
    """
    return bool(_AGENT.search(text) or _ACCUSING.search(_NOBODY.sub(" ", text)))
