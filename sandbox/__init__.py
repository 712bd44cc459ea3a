"""A simulated Bitrix24 portal: REST, OAuth, the frame, events, limits and faults.

    with Sandbox(app_url="http://127.0.0.1:5001", port=0) as sandbox:
        launch = sandbox.portals[0].launch(user_id=2)

From a shell: ``python -m sandbox -- flask --app app run``.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox, SandboxOptions

__all__ = ["Sandbox", "SandboxOptions"]


def __getattr__(name: str) -> Any:
    """Import Flask and the rest on first use; the conformance suite runs without them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from sandbox import sandbox

    return getattr(sandbox, name)
