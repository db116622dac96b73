"""Other offers that a customer may have instead, and what became of them."""

from uuid import uuid4

from tortoise import fields
from tortoise.migrations import operations as ops

from marketplace.kit import migration
from marketplace.orders.substitution_models import SubstitutionState

CHECKS = """
ALTER TABLE substitution
    ADD CONSTRAINT substitution_state
    CHECK (state IN ('proposed', 'accepted', 'declined', 'expired', 'withdrawn')),
    ADD CONSTRAINT substitution_amounts
    CHECK (units > 0 AND unit_price_minor >= 0 AND refund_minor >= 0),
    ADD CONSTRAINT substitution_answer CHECK (answer_by > proposed_at),
    ADD CONSTRAINT substitution_ended CHECK (
        (state = 'proposed') = (ended_at IS NULL) AND (ended_at IS NULL) = (ended_by IS NULL)
        AND (state = 'accepted') = (new_line_id IS NOT NULL));
CREATE UNIQUE INDEX substitution_one_open ON substitution (line_id) WHERE state = 'proposed';
CREATE INDEX substitution_due ON substitution (answer_by, id) WHERE state = 'proposed';
"""
ROW_SECURITY = """
ALTER TABLE substitution ENABLE ROW LEVEL SECURITY;
CREATE POLICY scoped ON substitution
    USING ((SELECT current_setting('souk.scope', true) = 'all')
        OR vendor_id = (SELECT nullif(nullif(current_setting('souk.scope', true), ''), 'all')::uuid));
"""


class Migration(migration.Migration):
    dependencies = [('marketplace', '0017_placing')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Substitution',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('order_id', fields.UUIDField(db_index=True)),
                ('sub_order_id', fields.UUIDField(db_index=True)),
                ('vendor_id', fields.UUIDField()),
                ('line_id', fields.UUIDField()),
                ('offer_id', fields.UUIDField()),
                ('name', fields.CharField(description='Of what is offered instead', max_length=320)),
                ('units', fields.IntField()),
                ('unit_price_minor', fields.BigIntField(description='As the channel shows prices')),
                ('refund_minor', fields.BigIntField(description='What the customer gets back by accepting')),
                ('currency', fields.CharField(max_length=3)),
                ('note', fields.CharField(description='The customer reads it; may be empty', max_length=200)),
                ('state', fields.CharEnumField(description='PROPOSED: proposed\nACCEPTED: accepted\nDECLINED: declined\nEXPIRED: expired\nWITHDRAWN: withdrawn', enum_type=SubstitutionState, max_length=10)),
                ('proposed_by', fields.CharField(max_length=60)),
                ('proposed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('answer_by', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ended_by', fields.CharField(null=True, max_length=60)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('new_line_id', fields.UUIDField(null=True, unique=True)),
            ],
            options={'table': 'substitution', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': 'Another offer of the same vendor that its customer may have instead, never at more money.'},
            bases=['Model'],
        ),
        ops.RunSQL(CHECKS),
        ops.RunSQL(ROW_SECURITY),
    ]
