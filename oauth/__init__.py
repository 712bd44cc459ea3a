"""Who is calling: verified launches, users' tokens and their renewal, frame sessions."""
