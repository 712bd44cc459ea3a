"""Encrypts secrets for the database. Each is bound to the row it belongs to."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class SealError(Exception):
    """A value cannot be opened: wrong key, damaged, or copied from another row."""


class Vault:
    """Fernet encryption with key rotation: the first key seals, all keys open.

    `context` names the row and column, such as `user_tokens/MEMBER/7/access_token`. It is
    encrypted with the secret, so a value that was copied to another row does not open there.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        fernets = [Fernet(key) for key in keys]
        self._first = fernets[0]
        self._fernet = MultiFernet(fernets)

    def seal(self, secret: str, context: str) -> str:
        return self._fernet.encrypt(f"{context}\0{secret}".encode()).decode()

    def reseal(self, sealed: str) -> str | None:
        """Seal a value with the first key, or return None if it already is. Raises SealError."""
        try:
            self._first.decrypt(sealed.encode())
        except InvalidToken:
            pass
        else:
            return None
        try:
            return self._fernet.rotate(sealed.encode()).decode()
        except InvalidToken:
            raise SealError("a sealed value does not open with any of the keys") from None

    def open_if_possible(self, sealed: str, context: str) -> str:
        """Return the secret, "" if there is none or the keys do not open it."""
        try:
            return self.open(sealed, context) if sealed else ""
        except SealError:
            return ""

    def open(self, sealed: str, context: str) -> str:
        """Return the secret. Raises SealError, whose text never contains the value."""
        try:
            plain = self._fernet.decrypt(sealed.encode()).decode()
        except (InvalidToken, UnicodeError):
            raise SealError("a sealed value does not open with any of the keys") from None
        found, _, secret = plain.partition("\0")
        if found != context:
            raise SealError("a sealed value is in a row that it does not belong to")
        return secret
