"""The data of a fresh portal: invented, and always the same for the same sizes.

Phone numbers are from ranges reserved for fiction, mail addresses from example domains.
"""

from sandbox.seed.portals import Sizes, build_portal

__all__ = ["Sizes", "build_portal"]
