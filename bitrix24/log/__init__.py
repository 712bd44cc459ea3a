"""What is written down of calls: redacted, one file a day."""
