"""Write down a correction for somebody else to approve; nothing is booked yet."""

from datetime import UTC, date, datetime
from uuid import UUID

from marketplace.accounts.models import Vendor
from marketplace.kit import idempotency
from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.money import EXPONENTS
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic
from marketplace.payments.models import Refund
from settlement import access
from settlement.adjustments import limits
from settlement.adjustments.models import Adjustment, AdjustmentKind
from settlement.adjustments.states import ADJUSTMENT, AdjustmentMove
from settlement.adjustments.templates import CLEARS_TO, TEMPLATES
from settlement.history import keeping
from settlement.history.keeping import Subject

OPERATION = "adjustment"
NO_TEMPLATE = frozenset({AdjustmentKind.SUSPENSE_CLEARED, AdjustmentKind.REVERSAL})
SIGNED = frozenset({AdjustmentKind.SUSPENSE_CLEARED, AdjustmentKind.CURRENCY_REVALUATION})
BY_BANK = frozenset(kind for kind, template in TEMPLATES.items() if template.needs_reference)
OF_VENDOR = frozenset(kind for kind, template in TEMPLATES.items() if template.needs_vendor)


@atomic()
async def propose(
    *,
    principal: Principal,
    kind: AdjustmentKind,
    note: str,
    key: str,
    now: datetime,
    vendor_id: UUID | None = None,
    currency: str | None = None,
    amount_minor: int | None = None,
    currency_to: str | None = None,
    amount_to_minor: int | None = None,
    account: str | None = None,
    refund_id: UUID | None = None,
    dispute_id: UUID | None = None,
    reverses_id: UUID | None = None,
    reference: str | None = None,
    effective_date: date | None = None,
) -> UUID:
    """An adjustment of one kind, with what that kind needs; answers with its id.

    Minor units. A refund paid otherwise takes currency and amount from the refund, a reversal all
    from the posting it reverses. Accountants and administrators may; the same key answers with
    the first. Refuses what does not belong to the kind, amounts that the books do not have, and
    a posting that is reversed or that its own operations correct.
    """
    access.check_accountant(principal, "propose an adjustment")
    adjustment = Adjustment(
        id=new_id(now), kind=kind, vendor_id=vendor_id, currency=currency or "",
        amount_minor=amount_minor or 0, currency_to=currency_to, amount_to_minor=amount_to_minor,
        account=account, refund_id=refund_id, dispute_id=dispute_id, reverses_id=reverses_id,
        effective_date=effective_date or now.astimezone(UTC).date(), note=note.strip(),
        reference=(reference or "").strip() or None, state=ADJUSTMENT.start,
        proposed_by=principal.key, proposed_at=now,
    )  # fmt: skip
    made = await idempotency.claim(
        by=principal, operation=OPERATION, key=key, request=_asked(adjustment),
        result_id=adjustment.id, now=now,
    )  # fmt: skip
    if made is not None:
        return made
    await _complete(adjustment)
    _check_words(adjustment, now)
    await limits.check(adjustment)
    await adjustment.save(force_create=True)
    await _remember(adjustment, now)
    return adjustment.id


async def _remember(adjustment: Adjustment, now: datetime) -> None:
    await keeping.keep(
        event="adjustment.proposed",
        subject=Subject.ADJUSTMENT,
        subject_id=adjustment.id,
        vendor_id=adjustment.vendor_id,
        before=None,
        after=ADJUSTMENT.start,
        move=AdjustmentMove.PROPOSE,
        actor=adjustment.proposed_by,
        reason=adjustment.note,
        now=now,
    )


async def _complete(adjustment: Adjustment) -> None:
    """What the kind takes from elsewhere, and that all it names exists."""
    kind = adjustment.kind
    _belongs("vendor", adjustment.vendor_id is not None, kind in OF_VENDOR)
    _belongs("refund", adjustment.refund_id is not None,
        kind is AdjustmentKind.REFUND_PAID_OTHERWISE)  # fmt: skip
    _belongs("dispute", adjustment.dispute_id is not None,
        kind is AdjustmentKind.DISPUTE_FEE_RECHARGE)  # fmt: skip
    _belongs("posting", adjustment.reverses_id is not None, kind is AdjustmentKind.REVERSAL)
    _belongs("account", adjustment.account is not None, kind is AdjustmentKind.SUSPENSE_CLEARED)
    exchanged = adjustment.currency_to is not None or adjustment.amount_to_minor is not None
    _belongs("other amount", exchanged, kind is AdjustmentKind.CURRENCY_EXCHANGE)
    if adjustment.vendor_id is not None and not await Vendor.exists(id=adjustment.vendor_id):
        raise NotFound("vendor")
    if adjustment.refund_id is not None:
        refund = await Refund.get_or_none(id=adjustment.refund_id)
        if refund is None:
            raise NotFound("refund")
        adjustment.currency, adjustment.amount_minor = refund.currency, refund.amount_minor
    if kind is AdjustmentKind.REVERSAL:
        adjustment.currency, adjustment.amount_minor = await limits.reversed_sum(adjustment)


def _belongs(what: str, is_given: bool, is_wanted: bool) -> None:
    if is_given != is_wanted:
        problem = "is missing" if is_wanted else "does not belong to this kind"
        raise InvalidInput(what, f"it {problem}", "what the kind asks for")


def _check_words(adjustment: Adjustment, now: datetime) -> None:
    if not 0 < len(adjustment.note) <= 200:
        raise InvalidInput("note", "it is empty or too long", "1 to 200 characters")
    if len(adjustment.reference or "") > 120:
        raise InvalidInput("reference", "it is too long", "at most 120 characters")
    if adjustment.kind in BY_BANK and not adjustment.reference:
        raise InvalidInput("reference", "it is missing", "what stands on the bank statement")
    if adjustment.account is not None and adjustment.account not in CLEARS_TO:
        raise InvalidInput("account", "nothing is cleared to it", ", ".join(CLEARS_TO))
    if adjustment.effective_date > now.astimezone(UTC).date():
        raise InvalidInput("date", "it has not come yet", "today or earlier")
    amounts = [(adjustment.currency, adjustment.amount_minor)]
    if adjustment.kind is AdjustmentKind.CURRENCY_EXCHANGE:
        amounts.append((adjustment.currency_to or "", adjustment.amount_to_minor or 0))
    if len({currency for currency, _ in amounts}) < len(amounts):
        raise InvalidInput("currency", "it is changed into itself", "another one")
    for currency, minor in amounts:
        if currency not in EXPONENTS:
            raise InvalidInput("currency", "we keep no books in it", ", ".join(EXPONENTS))
        is_zero_fine = adjustment.kind is AdjustmentKind.REVERSAL
        if (minor == 0 and not is_zero_fine) or (minor < 0 and adjustment.kind not in SIGNED):
            raise InvalidInput("amount", "it is not above zero", "minor units above zero")


def _asked(adjustment: Adjustment) -> str:
    told = ("kind", "vendor_id", "currency", "amount_minor", "currency_to", "amount_to_minor",
        "account", "refund_id", "dispute_id", "reverses_id", "reference", "note")  # fmt: skip
    return ":".join(str(getattr(adjustment, name)) for name in told)
