"""The `souk` command. Each command is a file in commands/ and imports what it needs when called,
so that `souk --help` answers at once."""

import os
import sys

import typer

from marketplace.kit import failpoints
from marketplace_runtime import garbage
from marketplace_runtime.commands import (
    bench,
    check,
    doctor,
    events,
    explain,
    mailbox,
    migrate,
    partitions,
    payouts,
    reconcile,
    replay,
    report,
    route,
    sandbox,
    schema,
    seed,
    states,
    up,
    web,
    worker,
)
from marketplace_runtime.errors import RuntimeRefusal

app = typer.Typer(
    name="souk",
    help="Souk, order management for multi-vendor marketplaces.\n\n"
    "`souk up` runs a whole marketplace on this machine; the other commands are its parts.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("up")(up.up)
app.command("web")(web.web)
app.command("worker")(worker.worker)
app.command("migrate")(migrate.migrate)
app.command("seed")(seed.seed)
app.command("replay")(replay.replay)
app.command("reconcile")(reconcile.reconcile)
app.command("check")(check.check)
app.command("report")(report.report)
app.command("explain")(explain.explain)
app.command("events")(events.events)
app.command("schema")(schema.schema)
app.command("states")(states.states)
app.command("partitions")(partitions.partitions)
app.command("doctor")(doctor.doctor)
app.command("sandbox")(sandbox.sandbox)
app.command("mailbox")(mailbox.mailbox)
app.add_typer(payouts.app)
app.add_typer(route.app)
app.add_typer(bench.app)


def main() -> None:
    """Refusals become one line and an exit status; anything else is a bug and shows itself."""
    garbage.look_seldom()
    _arm_failpoint()
    try:
        app(prog_name="souk")
    except RuntimeRefusal as refusal:
        sys.stderr.write(f"souk: {refusal}\n")
        sys.exit(refusal.exit_code)


def _arm_failpoint() -> None:
    """Tests make a process die at a named place; a production process never does."""
    asked = os.environ.get(failpoints.VARIABLE)
    if asked:
        try:
            failpoints.arm(asked, is_production=os.environ.get("SOUK_ENV") == "production")
        except ValueError as wrong:
            sys.stderr.write(f"souk: {wrong}\n")
            sys.exit(2)
