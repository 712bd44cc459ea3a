"""How gunicorn runs the app; it reads this file by itself."""

# A request waits for a portal most of its time. With threads, a slow one stops nobody, and is not
# taken for a hanging worker and killed between a write and its confirmation.
threads = 16
graceful_timeout = 60
