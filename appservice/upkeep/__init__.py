"""KEEPING IT TRUE: the effects. Makes a plan from the roster and the database, carries it out on
the homeserver, and reads the homeserver in full. Decides nothing that `rooms` could decide.
"""
