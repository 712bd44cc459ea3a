"""Turns records and customers into what templates show, in the user's language. No I/O."""
