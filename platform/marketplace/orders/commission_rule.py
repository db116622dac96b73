"""The commission rule of an offer that takes another's place, as placement would choose it."""

from typing import Final

# Of `offer` and its `product`, at the moment $2.
RULE: Final = """CROSS JOIN LATERAL (
        SELECT * FROM commission_rule
        WHERE (commission_rule.vendor_id = offer.vendor_id OR commission_rule.vendor_id IS NULL)
            AND (commission_rule.category = product.category OR commission_rule.category IS NULL)
            AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2)
        ORDER BY commission_rule.vendor_id IS NOT NULL DESC,
            commission_rule.category IS NOT NULL DESC, version DESC
        LIMIT 1
    ) rule"""
