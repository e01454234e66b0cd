"""HOW WE TALK TO THE HOMESERVER: the only user of mautrix.

Requests and their retries, errors translated into our three families, parsing of what comes back
and of the transactions that are sent to us. Knows no school, decides nothing, remembers nothing.
"""
