"""The demo's own rules: what is looked at before it goes on, and by when what has to be done."""

from datetime import datetime

from marketplace.kit.principal import SYSTEM
from marketplace.risk import drafting as risks
from marketplace.risk.drafting import Draft
from marketplace.sla import drafting as deadlines
from marketplace.sla import policies
from marketplace.sla.drafting import ActionDraft, RuleDraft
from marketplace.sla.policy_models import Unit
from marketplace_runtime.seeding import demo


async def rule_risks(now: datetime) -> None:
    draft = Draft(demo.RISKS, demo.RISKS_NOTE)
    version_id = await risks.save(principal=SYSTEM, draft=draft, now=now)
    await risks.activate(principal=SYSTEM, version_id=version_id, now=now)


async def rule_deadlines(now: datetime) -> None:
    """What follows from a missed one stays as the first policy says."""
    first = await policies.content(principal=SYSTEM)
    actions = [
        ActionDraft(
            kind=one.kind, moment=one.moment, action=one.action, after_hours=one.after_hours
        )
        for one in first.actions
    ]
    rules = [
        RuleDraft(
            kind=kind, shipping_method=demo.EXPRESS, amount=hours, unit=Unit.BUSINESS_HOURS,
            warn_hours=1,
        )
        for kind, hours in demo.EXPRESS_HOURS.items()
    ]  # fmt: skip
    version_id = await deadlines.save(
        principal=SYSTEM, rules=rules, actions=actions, note=demo.DEADLINES_NOTE, now=now
    )
    await deadlines.activate(principal=SYSTEM, version_id=version_id, now=now)
