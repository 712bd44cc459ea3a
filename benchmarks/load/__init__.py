"""Measures what portals that misbehave cost their neighbors: `make load`."""
