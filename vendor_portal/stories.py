"""A sub-order's history in the words of the people who work on it."""

from collections.abc import Sequence
from datetime import datetime

from marketplace.kit.principal import Kind
from marketplace.orders.states import ShipmentMove, SubOrderMove
from marketplace.orders.vendor_views import Happened, Parcel, SubOrderDetails
from marketplace.sla.models import ClockKind

TIMES = "\N{MULTIPLICATION SIGN}"
MOVES = [move.value for move in SubOrderMove]  # in the order of a sub-order's life
SHIPS = (SubOrderMove.SHIP_PART, SubOrderMove.SHIP_REST)
# What happened, and its colour.
WORDS = {
    SubOrderMove.RELEASE: ("Paid: yours to accept", ""),
    SubOrderMove.ACCEPT: ("Accepted", "good"),
    SubOrderMove.REFUSE: ("Refused", "bad"),
    SubOrderMove.EXPIRE: ("Not accepted in time: cancelled and refunded", "bad"),
    SubOrderMove.PREPARE: ("Being packed", "info"),
    SubOrderMove.MAKE_READY: ("Packed: ready for the carrier", "info"),
    SubOrderMove.CANCEL_PART: ("Units were cancelled", "warn"),
    SubOrderMove.CANCEL_REST: ("What had not left was cancelled", "warn"),
    SubOrderMove.CANCEL: ("Cancelled", "bad"),
    SubOrderMove.RESHIP_PART: ("A parcel is to be sent again", "warn"),
    SubOrderMove.RESHIP: ("It is to be sent again", "warn"),
    SubOrderMove.WRITE_OFF_PART: ("A parcel was given up and paid back", "bad"),
    SubOrderMove.WRITE_OFF: ("What was out was given up and paid back", "bad"),
    SubOrderMove.SHIP_PART: ("Part of it shipped", "info"),
    SubOrderMove.SHIP_REST: ("All of it shipped", "info"),
    SubOrderMove.DELIVER: ("Everything is delivered", "good"),
    SubOrderMove.CLOSE: ("Closed: the time for returns is over", "good"),
}
PARCEL_WORDS = {
    "create": ("A parcel is packed", ""),
    ShipmentMove.LABEL: ("A parcel has its label", ""),
    ShipmentMove.HAND_OVER: ("The carrier has a parcel", "info"),
    ShipmentMove.TRAVEL: ("A parcel is on its way", "info"),
    ShipmentMove.GO_OUT: ("A parcel comes today", "info"),
    ShipmentMove.HIT_TROUBLE: ("The carrier has a problem with a parcel", "warn"),
    ShipmentMove.DELIVER: ("A parcel is delivered", "good"),
    ShipmentMove.LOSE: ("A parcel is lost", "bad"),
    ShipmentMove.SEND_BACK: ("A parcel came back", "warn"),
    ShipmentMove.MAKE_READY: ("Ready to be collected", "info"),
    ShipmentMove.COLLECT: ("Collected", "good"),
    ShipmentMove.CANCEL: ("A parcel was taken apart", "warn"),
}
MISSED = {
    ClockKind.ACCEPT_BY: "The time to accept ran out",
    ClockKind.SHIP_BY: "The time to ship ran out",
}
ACTORS = {
    Kind.VENDOR: "Your team",
    Kind.STAFF: "The marketplace",
    Kind.CUSTOMER: "The customer",
    Kind.GUEST: "The customer",
    Kind.TOKEN: "The customer",
    Kind.SYSTEM: "Souk",
}


def story(sub_order: SubOrderDetails) -> list[dict[str, object]]:
    """Items for the timeline, newest first."""
    told: list[tuple[datetime, dict[str, object]]] = []
    parcels = {parcel.id: parcel for parcel in sub_order.parcels}
    # Each of these moves is one parcel's, in their order.
    left = iter(sorted((one for one in sub_order.parcels if one.shipped_at), key=_left_at))
    for change in _in_order(sub_order.changes):
        parcel = next(left, None) if change.move in SHIPS else parcels.get(change.subject_id)
        told.append((change.at, _item(change, parcel)))
    for kind, words in MISSED.items():
        missed = sub_order.deadlines.get(kind)
        if missed is not None and missed.breached_at is not None:
            told.append((missed.breached_at, {"what": words, "who": "Souk", "tone": "bad"}))
    in_order = sorted(told, key=lambda entry: entry[0])
    return [{"at": at, **item} for at, item in reversed(in_order)]


def _left_at(parcel: Parcel) -> datetime:
    assert parcel.shipped_at is not None, parcel
    return parcel.shipped_at


def who(change: Happened) -> str:
    """Its own people have names; of others a vendor knows their part in it."""
    return change.actor_name or ACTORS[Kind(change.actor.split(":")[0])]


def latest(changes: Sequence[Happened]) -> str:
    """For somebody whose page was overtaken: who did what, in one sentence."""
    change = _in_order(changes)[-1]
    return f"The latest change: {_words(change)[0]} ({who(change)})."


def _in_order(changes: Sequence[Happened]) -> list[Happened]:
    """What happened in one moment as it must have: shipped, then arrived, then all of it."""

    def key(change: Happened) -> tuple[datetime, bool, bool, int]:
        is_end = change.move == SubOrderMove.DELIVER and change.subject == "sub_order"
        is_of_a_parcel = change.subject == "shipment"
        return change.at, is_end, is_of_a_parcel, 0 if is_of_a_parcel else MOVES.index(change.move)

    return sorted(changes, key=key)


def _words(change: Happened) -> tuple[str, str]:
    if change.subject == "sub_order":
        return WORDS[SubOrderMove(change.move)]
    return PARCEL_WORDS[change.move]


def _item(change: Happened, parcel: Parcel | None) -> dict[str, object]:
    what, tone = _words(change)
    detail = ""
    if parcel is not None:
        contents = ", ".join(f"{units} {TIMES} {name}" for name, units in parcel.contents)
        named = f"{parcel.carrier} {parcel.tracking_number}".strip()
        detail = f"{named}: {contents}" if named else contents
    elif change.reason:
        detail = f"“{change.reason}”"
    return {"what": what, "who": who(change), "detail": detail, "tone": tone}
