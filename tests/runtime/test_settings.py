import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from marketplace_runtime.errors import WrongSettings
from marketplace_runtime.settings import Settings, read_settings, variable

ENOUGH = {
    "SOUK_DATABASE_URL": "postgres://souk_app@/souk?host=/run/souk",
    "SOUK_REDIS_URL": "unix:///run/souk/valkey.sock?db=0",
    "SOUK_SECRET_KEY": "s" * 32,
    "SOUK_STRIPE_API_KEY": "sk_test_1",
    "SOUK_STRIPE_WEBHOOK_SECRET": "whsec_1",
    "SOUK_SMTP_URL": "smtp://127.0.0.1:8025",
}


def test_the_least_one_has_to_say_leaves_the_documented_defaults() -> None:
    settings = read_settings(ENOUGH)

    assert settings.home == Path.cwd() / ".souk"
    assert settings.is_development
    assert (settings.host, settings.port, settings.pool_size) == ("127.0.0.1", 8000, 10)
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.stripe_api_base == "https://api.stripe.com"


def test_settings_cannot_be_changed_after_they_are_read() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        read_settings(ENOUGH).port = 9000


@pytest.mark.parametrize("name", ENOUGH)
def test_each_one_that_is_missing_is_named_with_what_would_be_accepted(name: str) -> None:
    with pytest.raises(WrongSettings) as refusal:
        read_settings({key: value for key, value in ENOUGH.items() if key != name})

    (sentence,) = refusal.value.sentences
    assert sentence.startswith(f"{name} is not set; accepted is ")
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "SOUK_PORT",
            "eighty",
            "SOUK_PORT is 'eighty', which is not a whole number; "
            "accepted is a port from 1 to 65535.",
        ),
        (
            "SOUK_PORT",
            "70000",
            "SOUK_PORT is '70000', which is out of range; accepted is a port from 1 to 65535.",
        ),
        (
            "SOUK_ENV",
            "staging",
            "SOUK_ENV is 'staging', which is not of the right form; "
            "accepted is development or production.",
        ),
        (
            "SOUK_DATABASE_URL",
            "mysql://root:hunter2@db/souk",
            "SOUK_DATABASE_URL does not begin with postgres:// or postgresql://; accepted is "
            "the application role's address, postgres://user:password@host:5432/database.",
        ),
        (
            "SOUK_SMTP_URL",
            "smtp://",
            "SOUK_SMTP_URL names no host; accepted is smtp://user:password@host:587.",
        ),
        (
            "SOUK_SECRET_KEY",
            "hunter2",
            "SOUK_SECRET_KEY is shorter than 32 characters; "
            "accepted is at least 32 random characters.",
        ),
        (
            "SOUK_MAIL_FROM",
            "nobody",
            "SOUK_MAIL_FROM is 'nobody', which is not of the right form; "
            "accepted is a sender, as in Souk <orders@example.com>.",
        ),
    ],
)
def test_a_wrong_one_is_named_in_one_sentence_that_tells_no_secret(
    name: str, value: str, sentence: str
) -> None:
    with pytest.raises(WrongSettings) as refusal:
        read_settings({**ENOUGH, name: value})

    assert refusal.value.sentences == [sentence]
    assert "hunter2" not in str(refusal.value)


def test_an_empty_variable_counts_as_not_set() -> None:
    assert read_settings({**ENOUGH, "SOUK_PORT": ""}).port == 8000


def test_production_wants_its_public_address_and_its_sender_said() -> None:
    with pytest.raises(WrongSettings) as unsaid:
        read_settings({**ENOUGH, "SOUK_ENV": "production"})
    said = {"SOUK_MAIL_FROM": "shop@example.com", "SOUK_BASE_URL": "http://shop.example.com"}
    with pytest.raises(WrongSettings) as unsafe:
        read_settings({**ENOUGH, "SOUK_ENV": "production", **said})

    assert unsaid.value.sentences == [
        "SOUK_BASE_URL and SOUK_MAIL_FROM must be set when SOUK_ENV is production."
    ]
    assert unsafe.value.sentences == [
        "SOUK_BASE_URL must begin with https:// when SOUK_ENV is production."
    ]


def test_migrations_without_the_owners_address_are_refused_by_its_name() -> None:
    with pytest.raises(WrongSettings, match="SOUK_OWNER_DATABASE_URL is not set"):
        read_settings(ENOUGH).needs_owner_database_url()


def test_secrets_are_not_shown_where_settings_are() -> None:
    secrets = {
        "SOUK_SECRET_KEY": "hunter2" * 5,
        "SOUK_STRIPE_API_KEY": "sk_hunter2",
        "SOUK_DATABASE_URL": "postgres://souk_app:hunter2@db/souk",
        "SOUK_SMTP_URL": "smtp://souk:hunter2@mail:587",
    }

    shown = repr(read_settings({**ENOUGH, **secrets}))

    assert "hunter2" not in shown


def test_the_example_file_lists_exactly_the_settings_and_is_accepted() -> None:
    example = Path(__file__).parents[2] / ".env.example"
    written = dict(re.findall(r"^(SOUK_\w+)=(.*)$", example.read_text(), flags=re.MULTILINE))

    assert set(written) == {variable(name) for name in Settings.model_fields}
    assert read_settings(written).port == 8000
