"""Measures the app and other clients at the same jobs, on the sandbox with a portal's limits."""
