"""What the templates show, made from what the waiting list is, with words in the language of this
request: no I/O."""
