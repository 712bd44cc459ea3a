"""Facts about a portal's REST, each a test, for any portal: it knows an address and a webhook.

    pytest sandbox/conformance --portal https://… --webhook https://…/rest/1/…/ --report facts.md

It creates records, contacts, companies and deals under a marker of its own and deletes them
again, whatever happens. Where the public docs and the portal's source disagree, it reports what
the portal does and judges nobody.
"""
