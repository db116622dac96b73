"""Orders that wait for somebody: the queue, and holding, releasing and asking on an order."""

from datetime import datetime, timedelta
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from back_office.face import office_page
from back_office.hold_words import AGES, KINDS, WHOLE
from back_office.orders import address_of, order_page
from back_office.wording import ACTORS
from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.principal import Principal
from marketplace.orders import correcting_address, hold_lists, placing_hold, queries
from marketplace.orders.errors import NothingToDo
from marketplace.orders.hold_lists import Part
from marketplace.orders.hold_models import HoldKind
from marketplace.orders.placing_hold import HOLDERS
from marketplace_web import paging
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of

HELD = "The order is on hold."
RELEASED = "The hold has ended."
RELEASED_BEFORE = "Somebody ended this hold before you."
ASKED = "The customer gets an e-mail with a new link."


async def index(request: Request) -> Response:
    principal, asked = principal_of(request), paging.asked(request)
    kind, age = _kind(request), _age(request)
    rows = await hold_lists.queue(
        principal=principal,
        kind=kind,
        placed_until=None if age is None else request.state.now - timedelta(hours=age),
        part=Part(limit=asked.limit, after=_key(asked.after), before=_key(asked.before)),
    )
    counts = await hold_lists.count_open(principal=principal)
    return await office_page(
        request,
        "back_office/holds.html",
        page=paging.page(
            request, rows, asked, key=lambda hold: (hold.placed_at.isoformat(), str(hold.id))
        ),
        kind_options=[
            (kind.value, f"{words} ({counts.get(kind, 0)})") for kind, (words, _) in KINDS.items()
        ],
        kinds=KINDS,
        ages=AGES,
        actors=ACTORS,
        is_filtered=kind is not None or age is not None,
        may_hold=bool(principal.roles & HOLDERS),
    )


async def create(request: Request) -> Response:
    principal = principal_of(request)
    order = await queries.find(principal=principal, order_id=request.path_params["order_id"])
    form = await Form.read(request)
    kind = form.choice("hold_kind", [kind.value for kind in HoldKind])
    scope = form.choice("hold_scope", [WHOLE, *(str(part.id) for part in order.sub_orders)])
    reason = form.text("hold_reason")
    if form.errors:
        return await order_page(request, form, status_code=422)
    try:
        await placing_hold.hold(
            principal=principal, order_id=order.id, kind=HoldKind(kind), reason=reason,
            sub_order_id=None if scope == WHOLE else UUID(scope), now=request.state.now,
        )  # fmt: skip
    except NothingToDo as refused:
        return see_other(request, address_of(request), notice=refused.message, tone="warn")
    return see_other(request, address_of(request), notice=HELD)


async def release(request: Request) -> Response:
    """From the order's page or the queue, and back to where it was asked."""
    principal, hold_id = principal_of(request), await _hold(request, principal_of(request))
    form = await Form.read(request)
    back = "/back-office/holds" if form.value("back") == "queue" else address_of(request)
    try:
        is_done = await placing_hold.release(
            principal=principal, hold_id=hold_id, note=form.value("note"), now=request.state.now
        )
    except InvalidInput:
        words = "Please say in a few words why the hold ends."
        return see_other(request, back, notice=words, tone="bad")
    if not is_done:
        return see_other(request, back, notice=RELEASED_BEFORE, tone="info")
    return see_other(request, back, notice=RELEASED)


async def ask_again(request: Request) -> Response:
    principal = principal_of(request)
    hold_id = await _hold(request, principal)
    try:
        await correcting_address.ask_again(
            principal=principal, hold_id=hold_id, now=request.state.now
        )
    except Forbidden:
        raise
    except NotFound:
        return see_other(request, address_of(request), notice=RELEASED_BEFORE, tone="info")
    return see_other(request, address_of(request), notice=ASKED)


async def _hold(request: Request, principal: Principal) -> UUID:
    """One of this order's, or it does not exist."""
    hold_id, order_id = request.path_params["hold_id"], request.path_params["order_id"]
    known = await hold_lists.of_order(principal=principal, order_id=order_id)
    if hold_id not in {hold.id for hold in known}:
        raise NotFound("hold")
    assert isinstance(hold_id, UUID)
    return hold_id


def _kind(request: Request) -> HoldKind | None:
    asked = request.query_params.get("kind")
    if asked and asked not in set(HoldKind):
        raise InvalidInput("kind", "there is no such kind of hold", ", ".join(HoldKind))
    return HoldKind(asked) if asked else None


def _age(request: Request) -> int | None:
    asked = request.query_params.get("age")
    if asked and asked not in AGES:
        raise InvalidInput("age", "there is no such age", ", ".join(AGES))
    return int(asked) if asked else None


def _key(key: paging.Key | None) -> tuple[datetime, UUID] | None:
    return (datetime.fromisoformat(str(key[0])), UUID(str(key[1]))) if key else None
