"""The next coming booking of customers, for the places that show customers.

Of several clients of one kind in a filter only the first counts, and a contact with a company means
both. So the app asks about each customer separately. Source: BookingFilter.php of the portal's
booking module.
"""

import time
from collections.abc import Collection

from bitrix24.batch import BATCH_SIZE
from waitlist.context import UserContext
from waitlist.customers.reader import customer_commands
from waitlist.errors import known_errors
from waitlist.models import CustomerRef, CustomerRefs, Kind
from waitlist.sources.bookings import coming_bookings, first_upcoming
from waitlist.sources.next_bookings import NextByRef

MOST = BATCH_SIZE - len(Kind)
"""Customers of one HTTP request, which also has to find out which of them the user may see."""


def read_next(
    context: UserContext, refs: CustomerRefs, *, anew: Collection[CustomerRef] = ()
) -> NextByRef:
    """Return when the next booking of each customer begins.

    Costs at most one HTTP request for MOST customers. Recent answers to this user are used again,
    except for customers in `anew`. Customers that CRM does not show the user have no booking.
    Those that could not be read are left out. Raises PortalError or WaitlistError if none could.
    """
    now, reader = int(time.time()), context.customers
    uncached = reader.uncached(refs)
    shown = {ref: one.visible for ref, one in reader.read(set(refs) - uncached).items()}
    remembered = {
        ref: moment
        for ref, moment in context.next_bookings.known(refs).items()
        # If the next booking has begun, the one after it is not known.
        if ref not in anew and (moment is None or moment.timestamp > now)
    }
    asked = {
        ref: coming_bookings(ref.kind, ref.id, now)
        for ref in refs
        if ref not in remembered and shown.get(ref, True)
    }
    answer = context.client.batch([*asked.values(), *customer_commands(uncached)])
    shown |= {ref: one.visible for ref, one in reader.take(uncached, answer).items()}
    errors = [error for one in asked.values() if (error := answer.errors.get(one))]
    if asked and len(errors) == len(asked):
        with known_errors():
            raise errors[0]
    found = {
        ref: first_upcoming(rows, now)
        for ref, command in asked.items()
        if (rows := answer.get(command)) is not None
    }
    context.next_bookings.note(found)
    hidden = {ref: None for ref, is_shown in shown.items() if not is_shown}
    return {**remembered, **found, **hidden}
