"""What PostgreSQL says when its disk is full, whatever is written."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from appservice.storage.database import Database

_FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
DO $$ DECLARE place regclass; BEGIN
    FOR place IN
        SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format(
            'CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON %s'
            ' EXECUTE FUNCTION full_disk()',
            place
        );
    END LOOP;
END $$
"""

_FREED = "DROP FUNCTION full_disk CASCADE"


@asynccontextmanager
async def full_disk(database: Database) -> AsyncIterator[None]:
    """For as long as the block."""
    async with database.connection() as connection:
        await connection.execute(_FULL)
    yield
    async with database.connection() as connection:
        await connection.execute(_FREED)
