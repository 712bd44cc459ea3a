"""Calls to customers."""
