"""The bodies of the control API; other fields are refused by name."""

from typing import Annotated, Any, Literal, get_type_hints

from msgspec import UNSET, Meta, Struct, UnsetType, defstruct

from sandbox.core.booking.model import Feature
from sandbox.portal.hub import Seconds, Switches

_Id = Annotated[int, Meta(ge=1, le=2**31 - 1)]
_Code = Literal["CONTACT", "COMPANY"]


class Empty(Struct, forbid_unknown_fields=True):
    """The body `{}`."""


class _PortalSwitches(Struct):
    booking_tool: bool | UnsetType = UNSET
    features: dict[Feature, bool] | UnsetType = UNSET
    utc_offset: Annotated[float, Meta(ge=-12, le=14, multiple_of=0.25)] | UnsetType = UNSET
    oauth_server: Literal[1, 2] | UnsetType = UNSET


_SWITCHES = get_type_hints(Switches, include_extras=True)
# The switches of the sandbox and of this portal, as far as they are given.
PortalSwitches = defstruct(
    "PortalSwitches",
    [(name, type_ | UnsetType, UNSET) for name, type_ in _SWITCHES.items()],
    bases=(_PortalSwitches,),
    forbid_unknown_fields=True,
)


class OAuthFault(Struct, forbid_unknown_fields=True):
    kind: str
    method: str = "*"
    count: Annotated[int, Meta(ge=1)] | None = None
    probability: Annotated[float, Meta(ge=0, le=1)] = 1.0
    seconds: Seconds | UnsetType = UNSET


class PortalFault(OAuthFault, forbid_unknown_fields=True):
    """The added fields are options of single kinds."""

    host: Annotated[str, Meta(pattern=r"^[\w.:\[\]-]*\Z")] | UnsetType = UNSET
    path: Annotated[str, Meta(pattern=r"^/[!-~]*\Z")] | UnsetType = UNSET
    feature: Feature | UnsetType = UNSET
    code: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    status: Annotated[int, Meta(ge=400, le=599)] | UnsetType = UNSET
    clients: list[tuple[_Code, _Id]] | UnsetType = UNSET
    replace: bool | UnsetType = UNSET
    number: _Id | UnsetType = UNSET
    user_id: _Id | UnsetType = UNSET


class FaultId(Struct, forbid_unknown_fields=True):
    id: int


class UserRights(Struct, forbid_unknown_fields=True):
    id: int
    admin: bool | UnsetType = UNSET
    app_access: bool | UnsetType = UNSET
    crm_read: bool | UnsetType = UNSET
    crm_add: bool | UnsetType = UNSET
    crm_import: bool | UnsetType = UNSET
    extranet: bool | UnsetType = UNSET
    hidden_contacts: list[_Id] | UnsetType = UNSET
    hidden_deals: list[_Id] | UnsetType = UNSET


class ClientTypes(Struct, forbid_unknown_fields=True):
    """The table of client types; it is empty until a portal links a client."""

    codes: list[_Code]


class LinkClient(Struct, forbid_unknown_fields=True):
    record_id: int
    code: _Code
    number: _Id
    user_id: int | UnsetType = UNSET


class Advance(Struct, forbid_unknown_fields=True):
    seconds: Annotated[float, Meta(ge=0, le=315_360_000)]


class Launch(Struct, forbid_unknown_fields=True):
    user_id: int | UnsetType = UNSET
    placement: str | UnsetType = UNSET
    options: dict[str, Any] | UnsetType = UNSET
    lang: Annotated[str, Meta(pattern=r"^[a-z]{2}\Z")] | UnsetType = UNSET
    handler: Annotated[str, Meta(pattern=r"^https?://[!-~]+\Z")] | UnsetType = UNSET


class Installed(Struct, forbid_unknown_fields=True):
    installed: bool = True


class FinishInstall(Struct, forbid_unknown_fields=True):
    user_id: int = 1


class Uninstall(Struct, forbid_unknown_fields=True):
    clean: bool = False


class WaitIdle(Struct, forbid_unknown_fields=True):
    timeout: Seconds = 10.0
