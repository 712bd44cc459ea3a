"""Records of the waiting list and their customers. Knows nothing of HTTP or HTML."""
