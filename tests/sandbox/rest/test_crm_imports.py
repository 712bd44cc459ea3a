"""What an import and reminders need of CRM: older methods, imports, to-dos, comments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from sandbox.portal.portal import Portal
from tests.sandbox.steps import Caller, error_of

CONTACT, COMPANY, DEAL = 3, 4, 2


def result(answer: tuple[int, dict[str, Any]]) -> Any:
    return answer[1]["result"]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("contact", {"NAME": "Nova", "LAST_NAME": "Quill", "COMPANY_ID": "3", "OPENED": "N"}),
        ("company", {"TITLE": "Nova & Co.", "INDUSTRY": "IT"}),
        ("deal", {"TITLE": "Big", "STAGE_ID": "NEW", "CONTACT_ID": "5", "OPPORTUNITY": "10.0"}),
    ],
)
def test_an_item_is_added_read_changed_and_deleted_by_the_older_methods(
    call: Caller, kind: str, fields: dict[str, str]
) -> None:
    origin = {"ORIGINATOR_ID": "our import", "ORIGIN_ID": "row 7"}
    number = result(call(f"crm.{kind}.add", fields={**fields, **origin, "UNKNOWN": "x"}))
    shown = result(call(f"crm.{kind}.get", id=str(number)))
    wanted = {**fields, **origin, "ID": str(number), "CREATED_BY_ID": "2"}
    assert {name: shown[name] for name in wanted} == wanted
    found = result(call(f"crm.{kind}.list", filter=origin))
    assert [row["ID"] for row in found] == [str(number)]
    assert result(call(f"crm.{kind}.update", id=number, fields={"COMMENTS": "Later"})) is True
    shown = result(call(f"crm.{kind}.get", id=number))
    assert (shown["COMMENTS"], shown["ORIGIN_ID"]) == ("Later", "row 7")
    described = result(call(f"crm.{kind}.fields"))
    assert {*wanted, "DATE_CREATE"} <= set(described)
    assert (described["ID"]["isReadOnly"], described["COMMENTS"]["isReadOnly"]) == (True, False)
    assert result(call(f"crm.{kind}.delete", id=number)) is True
    assert error_of(call(f"crm.{kind}.get", id=number)[1]) == ("", "Not found")
    for action in ("update", "delete"):
        answer = call(f"crm.{kind}.{action}", id=number, fields={})
        assert error_of(answer[1]) == ("", f"{kind.capitalize()} is not found")


def test_phones_and_mails_are_added_changed_and_removed(call: Caller) -> None:
    phones = [{"VALUE": "+1 212 555 0101", "VALUE_TYPE": "MOBILE"}, {"VALUE": "+1 212 555 0102"}]
    given = {"NAME": "Nova", "PHONE": phones, "EMAIL": [{"VALUE": "nova@example.com"}], "fm": []}
    number = result(call("crm.contact.add", fields=given))
    shown = result(call("crm.contact.get", id=number))
    assert [(row["VALUE"], row["VALUE_TYPE"]) for row in shown["PHONE"]] == [
        ("+1 212 555 0101", "MOBILE"),
        ("+1 212 555 0102", "WORK"),
    ]
    first, second = (row["ID"] for row in shown["PHONE"])
    changes = [{"ID": first, "VALUE": "+1 212 555 0103"}, {"ID": second, "DELETE": "Y"}]
    call("crm.contact.update", id=number, fields={"PHONE": changes})
    shown = result(call("crm.contact.get", id=number))
    assert [(row["ID"], row["VALUE"]) for row in shown["PHONE"]] == [(first, "+1 212 555 0103")]
    mail = shown["EMAIL"][0]["ID"]
    # A row needs a type, and its id is its key.
    for fm in ([{"id": mail, "value": ""}], [{"id": mail, "typeId": "EMAIL", "value": ""}]):
        call("crm.item.update", entityTypeId=CONTACT, id=number, fields={"fm": fm})
        assert "EMAIL" in result(call("crm.contact.get", id=number))
    gone = {mail: {"typeId": "EMAIL", "value": ""}}
    call("crm.item.update", entityTypeId=CONTACT, id=number, fields={"fm": gone})
    assert "EMAIL" not in result(call("crm.contact.get", id=number))


def test_the_older_methods_tell_all_errors_in_one_text(call: Caller, portal: Portal) -> None:
    portal.state.required_fields = {"contact": ["post", "comments"]}
    mail, number = (f"The value of the field {name} is incorrect." for name in ("E-mail", "Phone"))
    post, comments = (f'The field "{name}" is required.' for name in ("Post", "Comments"))
    rows = {"EMAIL": [{"VALUE": "x"}, {"VALUE": "y"}], "PHONE": [{"VALUE": "1" * 251}]}
    for fields, texts in ((rows, [number, mail, mail]), ({}, [post, comments])):
        answer = call("crm.contact.add", fields=fields)
        assert error_of(answer[1]) == ("", ", ".join(texts))
    answer = call("crm.contact.update", id=1, fields=rows)
    assert error_of(answer[1]) == ("", f"{number}, {mail}, {mail}")
    answer = call("crm.item.add", entityTypeId=CONTACT, fields={})
    assert error_of(answer[1]) == ("CRM_FIELD_ERROR_REQUIRED", post)


@pytest.mark.parametrize("keys", [None, ["a", "b", "c"]])
def test_a_batch_import_answers_for_each_item(
    call: Caller, portal: Portal, keys: list[str] | None
) -> None:
    portal.state.required_fields = {"contact": ["post"]}
    rows: list[Any] = [{"name": "A", "post": "Nurse"}, {"name": "B"}, {"post": "Cook"}]
    data = dict(zip(keys, rows, strict=True)) if keys else rows
    before = len(portal.state.contacts)
    items = result(call("crm.item.batchImport", entityTypeId=CONTACT, data=data))["items"]
    answers = items if keys is None else [items[key] for key in keys]
    assert [list(answer) for answer in answers] == [
        ["item"],
        ["error", "error_description"],
        ["item"],
    ]
    assert answers[1]["error"] == "CRM_FIELD_ERROR_REQUIRED"
    assert len(portal.state.contacts) == before + 2


def test_more_than_20_items_or_no_right_to_import_are_refused(call: Caller, portal: Portal) -> None:
    before = len(portal.state.companies)
    rows = [{"title": f"Firm {number}"} for number in range(21)]
    answer = call("crm.item.batchImport", entityTypeId=COMPANY, data=rows)
    text = "You can only import 20 items at a time"
    assert error_of(answer[1]) == ("MAX_IMPORT_BATCH_SIZE_EXCEEDED", text)
    portal.user(2).crm_import = False
    answer = call("crm.item.import", entityTypeId=COMPANY, fields=rows[0])
    assert error_of(answer[1])[0] == "ACCESS_DENIED"
    items = result(call("crm.item.batchImport", entityTypeId=COMPANY, data=rows[:20]))["items"]
    assert {row["error"] for row in items} == {"ACCESS_DENIED"}
    assert len(portal.state.companies) == before
    items = result(call("crm.item.batchImport", user=1, entityTypeId=COMPANY, data=rows[:20]))
    assert len(items["items"]) == 20


def test_only_an_administrator_sets_when_and_by_which_user_an_item_was_created(
    call: Caller, portal: Portal
) -> None:
    now = datetime.now(UTC)
    last_week = (now - timedelta(days=7)).isoformat(timespec="seconds")
    future, long_ago = ((now + timedelta(days=days)).isoformat() for days in (1, -8))
    history = {"name": "Old", "createdTime": last_week, "createdBy": 3}

    def imported(user: int, **more: Any) -> Any:
        fields = {**history, **more}
        return call("crm.item.import", user=user, entityTypeId=CONTACT, fields=fields)

    def created(number: int) -> tuple[Any, Any]:
        fields = portal.state.contacts[number].fields
        return fields["createdTime"], fields["createdBy"]

    assert created(result(imported(1))["item"]["id"]) == (last_week, 3)
    nothing: dict[str, Any] = {"createdTime": "", "createdBy": 0}
    wrong: list[tuple[int, dict[str, Any]]] = [
        *((1, {"createdTime": time}) for time in (future, long_ago, "yesterday")),
        *((1, {"updatedTime": time}) for time in (future, long_ago)),
        (1, {"createdBy": -3}),
        *((2, more) for more in ({}, {"createdTime": None}, {**nothing, "updatedBy": 3})),
    ]
    for user, more in wrong:
        answer = imported(user, **more)
        assert error_of(answer[1])[0] == "CRM_FIELD_ERROR_VALUE_NOT_VALID", (user, more)
    when, who = created(result(imported(2, **nothing))["item"]["id"])
    assert (when > last_week, who) == (True, 2)


@pytest.mark.parametrize(("kind", "name"), [(COMPANY, "company"), (DEAL, "deal")])
def test_the_first_item_of_all_may_be_of_any_time(
    call: Caller, portal: Portal, kind: int, name: str
) -> None:
    for number in list(portal.state.crm(kind)):
        call(f"crm.{name}.delete", user=1, id=number)
    fields = {"title": "First", "createdTime": "2020-02-01T09:00:00+00:00", "updatedBy": 3}
    item = result(call("crm.item.import", user=1, entityTypeId=kind, fields=fields))["item"]
    stored = portal.state.crm(kind)[item["id"]].fields
    assert (stored["createdTime"], stored["updatedBy"]) == (fields["createdTime"], 3)


def test_links_of_items_are_one_id_and_a_list(call: Caller) -> None:
    deal = result(call("crm.item.add", entityTypeId=DEAL, fields={"contactId": 5}))["item"]
    assert (deal["contactIds"], deal["title"]) == ([5], f"Deal #{deal['id']}")
    fields = {"contactIds": [7, 8]}
    deal = result(call("crm.item.update", entityTypeId=DEAL, id=deal["id"], fields=fields))["item"]
    assert deal["contactId"] == 7
    person = result(call("crm.contact.add", fields={"NAME": "Nova", "COMPANY_IDS": [3, 4]}))
    assert result(call("crm.contact.get", id=person))["COMPANY_ID"] == "3"


@pytest.mark.parametrize(
    ("method", "params", "text"),
    [
        ("crm.contact.add", {}, "Parameter 'fields' must be array."),
        ("crm.deal.get", {"id": "x"}, "ID is not defined or invalid."),
        ("crm.company.update", {"id": 1, "fields": "x"}, "Parameter 'fields' must be array."),
        ("crm.timeline.comment.add", {}, "Parameter 'fields' must be array."),
    ],
)
def test_bad_parameters_of_older_methods_are_refused(
    call: Caller, method: str, params: dict[str, Any], text: str
) -> None:
    assert error_of(call(method, **params)[1]) == ("", text)


def test_rights_are_checked_by_the_older_methods(call: Caller, portal: Portal) -> None:
    hidden = portal.user(2).hidden_contacts[0]
    for action in ("get", "update", "delete"):
        answer = call(f"crm.contact.{action}", id=hidden, fields={})
        assert error_of(answer[1]) == ("", "Access denied.")
    portal.user(2).crm_add = False
    assert error_of(call("crm.deal.add", fields={})[1]) == ("", "Access denied.")
    assert error_of(call("crm.contact.fields", user=4)[1]) == ("", "Access denied.")


def test_a_to_do_is_added_listed_and_removed_with_its_owner(call: Caller, portal: Portal) -> None:
    number = result(
        call(
            "crm.activity.todo.add", ownerTypeId=CONTACT, ownerId="5", responsibleId=3,
            title="Call back", description="About Friday", deadline="2036-01-01T09:00:00+03:00",
        )
    )["id"]  # fmt: skip
    assert portal.state.todos[number].deadline == "2036-01-01T09:00:00+03:00"
    filters = {"PROVIDER_ID": "CRM_TODO", "BINDINGS": [{"OWNER_TYPE_ID": 3, "OWNER_ID": 5}]}
    (row,) = result(call("crm.activity.list", filter=filters))
    wanted = {"ID": str(number), "SUBJECT": "Call back", "RESPONSIBLE_ID": "3", "AUTHOR_ID": "2"}
    assert {name: row[name] for name in wanted} == wanted
    assert row["DEADLINE"] == "2036-01-01T06:00:00+00:00"
    call("crm.item.delete", user=1, entityTypeId=CONTACT, id=5)
    assert portal.state.todos == {}


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"deadline": "soon"}, "WRONG_DATETIME_FORMAT"),
        ({"deadline": None}, "100"),
        ({"responsibleId": "the boss"}, "100"),
        ({"responsibleId": [3]}, "100"),
        ({"responsibleId": True}, "100"),
        ({"ownerId": 99_999}, "NOT_FOUND"),
        ({"ownerTypeId": 1}, "NOT_FOUND"),
    ],
)
def test_a_bad_to_do_is_refused(
    call: Caller, portal: Portal, params: dict[str, Any], error: str
) -> None:
    given = {"ownerTypeId": CONTACT, "ownerId": 5, "deadline": "01.02.2036 09:30:00", **params}
    assert error_of(call("crm.activity.todo.add", **given)[1])[0] == error
    given |= {"ownerId": portal.user(2).hidden_contacts[0], "ownerTypeId": CONTACT}
    given |= {"deadline": "01.02.2036", "responsibleId": None}
    assert error_of(call("crm.activity.todo.add", **given)[1])[0] == "ACCESS_DENIED"
    assert portal.state.todos == {}


def test_a_comment_is_kept_and_shown_in_the_card(call: Caller, portal: Portal) -> None:
    fields = {"ENTITY_ID": 4, "ENTITY_TYPE": "deal", "COMMENT": "Came by <phone>"}
    number = result(call("crm.timeline.comment.add", fields=fields))
    comment = portal.state.comments[number]
    assert (comment.owner, comment.text, comment.author_id) == ((DEAL, 4), "Came by <phone>", 2)
    page = requests.get(f"{portal.url}/crm/deal/details/4/", timeout=30).text
    assert "Came by &lt;phone&gt;" in page
    for wrong in ({"ENTITY_ID": 999}, {"ENTITY_TYPE": "lead"}, {"COMMENT": ""}):
        assert error_of(call("crm.timeline.comment.add", fields={**fields, **wrong})[1])[0] == ""
    assert list(portal.state.comments) == [number]
