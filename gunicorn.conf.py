"""How gunicorn runs the app. It reads this file by itself."""

# More than one thread selects gunicorn's threaded worker. A request that waits for a portal does
# not block the others, and its worker is not taken for a hanging one and killed.
# docs/decisions/0005-threads.md
threads = 16
graceful_timeout = 60
