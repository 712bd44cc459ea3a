"""The shape of the words for an error, and steps that several errors share."""

from dataclasses import dataclass

from web.http.i18n import N_, LazyText

PLANS = "/settings/license_all.php"
"""Where a portal in the cloud shows its plans."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words for a kind of error: what happened, and the next step.

    `status` is the HTTP status of the answer. `retry` says that trying again may help. An
    `administrator` of the portal may have another next step, and a `page` of the portal for it.
    """

    text: LazyText
    step: LazyText
    status: int
    retry: bool = False
    administrator: LazyText | None = None
    page: str = ""


TRY_AGAIN = N_("Try again.")
WAIT = N_("Wait a moment and try again.")
ASK_ADMINISTRATOR = N_("Ask your administrator.")
ASK_CRM_ADMINISTRATOR = N_("Ask your CRM administrator.")


def not_in_plan(text: LazyText, step: LazyText = ASK_ADMINISTRATOR) -> Words:
    """Return the words for what the plan of the portal does not include."""
    choose = N_("Choose a plan that includes it.")
    return Words(text, step, 403, administrator=choose, page=PLANS)
