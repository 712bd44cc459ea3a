"""The data that a run creates on the portal and deletes again."""

import secrets
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from sandbox.conformance.rest import BATCH, Rest

DEAL, CONTACT, COMPANY = 2, 3, 4
_PAGE = 50
_PAGES = 400
# The error codes of a delete when the record, booking or item is already gone.
_ALREADY_GONE = {"1036", "1020", "1021", "1008", "1012", "NOT_FOUND"}
# A resource that sends no messages.
_SILENT = {
    f"is{kind}NotificationOn": "N"
    for kind in ("Info", "Confirmation", "Reminder", "Feedback", "Delayed", "Cancellation")
}


def contact(contact_id: Any) -> dict[str, Any]:
    return {"id": contact_id, "type": {"module": "crm", "code": "CONTACT"}}


def company(company_id: Any) -> dict[str, Any]:
    return {"id": company_id, "type": {"module": "crm", "code": "COMPANY"}}


def phone() -> str:
    """Return a random number with the prefix 999, which no country has."""
    return f"+999 55 {secrets.randbelow(10**8):08d}"


def phones(*numbers: str) -> list[dict[str, str]]:
    return [{"typeId": "PHONE", "valueType": "WORK", "value": number} for number in numbers]


class Samples:
    """Creates data with a marker of its own and deletes it in `clear`."""

    # An id that no record and no customer has.
    absent = 1_900_000_000

    def __init__(self, portal: Rest) -> None:
        self.portal = portal
        self.marker = f"Conformance {secrets.token_hex(4)}"
        self.left_behind: list[str] = []
        self._records: list[int] = []
        self._bookings: list[int] = []
        self._items: list[tuple[int, int]] = []
        self._resources: list[int] = []
        self._types: list[int] = []

    def create_record(self, **fields: Any) -> int:
        """Create a record and return its id; its note is the marker by default."""
        return self.keep_record(
            self.portal.call(
                "booking.v1.waitlist.add", fields={"note": self.marker, **fields}
            ).result
        )

    def keep_record(self, number: int) -> int:
        """Note a record for deletion and return its id."""
        self._records.append(number)
        return number

    def create_records(self, count: int) -> list[int]:
        note = urlencode({"fields[note]": self.marker})
        numbers = self.portal.many([f"booking.v1.waitlist.add?{note}"] * count)
        self._records += numbers
        return [int(number) for number in numbers]

    def keep_booking(self, number: int) -> int:
        """Note a booking and the deal that the portal created for it, and return its id."""
        self._bookings.append(number)
        method = "booking.v1.booking.externalData.list"
        links = self.portal.call(method, bookingId=number).result["externalData"]
        self._items += [(DEAL, int(row["value"])) for row in links if row["entityTypeId"] == "DEAL"]
        return number

    def create_type(self) -> int:
        """Create a type of resources and return its id."""
        fields = {"name": self.marker, "code": f"conformance-{secrets.token_hex(4)}"}
        added = self.portal.call("booking.v1.resourceType.add", fields=fields)
        self._types.append(int(added.result))
        return self._types[-1]

    def create_resource(self, type_id: int, **fields: Any) -> int:
        """Create a resource without working hours and messages, and return its id."""
        given = {"name": self.marker, "typeId": type_id, **_SILENT, **fields}
        added = self.portal.call("booking.v1.resource.add", fields=given)
        if added.body.get("error") == "0":
            pytest.skip("the tariff of the portal has no bookings")
        self._resources.append(int(added.result))
        return self._resources[-1]

    def keep_item(self, kind: int, number: int) -> int:
        """Note a CRM item for deletion and return its id."""
        self._items.append((kind, number))
        return number

    def create_contact(self, **fields: Any) -> int:
        return self._create_item(
            CONTACT, {"name": "Conformance", "lastName": self.marker, **fields}
        )

    def create_company(self, **fields: Any) -> int:
        return self._create_item(COMPANY, {"title": self.marker, **fields})

    def create_deal(self, **fields: Any) -> int:
        return self._create_item(DEAL, {"title": self.marker, **fields})

    def create_contacts(self, count: int, phone: str) -> list[int]:
        """Create contacts that share one phone number, and return their ids."""
        fields = urlencode(
            {
                "entityTypeId": CONTACT,
                "fields[name]": "Conformance",
                "fields[lastName]": f"{self.marker} many",
                "fields[fm][0][typeId]": "PHONE",
                "fields[fm][0][valueType]": "WORK",
                "fields[fm][0][value]": phone,
            },
            quote_via=quote,
        )
        added = self.portal.many([f"crm.item.add?{fields}"] * count)
        numbers = [int(row["item"]["id"]) for row in added]
        self._items += [(CONTACT, number) for number in numbers]
        return numbers

    def _create_item(self, kind: int, fields: dict[str, Any]) -> int:
        added = self.portal.call("crm.item.add", entityTypeId=kind, fields=fields).result
        number = int(added["item"]["id"])
        self._items.append((kind, number))
        return number

    def set_clients(self, record: int, clients: list[dict[str, Any]]) -> None:
        wanted = {"waitListId": record, "clients": clients}
        answer = self.portal.call("booking.v1.waitlist.client.set", **wanted)
        if answer.body.get("error") == "1025":
            pytest.skip("the portal has no such client type yet: book a customer once")
        assert answer.result is True

    def clients(self, record: int) -> list[tuple[str, int]]:
        """Return the clients of a record, e.g. [("CONTACT", 12)]."""
        listed = self.portal.call("booking.v1.waitlist.client.list", waitListId=record).result
        return [(row["type"]["code"], row["id"]) for row in listed["waitListClient"]]

    def clear(self) -> None:
        """Delete everything; also searches by the marker, in case an answer was lost."""
        found = set(self._records) | set(self._find_records())
        commands = [f"booking.v1.waitlist.delete?id={number}" for number in sorted(found)]
        commands += [f"booking.v1.booking.delete?id={number}" for number in self._bookings]
        items = set(self._items) | set(self._find_items())
        commands += [
            f"crm.item.delete?entityTypeId={kind}&id={number}" for kind, number in sorted(items)
        ]
        commands += [f"booking.v1.resource.delete?id={number}" for number in self._resources]
        commands += [f"booking.v1.resourceType.delete?id={number}" for number in self._types]
        for start in range(0, len(commands), BATCH):
            chunk = commands[start : start + BATCH]
            errors = self.portal.batch(chunk)["result_error"]
            rows = errors.items() if isinstance(errors, dict) else enumerate(errors)
            self.left_behind += [
                f"{chunk[int(index)]}: {error['error']}"
                for index, error in rows
                if str(error["error"]) not in _ALREADY_GONE
            ]

    def _find_records(self) -> list[int]:
        marked: list[int] = []
        for page in range(_PAGES):
            listed = self.portal.call("booking.v1.waitlist.list", start=page * _PAGE).result
            rows = listed["waitList"]
            marked += [row["id"] for row in rows if self.marker in (row["note"] or "")]
            if len(rows) < _PAGE:
                break
        return marked

    def _find_items(self) -> list[tuple[int, int]]:
        fields = {DEAL: "%title", CONTACT: "%lastName", COMPANY: "%title"}
        return [
            (kind, row["id"])
            for kind, name in fields.items()
            for start in (0, _PAGE)
            for row in self.portal.call(
                "crm.item.list",
                entityTypeId=kind,
                filter={name: self.marker},
                order={"id": "ASC"},
                start=start,
            ).result["items"]
        ]
