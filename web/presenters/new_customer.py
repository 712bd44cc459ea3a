"""The form for a customer who is not in CRM yet, and the portal's answer to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from urllib.parse import urlencode

from waitlist.customers.create import Alike, Incomplete, Question, Unanswered
from waitlist.customers.draft import LONGEST, Draft
from waitlist.customers.search import Found
from waitlist.models import Customer, CustomerRef, CustomersByRef, Kind
from web.forms import DRAFT_KEY
from web.http.i18n import gettext as _
from web.http.i18n import listed, ngettext
from web.presenters.customer_row import CARD_PATHS, CustomerRow, customer_row, name_of
from web.presenters.search_hits import HitRow, hits_view
from web.problems.problem import Problem


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form. `kind` is the kind of customer that has it, "" for both."""

    name: str
    label: str
    value: str
    fault: str
    longest: int
    kind: str = ""
    type: str = "text"


@dataclass(frozen=True, slots=True)
class CompanyRow:
    """A company on the record. The new contact becomes its contact person if `chosen`."""

    key: str
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class DraftView:
    """The form. `heading` says why the customer was not created.

    CRM has similar customers (`alike`) to choose from, or it asks for fields that only the portal's
    own form has (`full_form`, a path). A customer whose creation was not answered may still appear:
    the script looks after so many seconds (`press_after`). The form is sent to be checked, or
    to create the customer while the record is `saving`. `despite` says that similar customers were
    shown before. A contact may become a contact person of the `companies` on the record.
    """

    kind: Kind
    fields: tuple[Field, ...]
    heading: str = ""
    text: str = ""
    alike: tuple[HitRow, ...] = ()
    full_form: str = ""
    problem: Problem | None = None
    attempt: str = ""
    press_after: int = 0
    saving: bool = False
    despite: bool = False
    companies: tuple[CompanyRow, ...] = ()

    @property
    def focus(self) -> str:
        """Return the field that gets the focus: the first with a fault, or the first empty one."""
        own = [field for field in self.fields if field.kind in ("", self.kind)]
        faulty = [field.name for field in own if field.fault]
        empty = [field.name for field in own if not field.value]
        return next(iter(faulty + empty), own[0].name)


def draft_view(
    draft: Draft,
    *,
    faults: Mapping[str, str] | None = None,
    question: Question | None = None,
    problem: Problem | None = None,
    chosen: Sequence[CustomerRef] = (),
    records: Mapping[CustomerRef, int] | None = None,
) -> DraftView:
    """Return the form as it was filled in, with its faults and the question about it."""
    if isinstance(question, Incomplete):
        faults = question.faults
    view = DraftView(draft.kind, _fields(draft, faults or {}), problem=problem)
    if isinstance(question, Alike):
        return replace(
            view,
            heading=_alike_heading(question),
            alike=hits_view(Found(question.customers), chosen, "", records=records).rows,
        )
    if isinstance(question, Unanswered):
        return replace(
            view,
            heading=_("Bitrix24 did not answer. The customer may still appear in CRM."),
            text=_("The app looks again by itself."),
            press_after=ceil(question.retry_after),
        )
    if question and (question.others or not question.faults):
        return replace(
            view,
            heading=_more_heading(draft.kind, question.others),
            full_form=CARD_PATHS[draft.kind].format(0),
        )
    return view


def company_rows(companies: CustomersByRef, draft: Draft) -> tuple[CompanyRow, ...]:
    """Return the companies among the customers of a record that this user may see."""
    return tuple(
        CompanyRow(ref.key, name_of(ref, companies), ref.id in draft.companies)
        for ref in companies
        if ref.kind is Kind.COMPANY
    )


def draft_row(draft: Draft, attempt: str, *, despite: bool) -> CustomerRow:
    """Return a row of the editor whose customer is created with *Save*."""
    sent = {
        "new_attempt": attempt,
        "new_kind": draft.kind,
        **{f"new_{name}": text for name, text in draft.fields.items() if text},
        **({"new_despite": "1"} if despite else {}),
    }
    companies = [("new_company", CustomerRef(Kind.COMPANY, one).key) for one in draft.companies]
    ref = CustomerRef(draft.kind, 0)
    phone, email = (draft.fields.get(name, "") for name in ("phone", "email"))
    customer = Customer(ref, draft.name, tuple(filter(None, [phone])), tuple(filter(None, [email])))
    return replace(
        customer_row(ref, {ref: customer}, (), ()),
        key=f"{draft.kind}{DRAFT_KEY}{attempt}",
        draft=urlencode([*sent.items(), *companies]),
    )


def _fields(draft: Draft, faults: Mapping[str, str]) -> tuple[Field, ...]:
    words = {
        "missing": _("Type a name."),
        "required": _("Your CRM requires this."),
        "long": _("This is too long for CRM."),
        "malformed": _("Please check this."),
    }

    def field(name: str, label: str, kind: str = "", type_: str = "text") -> Field:
        fault = words.get(faults.get(name, ""), "")
        value = draft.fields.get(name, "")
        return Field(name, label, value, fault, LONGEST[name], kind, type_)

    return (
        field("name", _("First name"), Kind.CONTACT),
        field("lastName", _("Last name"), Kind.CONTACT),
        field("title", _("Company name"), Kind.COMPANY),
        field("phone", _("Phone"), type_="tel"),
        field("email", _("E-mail"), type_="email"),
    )


def _alike_heading(outcome: Alike) -> str:
    if outcome.ours:
        return _("Your first attempt has already created this customer.")
    if outcome.perhaps_ours:
        return _("Bitrix24 did not answer, but CRM has this customer now.")
    return ngettext(
        "A customer with this phone or e-mail is already in CRM.",
        "%(count)s customers with this phone or e-mail are already in CRM.",
        len(outcome.customers),
    ) % {"count": len(outcome.customers)}


def _more_heading(kind: Kind, titles: Sequence[str]) -> str:
    contact, fields = kind is Kind.CONTACT, listed(titles)
    if not fields:
        return (
            _("Your CRM requires more details for a new contact.")
            if contact
            else _("Your CRM requires more details for a new company.")
        )
    text = (
        _("Your CRM requires more details for a new contact: %(fields)s.")
        if contact
        else _("Your CRM requires more details for a new company: %(fields)s.")
    )
    return text % {"fields": fields}
