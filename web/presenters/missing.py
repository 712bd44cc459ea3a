"""Customers that have disappeared from a record outside the app."""

from dataclasses import dataclass

from waitlist.records.missing import Missing
from web.http.i18n import listed, ngettext
from web.presenters.customer_row import names_of


@dataclass(frozen=True, slots=True)
class MissingView:
    """The texts about missing customers. They can be put `back`, or they are `gone` for good."""

    change: int
    sentences: tuple[str, ...]
    back: bool
    gone: bool


def missing_view(missing: Missing | None) -> MissingView | None:
    """Name the customers, and say what has become of them."""
    if missing is None:
        return None
    left, sentences = missing.taken + missing.hidden, []
    if left:
        text = ngettext(
            "%(removed)s was taken off outside this app",
            "%(removed)s were taken off outside this app",
            len(left),
        )
        sentences.append(text % {"removed": listed(names_of(left, missing.customers))} + ".")
    if missing.hidden:
        sentences.append(
            ngettext(
                "You don't have access to this customer in CRM, so you can't put them back.",
                "You don't have access to these customers in CRM, so you can't put them back.",
                len(missing.hidden),
            )
        )
    if missing.gone:
        text = ngettext(
            "%(names)s was deleted in CRM.", "%(names)s were deleted in CRM.", len(missing.gone)
        )
        sentences.append(text % {"names": listed(names_of(missing.gone, missing.customers))})
    return MissingView(missing.change, tuple(sentences), bool(missing.taken), not left)
