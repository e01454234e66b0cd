"""A line to PostgreSQL on which it takes a while until somebody hears notices."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

_HELD_S = 0.5


@dataclass
class Line:
    """`dsn` leads over it. `heard`: a notice came to a client."""

    dsn: str
    heard: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def slow_to_listen(dsn: str, folder: Path) -> AsyncIterator[Line]:
    """Every LISTEN is held back for a moment, nothing else."""
    address = urlsplit(dsn)
    where = parse_qs(address.query)
    socket = f".s.PGSQL.{where['port'][0]}"
    server = Path(where["host"][0]) / socket
    query = urlencode({"host": str(folder), "port": where["port"][0]})
    line = Line(urlunsplit(address._replace(query=query)))

    async def pass_on(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, to_server: bool
    ) -> None:
        with suppress(ConnectionError):
            while sent := await reader.read(65536):
                if to_server and b"LISTEN " in sent and b"UNLISTEN" not in sent:
                    await asyncio.sleep(_HELD_S)
                if not to_server and b"health_check" in sent:
                    line.heard.set()
                writer.write(sent)
                await writer.drain()
        writer.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_unix_connection(server)
        await asyncio.gather(
            pass_on(reader, there_writer, to_server=True),
            pass_on(there_reader, writer, to_server=False),
        )

    listener = await asyncio.start_unix_server(connect, folder / socket)
    try:
        yield line
    finally:
        listener.close()
