"""Truth under faults: random runs, a checker of what was told, and killed workers."""
