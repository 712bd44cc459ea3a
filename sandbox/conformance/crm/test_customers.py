"""Customers: names, phones, mails, companies"""

from collections.abc import Callable

import pytest

from sandbox.conformance.rest import Rest
from sandbox.conformance.samples import COMPANY, CONTACT, Samples, phone, phones

GET = "crm.item.get"


def test_a_company_may_be_the_primary_one_of_several_contacts(
    portal: Rest, samples: Samples
) -> None:
    first, second = samples.create_company(), samples.create_company()
    people = [samples.create_contact(companyIds=ids) for ids in ([first], [first], [second, first])]
    rows = portal.call("crm.company.contact.items.get", id=first).result
    assert [(row["CONTACT_ID"], row["SORT"], row["IS_PRIMARY"]) for row in rows] == [
        (people[0], 10, "Y"),
        (people[1], 10, "Y"),
        (people[2], 20, "N"),
    ]
    assert {row["ROLE_ID"] for row in rows} == {0}


def test_how_a_contact_without_a_company_is_returned(
    portal: Rest, samples: Samples, report: Callable[[object], None]
) -> None:
    number = samples.create_contact()
    item = portal.call(GET, entityTypeId=CONTACT, id=number).result["item"]
    assert item["companyIds"] == []
    report("null" if item["companyId"] is None else item["companyId"])


@pytest.mark.parametrize(("kind", "name"), [(CONTACT, "lastName"), (COMPANY, "title")])
def test_a_customer_without_a_name_gets_a_placeholder(
    portal: Rest, samples: Samples, kind: int, name: str
) -> None:
    added = portal.call("crm.item.add", entityTypeId=kind, fields={"comments": samples.marker})
    number = samples.keep_item(kind, added.result["item"]["id"])
    assert added.result["item"][name].endswith(f"#{number}")


def test_a_contact_cannot_lose_its_name(portal: Rest, samples: Samples) -> None:
    fields = {"name": "", "lastName": ""}
    number = samples.create_contact()
    answer = portal.call("crm.item.update", entityTypeId=CONTACT, id=number, fields=fields)
    assert (answer.status, answer.error) == (400, "CRM_FIELD_ERROR_REQUIRED")


@pytest.mark.parametrize(
    ("kind", "value"),
    [("EMAIL", "no address"), ("EMAIL", "a@b"), ("PHONE", "1" * 251)],
    ids=["no address", "no domain", "251 characters"],
)
def test_an_invalid_phone_or_mail_refuses_the_whole_contact(
    portal: Rest, samples: Samples, kind: str, value: str
) -> None:
    rows = [{"typeId": kind, "valueType": "WORK", "value": value}]
    fields = {"name": "Conformance", "lastName": samples.marker, "fm": rows}
    answer = portal.call("crm.item.add", entityTypeId=CONTACT, fields=fields)
    if "result" in answer.body:
        samples.keep_item(CONTACT, answer.result["item"]["id"])
    assert answer.status == 400


@pytest.mark.parametrize(
    ("value", "stored"), [(True, "Y"), ("y", "Y"), ("N", "N"), ("no", "N")], ids=str
)
def test_a_flag_is_stored_as_y_or_n(
    portal: Rest, samples: Samples, value: object, stored: str
) -> None:
    number = samples.create_contact(opened=value)
    item = portal.call(GET, entityTypeId=CONTACT, id=number).result["item"]
    assert item["opened"] == stored


def test_what_a_date_that_cannot_be_read_does(
    portal: Rest, samples: Samples, report: Callable[[object], None]
) -> None:
    fields = {"name": "Conformance", "lastName": samples.marker, "birthdate": "soon"}
    answer = portal.call("crm.item.add", entityTypeId=CONTACT, fields=fields)
    if "result" in answer.body:
        samples.keep_item(CONTACT, answer.result["item"]["id"])
        report("the date is dropped")
    else:
        report(f"refused: {answer.error}")


@pytest.mark.parametrize(("stored", "part"), [("+7{}", "8{}"), ("8{}", "7{}"), ("0{}", "0{}")])
def test_the_search_text_has_the_national_form_of_a_number_too(
    portal: Rest, samples: Samples, stored: str, part: str
) -> None:
    number = phone().replace(" ", "")[1:11]
    person = samples.create_contact(fm=phones(stored.format(number)))
    asked = {"%searchContent": part.format(number)}
    rows = portal.call("crm.item.list", entityTypeId=CONTACT, filter=asked).result["items"]
    assert person in [row["id"] for row in rows]
