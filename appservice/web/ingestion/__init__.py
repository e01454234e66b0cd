"""WHAT A DIARY SYSTEM CALLS: `POST /diary/v1/events`, and the documents that describe it.

`credentials`: who is let in. `answering`: the routes. `description`: JSON Schema and OpenAPI.
"""
