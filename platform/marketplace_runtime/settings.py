"""Settings: read once, from the environment alone, typed and frozen.

`.env.example` documents each; a test keeps the two lists equal. `souk up` supplies the values of
what it embeds to its own children, so nothing has to be set on a developer's machine.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from marketplace_runtime.errors import WrongSettings

PREFIX = "SOUK_"


def _address(*schemes: str) -> AfterValidator:
    def check(value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in schemes:
            raise ValueError(f"does not begin with {' or '.join(f'{s}://' for s in schemes)}")
        if parts.scheme in {"http", "https", "smtp", "smtps"} and not parts.hostname:
            raise ValueError("names no host")
        return value

    return AfterValidator(check)


def _long_enough(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < 32:
        raise ValueError("is shorter than 32 characters")
    return value


def _bare(value: str) -> str:
    return value.rstrip("/")


PostgresURL = Annotated[str, _address("postgres", "postgresql")]
RedisURL = Annotated[str, _address("redis", "rediss", "unix")]
WebURL = Annotated[str, _address("http", "https"), AfterValidator(_bare)]
MailURL = Annotated[str, _address("smtp", "smtps")]

POSTGRES_ACCEPTED = "postgres://user:password@host:5432/database"


class Settings(BaseModel):
    """Each field's description is what would be accepted, and ends the sentence of a refusal."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    home: Path = Field(Path(".souk"), description="a directory for data on this machine")
    env: Literal["development", "production"] = Field(
        "development", description="development or production"
    )
    database_url: PostgresURL = Field(
        repr=False, description=f"the application role's address, {POSTGRES_ACCEPTED}"
    )
    owner_database_url: PostgresURL | None = Field(
        None, repr=False, description=f"the table owner's address, {POSTGRES_ACCEPTED}"
    )
    redis_url: RedisURL = Field(
        repr=False, description="redis://host:6379/0 or unix:///path/to/socket"
    )
    base_url: WebURL = Field(
        "http://127.0.0.1:8000", description="the address people reach the pages under, https://…"
    )
    secret_key: Annotated[SecretStr, AfterValidator(_long_enough)] = Field(
        description="at least 32 random characters"
    )
    stripe_api_key: SecretStr = Field(min_length=1, description="a secret key of Stripe, sk_…")
    stripe_api_base: WebURL = Field(
        "https://api.stripe.com", description="the address of Stripe's API, https://…"
    )
    stripe_webhook_secret: SecretStr = Field(
        min_length=1, description="the webhook endpoint's signing secret, whsec_…"
    )
    stripe_connect_webhook_secret: SecretStr | None = Field(
        None,
        min_length=1,
        description="the signing secret of the endpoint for connected accounts, whsec_…",
    )
    smtp_url: MailURL = Field(repr=False, description="smtp://user:password@host:587")
    mail_from: str = Field(
        "Souk <orders@souk.example>",
        pattern=r"^[^@]*<?[^@\s<>]+@[^@\s<>]+>?$",
        description="a sender, as in Souk <orders@example.com>",
    )
    host: str = Field("127.0.0.1", min_length=1, description="the address to listen on")
    port: int = Field(8000, ge=1, le=65535, description="a port from 1 to 65535")
    pool_size: int = Field(
        10, ge=2, le=500, description="2 to 500 database connections for each process"
    )

    @model_validator(mode="after")
    def _production_is_said_in_full(self) -> "Settings":
        if self.env == "production":
            unsaid = {"base_url", "mail_from"} - self.model_fields_set
            if unsaid:
                names = " and ".join(sorted(variable(name) for name in unsaid))
                raise ValueError(f"{names} must be set when SOUK_ENV is production.")
            if not self.base_url.startswith("https://"):
                raise ValueError(
                    "SOUK_BASE_URL must begin with https:// when SOUK_ENV is production."
                )
        return self

    @property
    def is_development(self) -> bool:
        return self.env == "development"

    @property
    def webhook_secrets(self) -> list[str]:
        """What a webhook may be signed with."""
        secrets = (self.stripe_webhook_secret, self.stripe_connect_webhook_secret)
        return [secret.get_secret_value() for secret in secrets if secret is not None]

    def needs_owner_database_url(self) -> str:
        """The address migrations use; a refusal where only the application's is set."""
        if self.owner_database_url is None:
            raise WrongSettings([_sentence_missing("owner_database_url")])
        return self.owner_database_url


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process; refuses with one sentence for each that is missing or wrong.

    An empty variable counts as not set, as compose files write those they leave out.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {
        name: environment[variable(name)]
        for name in Settings.model_fields
        if environment.get(variable(name))
    }
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise WrongSettings([_sentence(detail, values) for detail in error.errors()]) from None
    return settings.model_copy(update={"home": settings.home.expanduser().absolute()})


def variable(field: str) -> str:
    """The environment's name of a field: `database_url` is SOUK_DATABASE_URL."""
    return PREFIX + field.upper()


def _sentence(detail: ErrorDetails, values: Mapping[str, Any]) -> str:
    if not detail["loc"]:
        return detail["msg"].removeprefix("Value error, ")
    field = str(detail["loc"][0])
    if detail["type"] == "missing":
        return _sentence_missing(field)
    accepted = Settings.model_fields[field].description
    return f"{_named(field, values)} {_reason(detail)}; accepted is {accepted}."


def _sentence_missing(field: str) -> str:
    return f"{variable(field)} is not set; accepted is {Settings.model_fields[field].description}."


def _named(field: str, values: Mapping[str, Any]) -> str:
    # Addresses may hold a password, so only what cannot hold a secret is repeated.
    if field in {"env", "port", "pool_size", "host", "mail_from", "home"}:
        return f"{variable(field)} is {values[field]!r}, which"
    return variable(field)


def _reason(detail: ErrorDetails) -> str:
    match detail["type"]:
        case "value_error":
            return detail["msg"].removeprefix("Value error, ")
        case "int_parsing" | "int_type":
            return "is not a whole number"
        case "greater_than_equal" | "less_than_equal":
            return "is out of range"
        case _:
            return "is not of the right form"
