"""WHAT A SYSADMIN WROTE DOWN: the configuration file, read once and judged whole.

Composes the section models that each part of the house keeps with itself, and says everything that
is wrong with a file at once, in plain words, with its line. May read and write the configuration
and registration files. May not talk to anything.
"""
