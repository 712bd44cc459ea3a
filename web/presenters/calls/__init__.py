"""Calls to the customers of records, in words."""
