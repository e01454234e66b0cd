"""HOW WE REMEMBER: the only user of asyncpg; SQL in files, numbered migrations. Decides nothing.

`migrations/` holds the schema as numbered steps, applied in order and never changed afterwards;
`sql/` holds every statement by name. Database errors become Temporary or Permanent here.
"""
