"""One run: two users and others outside the app work on a record, and things fail meanwhile.

All that is chosen comes from the seed, so a seed replays its run.
"""

import errno
import re
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from chaos.step import Step
from chaos.world import OLGA, RAJ, USERS, Plan, World
from store.pending.writes import State, Write
from waitlist.pending_writes import HORIZON

STEPS, MOST_LOOKS = 12, 3
UNSETTLED = {State.ASKED, State.UNKNOWN, State.WATCHED}
LONGEST_LATE = 60
BASE = re.compile(r'name="(base|base_note)" value="([^"]*)"')
SENT = re.compile(r'name="(record|change|note|seen_note|made)" value="([^"]*)"')
SET = "*.client.*set"
FAULTS: dict[str, tuple[tuple[str, str, dict[str, Any]], ...]] = {
    "late list": (("late", SET, {}),),
    "late note": (("late", "*.waitlist.update", {}),),
    "late record": (("late", "*.waitlist.add", {}),),
    "late removal": (("late", "*.waitlist.delete", {}),),
    "lost request": (("drop_before", SET, {}),),
    "lost answer": (("drop_after", SET, {}),),
    "lost answer, unreadable": (
        ("drop_after", SET, {}),
        ("server_error", "*.waitlist.get", {"probability": 0.5}),
    ),
    "lost note": (("drop_after", "*.waitlist.update", {}),),
    "lost removal": (("drop_after", "*.waitlist.delete", {}),),
    "redirect": (("redirect", SET, {"host": "elsewhere.example"}),),
    "lost number": (("drop_after", "*.waitlist.add", {}),),
    "cut answer": (("truncated", SET, {}),),
    "gateway": (("status", SET, {"status": 504}),),
    "refused": (("error", SET, {"code": "ACCESS_DENIED"}),),
    "duplicate": (("error", SET, {"code": "1035"}),),
    "cut note": (("cut_note", "*.waitlist.update", {}),),
}
NOTES = ("Call", "Later", "", "Call \N{GRINNING FACE} later")


@dataclass
class Editor:
    """The record as a user has loaded it, and the fields of the last *Undo*."""

    base: list[str] = field(default_factory=list)
    note: str = ""
    undo: dict[str, str] = field(default_factory=dict)
    undone: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())


class Run:
    """A run on a record of its own. `steps` are what the checker looks at."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = Random(seed)  # noqa: S311 - it has to be repeatable
        self.steps: list[Step] = []
        self.editors = {user: Editor() for user in USERS}
        world.begin()
        self.created: dict[str, set[int]] = {}
        hidden = set(world.portal.user(2).hidden_contacts)
        seen = [one for one in world.portal.state.contacts if one not in hidden]
        self.pool = [f"CONTACT:{one}" for one in seen[:4]] + ["COMPANY:1", "COMPANY:2"]
        self.record = world.call("booking.v1.waitlist.add", {"fields": {"note": "Call"}})
        self._change_outside()
        self._load(OLGA)
        self.editors[RAJ] = replace(self.editors[OLGA])

    def go(self) -> None:
        """Take all steps, then let everything that is late come, and look once more."""
        actions = [self._save] * 5 + [self._undo, self._change_outside, self._poll, self._create]
        actions += [self._load_by_any, self._wait, self._wait, self._set_clock, self._remove]
        for _ in range(STEPS):
            self.random.choice(actions)()
        self.world.pass_by(LONGEST_LATE)
        for user in USERS * MOST_LOOKS:
            self.world.pass_by(HORIZON)
            self._poll(user)
            if not self.unsettled:
                return

    @property
    def customers(self) -> tuple[str, ...]:
        row = self.world.portal.state.records[self.record]
        return () if row.deleted else tuple(f"{one.code}:{one.id}" for one in row.clients)

    @property
    def unsettled(self) -> list[Write]:
        """Return the writes whose outcome the app does not know yet."""
        writes = self.world.services.writes.of_portal(self.world.portal.member_id)
        return [one for one in writes if one.state in UNSETTLED]

    @property
    def is_gone(self) -> bool:
        return self.world.portal.state.records[self.record].deleted

    def _save(self) -> None:
        user = self.random.choice(USERS)
        editor = self.editors[user]
        wish = self.random.sample(self.pool, self.random.randint(0, 4))
        note = self.random.choice((editor.note, *NOTES))
        fields = {"base": editor.base, "customer": wish, "base_note": editor.note, "note": note}
        wanted = frozenset(wish) - frozenset(editor.base), frozenset(editor.base) - frozenset(wish)
        step = self._send(user, f"/records/{self.record}/save", fields, "save", *wanted)
        if step.outcome == "done":
            self._take(user, step)
            found = dict(SENT.findall(step.told.partition('<form id="undo"')[2]))
            before, after = frozenset(step.before), frozenset(step.after)
            editor.undo, editor.undone = found, (before - after, after - before)

    def _undo(self) -> None:
        user = self.random.choice(USERS)
        editor = self.editors[user]
        if editor.undo:
            path = f"/records/{self.record}/undo"
            step = self._send(user, path, editor.undo, "undo", *editor.undone)
            if step.outcome == "done":
                self._take(user, step)
                editor.undo = {}

    def _remove(self) -> None:
        if self.random.random() < 0.7:
            return
        user = self.random.choice(USERS)
        note = self.world.portal.state.records[self.record].note or ""
        fields = {"seen": list(self.customers), "seen_note": note.strip()}
        gone = frozenset(self.pool)
        self._send(user, f"/records/{self.record}/remove", fields, "remove", frozenset(), gone)

    def _create(self) -> None:
        """Send a form for a new record, sometimes several times."""
        user, word = self.random.choice(USERS), f"attempt-{self.random.getrandbits(60):015x}"
        wish = self.random.sample(self.pool, self.random.randint(0, 2))
        fields = {"customer": wish, "note": f"New {word}", "attempt": word}
        for _ in range(self.random.randint(1, 4)):
            step = self._send(user, "/records/new/save", fields, "create")
            self.created.setdefault(word, set())
            if step.outcome == "done":
                break
            self._wait()

    def _change_outside(self) -> None:
        """Replace the list as another program does. What was not answered yet may undo it."""
        if self.steps and self.is_gone:
            return
        keys = self.random.sample(self.pool, self.random.randint(0, 3))
        clients = [
            {
                "id": int(key.partition(":")[2]),
                "type": {"module": "crm", "code": key.partition(":")[0]},
            }
            for key in keys
        ]
        method = f"booking.v1.waitlist.client.{'set' if clients else 'unset'}"
        before = self.customers
        self.world.call(method, {"waitListId": self.record, "clients": clients})
        added, removed = set(keys) - set(before), set(before) - set(keys)
        self.steps.append(
            Step(
                "outside", 0, self.record, frozenset(added), frozenset(removed), before, tuple(keys)
            )
        )

    def _poll(self, user: int = 0) -> None:
        user = user or self.random.choice(USERS)
        status, told = self.world.post(user, "/records/news", {"until": "0"}, Plan())
        self.steps.append(Step("poll", user, self.record, status=status, told=told))

    def _load_by_any(self) -> None:
        self._load(self.random.choice(USERS))

    def _load(self, user: int) -> None:
        status, told = self.world.post(user, f"/records/{self.record}", {}, Plan())
        if status == 200:
            self._take(user, Step("load", user, status=status, told=told))

    def _take(self, user: int, step: Step) -> None:
        found = BASE.findall(step.told.partition('id="editor"')[2])
        self.editors[user].base = [value for name, value in found if name == "base"]
        self.editors[user].note = "".join(value for name, value in found if name == "base_note")

    def _wait(self) -> None:
        self.world.pass_by(self.random.choice((1, 10, 31, 76, 95)))

    def _set_clock(self) -> None:
        self.world.clock.jump(self.random.choice((-7200, -60, 60, 7200)))

    def _send(
        self,
        user: int,
        path: str,
        fields: dict[str, Any],
        action: str,
        added: frozenset[str] = frozenset(),
        removed: frozenset[str] = frozenset(),
    ) -> Step:
        portal, before = self.world.portal, self.customers
        if self.random.random() < 0.5:
            for kind, method, options in FAULTS[self.random.choice(sorted(FAULTS))]:
                seconds = self.random.randint(1, LONGEST_LATE)
                when = {"seconds": seconds} if kind == "late" else {}
                portal.faults.add(kind, method, count=1, **when, **options)
        after = self.random.choices((0, 1, 2, 3), (20, 1, 2, 2), k=3)
        log_errno = self.random.choices((0, errno.ENOSPC, errno.EACCES), (8, 1, 1))
        known = len(portal.requests)
        status, told = self.world.post(user, path, fields, Plan(*after, *log_errno))
        portal.faults.clear()
        step = Step(action, user, self.record, added, removed, before, self.customers, status, told)
        step.requests = portal.requests[known:]
        self.steps.append(step)
        return step
