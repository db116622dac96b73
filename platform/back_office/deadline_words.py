"""The deadline policy in words."""

from marketplace.sla.models import ClockKind
from marketplace.sla.policy_models import ActionKind, Moment, PolicyAction, PolicyRule, Unit

KINDS = {
    ClockKind.ACCEPT_BY: "accept by",
    ClockKind.SHIP_BY: "ship by",
    ClockKind.DELIVER_BY: "deliver by",
    ClockKind.ANSWER_BY: "settle a lost parcel by",
    ClockKind.COLLECT_BY: "collect by",
    ClockKind.PAY_BY: "pay by",
}
RULED = [(kind.value, name) for kind, name in KINDS.items() if kind is not ClockKind.PAY_BY]
UNITS = [
    (Unit.BUSINESS_HOURS.value, "opening hours"),
    (Unit.BUSINESS_DAYS.value, "working days"),
    (Unit.HOURS.value, "hours, day and night"),
]
MOMENTS = [
    (Moment.WARNED.value, "when it is near"),
    (Moment.BREACHED.value, "when it is missed"),
    (Moment.AFTER.value, "some hours after"),
]
ACTIONS = [
    (ActionKind.NOTIFY_VENDOR.value, "remind the vendor"),
    (ActionKind.NOTIFY_CUSTOMER.value, "tell the customer a new day"),
    (ActionKind.ESCALATE.value, "put it before staff"),
    (ActionKind.AUTO_REFUSE.value, "refuse for the vendor"),
    (ActionKind.REROUTE.value, "let another seller send it"),
    (ActionKind.PENALTY.value, "charge the vendor"),
    (ActionKind.CREDIT.value, "give the customer something back"),
]
PPM = 10_000  # of one per cent


def rule(one: PolicyRule) -> dict[str, object]:
    """A row of the table: for whom, how long, and until when of a day."""
    conditions = [
        f"{name} {value}"
        for name, value in (
            ("tier", one.vendor_tier),
            ("category", one.category),
            ("sent by", one.shipping_method),
        )
        if value
    ]
    return {
        "position": one.position,
        "kind": KINDS[one.kind],
        "of": ", ".join(conditions) or "everything",
        "time": f"{one.amount} {_units(one)}",
        "warns": f"{one.warn_hours} h before",
        "cut_off": one.cut_off or "",
    }


def _units(one: PolicyRule) -> str:
    words = dict(UNITS)[one.unit]
    return words.replace("hours", "hour", 1).replace("days", "day") if one.amount == 1 else words


def action(one: PolicyAction) -> dict[str, object]:
    """A row of the table: when, and what."""
    moment = f"{one.after_hours} h after" if one.after_hours else dict(MOMENTS)[one.moment]
    what = dict(ACTIONS)[one.action]
    if one.rate_ppm is not None:
        what = f"{what}: {percent(one.rate_ppm)} % of the goods"
    if one.delay_hours is not None:
        what = f"{what}: {one.delay_hours} h later"
    return {"kind": KINDS[one.kind], "moment": moment, "what": what}


def percent(ppm: int) -> str:
    """Millionths as per cent: 2.5 for 25,000."""
    whole, rest = divmod(ppm, PPM)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".")
