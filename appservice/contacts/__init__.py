"""WHO MAY WRITE TO WHOM: the rules of the configuration, worked out over the roster into the policy
that the module inside Synapse goes by.

Pure: functions over frozen values. May import no database, no HTTP and no clock. What is decided
here is brought to the homeserver by `upkeep`.
"""
