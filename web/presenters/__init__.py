"""Turn records and customers into what templates show, in the language of the request. No I/O."""
