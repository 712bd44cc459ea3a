"""Phones and mails as a portal compares and searches them.

Source: NormalizePhone in main/tools.php, normalizePhone and prepareCodes in
crm/lib/integrity/duplicatecommunicationcriterion.php, addPhone in crm/lib/search/searchmap.php.
"""

import re

_NOT_KEPT = re.compile(r"[^0-9#*,;]")
_EXTENSION = re.compile(r"([0-9]+)[;#]*[0-9,]*")
_WHOLE = 10
"""Characters from which on a number is taken for one with a prefix."""


def phone_code(text: str) -> str:
    """Return the code by which a portal compares a number; no country is added.

    An extension counts for the length at which a first 0 is dropped.
    """
    if len(text) >= _WHOLE and text.startswith("+8"):
        text = f"008{text[2:]}"
    kept = _NOT_KEPT.sub("", text)
    if len(kept) >= _WHOLE and not kept.startswith(("80", "81", "82")):
        if kept.startswith("8"):
            kept = f"7{kept[1:]}"
        else:
            kept = next((kept[len(p) :] for p in ("00", "011", "0") if kept.startswith(p)), kept)
    return _EXTENSION.sub(r"\1", kept)


def mail_code(text: str) -> str:
    """Return the code by which a portal compares a mail."""
    return text.strip().lower()


def phone_search_words(text: str) -> list[str]:
    """Return the words of the search text for a number: as typed, its code, all its endings."""
    code = phone_code(text)
    other = [f"8{code[1:]}"] if len(code) >= _WHOLE and code.startswith("7") else []
    return [_NOT_KEPT.sub("", text), *other, *(code[at:] for at in range(max(0, len(code) - 2)))]
