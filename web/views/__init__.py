"""What the templates show, made from what the waiting list is: pure functions, no I/O."""
