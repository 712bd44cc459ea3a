"""The words for what can go wrong with a booking."""

from waitlist import errors as waitlist
from web.http.i18n import N_
from web.problems.phrases import TRY_AGAIN, Words, not_in_plan

CHOOSE_TIME = N_("Choose another time.")

BOOKING_WORDS: dict[type, Words] = {
    waitlist.NotBooked: Words(N_("The booking could not be made."), TRY_AGAIN, 409, retry=True),
    waitlist.TimeTaken: Words(N_("This time is taken now."), CHOOSE_TIME, 409),
    waitlist.TimePassed: Words(N_("This time has passed."), CHOOSE_TIME, 409),
    waitlist.ResourceGone: Words(
        N_("What you wanted to book is no longer in Online Booking."), CHOOSE_TIME, 409
    ),
    waitlist.BookingGone: Words(
        N_("This booking no longer exists. It was deleted, or is on the waiting list again."),
        N_("Look in Online Booking."),
        410,
    ),
    waitlist.TimeReserved: Words(
        N_("A colleague is booking this time right now."),
        N_("Choose another time, or wait: the app tries again by itself."),
        409,
        retry=True,
    ),
    waitlist.SeveralNotInPlan: not_in_plan(
        N_("Your Bitrix24 plan books one resource at a time."), N_("Choose only one.")
    ),
}
