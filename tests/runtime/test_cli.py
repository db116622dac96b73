import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from marketplace_runtime.cli import app
from tests.runtime import processes

COMMANDS = [command.name for command in app.registered_commands]


def souk(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "marketplace_runtime", *arguments],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": processes.PYTHONPATH,
            "SOUK_HOME": str(home),
            "COLUMNS": "300",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_every_command_without_loading_the_application(home: Path) -> None:
    heavy = "tortoise strawberry starlette asyncpg stripe uvicorn"
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, marketplace_runtime.cli; "
            f"print(*[name for name in {heavy.split()} if name in sys.modules])",
        ],
        env={"PYTHONPATH": processes.PYTHONPATH},
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.strip() == ""
    listed = souk("--help", home=home).stdout
    assert all(name in listed for name in COMMANDS if name is not None)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself_with_examples(home: Path, command: str) -> None:
    said = souk(command, "--help", home=home)

    assert said.returncode == 0
    assert f"Usage: souk {command}" in said.stdout
    assert "Examples" in said.stdout
    assert not home.exists()


def test_each_command_of_a_group_does_so_too() -> None:
    within = [
        (group.typer_instance.info.name, command.name or command.callback.__name__)
        for group in app.registered_groups
        if group.typer_instance is not None
        for command in group.typer_instance.registered_commands
        if command.callback is not None
    ]

    for path in within:
        said = CliRunner().invoke(app, [*map(str, path), "--help"])

        assert said.exit_code == 0, path
        assert "Examples" in said.output, path
    assert ("payouts", "run") in within


def test_a_missing_setting_is_named_and_the_exit_status_is_two(home: Path) -> None:
    said = souk("migrate", home=home, SOUK_DATABASE_URL="postgres://db/souk")

    assert said.returncode == 2
    assert "souk: SOUK_REDIS_URL is not set; accepted is redis://host:6379/0" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_port_that_is_none_is_refused(home: Path) -> None:
    said = souk("up", "--port", "70000", home=home)

    assert said.returncode == 2
    assert "should be less than or equal to 65535" in said.stderr


def test_doctor_finds_what_is_ill_and_says_what_to_do(home: Path) -> None:
    said = souk(
        "doctor",
        home=home,
        SOUK_DATABSE_URL="a slip of the finger",
        SOUK_SMTP_URL="smtp://127.0.0.1:1",
        SOUK_STRIPE_API_BASE="http://127.0.0.1:1",
    )

    lines = {line.split()[1]: line for line in said.stdout.splitlines()[1:]}
    assert said.returncode == 1
    assert lines["Python"].startswith("well")
    assert lines["PostgreSQL"].startswith("well  PostgreSQL        18.")
    assert "rows only" in lines["application"]
    assert "missing: marketplace.0001_initial" in lines["migrations"]
    assert lines["migrations"].rstrip().endswith("run `souk migrate`")
    assert "not a setting: SOUK_DATABSE_URL" in lines["environment"]
    assert lines["ports"].startswith("well")
    assert lines["Valkey"].startswith("well")
    assert lines["mail"].startswith("ILL")
    assert lines["Stripe"].startswith("ILL")


def test_doctor_needs_no_home_where_the_services_are_somebody_elses(home: Path) -> None:
    said = souk(
        "doctor",
        home=home,
        SOUK_DATABASE_URL="postgres://souk_app@127.0.0.1:1/souk",
        SOUK_REDIS_URL="redis://127.0.0.1:1",
        SOUK_SECRET_KEY="k" * 32,
        SOUK_STRIPE_API_KEY="sk_test_1",
        SOUK_STRIPE_API_BASE="http://127.0.0.1:1",
        SOUK_STRIPE_WEBHOOK_SECRET="whsec_1",
        SOUK_SMTP_URL="smtp://127.0.0.1:1",
    )

    lines = {line.split()[1]: line for line in said.stdout.splitlines()[1:]}
    assert lines["SOUK_HOME"].startswith("well")
    assert all(lines[name].startswith("ILL") for name in ("PostgreSQL", "Valkey", "mail", "Stripe"))
    assert (said.returncode, said.stderr) == (1, "")
    assert not home.exists()


def test_migrating_twice_leaves_a_database_that_doctor_calls_well(home: Path) -> None:
    first, second = souk("migrate", home=home), souk("migrate", home=home)
    said = souk("doctor", home=home)

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    lines = {line.split()[1]: line for line in said.stdout.splitlines()[1:]}
    assert lines["migrations"].startswith("well")
    assert "rows only" in lines["application"]
    assert "system" in lines["clock"]
    assert lines["months"].startswith("well")
    assert processes.of_home(home) == {}
