"""The conformance suite: one test per fact that a portal shows over REST.

It needs a portal's address and an inbound webhook:

    pytest sandbox/conformance --portal https://… --webhook https://…/rest/1/…/ --report facts.md

It creates records, contacts, companies and deals with a marker of its own, and deletes them even
after failures. Where the public docs and the portal's source disagree, it reports what the portal
does, without failing.
"""
