"""Answers that are none: what a gateway or a cut connection sends with the status 200 in place of data."""

from __future__ import annotations

import json

_PAGES = (b"<!doctype html", b"<html")


def spoilt(data: bytes) -> str:
    """Why an answer that its source could not read is no answer of its server at all; empty where it may be one.

    Such a thing passes by itself: a gateway shows its page for half a minute.
    """
    head = data[:512].lstrip().lower()
    if not head:
        return "Its server sent an empty answer."
    if head.startswith(_PAGES):
        return "Its server sent a web page (HTML) in place of data, as a gateway does that cannot reach its own."
    if head[:1] in b"{[":
        try:
            json.loads(data)
        except (ValueError, RecursionError):
            return "Its server sent half an answer: the text ends before it is whole."
    return ""
