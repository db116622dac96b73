"""Which version of a channel's rules decides an order, and which one decides beside it.

The document of an edition in use never changes, so each process parses it once.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from marketplace.kit.transactions import connection
from marketplace.routing import documents
from marketplace.routing.documents import RuleSet

_OF_CHANNEL = """
    SELECT active_rules.id AS active_rules_id, active_rules.edition AS active_edition,
        shadow_rules.id AS shadow_rules_id, shadow_rules.edition AS shadow_edition,
        shadow_rules.rollout_percent
    FROM channel
    LEFT JOIN routing_rule_set active_rules ON active_rules.channel_id = channel.id
        AND active_rules.state = 'active'
    LEFT JOIN routing_rule_set shadow_rules ON shadow_rules.channel_id = channel.id
        AND shadow_rules.state = 'shadow'
    WHERE channel.id = $1
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


def known_for(order_id: UUID, versions: Mapping[str, Any]) -> Chosen | None:
    """The same order always has the same answer while the versions stand.

    None where this process has not met a version yet.
    """
    active, *shadow = _editions(versions)
    if active not in _parsed or not all(each in _parsed for each in shadow):
        return None
    if not shadow:
        return Chosen(_parsed[active], None)
    if bucket(order_id) < versions["rollout_percent"]:
        return Chosen(_parsed[shadow[0]], _parsed[active])
    return Chosen(_parsed[active], _parsed[shadow[0]])


async def for_order_of_channel(order_id: UUID, channel_id: UUID) -> Chosen:
    versions = await connection().fetchrow(_OF_CHANNEL, channel_id)
    await meet(versions)
    chosen = known_for(order_id, versions)
    assert chosen is not None, "a version in use does not change while a transaction reads it"
    return chosen


async def meet(versions: Mapping[str, Any]) -> None:
    """Read what this process has not met before, and keep it: one statement, or none."""
    editions = _editions(versions)
    missing = [each for each in editions if each not in _parsed]
    if not missing:
        return
    if len(_parsed) > _MOST_KEPT:
        _parsed.clear()
        missing = list(editions)
    for row in await connection().fetch(_DOCUMENTS, [each for each, _ in missing]):
        _parsed[row["id"], row["edition"]] = documents.parse(
            json.loads(row["document"]), rule_set_id=str(row["id"]), version=row["version"]
        )


def bucket(order_id: UUID) -> int:
    """0 to 99, stable: where an order stands in a roll-out."""
    return int.from_bytes(sha256(order_id.bytes).digest()[:8]) % 100


def _editions(versions: Mapping[str, Any]) -> Sequence[_Edition]:
    """The active version's and, where there is one, the shadow's."""
    active = versions["active_rules_id"], versions["active_edition"]
    assert active[0] is not None, "a channel has routing rules from its first moment"
    if versions["shadow_rules_id"] is None:
        return [active]
    return [active, (versions["shadow_rules_id"], versions["shadow_edition"])]
