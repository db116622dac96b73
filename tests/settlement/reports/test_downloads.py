"""A report as a download, by way of a real response."""

import csv
import io
from collections.abc import MutableMapping
from typing import Any

import pytest
from starlette.types import Message

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace_web.downloads import Download
from settlement.reports.definitions.journal import GENERAL_LEDGER
from settlement.reports.files import formats
from settlement.reports.files.formats import Format
from settlement.reports.report import Values
from tests.settlement.reports.mixed import Mixed

pytestmark = pytest.mark.anyio

SCOPE: MutableMapping[str, Any] = {"type": "http", "asgi": {"spec_version": "2.4"}}
_OTHERS_IN_TRANSACTIONS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'idle in transaction'
"""


def ledger() -> Download:
    chunks = formats.written(
        principal=SYSTEM, report=GENERAL_LEDGER, values=Values(), wanted=Format.CSV
    )
    return Download("ledger.csv", Format.CSV.media_type, chunks)


async def nothing() -> Message:
    raise AssertionError("nobody sends")


async def test_a_download_has_every_row_and_a_name(books: Mixed) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await ledger()(SCOPE, nothing, send)

    headers = dict(sent[0]["headers"])
    body = b"".join(message.get("body", b"") for message in sent[1:]).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert headers[b"content-disposition"] == b'attachment; filename="ledger.csv"'
    assert headers[b"cache-control"] == b"no-store"
    async with transaction(SYSTEM, read_only=True) as connection:
        entries = await connection.fetchval("SELECT count(*) FROM ledger_entry")
    assert len(rows) == entries


async def test_a_reader_who_hangs_up_leaves_no_transaction_behind(books: Mixed) -> None:
    async def hang_up(message: Message) -> None:
        if message["type"] == "http.response.body":
            raise OSError("gone")

    with pytest.raises(Exception):  # noqa: B017, PT011 - the server's own word for it
        await ledger()(SCOPE, nothing, hang_up)

    async with transaction(SYSTEM, read_only=True) as connection:
        assert await connection.fetchval(_OTHERS_IN_TRANSACTIONS) == 0
