"""Write, try and change the rules of a channel: draft, shadow, active, retired."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit import locks
from marketplace.kit.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Kind, Principal, StaffRole
from marketplace.kit.transactions import atomic, connection
from marketplace.routing import agreement, documents
from marketplace.routing.documents import Invalid
from marketplace.routing.errors import (
    InvalidRules,
    ShadowTaken,
    StaleEdition,
    TooLittleAgreement,
)
from marketplace.routing.models import RoutingChange, RoutingRuleSet
from marketplace.routing.states import RULE_SET, RuleSetMove, RuleSetState

EDITORS = frozenset({StaffRole.OPERATIONS, StaffRole.ADMINISTRATOR})
FEWEST_COMPARED = 20  # decisions; agreement over less says nothing

_NEXT_VERSION = "SELECT coalesce(max(version), 0) + 1 FROM routing_rule_set WHERE channel_id = $1"
_MOVE = """
    UPDATE routing_rule_set SET state = $2::text,
        shadowed_at = CASE $2::text WHEN 'shadow' THEN $3::timestamptz ELSE shadowed_at END,
        activated_at = CASE $2::text WHEN 'active' THEN $3::timestamptz ELSE activated_at END,
        retired_at = CASE $2::text WHEN 'retired' THEN $3::timestamptz END, rollout_percent = 0
    WHERE id = $1
"""


def refuse_outsiders(principal: Principal, action: str) -> None:
    """Operations and administrators decide about routing, and the system."""
    if principal.kind is Kind.SYSTEM:
        return
    if principal.kind is not Kind.STAFF or not principal.roles & EDITORS:
        raise Forbidden(action)


@atomic()
async def draft(
    *, principal: Principal, channel_id: UUID, name: str, now: datetime, like: UUID | None = None
) -> UUID:
    """A new draft of a channel, a copy of `like` or of the active version; its id."""
    refuse_outsiders(principal, "change routing rules")
    name = _named(name)
    await locks.hold(f"routing:{channel_id}")
    source = RoutingRuleSet.filter(channel_id=channel_id)
    original = await (
        source.filter(id=like) if like else source.filter(state=RuleSetState.ACTIVE)
    ).first()
    if original is None:
        raise NotFound("rule set")
    version = await connection().fetchval(_NEXT_VERSION, channel_id)
    made = await RoutingRuleSet.create(
        id=new_id(now), channel_id=channel_id, version=version, state=RULE_SET.start, name=name,
        document=original.document, needed_percent=original.needed_percent,
        created_by=principal.key, created_at=now,
    )  # fmt: skip
    await _note(made, "draft", None, f"a copy of version {original.version}", principal, now)
    return made.id


@atomic()
async def change(
    *,
    principal: Principal,
    rule_set_id: UUID,
    name: str,
    document: Mapping[str, Any],
    needed_percent: int,
    expected_edition: int,
    now: datetime,
) -> None:
    """Replace a draft's rules. Refuses (InvalidRules) what could not decide, naming each field."""
    refuse_outsiders(principal, "change routing rules")
    rules = await _locked(rule_set_id)
    if rules.state is not RuleSetState.DRAFT:
        raise IllegalMove(thing=RULE_SET.thing, state=rules.state, move="change")
    if rules.edition != expected_edition:
        raise StaleEdition(current=rules.edition)
    if not 0 <= needed_percent <= 100:
        raise InvalidInput("needed agreement", "it is no percentage", "0 to 100")
    check(document)
    rules.name, rules.needed_percent = _named(name), needed_percent
    rules.document, rules.edition = json.loads(json.dumps(document)), rules.edition + 1
    await rules.save(update_fields=["name", "document", "edition", "needed_percent"])


def check(document: Mapping[str, Any]) -> None:
    """Refuses (InvalidRules) a document that could not decide."""
    try:
        documents.parse(document, rule_set_id="draft", version=0)
    except Invalid as invalid:
        raise InvalidRules(invalid.problems) from None


@atomic()
async def shadow(*, principal: Principal, rule_set_id: UUID, now: datetime) -> None:
    """Let a draft decide beside the active version from now on; nothing else changes yet."""
    refuse_outsiders(principal, "try routing rules")
    rules = await _locked(rule_set_id)
    RULE_SET.after(rules.state, RuleSetMove.SHADOW)
    other = await RoutingRuleSet.filter(
        channel_id=rules.channel_id, state=RuleSetState.SHADOW
    ).first()
    if other is not None:
        raise ShadowTaken(version=other.version)
    check(rules.document)
    await _move(rules, RuleSetMove.SHADOW, "", principal, now)


@atomic()
async def roll_out(*, principal: Principal, rule_set_id: UUID, percent: int, now: datetime) -> None:
    """Let a shadow decide a share of the orders for real; 0 takes it back to looking on.

    Refuses (TooLittleAgreement) more than it had, while it agrees with too few decisions.
    """
    refuse_outsiders(principal, "roll out routing rules")
    if not 0 <= percent <= 100:
        raise InvalidInput("share", "it is no percentage", "0 to 100")
    rules = await _locked(rule_set_id)
    if rules.state is not RuleSetState.SHADOW:
        raise IllegalMove(thing=RULE_SET.thing, state=rules.state, move="roll out")
    if percent > rules.rollout_percent:
        await _refuse_disagreement(rules)
    told = f"from {rules.rollout_percent} to {percent} percent of the orders"
    rules.rollout_percent = percent
    await rules.save(update_fields=["rollout_percent"])
    await _note(rules, "roll_out", rules.state, told, principal, now)


@atomic()
async def activate(*, principal: Principal, rule_set_id: UUID, now: datetime) -> None:
    """Let a shadow decide everything; the version that did so until now retires.

    Refuses (TooLittleAgreement) below the share that the version itself asks for.
    """
    refuse_outsiders(principal, "activate routing rules")
    rules = await _locked(rule_set_id)
    RULE_SET.after(rules.state, RuleSetMove.ACTIVATE)
    figures = await _refuse_disagreement(rules)
    active = await RoutingRuleSet.get(channel_id=rules.channel_id, state=RuleSetState.ACTIVE)
    told = f"version {rules.version} takes over"
    await _move(active, RuleSetMove.RETIRE, told, principal, now)
    await _move(rules, RuleSetMove.ACTIVATE, str(figures), principal, now)


@atomic()
async def end(*, principal: Principal, rule_set_id: UUID, now: datetime) -> None:
    """Take a shadow back to being a draft. It decides nothing any more."""
    refuse_outsiders(principal, "end a try of routing rules")
    rules = await _locked(rule_set_id)
    await _move(rules, RuleSetMove.WITHDRAW, "", principal, now)


@atomic()
async def retire(*, principal: Principal, rule_set_id: UUID, now: datetime) -> None:
    """Put a draft or a shadow away. The active version only retires when another takes over."""
    refuse_outsiders(principal, "retire routing rules")
    rules = await _locked(rule_set_id)
    if rules.state is RuleSetState.ACTIVE:
        raise IllegalMove(thing=RULE_SET.thing, state=rules.state, move=RuleSetMove.RETIRE)
    await _move(rules, RuleSetMove.RETIRE, "", principal, now)


async def _refuse_disagreement(rules: RoutingRuleSet) -> agreement.Figures:
    figures = await agreement.of(rules.id)
    enough = figures.compared >= FEWEST_COMPARED
    if not enough or figures.agreed * 100 < rules.needed_percent * figures.compared:
        raise TooLittleAgreement(
            agreed_percent=figures.percent, needed_percent=rules.needed_percent,
            compared=figures.compared, fewest=FEWEST_COMPARED,
        )  # fmt: skip
    return figures


async def _locked(rule_set_id: UUID) -> RoutingRuleSet:
    """Under its channel's lock: who takes over and who retires is one decision."""
    found = await RoutingRuleSet.get_or_none(id=rule_set_id)
    if found is None:
        raise NotFound("rule set")
    await locks.hold(f"routing:{found.channel_id}")
    await found.refresh_from_db()
    return found


async def _move(
    rules: RoutingRuleSet, move: RuleSetMove, told: str, by: Principal, now: datetime
) -> None:
    before, after = rules.state, RULE_SET.after(rules.state, move)
    await connection().execute(_MOVE, rules.id, after, now)
    rules.state = after
    await _note(rules, move, before, told, by, now)


async def _note(
    rules: RoutingRuleSet,
    move: str,
    before: RuleSetState | None,
    told: str,
    by: Principal,
    now: datetime,
) -> None:
    await RoutingChange.create(
        id=new_id(now), rule_set_id=rules.id, move=move, from_state=before, to_state=rules.state,
        detail=told, actor=by.key, at=now,
    )  # fmt: skip


def _named(name: str) -> str:
    if not 0 < len(name.strip()) <= 80:
        raise InvalidInput("name", "it is empty or too long", "1 to 80 characters")
    return name.strip()
