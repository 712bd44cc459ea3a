"""The history of a record, and its latest changes in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from store.pending.writes import Kind, Write
from waitlist.models import CustomerRefs, CustomersByRef, main_customer, refs_of
from waitlist.sources.history import OutsideChange, PastChange
from web.http.i18n import gettext as _
from web.http.i18n import isolated, listed, ngettext
from web.presenters.customer_row import in_order, names_of

MINUTE, HOUR, DAY = 60, 3_600, 24 * 3_600


@dataclass(frozen=True, slots=True)
class Names:
    """The names of customers, and of users by their IDs. `me` is the user who reads."""

    customers: CustomersByRef
    users: Mapping[int, str]
    me: int

    def of_user(self, user_id: int) -> str:
        """Return a user's name for a sentence, or the number if it is not known."""
        if user_id == self.me:
            return _("you")
        name = self.users.get(user_id)
        return isolated(name) if name else _("colleague #%(id)s") % {"id": user_id}

    def of_customers(self, refs: CustomerRefs) -> str:
        return listed(names_of(refs, self.customers))


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One change of a record. A change made outside the app has no `id` and no time.

    `restored` is the list that its button restores. `iso` is the time for programs, `when` for
    people. `main` is the new main customer, "" if it is the same or the old one was removed. Of a
    `pending` change it is not known yet whether it was carried out. A row with a `call` is no
    change: it says who called and with what result.
    """

    id: int | None
    iso: str
    when: str
    who: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    main: str = ""
    restored: tuple[str, ...] = ()
    pending: bool = False
    call: str = ""


def history_row(change: PastChange | OutsideChange, names: Names) -> HistoryRow:
    """Return one change as this user sees it. Its button restores the list before it."""
    before, after = change.before, change.after
    change_id, made_at, who = None, None, _("Outside the app")
    if isinstance(change, PastChange):
        change_id, made_at, who = change.id, change.made_at, names.of_user(change.user_id)
    iso, when = times_of(made_at)
    return HistoryRow(
        id=change_id,
        iso=iso,
        when=when,
        who=who,
        added=names_of((ref for ref in after if ref not in before), names.customers),
        removed=names_of((ref for ref in before if ref not in after), names.customers),
        main=names.of_customers(_new_main(before, after)),
        restored=names_of(in_order(before), names.customers),
    )


def _new_main(before: CustomerRefs, after: CustomerRefs) -> CustomerRefs:
    """Return the main customer, if a change has put them before one that was there."""
    kept = [ref for ref in in_order(before) if ref in after]
    main = main_customer(after)
    return (main,) if main and kept and main != kept[0] else ()


def touched_by(write: Write) -> CustomerRefs:
    """Return the customers that a write adds or removes."""
    keys = {*write.before} ^ {*write.after} if write.kind is Kind.CUSTOMERS else set()
    return refs_of(keys)


def pending_row(write: Write, names: Names) -> HistoryRow:
    """Return a change of which it is not known yet whether it was carried out."""
    touched = touched_by(write)
    iso, when = times_of(write.asked.at)
    return HistoryRow(
        id=None,
        iso=iso,
        when=when,
        who=names.of_user(write.user_id),
        added=names_of((ref for ref in touched if ref.key in write.after), names.customers),
        removed=names_of((ref for ref in touched if ref.key in write.before), names.customers),
        pending=True,
    )


def times_of(moment: int | None) -> tuple[str, str]:
    """Return a time for programs and for people, "" for none."""
    if moment is None:
        return "", ""
    when = datetime.fromtimestamp(moment, UTC)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ"), when.strftime("%Y-%m-%d %H:%M UTC")


def user_ids(steps: Iterable[PastChange | OutsideChange]) -> set[int]:
    """Return the users who made these changes, as far as they are known."""
    return {step.user_id for step in steps if isinstance(step, PastChange)}


def change_text(change: PastChange | OutsideChange, names: Names) -> str:
    """Say in one sentence what a change did to the customers."""
    before, after = change.before, change.after
    added = tuple(ref for ref in after if ref not in before)
    removed = tuple(ref for ref in before if ref not in after)
    words = {"added": names.of_customers(added), "removed": names.of_customers(removed)}
    if isinstance(change, OutsideChange):
        return _outside_text(added, removed, words)
    mine = change.user_id == names.me
    words["who"] = names.of_user(change.user_id)
    if added and removed:
        text = (
            _("You added %(added)s and removed %(removed)s")
            if mine
            else _("%(who)s added %(added)s and removed %(removed)s")
        )
    elif added:
        text = _("You added %(added)s") if mine else _("%(who)s added %(added)s")
    elif removed:
        text = _("You removed %(removed)s") if mine else _("%(who)s removed %(removed)s")
    elif (main := main_customer(after)) != main_customer(before) and main:
        words["main"] = names.of_customers((main,))
        text = (
            _("You made %(main)s the main customer")
            if mine
            else _("%(who)s made %(main)s the main customer")
        )
    else:
        text = _("You changed the order") if mine else _("%(who)s changed the order")
    return text % words


def _outside_text(added: CustomerRefs, removed: CustomerRefs, words: Mapping[str, str]) -> str:
    sentences = []
    if added:
        sentences.append(
            ngettext(
                "%(added)s was added outside this app",
                "%(added)s were added outside this app",
                len(added),
            )
        )
    if removed:
        sentences.append(
            ngettext(
                "%(removed)s was taken off outside this app",
                "%(removed)s were taken off outside this app",
                len(removed),
            )
        )
    return " · ".join(sentences or [_("The order was changed outside this app")]) % words


def _ago_text(seconds: int) -> str:
    """Say that something was less than a day ago."""
    if seconds < MINUTE:
        return _("just now")
    minutes, hours = seconds // MINUTE, seconds // HOUR
    if not hours:
        return ngettext("%(count)s minute ago", "%(count)s minutes ago", minutes) % {
            "count": minutes
        }
    return ngettext("%(count)s hour ago", "%(count)s hours ago", hours) % {"count": hours}


def last_change_text(change: PastChange, names: Names, now: datetime) -> str:
    """Say who made the last change of a record, what it was, and how long ago.

    `now` is in the time zone of the portal, whose days are told.
    """
    made, said = datetime.fromtimestamp(change.made_at, now.tzinfo), change_text(change, names)
    seconds = max(0, int((now - made).total_seconds()))
    if seconds < DAY:
        return _("%(change)s %(ago)s") % {"change": said, "ago": _ago_text(seconds)}
    days = (now.date() - made.date()).days
    text = ngettext("%(change)s yesterday", "%(change)s %(count)s days ago", days)
    return text % {"change": said, "count": days}
