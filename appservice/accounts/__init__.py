"""WHO MAY SIGN IN: which account belongs to which person, what it is called, and the backends that
keep accounts.

Pure: settings, identity, desired. Effects: the backends (through appservice.matrix alone) and the
file of initial passwords. May not know of rooms beyond the values that say what is desired and what
was observed; never logs a name or a password.
"""
