"""One SQLite file: Stripe's objects and everything the sandbox must not forget."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from stripe_sandbox.shapes import JsonObject

Value = str | int | float | None


class Store:
    """The only writer of its file.

    Work is synchronous and takes well under a millisecond, so nothing interleaves with it: a
    transaction never spans an await. WAL with synchronous=NORMAL survives a killed process.
    """

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Built in one thread and served in another where a test runs the server in a thread.
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000"):
            self._db.execute(f"PRAGMA {pragma}")
        schema = files("stripe_sandbox").joinpath("schema.sql").read_text(encoding="utf-8")
        self._db.executescript(schema)
        self._widen_books(schema)

    def _widen_books(self, schema: str) -> None:
        """A file from before disputes, transfers and payouts has entries of three books only."""
        made = self.row("SELECT sql FROM sqlite_master WHERE name = 'entries'")
        assert made is not None
        if "'bank'" not in made["sql"]:
            self._db.executescript(
                "BEGIN; DELETE FROM holdings; DROP TRIGGER entries_are_held;"
                "DROP TRIGGER entries_mature; DROP INDEX entries_by_book;"
                "ALTER TABLE entries RENAME TO narrow_entries;"
                f"{schema}"
                "INSERT INTO entries SELECT * FROM narrow_entries; DROP TABLE narrow_entries;"
                "COMMIT;"
            )

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block is kept, or nothing. `undo()` drops what was done and goes on."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.execute("SAVEPOINT work")
            yield
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise

    @property
    def is_in_transaction(self) -> bool:
        return self._db.in_transaction

    def undo(self) -> None:
        self._db.execute("ROLLBACK TO work")

    def run(self, sql: str, values: Iterable[Value] = ()) -> int:
        """Run one statement; how many rows it changed."""
        return self._db.execute(sql, tuple(values)).rowcount

    def rows(self, sql: str, values: Iterable[Value] = ()) -> list[sqlite3.Row]:
        return self._db.execute(sql, tuple(values)).fetchall()

    def row(self, sql: str, values: Iterable[Value] = ()) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self._db.execute(sql, tuple(values)).fetchone()
        return found

    def add(self, account: str, body: JsonObject) -> JsonObject:
        self.run(
            "INSERT INTO objects (account, type, id, created, body) VALUES (?, ?, ?, ?, ?)",
            (account, body["object"], body["id"], body["created"], json.dumps(body)),
        )
        return body

    def save(self, account: str, body: JsonObject) -> JsonObject:
        changed = self.run(
            "UPDATE objects SET body = ? WHERE account = ? AND type = ? AND id = ?",
            (json.dumps(body), account, body["object"], body["id"]),
        )
        assert changed == 1, body["id"]
        return body

    def find(self, account: str, kind: str, id_: str) -> JsonObject | None:
        row = self.row(
            "SELECT body FROM objects WHERE account = ? AND type = ? AND id = ?",
            (account, kind, id_),
        )
        return None if row is None else json.loads(row["body"])

    def where(self, account: str, kind: str, fields: Mapping[str, Value]) -> list[JsonObject]:
        """Every object of a kind whose top-level fields have these values, oldest first."""
        tests = "".join(f" AND json_extract(body, '$.{name}') = ?" for name in fields)
        sql = f"SELECT body FROM objects WHERE account = ? AND type = ?{tests} ORDER BY seq"
        return [
            json.loads(row["body"]) for row in self.rows(sql, (account, kind, *fields.values()))
        ]
