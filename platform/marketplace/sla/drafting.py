"""Change the deadline policy: a draft that can be looked at, then in force as the next version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.kit import locks
from marketplace.kit.errors import IllegalMove, InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic, connection
from marketplace.sla import access
from marketplace.sla.models import ClockKind
from marketplace.sla.policy_models import (
    ActionKind,
    Moment,
    PolicyAction,
    PolicyRule,
    PolicyState,
    PolicyVersion,
    Unit,
)

MOST = 60  # rules, and actions
LONGEST_NOTE = 200  # characters
LONGEST = {Unit.BUSINESS_HOURS: 1000, Unit.BUSINESS_DAYS: 180, Unit.HOURS: 4320}
LOCK = "sla policy"
MONEY = (ActionKind.PENALTY, ActionKind.CREDIT)
_EITHER = {ActionKind.CREDIT, ActionKind.REROUTE}
_VENDORS = (ClockKind.ACCEPT_BY, ClockKind.SHIP_BY)

_NEXT = "SELECT max(version) + 1 FROM sla_policy_version"
_RETIRE = """
    UPDATE sla_policy_version SET state = 'retired', retired_at = $1 WHERE state = 'active'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDraft:
    """None in a condition fits everything; `cut_off` is a local time as HH:MM."""

    kind: ClockKind
    amount: int
    unit: Unit
    warn_hours: int
    vendor_tier: str | None = None
    category: str | None = None
    shipping_method: str | None = None
    cut_off: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionDraft:
    """`rate_ppm` of the goods for money, `delay_hours` for what the customer is told."""

    kind: ClockKind
    moment: Moment
    action: ActionKind
    after_hours: int = 0
    rate_ppm: int | None = None
    delay_hours: int | None = None


@atomic()
async def save(
    *,
    principal: Principal,
    rules: Sequence[RuleDraft],
    actions: Sequence[ActionDraft],
    note: str,
    now: datetime,
) -> UUID:
    """Keep the draft, instead of the one there was; its id. Nothing is in force by it.

    Operations and administrators may. Refuses (InvalidInput, naming the row) deadlines, moments
    and amounts that make no sense, an action twice, and a draft without a note.
    """
    access.check_operator(principal, "change the deadlines")
    note = note.strip()
    if not 0 < len(note) <= LONGEST_NOTE:
        raise InvalidInput("note", "it says what changes", f"1 to {LONGEST_NOTE} characters")
    _check_count(rules, actions)
    for number, rule in enumerate(rules, start=1):
        _check_rule(f"rule {number}", rule)
    for number, action in enumerate(actions, start=1):
        _check_action(f"action {number}", action, actions[: number - 1])
    await locks.hold(LOCK)
    draft = await PolicyVersion.get_or_none(state=PolicyState.DRAFT)
    if draft is None:
        draft = await PolicyVersion.create(
            id=new_id(now), version=await connection().fetchval(_NEXT), state=PolicyState.DRAFT,
            note=note, created_by=principal.key, created_at=now,
        )  # fmt: skip
    else:
        draft.note, draft.created_by, draft.created_at = note, principal.key, now
        await draft.save(update_fields=["note", "created_by", "created_at"])
        await PolicyRule.filter(policy_version_id=draft.id).delete()
        await PolicyAction.filter(policy_version_id=draft.id).delete()
    await _write(draft.id, rules, actions, now)
    return draft.id


@atomic()
async def activate(*, principal: Principal, version_id: UUID, now: datetime) -> None:
    """Put the draft in force: what starts from now goes by it, what runs keeps its own version.

    Refuses what is no draft any more (IllegalMove).
    """
    access.check_operator(principal, "change the deadlines")
    await locks.hold(LOCK)
    draft = await PolicyVersion.get_or_none(id=version_id)
    if draft is None:
        raise NotFound("policy")
    if draft.state is not PolicyState.DRAFT:
        raise IllegalMove(thing="policy", state=draft.state, move="activate")
    await connection().execute(_RETIRE, now)
    draft.state, draft.activated_by, draft.activated_at = PolicyState.ACTIVE, principal.key, now
    await draft.save(update_fields=["state", "activated_by", "activated_at"])


@atomic()
async def discard(*, principal: Principal, version_id: UUID) -> None:
    """Throw the draft away; NotFound where there is none. What was ever in force stays."""
    access.check_operator(principal, "change the deadlines")
    await locks.hold(LOCK)
    draft = await PolicyVersion.get_or_none(id=version_id, state=PolicyState.DRAFT)
    if draft is None:
        raise NotFound("draft")
    await PolicyRule.filter(policy_version_id=draft.id).delete()
    await PolicyAction.filter(policy_version_id=draft.id).delete()
    await draft.delete()


async def _write(
    version_id: UUID, rules: Sequence[RuleDraft], actions: Sequence[ActionDraft], now: datetime
) -> None:
    await PolicyRule.bulk_create([
        PolicyRule(
            id=new_id(now), policy_version_id=version_id, position=position, kind=rule.kind,
            vendor_tier=rule.vendor_tier, category=rule.category,
            shipping_method=rule.shipping_method, amount=rule.amount, unit=rule.unit,
            warn_hours=rule.warn_hours, cut_off=rule.cut_off,
        )
        for position, rule in enumerate(rules, start=1)
    ])  # fmt: skip
    await PolicyAction.bulk_create([
        PolicyAction(
            id=new_id(now), policy_version_id=version_id, position=position, kind=action.kind,
            moment=action.moment, after_hours=action.after_hours, action=action.action,
            rate_ppm=action.rate_ppm, delay_hours=action.delay_hours,
        )
        for position, action in enumerate(actions, start=1)
    ])  # fmt: skip


def _check_count(rules: Sequence[RuleDraft], actions: Sequence[ActionDraft]) -> None:
    for name, rows in (("rules", rules), ("actions", actions)):
        if len(rows) > MOST:
            raise InvalidInput(name, f"there are {len(rows)}", f"at most {MOST}")


def _check_rule(name: str, rule: RuleDraft) -> None:
    if rule.kind is ClockKind.PAY_BY:
        raise InvalidInput(name, "the time to pay is the stock's", "another deadline")
    if not 1 <= rule.amount <= LONGEST[rule.unit]:
        raise InvalidInput(name, "the time is out of range", f"1 to {LONGEST[rule.unit]}")
    if not 0 <= rule.warn_hours <= 240:
        raise InvalidInput(name, "the warning is out of range", "0 to 240 hours")
    if rule.cut_off is not None:
        _check_cut_off(name, rule)


def _check_cut_off(name: str, rule: RuleDraft) -> None:
    if rule.unit is Unit.HOURS:
        raise InvalidInput(name, "where every hour counts there is no cut-off", "none")
    try:
        datetime.strptime(rule.cut_off or "", "%H:%M")  # noqa: DTZ007 - a time of day has no zone
    except ValueError:
        raise InvalidInput(name, f"{rule.cut_off!r} is no time", "such as 14:00") from None


def _check_action(name: str, action: ActionDraft, earlier: Sequence[ActionDraft]) -> None:
    if action.kind is ClockKind.PAY_BY:
        raise InvalidInput(name, "an unpaid order is cancelled", "another deadline")
    if (action.moment is Moment.AFTER) != (1 <= action.after_hours <= 2160):
        raise InvalidInput(name, "the hours after do not fit", "1 to 2160, for what comes later")
    if (action.action in MONEY) != (action.rate_ppm is not None):
        raise InvalidInput(name, "the share does not fit", "a share, for a penalty or a credit")
    if action.rate_ppm is not None and not 1 <= action.rate_ppm <= 1_000_000:
        raise InvalidInput(name, "the share is out of range", "0.0001 to 100 %")
    if action.rate_ppm is not None and action.moment is Moment.WARNED:
        raise InvalidInput(name, "nothing is missed yet", "missed, or later")
    tells = action.action is ActionKind.NOTIFY_CUSTOMER
    if tells != (action.delay_hours is not None and 1 <= action.delay_hours <= 720):
        raise InvalidInput(name, "the delay does not fit", "1 to 720 hours, for the customer")
    if tells and action.kind not in (ClockKind.SHIP_BY, ClockKind.DELIVER_BY):
        raise InvalidInput(name, "the customer was promised no such date", "ship or deliver by")
    refuses = action.action is ActionKind.AUTO_REFUSE
    if refuses and (action.kind is not ClockKind.ACCEPT_BY or action.moment is Moment.WARNED):
        raise InvalidInput(name, "it can be refused until it is accepted", "accept by, missed")
    reroutes = action.action is ActionKind.REROUTE
    if reroutes and (action.kind not in _VENDORS or action.moment is Moment.WARNED):
        raise InvalidInput(name, "another seller sends what is late", "accept or ship by, missed")
    wanted = {one.action for one in earlier if one.kind is action.kind} | {action.action}
    if wanted >= _EITHER:
        raise InvalidInput(name, "what gives money back stays", "a credit, or another seller")
    key = (action.kind, action.moment, action.after_hours, action.action)
    if any(key == (one.kind, one.moment, one.after_hours, one.action) for one in earlier):
        raise InvalidInput(name, "it is there twice", "each action of a moment once")
