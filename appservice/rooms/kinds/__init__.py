"""WHAT KINDS OF ROOM A SCHOOL HAS: templates, their audiences and levels, and the rooms that a
roster makes of them. Pure.
"""
