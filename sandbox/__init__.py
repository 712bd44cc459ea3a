"""A Bitrix24 portal on your desk: REST, OAuth, the frame host page, events, limits and faults.

    with Sandbox(app_url="http://127.0.0.1:5001", port=0) as sandbox:
        launch = sandbox.portals[0].launch(user_id=2)

From a shell: ``python -m sandbox -- flask --app app run``.
"""

from sandbox.sandbox import Sandbox

__all__ = ["Sandbox"]
