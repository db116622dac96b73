import math
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from marketplace.kit.errors import DomainError


@dataclass(eq=False)
class WrongCredentials(DomainError):
    """Unknown address, wrong password, no seat in this audience: one answer for all three."""

    code: ClassVar[str] = "WRONG_CREDENTIALS"

    @property
    def message(self) -> str:
        return "This e-mail address and password do not belong together."


@dataclass(eq=False)
class SessionEnded(DomainError):
    code: ClassVar[str] = "SESSION_ENDED"

    @property
    def message(self) -> str:
        return "This session has ended, or never was. Sign in again, or ask without a session."


@dataclass(eq=False)
class SignInSlowed(DomainError):
    code: ClassVar[str] = "SIGN_IN_SLOWED"
    retryable: ClassVar[bool] = True

    wait: timedelta

    @property
    def message(self) -> str:
        seconds = max(1, round(self.wait.total_seconds()))
        wait = f"{seconds} seconds" if seconds < 120 else f"{-(-seconds // 60)} minutes"
        return f"Too many attempts for this address. Please wait {wait}."


@dataclass(eq=False)
class EmailTaken(DomainError):
    code: ClassVar[str] = "EMAIL_TAKEN"

    email: str

    @property
    def message(self) -> str:
        return f"Somebody already signs in as {self.email}."


@dataclass(eq=False)
class VendorCodeTaken(DomainError):
    code: ClassVar[str] = "VENDOR_CODE_TAKEN"

    vendor_code: str

    @property
    def message(self) -> str:
        return f"There already is a vendor with the code {self.vendor_code}."


@dataclass(eq=False)
class UnknownKey(DomainError):
    """Made up, mistyped or revoked: one answer for all three."""

    code: ClassVar[str] = "UNKNOWN_KEY"

    @property
    def message(self) -> str:
        return "This key opens nothing. Send one of yours: Authorization: Bearer souk_…"


@dataclass(eq=False)
class KeySlowed(DomainError):
    code: ClassVar[str] = "TOO_MANY_REQUESTS"
    retryable: ClassVar[bool] = True

    wait: timedelta

    @property
    def seconds(self) -> int:
        return max(1, math.ceil(self.wait.total_seconds()))

    @property
    def message(self) -> str:
        return f"Too many requests with this key. Please wait {self.seconds} seconds."


@dataclass(eq=False)
class TooManyKeys(DomainError):
    code: ClassVar[str] = "TOO_MANY_KEYS"

    most: int

    @property
    def message(self) -> str:
        return f"You have {self.most} keys, which is the most. Revoke one that you do not need."


@dataclass(eq=False)
class KeyShownBefore(DomainError):
    code: ClassVar[str] = "KEY_SHOWN_BEFORE"

    @property
    def message(self) -> str:
        return "This key was made and shown before. If it is lost, revoke it and make another."
