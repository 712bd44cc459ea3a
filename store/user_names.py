"""The names of users who have opened the app. They are in the rows of the users' tokens."""

from collections.abc import Iterable

from sqlalchemy import select, update

from store.engine import SealedStore
from store.schema import user_tokens


class UserNameStore(SealedStore):
    """Names that are sealed, and deleted together with the tokens."""

    def find(self, member_id: str, user_ids: Iterable[int]) -> dict[int, str]:
        table, wanted = user_tokens.c, set(user_ids)
        query = select(table.user_id, table.name).where(
            table.member_id == member_id, table.user_id.in_(wanted), table.name != ""
        )
        # A name that no key opens counts as unknown.
        return {
            user_id: name
            for user_id, sealed in (self._rows(query) if wanted else ())
            if (name := self._vault.open_if_possible(sealed, _context(member_id, user_id)))
        }

    def save(self, member_id: str, user_id: int, name: str) -> None:
        """Store a user's name if it has changed. Does nothing for a user without tokens."""
        if self.find(member_id, [user_id]).get(user_id, "") == name:
            return
        table = user_tokens.c
        sealed = self._vault.seal(name, _context(member_id, user_id)) if name else ""
        mine = (table.member_id == member_id, table.user_id == user_id)
        self._write(update(user_tokens).where(*mine).values(name=sealed))


def _context(member_id: str, user_id: int) -> str:
    return f"user_tokens/{member_id}/{user_id}/name"
