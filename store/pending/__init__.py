"""What was begun and is not known to be done."""
