import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from marketplace_runtime.borrowing import settings_of_a_command
from marketplace_runtime.embedded.home import holding, open_home
from marketplace_runtime.embedded.services import EmbeddedServices
from marketplace_runtime.errors import PortTaken, RuntimeRefusal
from marketplace_runtime.supervising.marketplace import addresses, stand_ins
from marketplace_runtime.supervising.planning import Plan, planned, remember, remembered
from marketplace_runtime.supervising.ports import listen

NOTHING_SAID: dict[str, str] = {"PATH": os.environ["PATH"]}


@contextmanager
def taken(port: int = 0) -> Iterator[int]:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        yield other.getsockname()[1]


@contextmanager
def plan(home: Path, *, port: int | None = None, **environment: str) -> Iterator[Plan]:
    said = {**NOTHING_SAID, **environment}
    with planned(open_home(home), host="127.0.0.1", port=port, environment=said) as plan:
        yield plan


def test_a_port_that_is_taken_is_passed_over() -> None:
    with taken() as port:
        listening = listen("the web", host="127.0.0.1", usual=port)

    assert listening.port > port
    assert listening.moved
    listening.socket.close()


def test_a_port_asked_for_and_taken_is_refused_by_number() -> None:
    with taken() as port, pytest.raises(PortTaken) as refusal:
        listen("the web", host="127.0.0.1", usual=8000, asked=port)

    assert str(refusal.value) == (
        f"Port {port} on 127.0.0.1 is taken, so the web cannot use it; "
        "stop the other program, or name another with --port."
    )


def test_two_plans_at_once_never_share_a_port(home: Path) -> None:
    with plan(home / "one") as one, plan(home / "two") as two:
        ports = [
            listening.port
            for ports in (one.ports, two.ports)
            for listening in (ports.web, ports.sandbox, ports.mailbox)
            if listening is not None
        ]

    assert len(set(ports)) == 6


def test_children_are_told_where_everything_embedded_is(home: Path) -> None:
    with plan(home, port=18123) as planned_here:
        settings = planned_here.settings

    assert settings.home == home
    assert settings.base_url == "http://127.0.0.1:18123"
    assert settings.database_url == f"postgres://souk_app@/souk?host={home}/run"
    assert settings.owner_database_url == f"postgres://souk_owner@/souk?host={home}/run"
    assert settings.redis_url == f"unix://{home}/run/valkey.sock?db=0"
    assert settings.stripe_api_base.startswith("http://127.0.0.1:")


def test_secrets_stay_the_same_from_one_start_to_the_next_and_are_private(home: Path) -> None:
    with plan(home) as first:
        pass
    with plan(home) as second:
        pass

    assert first.settings.secret_key == second.settings.secret_key
    assert first.settings.stripe_webhook_secret == second.settings.stripe_webhook_secret
    assert (home / "secrets.json").stat().st_mode & 0o077 == 0


def test_what_the_environment_names_is_not_embedded(home: Path) -> None:
    with plan(
        home,
        SOUK_DATABASE_URL="postgres://souk_app@db/souk",
        SOUK_OWNER_DATABASE_URL="postgres://souk_owner@db/souk",
        SOUK_REDIS_URL="redis://cache/0",
        SOUK_STRIPE_API_KEY="sk_test_mine",
        SOUK_STRIPE_WEBHOOK_SECRET="whsec_mine",
        SOUK_SMTP_URL="smtp://mail:25",
    ) as mine:
        pass

    assert (mine.postgres, mine.valkey, stand_ins(mine)) == (None, None, [])
    assert mine.settings.database_url == "postgres://souk_app@db/souk"
    assert mine.settings.stripe_api_base == "https://api.stripe.com"
    assert {"mail", "Stripe sandbox"}.isdisjoint(addresses(mine))


def test_production_is_refused(home: Path) -> None:
    refusal = "`souk up` runs a marketplace for development"
    with pytest.raises(RuntimeRefusal, match=refusal), plan(home, SOUK_ENV="production"):
        pass


def test_starting_over_removes_what_is_ours_and_nothing_else(home: Path) -> None:
    souk = open_home(home)
    with plan(home):
        pass
    for ours in ("postgres", "valkey", "mail", "sandbox"):
        (home / ours).mkdir()
    (home / "mine.txt").write_text("kept")

    souk.clear()

    assert {entry.name for entry in home.iterdir()} == {"mine.txt", "souk.lock"}


def test_a_command_beside_a_running_marketplace_works_on_its_services(home: Path) -> None:
    with plan(home) as up, holding(up.home):
        remember(up)

        with settings_of_a_command(environment={"SOUK_HOME": str(home)}) as settings:
            assert settings == up.settings

    assert remembered(up.home)["SOUK_BASE_URL"] == up.settings.base_url


def test_a_command_on_its_own_runs_the_embedded_services_until_it_is_done(home: Path) -> None:
    with settings_of_a_command(environment={"SOUK_HOME": str(home)}) as own:
        assert own.database_url == f"postgres://souk_app@/souk?host={home}/run"
        assert (home / "postgres" / "postmaster.pid").exists()

    assert not (home / "postgres" / "postmaster.pid").exists()


def test_a_command_is_refused_a_database_that_is_not_there(home: Path) -> None:
    said = "no database 'souk_reply'; it has souk, souk_replay"
    with EmbeddedServices(home).running() as services:
        for name in ("souk", "souk_replay"):
            services.ensure_database(name)

    there, missing = (
        settings_of_a_command(database=name, environment={"SOUK_HOME": str(home)})
        for name in ("souk_replay", "souk_reply")
    )
    with there as settings:
        assert settings.database_url == f"postgres://souk_app@/souk_replay?host={home}/run"
    with pytest.raises(RuntimeRefusal, match=said), missing:
        pass


def test_a_database_of_the_embedded_server_is_refused_beside_an_address(home: Path) -> None:
    address = {"SOUK_DATABASE_URL": "postgres://db/souk"}
    with (
        pytest.raises(RuntimeRefusal, match="'souk_replay' names a database of the embedded"),
        settings_of_a_command(database="souk_replay", environment=address),
    ):
        pass


def test_a_command_with_a_database_of_its_own_reads_the_environment_alone(home: Path) -> None:
    with (
        pytest.raises(RuntimeRefusal, match="SOUK_REDIS_URL is not set"),
        settings_of_a_command(environment={"SOUK_DATABASE_URL": "postgres://db/souk"}),
    ):
        pass
    assert not home.exists()
