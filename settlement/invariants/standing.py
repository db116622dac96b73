"""How a vendor stands can always be told, and what it is judged by."""

from settlement.invariants.check import Check

_TOLD = """
    SELECT vendor.code AS subject,
        format('it is %s, its last change made it %s', standing.state,
            coalesce(change.to_state, 'nothing')) AS detail
    FROM scorecard_standing standing JOIN vendor ON vendor.id = standing.vendor_id
    LEFT JOIN LATERAL (
        SELECT id, to_state FROM scorecard_standing_change
        WHERE vendor_id = vendor.id ORDER BY at DESC, id = standing.change_id DESC LIMIT 1
    ) change ON true
    WHERE (change.id, change.to_state) IS DISTINCT FROM (standing.change_id, standing.state)
"""
_APPEALED = """
    SELECT vendor.code AS subject, 'it stands well, and its appeal is open' AS detail
    FROM scorecard_appeal appeal JOIN vendor ON vendor.id = appeal.vendor_id
    LEFT JOIN scorecard_standing standing ON standing.vendor_id = vendor.id
    WHERE appeal.state = 'open' AND coalesce(standing.state, 'good') = 'good'
"""
_IN_FORCE = """
    SELECT 'limits' AS subject, format('%s versions are in force', count(*)) AS detail
    FROM scorecard_limit_version WHERE state = 'active' HAVING count(*) <> 1
"""

CHECKS = (
    Check("standings-are-told", "A vendor stands as its last change made it stand.", _TOLD),
    Check("appeals-have-a-cause", "Only who is warned or suspended has an open appeal.", _APPEALED),
    Check("one-version-of-limits", "Vendors are judged by exactly one version.", _IN_FORCE),
)
