"""Why a sub-order is served from where it is can always be told."""

from settlement.invariants.check import Check

_DECIDED = """
    SELECT sub_order.number AS subject, 'no routing decision was kept' AS detail
    FROM sub_order LEFT JOIN routing_decision decision ON decision.sub_order_id = sub_order.id
    WHERE decision.id IS NULL
    UNION ALL
    SELECT sub_order.number, 'its decision is by rules that do not exist'
    FROM routing_decision decision JOIN sub_order ON sub_order.id = decision.sub_order_id
    LEFT JOIN routing_rule_set rules
        ON (rules.id, rules.version) = (decision.rule_set_id, decision.version)
    WHERE rules.id IS NULL
"""

_ACTIVE = """
    SELECT channel.code AS subject, format('%s rule sets are active', count(rules.id)) AS detail
    FROM channel LEFT JOIN routing_rule_set rules
        ON rules.channel_id = channel.id AND rules.state = 'active'
    GROUP BY channel.code HAVING count(rules.id) <> 1
"""

# A line's units are counted once: what left it is what the lines that replace it began with.
_REPLACED = """
    SELECT sub_order.number || ' line ' || line.position AS subject,
        format('%s units went elsewhere, %s came there', line.rerouted,
            coalesce(replaced.units, 0)) AS detail
    FROM order_line line
    JOIN sub_order ON sub_order.id = line.sub_order_id
    LEFT JOIN (
        SELECT replaces_id, sum(quantity + rerouted) AS units FROM order_line
        WHERE replaces_id IS NOT NULL GROUP BY replaces_id
    ) replaced ON replaced.replaces_id = line.id
    WHERE line.rerouted <> coalesce(replaced.units, 0)
"""

CHECKS = (
    Check(
        "sub-orders-have-decisions",
        "Every sub-order has a routing decision, by a version of the rules that exists.",
        _DECIDED,
    ),
    Check("channels-have-one-rule-set", "Exactly one rule set of a channel is active.", _ACTIVE),
    Check(
        "replaced-units-count-once",
        "Units that went to another vendor are the ones that the replacing lines began with.",
        _REPLACED,
    ),
)
