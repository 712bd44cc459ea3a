"""An address that was changed in the database gets neither the secret nor a token."""

from __future__ import annotations

from flask import Flask

from settings import Settings
from store.vault import Vault
from tests.cast import Cast
from web.services import services_of


def test_an_address_that_was_changed_in_the_database_gets_no_token(
    app: Flask, installed: Cast, config: Settings, trap: tuple[str, list[bytes]]
) -> None:
    address, heard = trap
    services = services_of(app)
    sealed = Vault(config.token_keys).seal(f"{address}/rest/", "portals/another/endpoint")
    for value in (f"{address}/rest/", sealed):
        with services.engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE portals SET endpoint = ? WHERE member_id = ?",
                (value, installed.portal.member_id),
            )
        assert installed.regular_user.post("/records/1").status_code == 401
    assert installed.regular_user.open().status_code == 200
    with services.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE user_tokens SET server = ?, expires_at = 0", (address,))
    assert installed.regular_user.post("/records/1").status_code == 401
    assert heard == []
