"""The exact requests of clients that no registry in use has.

b24phpsdk and CRest are PHP, BX24.js is a script of the portal. Sources: src/Core/ApiClient.php of
bitrix24/b24phpsdk, src/crest.php of bitrix-tools/crest, and the script api/v1/ of a portal.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import requests

from sandbox.core import php
from sandbox.portal.portal import Portal

Send = Callable[..., Any]
"""`send(method, **params)` returns the answered JSON."""


class PhpSdk:
    """b24phpsdk: JSON, method names in lower case, an id of the request in the query."""

    def __init__(self, portal: Portal, token: str | None, ca_file: str) -> None:
        self._token, self._ca_file = token, ca_file
        self._base = f"{portal.tls_url}/rest" if token else portal.tls_webhook_url.rstrip("/")

    def __call__(self, method: str, **params: Any) -> Any:
        end = "" if self._token else "/"
        url = f"{self._base}/{method.lower()}{end}?bx24_request_id={uuid.uuid4()}"
        body = {**params, "auth": self._token} if self._token else params
        headers = {"Accept": "application/json", "Accept-Charset": "utf-8"}
        return requests.post(
            url, json=body, headers=headers, verify=self._ca_file,
            allow_redirects=False, timeout=30,
        ).json()  # fmt: skip


class CRest:
    """CRest: a form of http_build_query, which for a webhook stands in the address."""

    def __init__(self, portal: Portal, token: str | None, ca_file: str) -> None:
        self._token, self._ca_file = token, ca_file
        self._base = f"{portal.tls_url}/rest/" if token else portal.tls_webhook_url

    def __call__(self, method: str, **params: Any) -> Any:
        url = f"{self._base}{method}.json"
        if self._token is None:
            query = urlencode(list(php.flatten(params)))
            return requests.get(f"{url}?{query}", verify=self._ca_file, timeout=30).json()
        body = urlencode(list(php.flatten({**params, "auth": self._token})))
        return _post_form(url, body, self._ca_file)


class Bx24Js:
    """BX24.js: a form in which the token comes first, then plain values, then nested ones."""

    def __init__(self, portal: Portal, token: str | None, ca_file: str) -> None:
        self._portal, self._token, self._ca_file = portal, token, ca_file

    def __call__(self, method: str, **params: Any) -> Any:
        url = f"{self._portal.tls_url}/rest/{quote(method)}.json"
        return _post_form(url, f"auth={self._token}&{_prepare(params, '')}", self._ca_file)


def _prepare(data: Any, prefix: str) -> str:
    """Build the body: brackets are not escaped, and an empty list becomes an empty text."""
    items = list(data.items() if isinstance(data, dict) else enumerate(data))
    names = [f"{prefix}[{quote(str(key))}]" if prefix else quote(str(key)) for key, _ in items]
    plain, nested = [], []
    for name, (_, value) in zip(names, items, strict=True):
        if isinstance(value, list) and not value:
            nested.append(f"{name}=")
        elif isinstance(value, dict | list):
            nested.append(_prepare(value, name))
        else:
            plain.append(f"{name}={quote(str(value), safe='')}")
    return "&".join([*plain, *nested])


def _post_form(url: str, body: str, ca_file: str) -> Any:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return requests.post(url, body, headers=headers, verify=ca_file, timeout=30).json()
