"""WHAT A SCHOOL IS: the roster's values, the sources they are read from, the rules they must obey.

May read the files of a roster. May not know of rooms, Matrix, databases or the network.
"""
