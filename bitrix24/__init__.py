"""Talking to a Bitrix24 portal: calls, batches, complete lists, errors by kind.

Knows nothing of Flask and nothing of waiting lists.
"""
