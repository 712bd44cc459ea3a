"""Keeps a slow portal from taking the threads and the time of others."""
