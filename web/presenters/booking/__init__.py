"""Free times, and bookings that were made of records."""
