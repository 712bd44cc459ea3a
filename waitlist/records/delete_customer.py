"""Deletes a customer that the same user has created and that is on no record."""

from bitrix24.batch import Command
from bitrix24.errors import Refused
from waitlist.context import UserContext
from waitlist.customers.reader import ENTITY_TYPES
from waitlist.errors import CustomerInUse, WrongAttempt
from waitlist.models import Customer, CustomerRef
from waitlist.records.read import client_list, customers_of
from waitlist.records.visibility import NOT_FOUND, find_gone
from waitlist.unanswered import send_or_find


def delete_created(context: UserContext, key: str, ref: CustomerRef) -> None:
    """Delete the customer that the attempt with this key has created.

    Costs an HTTP request, and one more for the records where the customer was last seen. A customer
    that is gone already is deleted, too. Raises WrongAttempt for any other customer, CustomerInUse
    for one on a record, OutcomeUnknown, InProgress or PortalError.
    """
    context.customers.require_open()
    with context.attempts.begin(key, "") as attempt:
        if attempt.made != ref.key:
            raise WrongAttempt
        numbers = context.tracker.last_seen(ref)
        listed = customers_of(context.client.batch(map(client_list, numbers)), numbers)
        for customers in listed.customers.values():
            if ref in customers:
                raise CustomerInUse
        _delete(context, ref)
    context.customers.remember([Customer(ref, None)])


def _delete(context: UserContext, ref: CustomerRef) -> None:
    params = {"entityTypeId": ENTITY_TYPES[ref.kind], "id": ref.id}

    def delete() -> bool:
        try:
            context.client.call(Command("crm.item.delete", params))
        except Refused as refusal:
            if refusal.code != NOT_FOUND:
                raise
        return True

    send_or_find(delete, lambda: ref in find_gone(context.client, [ref]) or None)
