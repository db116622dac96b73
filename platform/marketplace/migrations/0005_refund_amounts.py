"""Refunds by amount, refunds that are sent again or settled, and what banks take back."""

from tortoise import fields
from tortoise.migrations import operations as ops

from marketplace.kit import migration
from marketplace.payments.models import RefundState

_LINE = ("by_amount", "tax", "funding", "vendor", "commission", "commission_vat")
# Units and amounts counted so far, told of lines that were refunded before amounts were possible.
COUNTED = """
UPDATE order_line SET refunded_tax_minor = back.tax, refunded_funding_minor = back.funding,
    refunded_vendor_minor = back.vendor, refunded_commission_minor = back.commission,
    refunded_commission_vat_minor = back.commission_vat
FROM (
    SELECT line_id, sum(tax_minor) AS tax, sum(funding_minor) AS funding,
        sum(vendor_minor) AS vendor, sum(commission_minor) AS commission,
        sum(commission_vat_minor) AS commission_vat
    FROM refund_line WHERE line_id IS NOT NULL GROUP BY line_id
) back WHERE back.line_id = order_line.id;
"""
CHECKS = """
ALTER TABLE order_line ADD CONSTRAINT order_line_given_back CHECK (
    refunded_by_amount_minor BETWEEN 0 AND refunded_minor
    AND refunded_tax_minor BETWEEN 0 AND tax_minor
    AND refunded_funding_minor BETWEEN 0 AND funding_minor
    AND refunded_vendor_minor BETWEEN least(0, vendor_minor) AND greatest(0, vendor_minor)
    AND refunded_commission_minor BETWEEN 0 AND commission_minor
    AND refunded_commission_vat_minor BETWEEN 0 AND commission_vat_minor
    AND (refunded < quantity OR (refunded_minor, refunded_tax_minor, refunded_funding_minor,
            refunded_vendor_minor, refunded_commission_minor, refunded_commission_vat_minor)
        = (gross_minor, tax_minor, funding_minor, vendor_minor, commission_minor,
            commission_vat_minor)));

-- That a customer has money back twice, from us and from the bank, is not ours to forbid: the
-- provider says what happened, and `souk check` names it.
ALTER TABLE payment
    ADD CONSTRAINT payment_disputed CHECK (disputed_minor BETWEEN 0 AND captured_minor);
ALTER TABLE payment_allocation
    ADD CONSTRAINT payment_allocation_disputed CHECK (disputed_minor BETWEEN 0 AND captured_minor);
ALTER TABLE provider_operation
    DROP CONSTRAINT provider_operation_kind,
    ADD CONSTRAINT provider_operation_kind CHECK (kind IN ('intent', 'cancel', 'refund', 'account',
        'balance_settings', 'transfer', 'transfer_reversal', 'payout', 'platform_payout',
        'evidence', 'dispute_close'));

ALTER TABLE refund DROP CONSTRAINT refund_state;
ALTER TABLE refund
    ADD CONSTRAINT refund_state CHECK (state IN
        ('requested', 'submitting', 'pending', 'succeeded', 'failed', 'settled')),
    ADD CONSTRAINT refund_generation CHECK (generation > 0);
"""


def _added(model: str, name: str, field: fields.Field[int]) -> ops.AddField:
    return ops.AddField(model_name=model, name=name, field=field)


class Migration(migration.Migration):
    dependencies = [("marketplace", "0004_connect")]

    operations = [
        ops.AddField(
            model_name="OrderLine",
            name="refunded_by_amount_minor",
            field=fields.BigIntField(
                default=0, db_default=0,
                description="The part of it that was asked for as an amount, not as units",
            ),
        ),
        *(
            _added("OrderLine", f"refunded_{name}_minor", fields.BigIntField(default=0, db_default=0))
            for name in _LINE
            if name != "by_amount"
        ),
        _added(
            "Payment",
            "disputed_minor",
            fields.BigIntField(default=0, db_default=0, description="Taken back by banks, or being"),
        ),
        _added("PaymentAllocation", "disputed_minor", fields.BigIntField(default=0, db_default=0)),
        _added(
            "Refund",
            "generation",
            fields.IntField(default=1, db_default=1, description="Rises when a failed one is sent again"),
        ),
        ops.AlterField(
            model_name="Refund",
            name="state",
            field=fields.CharEnumField(
                description="REQUESTED: requested\nSUBMITTING: submitting\nPENDING: pending\n"
                "SUCCEEDED: succeeded\nFAILED: failed\nSETTLED: settled",
                enum_type=RefundState,
                max_length=12,
            ),
        ),
        ops.AlterField(
            model_name="RefundLine",
            name="quantity",
            field=fields.IntField(
                description="Units; none for shipping and for an amount of a line"
            ),
        ),
        ops.RunSQL(COUNTED),
        ops.RunSQL(CHECKS),
    ]
