"""Makes text of a portal safe for a terminal and for a log."""

LONGEST = 200


def printable(text: str, longest: int = LONGEST) -> str:
    """Return text on one line of printable ASCII. Anything else becomes a Python escape.

    Runs of spaces become one: with many of them, a terminal would wrap the rest onto a new line.
    """
    escaped = " ".join(text[:longest].encode("unicode_escape").decode().split())
    return escaped if len(escaped) <= longest else escaped[: longest - 3] + "..."
