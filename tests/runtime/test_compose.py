"""docker-compose.yml and the Dockerfile, held to what they refer to; no engine is needed."""

import re
import shlex
import tomllib
from typing import Any

import pytest
from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema import Draft7Validator
from typer.main import get_command

from marketplace_runtime.cli import app
from marketplace_runtime.settings import Settings, read_settings, variable
from tests.runtime import compose

DEMO = compose.environment_file(".env.demo")
SERVICES = compose.services(given=DEMO)
OURS = {name: service for name, service in SERVICES.items() if compose.is_ours(service)}
THEIRS = {name: service for name, service in SERVICES.items() if not compose.is_ours(service)}
DOCKERFILE = (compose.ROOT / "Dockerfile").read_text().replace("\\\n", " ")


def test_the_file_is_what_the_compose_specification_describes() -> None:
    schema = get_builtin_schema("vendor.compose-spec")

    assert [error.message for error in Draft7Validator(schema).iter_errors(compose.parsed())] == []


@pytest.mark.parametrize("name", OURS)
def test_each_of_our_services_is_given_settings_that_are_accepted(name: str) -> None:
    settings = read_settings(OURS[name]["environment"])

    assert (settings.owner_database_url is not None) == (name == "migrate")
    assert settings.host == "0.0.0.0"
    assert set(OURS[name]["environment"]) >= {
        variable(field) for field in Settings.model_fields if field != "owner_database_url"
    }


def test_the_example_file_has_every_variable_and_fits_production() -> None:
    example = (compose.ROOT / ".env.example").read_text()
    given = compose.environment_file(".env.example") | {
        "SOUK_ENV": "production",
        "SOUK_BASE_URL": "https://souk.example",
    }

    assert {name for name in compose.variables() if f"{name}=" not in example} == set()
    for service in compose.services(given=given).values():
        if compose.is_ours(service) and "profiles" not in service:
            assert not read_settings(service["environment"]).is_development


@pytest.mark.parametrize("name", OURS)
def test_each_command_exists_with_its_options(name: str) -> None:
    program, command, *arguments = OURS[name]["command"]
    known: Any = get_command(app)

    assert program == "souk"
    known.commands[command].make_context(command, list(arguments))


def test_every_file_that_is_copied_or_mounted_is_there_and_let_through() -> None:
    let_through = (compose.ROOT / ".dockerignore").read_text().splitlines()
    copied = [
        source.rstrip("/")
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, flags=re.MULTILINE)
        for source in shlex.split(line)[:-1]
    ]
    mounted = [
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if volume.startswith("./")
    ]

    assert [path for path in copied + mounted if not (compose.ROOT / path).exists()] == []
    assert [path for path in copied if f"!{path}" not in let_through] == []


def test_the_image_is_built_of_all_packages_of_the_wheel() -> None:
    wheel = tomllib.loads((compose.ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    folders = {package.split("/")[0] for package in wheel["targets"]["wheel"]["packages"]}

    for folder in folders:
        assert f"COPY {folder}/ {folder}/" in DOCKERFILE


def test_the_image_takes_what_the_lock_names_by_hash_and_runs_as_nobody_special() -> None:
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]

    assert "--require-hashes -r requirements.lock" in DOCKERFILE
    assert all(
        "--no-index" in line or "download" in line
        for line in DOCKERFILE.splitlines()
        if "pip install" in line or "pip download" in line
    )
    assert "\nUSER souk\n" in last_stage
    assert "\nHEALTHCHECK " in last_stage


@pytest.mark.parametrize("name", OURS)
def test_our_services_can_write_nowhere_and_end_in_order(name: str) -> None:
    service = OURS[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["init"] is True
    # Only what stands in for other firms' services keeps files.
    kept = [volume for volume in service.get("volumes", []) if not volume.endswith(":ro")]
    assert kept == [] or "demo" in service["profiles"]


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_says_how_it_is_and_waits_for_what_it_needs(name: str) -> None:
    service = SERVICES[name]
    one_shots = {"migrate", "seed"}

    assert (service["healthcheck"].get("disable") is True) == (name in one_shots)
    for needed, how in service.get("depends_on", {}).items():
        wanted = "completed_successfully" if needed in one_shots else "healthy"
        assert how == {"condition": f"service_{wanted}"}
        assert set(SERVICES[needed].get("profiles", [])) <= set(service.get("profiles", []))


def test_the_services_of_others_are_the_versions_that_the_tests_run_on() -> None:
    assert {name: service["image"] for name, service in THEIRS.items()} == {
        "postgres": "postgres:18",
        "valkey": "valkey/valkey:9",
    }
