"""`make bench`: the same jobs with our client and with others, on the sandbox with real limits."""
