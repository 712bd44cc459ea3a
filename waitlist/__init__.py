"""The job: records of the waiting list, their customers, search, merge and save, undo.

Knows nothing of HTTP or HTML.
"""
