"""WHAT A BROWSER OR A DIARY SYSTEM CALLS, and what the homeserver does: one HTTP server for all.

May parse requests and answer them. May not decide: what a request means is decided by the part it
is for. Never logs a request with its query, a name or a message.
"""
