"""One step of a run, and what its user was told."""

from dataclasses import dataclass, field

from sandbox.core.recording import RecordedRequest


@dataclass
class Step:
    """An action of a user, what the user was told, and what the portal did.

    `before` and `after` are the customers of the record before and after the step.
    """

    action: str
    user: int = 0
    record: int = 0
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    status: int = 0
    told: str = ""
    requests: list[RecordedRequest] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        """Return what the user was told, in one word."""
        text = self.told
        if self.status == 0:
            return "killed"
        if "We can't tell" in text or "may be there already" in text:
            return "unknown"
        if "The note was saved, but" in text:
            return "note"
        if any(word in text for word in ("Saved.", "Undone.", "Removed.")):
            return "done"
        if "Nothing was" in text or "Nothing has been saved" in text:
            return "nothing"
        return "other"
