"""What an import and reminders need of CRM"""

from typing import Any

import pytest

from sandbox.conformance.rest import Rest
from sandbox.conformance.samples import COMPANY, CONTACT, DEAL, Samples, phone, phones


def numbers(portal: Rest, contact: int) -> list[str]:
    item = portal.call("crm.item.get", entityTypeId=CONTACT, id=contact).result["item"]
    return [row["value"] for row in item["fm"]]


def test_an_import_takes_phones_as_the_older_methods_do_and_an_add_does_not(
    portal: Rest, samples: Samples
) -> None:
    first, second = phone(), phone()
    both = {
        "lastName": samples.marker,
        "fm": phones(first),
        "PHONE": [{"VALUE": second, "VALUE_TYPE": "WORK"}],
    }
    assert numbers(portal, samples.create_contact(**both)) == [first]
    done = portal.call("crm.item.import", entityTypeId=CONTACT, fields=both).result
    contact = samples.keep_item(CONTACT, int(done["item"]["id"]))
    assert numbers(portal, contact) == [second]


def test_a_single_phone_needs_no_list(portal: Rest, samples: Samples) -> None:
    number = phone()
    assert numbers(portal, samples.create_contact(fm=phones(number)[0])) == [number]


def test_a_phone_is_changed_under_its_id_as_a_key_and_an_id_inside_is_ignored(
    portal: Rest, samples: Samples
) -> None:
    first, second, third = phone(), phone(), phone()
    contact = samples.create_contact(fm=phones(first))
    item = portal.call("crm.item.get", entityTypeId=CONTACT, id=contact).result["item"]
    known = item["fm"][0]["id"]
    for fm in ({str(known): phones(second)[0]}, [{**phones(third)[0], "id": known}]):
        fields = {"fm": fm}
        portal.call("crm.item.update", entityTypeId=CONTACT, id=contact, fields=fields)
    assert numbers(portal, contact) == [second, third]


def test_a_batch_import_keeps_its_keys(portal: Rest, samples: Samples) -> None:
    data = {name: {"lastName": samples.marker} for name in ("a", "b")}
    done = portal.call("crm.item.batchImport", entityTypeId=CONTACT, data=data).result["items"]
    assert list(done) == ["a", "b"]
    for row in done.values():
        samples.keep_item(CONTACT, int(row["item"]["id"]))


def test_a_batch_import_of_21_items_is_refused(portal: Rest, samples: Samples) -> None:
    data = [{"lastName": samples.marker}] * 21
    answer = portal.call("crm.item.batchImport", entityTypeId=CONTACT, data=data)
    assert answer.error == "MAX_IMPORT_BATCH_SIZE_EXCEEDED"
    assert answer.text == "You can only import 20 items at a time"


@pytest.mark.parametrize(
    ("name", "value"), [("createdTime", "2100-01-01T00:00:00+00:00"), ("createdBy", -1)]
)
def test_an_import_from_the_future_or_by_no_user_is_refused(
    portal: Rest, samples: Samples, name: str, value: object
) -> None:
    fields = {"lastName": samples.marker, name: value}
    answer = portal.call("crm.item.import", entityTypeId=CONTACT, fields=fields)
    assert answer.error == "CRM_FIELD_ERROR_VALUE_NOT_VALID"


@pytest.mark.parametrize(
    ("kind", "number", "name"),
    [("contact", CONTACT, "LAST_NAME"), ("company", COMPANY, "TITLE"), ("deal", DEAL, "TITLE")],
    ids=["contact", "company", "deal"],
)
def test_the_older_methods_add_find_by_origin_change_and_delete(
    portal: Rest, samples: Samples, kind: str, number: int, name: str
) -> None:
    origin = {"ORIGINATOR_ID": samples.marker, "ORIGIN_ID": "7"}
    added = portal.call(f"crm.{kind}.add", fields={name: samples.marker, **origin}).result
    item = samples.keep_item(number, int(added))
    rows = portal.call(f"crm.{kind}.list", filter=origin, select=["ID"]).result
    assert [row["ID"] for row in rows] == [str(item)]
    filters = {"originatorId": samples.marker, "originId": "7"}
    found = portal.call("crm.item.list", entityTypeId=number, filter=filters).result["items"]
    assert [row["id"] for row in found] == [item]
    assert portal.call(f"crm.{kind}.update", id=item, fields={"COMMENTS": "x"}).result is True
    shown = portal.call(f"crm.{kind}.get", id=item).result
    assert (shown["ID"], shown[name], shown["COMMENTS"]) == (str(item), samples.marker, "x")
    assert "ORIGIN_ID" in portal.call(f"crm.{kind}.fields").result
    assert portal.call(f"crm.{kind}.delete", id=item).result is True
    gone = portal.call(f"crm.{kind}.get", id=item)
    assert (gone.error, gone.text) == ("", "Not found")


def test_a_deal_without_a_title_is_named_after_its_id(portal: Rest, samples: Samples) -> None:
    added = portal.call("crm.item.add", entityTypeId=DEAL, fields={"comments": samples.marker})
    item: dict[str, Any] = added.result["item"]
    samples.keep_item(DEAL, item["id"])
    assert str(item["id"]) in item["title"]


def test_a_to_do_is_listed_among_the_activities_of_its_contact(
    portal: Rest, contact_id: int
) -> None:
    given = {"ownerTypeId": CONTACT, "ownerId": contact_id, "title": "Conformance"}
    done = portal.call("crm.activity.todo.add", **given, deadline="2036-01-01T09:00:00+00:00")
    filters = {"OWNER_TYPE_ID": CONTACT, "OWNER_ID": contact_id, "PROVIDER_ID": "CRM_TODO"}
    rows = portal.call("crm.activity.list", filter=filters, select=["ID", "COMPLETED"]).result
    assert {"ID": str(done.result["id"]), "COMPLETED": "N"} in rows
    wrong = portal.call("crm.activity.todo.add", **given, deadline="soon")
    assert wrong.error == "WRONG_DATETIME_FORMAT"


def test_a_comment_needs_an_item_that_exists(
    portal: Rest, samples: Samples, contact_id: int
) -> None:
    fields = {"ENTITY_TYPE": "contact", "ENTITY_ID": contact_id, "COMMENT": "Conformance"}
    assert int(portal.call("crm.timeline.comment.add", fields=fields).result) > 0
    answer = portal.call("crm.timeline.comment.add", fields={**fields, "ENTITY_ID": samples.absent})
    assert answer.error == ""
