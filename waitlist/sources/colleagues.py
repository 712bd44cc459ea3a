"""The users of a portal who have opened the app."""

from __future__ import annotations

from collections.abc import Iterable

from store.user_names import UserNameStore


class Colleagues:
    """The names of one portal's users, as far as the app knows them."""

    def __init__(self, store: UserNameStore, member_id: str) -> None:
        self._store = store
        self._member_id = member_id

    def names(self, user_ids: Iterable[int]) -> dict[int, str]:
        """Return the known names of these users, by user ID."""
        return self._store.find(self._member_id, set(user_ids))
