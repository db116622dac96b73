"""Which version of a channel's rules decides an order, and which one decides beside it.

The document of an edition in use never changes, so each process parses it once.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from marketplace.kit.transactions import connection
from marketplace.routing import documents
from marketplace.routing.documents import RuleSet

# The columns that `Versions.of` reads; joined to whatever knows the channel.
COLUMNS = """
    active_rules.id AS active_rules_id, active_rules.edition AS active_edition,
    shadow_rules.id AS shadow_rules_id, shadow_rules.edition AS shadow_edition,
    shadow_rules.rollout_percent
"""
JOINS = """
    LEFT JOIN routing_rule_set active_rules ON active_rules.channel_id = {channel}
        AND active_rules.state = 'active'
    LEFT JOIN routing_rule_set shadow_rules ON shadow_rules.channel_id = {channel}
        AND shadow_rules.state = 'shadow'
"""
_OF_CHANNEL = f"""
    SELECT {COLUMNS} FROM channel {JOINS.format(channel="channel.id")} WHERE channel.id = $1
"""
_DOCUMENTS = "SELECT id, version, edition, document FROM routing_rule_set WHERE id = ANY($1)"
_MOST_KEPT = 200

_Edition = tuple[UUID, int]
_parsed: dict[_Edition, RuleSet] = {}


@dataclass(frozen=True, slots=True)
class Chosen:
    """`deciding` is followed; `beside` only compared, if there is a version to compare with."""

    deciding: RuleSet
    beside: RuleSet | None


async def for_order(order_id: UUID, versions: Mapping[str, Any]) -> Chosen:
    """The same order always has the same answer while the versions stand.

    One statement when this process meets a version for the first time, none after that.
    """
    active = versions["active_rules_id"], versions["active_edition"]
    shadow = versions["shadow_rules_id"], versions["shadow_edition"]
    assert active[0] is not None, "a channel has routing rules from its first moment"
    if shadow[0] is None:
        return Chosen((await _rules(active))[active], None)
    rules = await _rules(active, shadow)
    if bucket(order_id) < versions["rollout_percent"]:
        return Chosen(rules[shadow], rules[active])
    return Chosen(rules[active], rules[shadow])


async def for_order_of_channel(order_id: UUID, channel_id: UUID) -> Chosen:
    return await for_order(order_id, await connection().fetchrow(_OF_CHANNEL, channel_id))


def bucket(order_id: UUID) -> int:
    """0 to 99, stable: where an order stands in a roll-out."""
    return int.from_bytes(sha256(order_id.bytes).digest()[:8]) % 100


async def _rules(*editions: _Edition) -> Mapping[_Edition, RuleSet]:
    missing = [each for each in editions if each not in _parsed]
    if missing:
        if len(_parsed) > _MOST_KEPT:
            _parsed.clear()
        for row in await connection().fetch(_DOCUMENTS, [each for each, _ in missing]):
            _parsed[row["id"], row["edition"]] = documents.parse(
                json.loads(row["document"]), rule_set_id=str(row["id"]), version=row["version"]
            )
    return {each: _parsed[each] for each in editions}
