"""Calls in words: for rows of the list, the editor and the history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from store.calls.log import Call, Result
from web.http.i18n import N_
from web.http.i18n import gettext as _
from web.presenters.booking.moments import clock_text
from web.presenters.history import HistoryRow, Names, times_of

RESULTS = {
    Result.NO_ANSWER: N_("no answer"),
    Result.WILL_COME: N_("will come"),
    Result.DECLINED: N_("declined"),
}


@dataclass(frozen=True, slots=True)
class CallView:
    """The latest call to a record.

    `text` stands in its row, `sentence` in the editor. A call back is `due` from its time on. A
    call that is `mine` can be undone by this user.
    """

    number: int
    result: Result
    text: str
    sentence: str
    due: bool
    mine: bool


def call_view(call: Call, names: Names, zone: tzinfo, now: float) -> CallView:
    """Return a call as this user sees it, in the time zone of the portal."""
    mine, time = call.user_id == names.me, clock_text(call.made_at, zone)
    if call.result is Result.CALLING:
        text = sentence = _calling_text(call, names)
    else:
        result = result_text(call, zone, now)
        text = result if call.result is Result.CALL_BACK else f"{result} {time}"
        sentence = _sentence(call, names, result)
    return CallView(
        number=call.number,
        result=call.result,
        text=text,
        sentence=f"{sentence} · {time}",
        due=call.result is Result.CALL_BACK and call.callback_at <= now,
        mine=mine,
    )


def call_row(call: Call, names: Names, zone: tzinfo) -> HistoryRow:
    """Return a call as a row of the history, in the words of its day."""
    iso, when = times_of(call.made_at)
    result = "" if call.result is Result.CALLING else result_text(call, zone, call.made_at)
    return HistoryRow(None, iso, when, who="", call=_sentence(call, names, result))


def with_calls(changes: Iterable[HistoryRow], calls: Iterable[HistoryRow]) -> list[HistoryRow]:
    """Return changes and calls, newest first. A change without a time stays where it is."""
    rows, left = list[HistoryRow](), list(calls)
    for row in changes:
        while left and row.iso and left[0].iso >= row.iso:
            rows.append(left.pop(0))
        rows.append(row)
    return rows + left


def result_text(call: Call, zone: tzinfo, now: float) -> str:
    """Return a result in a few words, such as `call back at 15:00`."""
    if call.result in RESULTS:
        return str(RESULTS[call.result])
    today = datetime.fromtimestamp(now, zone).date()
    day = datetime.fromtimestamp(call.callback_at, zone).date()
    text = (
        _("call back tomorrow at %(time)s")
        if day == today + timedelta(days=1)
        else _("call back at %(time)s")
    )
    return text % {"time": clock_text(call.callback_at, zone)}


def _calling_text(call: Call, names: Names) -> str:
    if call.user_id == names.me:
        return _("You are calling")
    return _("%(who)s is calling") % {"who": names.of_user(call.user_id)}


def _sentence(call: Call, names: Names, result: str) -> str:
    """Say who called, and with what result, if there is one."""
    words = {"who": names.of_user(call.user_id), "result": result}
    if call.user_id == names.me:
        return (_("You called: %(result)s") if result else _("You called")) % words
    return (_("%(who)s called: %(result)s") if result else _("%(who)s called")) % words
