"""Measures the app and other clients at the same jobs, on a sandbox with limits."""
