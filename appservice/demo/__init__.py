"""A LIVING SCHOOL on this machine, to look at: PostgreSQL, Synapse and the service over invented
people.

May start and stop embedded parts and write below its own folder. Works through the composition
root like everybody else: nothing is done here that a school could not do with its own parts.
"""
