"""Agree on other terms: always from now or later on, always as a new version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.accounts.models import Vendor
from marketplace.kit import idempotency, locks
from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.money import EXPONENTS
from marketplace.kit.principal import Kind, Principal, StaffRole
from marketplace.kit.transactions import atomic
from settlement import access
from settlement.terms.models import PayoutPolicy, Schedule, SettlementTerms

NOTE = 200  # characters
OPERATION = "settlement terms"

_LIMITS = {
    "maturity_days": (0, 365),
    "undelivered_days": (1, 365),
    "reserve_bps": (0, 10_000),
    "reserve_days": (0, 730),
    "bank_cooling_days": (0, 90),
}
_DAYS = {Schedule.WEEKLY: (7, "weekdays"), Schedule.MONTH_DAYS: (31, "days of the month")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What terms consist of. Days, basis points; minimums in minor units by currency."""

    maturity_days: int
    undelivered_days: int
    reserve_bps: int
    reserve_days: int
    schedule: Schedule
    schedule_days: Sequence[int]
    minimums: Mapping[str, int]
    bank_cooling_days: int


@atomic()
async def change(
    *,
    principal: Principal,
    vendor_id: UUID | None,
    agreed: Agreed,
    note: str,
    now: datetime,
    valid_from: datetime | None = None,
    key: str | None = None,
) -> SettlementTerms:
    """A new version, for one vendor or for all without terms of their own; what is earned stays.

    The same key answers with the first's. Accountants and administrators may. Refuses days,
    shares, schedules and minimums out of range, naming the field, a change without a note, and one
    that would begin in the past.
    """
    access.check_accountant(principal, "change settlement terms")
    _check(agreed)
    note, begins = note.strip(), now if valid_from is None else valid_from
    await _check_change(vendor_id, note, begins, now)
    terms_id = new_id(now)
    if key is not None:
        made = await idempotency.claim(
            by=principal, operation=OPERATION, key=key, result_id=terms_id, now=now,
            request=f"{vendor_id}:{agreed}:{note}",
        )  # fmt: skip
        if made is not None:
            return await SettlementTerms.get(id=made)
    # Two changes at once get two versions, one after the other.
    await locks.hold(f"settlement terms:{vendor_id}")
    newest = await SettlementTerms.filter(vendor_id=vendor_id).order_by("-version").first()
    return await SettlementTerms.create(
        id=terms_id, vendor_id=vendor_id, version=1 if newest is None else newest.version + 1,
        valid_from=begins, maturity_days=agreed.maturity_days,
        undelivered_days=agreed.undelivered_days, reserve_bps=agreed.reserve_bps,
        reserve_days=agreed.reserve_days, schedule=agreed.schedule,
        schedule_days=sorted(set(agreed.schedule_days)), minimums=dict(agreed.minimums),
        bank_cooling_days=agreed.bank_cooling_days, note=note, changed_by=principal.key,
        created_at=now,
    )  # fmt: skip


async def _check_change(vendor_id: UUID | None, note: str, begins: datetime, now: datetime) -> None:
    if not 0 < len(note) <= NOTE:
        raise InvalidInput("note", "it says why", f"1 to {NOTE} characters")
    if begins < now:
        raise InvalidInput("valid_from", "it lies in the past", "now or later")
    if vendor_id is not None and not await Vendor.filter(id=vendor_id).exists():
        raise NotFound("vendor")


@atomic()
async def change_policy(
    *,
    principal: Principal,
    currency: str,
    auto_approve_minor: int,
    second_approval_minor: int,
) -> PayoutPolicy:
    """Up to the first amount nobody is asked, above the second two people agree. Minor units.

    Administrators may. Refuses a currency nobody pays in, an amount below zero, and a second
    below the first.
    """
    _refuse_others(principal)
    if currency not in EXPONENTS:
        raise InvalidInput("currency", f"{currency!r} is not paid out", ", ".join(EXPONENTS))
    if auto_approve_minor < 0:
        raise InvalidInput("auto_approve_minor", "it is below zero", "zero or more")
    if second_approval_minor < auto_approve_minor:
        accepts = f"{auto_approve_minor} or more"
        raise InvalidInput("second_approval_minor", "it is below the first amount", accepts)
    policy, _ = await PayoutPolicy.update_or_create(
        currency=currency,
        defaults={
            "auto_approve_minor": auto_approve_minor,
            "second_approval_minor": second_approval_minor,
        },
    )
    return policy


def _refuse_others(principal: Principal) -> None:
    is_one = principal.kind is Kind.STAFF and StaffRole.ADMINISTRATOR in principal.roles
    if principal.kind is not Kind.SYSTEM and not is_one:
        raise Forbidden("change who approves payouts")


def _check(agreed: Agreed) -> None:
    for name, (least, most) in _LIMITS.items():
        if not least <= getattr(agreed, name) <= most:
            raise InvalidInput(name, "it is out of range", f"{least} to {most}")
    if agreed.schedule in _DAYS:
        most, what = _DAYS[agreed.schedule]
        if not agreed.schedule_days or not set(agreed.schedule_days) <= set(range(1, most + 1)):
            raise InvalidInput("schedule_days", "they do not fit", f"{what}, from 1 to {most}")
    elif agreed.schedule_days:
        raise InvalidInput("schedule_days", "this schedule has none", "none")
    for currency, minimum in agreed.minimums.items():
        if currency not in EXPONENTS:
            raise InvalidInput("minimums", f"{currency!r} is no currency", ", ".join(EXPONENTS))
        if minimum < 0:
            raise InvalidInput("minimums", f"{currency} is below zero", "zero or more")
