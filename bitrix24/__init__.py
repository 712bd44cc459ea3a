"""Calls to a Bitrix24 portal. Knows nothing of Flask and nothing of waiting lists."""
