"""What the templates show, made from what the waiting list is, in the words of the language that the
request asks for: no I/O."""
