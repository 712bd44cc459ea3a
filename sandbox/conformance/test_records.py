"""Records, notes and links"""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.conformance.rest import Rest
from sandbox.conformance.samples import Samples, contact

GET, UPDATE = "booking.v1.waitlist.get", "booking.v1.waitlist.update"
LINKS = "booking.v1.waitlist.externalData"


def note(portal: Rest, record_id: int) -> Any:
    return portal.call(GET, id=record_id).result["waitList"]["note"]


@pytest.mark.parametrize("fields", [{}, {"note": None}, {"note": ""}], ids=["missing", "null", ""])
def test_a_record_without_a_note_has_null(
    portal: Rest, samples: Samples, fields: dict[str, Any]
) -> None:
    added = portal.call("booking.v1.waitlist.add", fields=fields).result
    assert note(portal, samples.keep_record(added)) is None


def test_an_update_without_a_note_keeps_it_and_an_empty_note_removes_it(
    portal: Rest, samples: Samples, record_id: int
) -> None:
    assert portal.call(UPDATE, id=record_id, fields={"unknown": 1}).result is True
    assert note(portal, record_id) == samples.marker
    assert portal.call(UPDATE, id=record_id, fields={"note": ""}).result is True
    assert note(portal, record_id) is None


def test_what_an_update_with_a_null_note_does(
    portal: Rest, record_id: int, report: Callable[[object], None]
) -> None:
    portal.call(UPDATE, id=record_id, fields={"note": None})
    report("removes it" if note(portal, record_id) is None else "keeps it")


def test_a_deleted_record_is_error_1040_and_for_delete_1036(
    portal: Rest, samples: Samples, record_id: int, contact_id: int
) -> None:
    samples.set_clients(record_id, [contact(contact_id)])
    assert portal.call("booking.v1.waitlist.delete", id=record_id).result is True
    clients = "booking.v1.waitlist.client"
    gone: dict[str, dict[str, Any]] = {
        GET: {"id": record_id},
        UPDATE: {"id": record_id, "fields": {}},
        f"{clients}.list": {"waitListId": record_id},
        f"{clients}.set": {"waitListId": record_id, "clients": []},
        f"{clients}.unset": {"waitListId": record_id},
        f"{LINKS}.list": {"waitListId": record_id},
    }
    for method, params in gone.items():
        answer = portal.call(method, **params)
        assert (answer.status, answer.error, answer.text) == (400, "1040", "Wait list not found")
    again = portal.call("booking.v1.waitlist.delete", id=record_id)
    assert (again.error, again.text) == ("1036", "wait list item not found")


def test_links_are_replaced_stored_as_text_and_not_checked(portal: Rest, record_id: int) -> None:
    first = {"moduleId": "crm", "entityTypeId": "DEAL", "value": 1900000001}
    second = {"moduleId": "unknown", "entityTypeId": "NOTHING", "value": "any text"}
    for links in ([first], [second, second]):
        assert portal.call(f"{LINKS}.set", waitListId=record_id, externalData=links).result is True
        listed = portal.call(f"{LINKS}.list", waitListId=record_id)
        wanted = [{**row, "value": str(row["value"])} for row in links]
        assert listed.result == {"externalData": wanted}
    assert portal.call(f"{LINKS}.unset", waitListId=record_id).result is True
    assert portal.call(f"{LINKS}.list", waitListId=record_id).result == {"externalData": []}


def test_an_error_names_the_missing_fields_of_a_link(portal: Rest, samples: Samples) -> None:
    method, absent = f"{LINKS}.set", samples.absent
    answer = portal.call(method, waitListId=absent, externalData=[{"moduleId": "crm"}])
    assert (answer.error, answer.text) == ("0", "Required fields: entityTypeId, value")
    assert portal.call(method, waitListId=absent, externalData=["x"]).error == "422"
    assert portal.call(method, waitListId=absent, externalData=[]).error == "1040"
