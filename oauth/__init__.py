"""Identifies the caller: verified launches, the tokens of users, frame sessions."""
