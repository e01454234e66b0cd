"""WHAT A SCHOOL DEMANDS OF ITS PEOPLE: guardians, consents, contacts, classes, names and ids.

Pure: from a roster to problems. May not read files, and reports one problem for one cause.
"""
