"""What PostgreSQL says when its disk is full, whatever is written."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from appservice.storage.database import Database

_WORD = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$
"""

# Table by table: whoever is at work holds locks in an order of their own.
_EVERYWHERE = """
DO $$ DECLARE place regclass; BEGIN
    FOR place IN
        SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('{statement}', place);
        COMMIT;
    END LOOP;
END $$
"""
_FULL = _EVERYWHERE.format(
    statement="CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON %s EXECUTE FUNCTION full_disk()"
)
_FREED = _EVERYWHERE.format(statement="DROP TRIGGER IF EXISTS full_disk ON %s")


@asynccontextmanager
async def full_disk(database: Database) -> AsyncIterator[None]:
    """For as long as the block."""
    async with database.connection() as connection:
        await connection.execute(_WORD)
        await connection.execute(_FULL)
    yield
    async with database.connection() as connection:
        await connection.execute(_FREED)
        await connection.execute("DROP FUNCTION full_disk")
