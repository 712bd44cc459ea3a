"""What the app remembers of bookings: IDs, no names."""
