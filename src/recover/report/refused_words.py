"""Words of other languages, and of requests put in other words, that letters are held to by the same rules.

Tables of patterns by rule, for `lint`. A pattern of a language without spaces between words takes no word's edge.
"""

from __future__ import annotations

import re
import unicodedata

Rules = tuple[tuple[str, str], ...]

_ASK = (
    r"(?:please|kindly|\b(?:we|i) (?:\w+ )?(?:ask|request|want|need|expect|demand)"
    r"|\byou (?:should|will|must|can|could|are))"
)
"""How a request begins: what happened may be told in the same words that may not be asked for."""
_DATA = (
    r"(?:kyc|files?|records?|data|documents?|identit\w+|names?|statements?|logs?|information|details|cop(?:y|ies)"
    r"|history|transactions?)"
)
_GIVE = (
    r"(?:send|give|provide|forward|supply|share|furnish|deliver|transmit|surrender|release|reveal|e-?mail|hand)"
)
_STOP = r"(?:block|hold|stop|suspend|lock|halt|disable|restrict|prevent|immobili[sz]e|pause|retain|withhold)"
_VALUE = (
    r"(?:withdrawals?|accounts?|funds?|assets?|balances?|transfers?|value|wallets?|coins?|money|tokens?"
    r"|payments?)"
)
_WHOSE = (
    r"(?:(?:the|my|our|her|his|their)\b[^.;]{0,20}?)(?:victim|client|complainant|customer|owner)s?"
    r"(?:'s|’s|'|’)?s?"
)
_COIN = r"(?:coins?|money|funds?|tokens?|assets?|usdt|usdc|bitcoins?|btc|eth(?:er)?|crypto\w*)"

FORCE: Rules = (
    ("PL02", r"\byou (?:must(?= \w)|shall|have to|have no choice)\b"),
    ("PL02", r"\byou are (?:obliged|obligated|ordered|compelled|bound|liable)\b"),
    (
        "PL02",
        r"\b(?:non-?compliance|or else|legal consequences|under penalty|penalt(?:y|ies) of law|be prosecuted)\b",
    ),
    ("PL02", r"\bcommit(?:s|ting)? an? (?:offen[cs]e|crime)\b|\b(?:mandatory|obligatory)\b|\bcomply\b"),
    ("PL02", r"(?<!ไม่)(?<!เป็น)ต้อง(?:ทำการ|ดำเนินการ)?(?:อายัด|ระงับ|ส่ง|เก็บ|ปฏิบัติ|เปิดเผย|ให้ข้อมูล|แจ้ง|หยุด)"),
    ("PL02", r"ท่านต้อง(?!การ)|มีหน้าที่ต้อง|บังคับให้|มิฉะนั้น|ฝ่าฝืน|ไม่ปฏิบัติตาม|มีความผิด|มีโทษ|ดำเนินคดี|ละเมิดอำนาจศาล"),
    ("PL02", r"คำสั่ง(?:ศาล|ให้|นี้)|(?:ตาม|มี|ออก)คำสั่ง(?!เช่นนั้น)|(?<!กฎ)หมาย(?:ศาล|เรียก|ค้น|จับ|อายัด|บังคับ)"),
)
"""Words that compel, where the basis does not."""

HANDING: Rules = (
    ("PL03", rf"{_ASK}[^.!?;]{{0,80}}\b{_GIVE}\b[^.!?;]{{0,80}}\b{_DATA}\b"),
    ("PL03", rf"(?:^|[.!?;:]\s*)(?:also )?{_GIVE}\b[^.!?;]{{0,80}}\b{_DATA}\b"),
    ("PL03", r"\b(?:send|give|tell|provide|forward|supply|furnish|show) (?:us|me)\b"),
    ("PL03", r"\bfuture (?:transactions?|data|records?|transfers?|deposits?|withdrawals?|movements?|log-?ins?)\b"),
    ("PL03", r"(?:โปรด|กรุณา|ขอให้|ขอ|ต้อง)[^.\n]{0,60}(?:ส่งมอบ|เปิดเผย|ส่ง(?:สำเนา|ข้อมูล|เอกสาร|บันทึก|หลักฐาน|แฟ้ม))"),
    ("PL03", r"ส่งมอบ(?:ข้อมูล|เอกสาร|บันทึก)|ขอ(?:สำเนา|เอกสาร)|(?:โปรด|กรุณา|ขอให้)ให้ข้อมูล"),
    ("PL03", r"(?:ธุรกรรม|ข้อมูล|รายการ)[^.\n]{0,20}ในอนาคต"),
)
"""A request to hand over, in a letter that asks for something else."""

HOLDING: Rules = (
    ("PL04", rf"{_ASK}[^.!?;]{{0,60}}\b{_STOP}\b[^.!?;]{{0,60}}\b{_VALUE}\b"),
    ("PL04", rf"(?:^|[.!?;:]\s*)(?:also )?{_STOP}\b[^.!?;]{{0,60}}\b{_VALUE}\b"),
    ("PL04", r"\b(?:an?|the) (?:hold|block|lock|stop|restriction|suspension) (?:on|of|over) "),
    ("PL04", r"อายัด|แช่แข็ง|ห้าม(?:ถอน|โอน)"),
    ("PL04", r"(?:ระงับ|บล็อก|ล็อก|หยุด)[^.\n]{0,12}(?:บัญชี|ถอน|โอน|ธุรกรรม|มูลค่า|เงิน|สินทรัพย์|กระเป๋า)"),
)
"""A measure against value, in a letter about records."""

KEEPING: Rules = (("PL04", r"เก็บ(?:รักษา)?(?:ข้อมูล|บันทึก|เอกสาร|หลักฐาน)"),)
"""Keeping records, in a letter about value."""

ALWAYS: Rules = (
    ("PL06", r"\b(?:criminals?|crook|mastermind|perpetrator|money mule)\b"),
    ("PL06", r"ผู้กระทำ(?:ความ)?ผิด|กระทำผิด|อาชญากร|มิจฉาชีพ|คนร้าย|โจร|ฟอกเงิน|แฮ[กค]เกอร์|คนโกง|บัญชีม้า"),
    ("PL07", r"ห้าม[^.\n]{0,12}(?:แจ้ง|บอก|เปิดเผย)|ต้องไม่(?:แจ้ง|บอก|เปิดเผย)"),
    ("PL12", r"เอฟเอทีเอฟ|เอ็กมอนต์|\bIC GPOS\b|\bI GRIP\b"),
    ("coins", rf"\b(?:is|are|was|were|holds?|contains?)\b[^.;]{{0,30}}\b{_WHOSE} {_COIN}\b"),
    ("coins", rf"\b{_COIN} (?:that )?(?:belongs?|belonging) to {_WHOSE}"),
    ("coins", r"(?:เป็น|คือ)(?:เหรียญ|เงิน|ทรัพย์|สินทรัพย์)[^.\n]{0,16}ของ(?:ผู้เสียหาย|ลูกความ)"),
    ("coins", r"(?:เหรียญ|เงิน|สินทรัพย์)(?:ที่ถูกขโมย|สกปรก)"),
    ("ownership", r"(?:กระเป๋า|ที่อยู่|บัญชี)(?:นี้|เหล่านี้|ดังกล่าว)?(?:เป็นของ(?!ใคร|ผู้ใด)|ของนาย|ของนาง|ของบริษัท)"),
    ("recovered", r"(?:อายัด|ระงับ|ยึด)(?:ไว้)?(?:แล้ว|ได้)|กู้คืน|ได้คืนแล้ว|ถูก(?:อายัด|ยึด)"),
)
"""What no letter says, whatever it asks for."""

DENIED = re.compile(
    r"not to hand them over|asks for no (?:disclosure|data)|does not (?:compel|require)"
    r"|โดยไม่ต้องส่งมอบ|ผู้รับรายนี้ระงับมูลค่าตาม|ไม่(?:ได้)?ขอ(?:ให้)?(?:ส่งมอบ|เปิดเผย|ข้อมูล)|ไม่(?:ได้)?บังคับให้เปิดเผย|ไม่ได้กล่าวว่า[^\s]*แล้ว"
)
"""What a text says that it does not ask for is no breach, and the rest of the text is held to the rules."""

_BANK = r"(?i:account|a/c|acct|bank|บัญชี|ธนาคาร)(?:[^.;\n\d]|\bno\.)"

IDENTIFYING: tuple[tuple[str, str], ...] = (
    ("an e-mail address", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    ("an identity or account number", r"(?a:(?<![\w.])\d(?:[ -]?\d){11,18}(?!\w|\.\d))"),
    ("a bank account", r"(?a:(?<![\w.,:/-])\d{3}[ -](?:\d[ -]\d{5}[ -]?|\d{6}[ -])\d(?![\w:/-]|[.,]\d))"),
    ("a bank account", rf"{_BANK}{{0,30}}(?a:\b\d(?:[ -]?\d){{9,}}(?![\w:/-]|[.,]\d| ?(?:THB|USD|บาท)))"),
    ("an IBAN", r"(?a:\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,})"),
    ("a passport number", r"(?a:\b[A-Z]{1,2}[ -]?\d{6,8}\b)"),
    (
        "a passport number",
        r"(?i:passport|หนังสือเดินทาง|พาสปอร์ต)\W{0,3}(?i:(?:no|number|nr)\b|เลขที่|เลข)?[\s.:#]{0,4}[A-Z0-9]*\d{4}",
    ),
    ("a telephone number", r"(?a:(?<![\w+])\+ ?\d(?:[ ().-]{0,2}\d){7,14}(?![\w:]))"),
    ("a telephone number", r"(?a:(?<![\w/-])(?<!\d[.,:])0\d{1,2}[ ).-]{0,2}\d{3}[ .-]?\d{4}(?!\w|[.:]\d))"),
    ("a telephone number", r"(?a:(?<![\w/-])(?<!\d[.,:])0\d[ ).-]{1,2}\d{4}[ .-]\d{4}(?!\w|[.:]\d))"),
    ("a telephone number", r"(?a:(?<![\w/-])(?<!\d[.,:])0\d{2}[ ).-]{0,2}\d{3}[ .-]?\d{3}(?!\w|[.:]\d))"),
)
"""What tells a person, and stands in no letter (PL11)."""


def folded(text: str) -> str:
    """A text as it is read: digits and letters in their plain form, and nothing that is not seen."""
    plain = unicodedata.normalize("NFKC", text).replace("\u0e4d\u0e32", "\u0e33")  # it takes Thai am apart
    digits = (str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain)
    return "".join(c for c in digits if unicodedata.category(c) != "Cf")
