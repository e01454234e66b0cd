"""WHETHER EVERYTHING IS IN PLACE: looks at the homeserver, the database and the files, and says of
each thing whether it is well and what to do.

`probe` looks (short timeouts, nothing is tried again, nothing is changed), `judge` decides (pure).
May not repair anything.
"""
