"""Invented but believable portals. The same numbers always give the same people and records.

Phones come only from ranges reserved for fiction, mail addresses only from example domains.
"""

from sandbox.seed.portals import Sizes, fresh_portal

__all__ = ["Sizes", "fresh_portal"]
