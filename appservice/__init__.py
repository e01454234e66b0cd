"""School Spaces: an application service that keeps a school's rooms as its roster says.

This package holds the whole service. The folders below it each say in their own docstring what
they may do and may not do; `app.py` puts them together, and nothing else knows all of them.
"""
