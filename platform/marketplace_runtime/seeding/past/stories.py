"""What happened to each order of the demo's past, and when. Pure, and the same for the same now."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from random import Random

from marketplace_runtime.seeding import demo
from marketplace_runtime.seeding.past.shoppers import SHOPPERS, Shopper

WEEKS = timedelta(weeks=6)
ORDERS = 56
CURRENCY = "EUR"
SEED = 20  # any number: it chooses the baskets
ON_THE_WAY = timedelta(hours=36)  # at most: a parcel arrives after two days
HELD_UNITS = 6  # of the dearest thing: more than the rules of risk let pass
DISCOUNT, DISCOUNTED_EVERY = "WELCOME10", 9
EXPRESS_EVERY = 10
STAYS_ON_THE_SHELF = 3  # of every offer, at least: who comes next can still buy it
WORK_BEGINS, WORK_ENDS = 8, 16  # hours, UTC
WEEKEND = 5


class Step(IntEnum):
    """In the order in which they are taken where they fall together."""

    BUY = 0
    ANSWER = 1
    SHIP = 2
    DELIVER = 3
    COMPLAIN = 4
    REPLY = 5
    RULE = 6


class Fate(StrEnum):
    """What becomes of an order; `USUAL` is delivered in the end."""

    USUAL = "usual"
    UNPAID = "never paid"
    UNANSWERED = "a vendor does not answer"
    REFUSED = "a vendor refuses it"
    PARTLY_REFUNDED = "a unit came broken"
    WHOLLY_REFUNDED = "nothing came"
    WON = "disputed, and answered"
    DISPUTED = "disputed"
    PARTLY_SHIPPED = "one parcel of two"
    LATE = "a vendor forgets it"
    ON_ITS_WAY = "shipped"
    BEING_PACKED = "accepted"
    NEW = "waits for its vendors"
    HELD = "waits for a look"


# By the order's number, the oldest first; whatever is not here is usual.
FATES: Mapping[int, Fate] = {
    9: Fate.REFUSED, 15: Fate.PARTLY_REFUNDED, 19: Fate.WON, 22: Fate.UNPAID,
    26: Fate.WHOLLY_REFUNDED, 31: Fate.PARTLY_REFUNDED, 36: Fate.DISPUTED, 40: Fate.UNANSWERED,
    43: Fate.PARTLY_REFUNDED, 45: Fate.LATE, 46: Fate.PARTLY_SHIPPED, 47: Fate.ON_ITS_WAY,
    48: Fate.REFUSED, 49: Fate.ON_ITS_WAY, 50: Fate.BEING_PACKED, 51: Fate.ON_ITS_WAY,
    52: Fate.BEING_PACKED, 53: Fate.NEW, 54: Fate.HELD, 55: Fate.NEW,
}  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Wanted:
    """`sku` and `vendor` name an offer."""

    sku: str
    vendor: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    number: int
    fate: Fate
    shopper: Shopper
    wanted: Sequence[Wanted]
    has_discount: bool
    is_express: bool
    steps: Sequence[tuple[datetime, Step]]


def tell(
    offers: Mapping[tuple[str, str], int], *, dearest: tuple[str, str], now: datetime
) -> list[Story]:
    """The stories of six weeks until `now`; `offers` is the stock by sku and vendor's code.

    The `dearest` of them is kept for the order that is held. A step that would lie after `now`
    is still to come, and left out.
    """
    dice = Random(SEED)
    taken: Counter[tuple[str, str]] = Counter({dearest: HELD_UNITS})
    stories = []
    for number in range(ORDERS):
        fate = FATES.get(number, Fate.USUAL)
        bought_at = _bought_at(number, dice, now)
        wanted = _basket(fate, dice, offers, taken)
        if fate is Fate.HELD:
            wanted = [Wanted(*dearest, HELD_UNITS)]
        stories.append(
            Story(
                number=number,
                fate=fate,
                shopper=SHOPPERS[(number * 5 + number // 14) % len(SHOPPERS)],
                wanted=wanted,
                has_discount=number % DISCOUNTED_EVERY == 0,
                is_express=number % EXPRESS_EVERY == 0,
                steps=[each for each in _steps(fate, bought_at, dice, now) if each[0] <= now],
            )
        )
    return stories


def begins_at(now: datetime) -> datetime:
    """When the marketplace of the past opens: a day before anybody can have bought."""
    return now - WEEKS - timedelta(days=1)


def _bought_at(number: int, dice: Random, now: datetime) -> datetime:
    """More and more often as the weeks go by; never in the future."""
    share: float = 1 - (number + dice.random() * 0.8) / ORDERS
    age: float = share**1.2
    return now - WEEKS * age - timedelta(minutes=12)


def _basket(
    fate: Fate,
    dice: Random,
    offers: Mapping[tuple[str, str], int],
    taken: Counter[tuple[str, str]],
) -> list[Wanted]:
    """Offers of one to three vendors. Two units at least where one parcel is to be left."""
    vendors = [vendor.code for vendor in demo.VENDORS]
    some = dice.sample(vendors, dice.choices((1, 2, 3), (6, 4, 1))[0])
    if fate in {Fate.NEW, Fate.BEING_PACKED} and vendors[0] not in some:
        some[0] = vendors[0]  # whom the first sign-in is for: its work list shows something
    least = 2 if fate in {Fate.PARTLY_SHIPPED, Fate.PARTLY_REFUNDED} else 1
    wanted = []
    for vendor in some:
        theirs = [
            key for key, stock in sorted(offers.items())
            if key[1] == vendor and stock - taken[key] >= STAYS_ON_THE_SHELF + 3
        ]  # fmt: skip
        for key in dice.sample(theirs, min(len(theirs), dice.choice((1, 1, 2)))):
            quantity = max(least, dice.choice((1, 1, 1, 2, 2, 3)))
            taken[key] += quantity
            wanted.append(Wanted(*key, quantity))
    return sorted(wanted)


def _steps(
    fate: Fate, bought_at: datetime, dice: Random, now: datetime
) -> list[tuple[datetime, Step]]:
    bought = [(bought_at, Step.BUY)]
    if fate in {Fate.UNPAID, Fate.NEW, Fate.HELD, Fate.UNANSWERED}:
        return bought
    if fate in {Fate.LATE, Fate.PARTLY_SHIPPED, Fate.ON_ITS_WAY, Fate.BEING_PACKED, Fate.REFUSED}:
        return bought + _hurried(fate, bought_at, now)
    answered_at = _at_work(bought_at + timedelta(minutes=dice.randint(40, 400)))
    shipped_at = _at_work(answered_at + timedelta(minutes=dice.randint(120, 1200)))
    delivered_at = shipped_at + timedelta(hours=dice.randint(44, 80))
    usual = [
        (answered_at, Step.ANSWER), (shipped_at, Step.SHIP), (delivered_at, Step.DELIVER)
    ]  # fmt: skip
    complained_at = delivered_at + timedelta(hours=dice.randint(20, 50))
    match fate:
        case Fate.WHOLLY_REFUNDED:
            usual[-1:] = [(delivered_at + timedelta(days=4), Step.COMPLAIN)]
        case Fate.PARTLY_REFUNDED | Fate.DISPUTED:
            usual.append((complained_at, Step.COMPLAIN))
        case Fate.WON:
            usual.append((complained_at, Step.COMPLAIN))
            usual.append((complained_at + timedelta(days=2), Step.REPLY))
            usual.append((complained_at + timedelta(days=6), Step.RULE))
    return bought + usual


def _hurried(fate: Fate, bought_at: datetime, now: datetime) -> list[tuple[datetime, Step]]:
    """What is under way has come as far as it is said to, whatever day it is."""
    age = now - bought_at
    answered = [(bought_at + min(age * 0.2, timedelta(hours=5)), Step.ANSWER)]
    shipped_at = max(bought_at + min(age * 0.6, timedelta(hours=20)), now - ON_THE_WAY)
    shipped = [(shipped_at, Step.SHIP)]
    return answered + (shipped if fate in {Fate.ON_ITS_WAY, Fate.PARTLY_SHIPPED} else [])


def _at_work(moment: datetime) -> datetime:
    """This moment, or when the next working day begins."""
    while moment.weekday() >= WEEKEND or not WORK_BEGINS <= moment.hour < WORK_ENDS:
        morning = moment.replace(hour=WORK_BEGINS, minute=moment.minute // 2)
        moment = morning if morning > moment else morning + timedelta(days=1)
    return moment
