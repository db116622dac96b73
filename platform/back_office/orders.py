"""All orders in one list, and one order with its whole story."""

from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from back_office.face import office_page
from back_office.hold_words import KINDS, OUTCOMES, RULES, WHOLE
from back_office.pauses import CAUSES
from back_office.wording import ACTORS, FLAGS, MAILS, REFUNDS, happening
from marketplace.kit.csv_lines import Cell
from marketplace.kit.errors import InvalidInput
from marketplace.kit.money import Money
from marketplace.orders import answering, hold_lists, queries, staff_lists, staff_stories, standing
from marketplace.orders.placing_hold import HOLDERS
from marketplace.orders.refunding import REFUNDERS
from marketplace.orders.staff_lists import Flag, ListedOrder
from marketplace.orders.staff_stories import Story
from marketplace.orders.states import UNDER_WAY
from marketplace.orders.substituting import REPLACEABLE
from marketplace.orders.views import OrderAction, OrderView
from marketplace.orders.windows import CANCELLERS, may_cancel
from marketplace.payments.resending import RESENDERS
from marketplace.risk import rule_sets
from marketplace.sla import access
from marketplace_web import paging
from marketplace_web.csv_files import csv_file
from marketplace_web.formatting import iso, money_in_words
from marketplace_web.forms import CONTROL_CHARACTERS, Form
from marketplace_web.order_sums import sums
from marketplace_web.sessions import principal_of
from settlement.access import ACCOUNTANTS, VIEWERS

HEADER = (
    "Order", "Placed", "Customer", "E-mail", "Sellers", "Total", "Currency", "Status", "Payment",
    "Flags",
)  # fmt: skip


async def index(request: Request) -> Response:
    asked = paging.asked(request)
    search, flag = _filters(request)
    rows = await staff_lists.orders(
        principal=principal_of(request),
        search=search,
        flag=flag,
        after=_id(asked.after),
        before=_id(asked.before),
        most=asked.limit,
    )
    kept = urlencode({name: value for name, value in (("q", search), ("flag", flag)) if value})
    return await office_page(
        request,
        "back_office/orders.html",
        page=paging.page(request, rows, asked, key=lambda order: (str(order.id),)),
        flags=FLAGS,
        flag=flag,
        is_filtered=bool(search or flag),
        csv_href="/back-office/orders.csv" + (f"?{kept}" if kept else ""),
    )


async def export(request: Request) -> Response:
    """Exactly what the list's filters select, however many."""
    search, flag = _filters(request)
    batches = staff_lists.batches(principal=principal_of(request), search=search, flag=flag)
    rows = ([_cells(order) for order in batch] async for batch in batches)
    return csv_file(f"orders-{request.state.now:%Y-%m-%d}", HEADER, rows)


async def show(request: Request) -> Response:
    return await order_page(request, Form.blank())


async def back(request: Request) -> Response:
    return RedirectResponse(address_of(request), status_code=303)


async def order_page(request: Request, form: Form, *, status_code: int = 200) -> Response:
    """The order's page; `form` is the one that was sent, with what was typed and what was wrong."""
    principal = principal_of(request)
    order = await queries.find(principal=principal, order_id=request.path_params["order_id"])
    story = await staff_stories.story(principal=principal, order_id=order.id)

    def written(money: Money) -> str:
        return money_in_words(money, locale=request.state.reader.locale)

    return await office_page(
        request,
        "back_office/order.html",
        status_code=status_code,
        order=order,
        story=story,
        happenings=[happening(item, money=written) for item in story.happenings],
        sums=sums(order),
        mails=MAILS,
        refund_words=REFUNDS,
        may_refund=bool(principal.roles & REFUNDERS)
        and (_is_refundable(order, story) or bool(form.errors)),
        may_resend=bool(principal.roles & RESENDERS),
        may_settle=bool(principal.roles & ACCOUNTANTS),
        may_cancel=bool(principal.roles & CANCELLERS)
        and any(may_cancel(principal, part.state, order.cancel_until) for part in order.sub_orders),
        may_change_address=bool(principal.roles & CANCELLERS)
        and OrderAction.CHANGE_ADDRESS in order.available_actions,
        under_way=UNDER_WAY,
        replaceable=REPLACEABLE,
        may_decide=bool(principal.roles & CANCELLERS),
        may_explain=bool(principal.roles & VIEWERS),
        form=form,
        questions=await answering.questions(
            principal=principal, order_id=order.id, now=request.state.now
        ),
        holds=await hold_lists.of_order(principal=principal, order_id=order.id),
        risk=await rule_sets.of_order(principal=principal, order_id=order.id),
        hold_kinds=KINDS,
        hold_options=[(kind.value, words) for kind, (words, _) in KINDS.items()],
        hold_scopes=[
            (WHOLE, "The whole order"),
            *((str(part.id), f"{part.number}, {part.vendor_name}") for part in order.sub_orders),
        ],
        outcomes=OUTCOMES,
        rule_words=RULES,
        actors=ACTORS,
        may_hold=bool(principal.roles & HOLDERS),
        pauses=await standing.pauses(principal=principal, order_id=order.id),
        pause_causes=CAUSES,
        may_pause=access.is_operator(principal),
    )


def address_of(request: Request) -> str:
    return f"/back-office/orders/{request.path_params['order_id']}"


def _is_refundable(order: OrderView, story: Story) -> bool:
    lines = [line for part in order.sub_orders for line in part.lines]
    is_left = any(line.quantity > line.refunded or line.left_minor for line in lines)
    return order.captured_minor > 0 and (is_left or bool(story.shipping_left))


def _filters(request: Request) -> tuple[str | None, Flag | None]:
    search = CONTROL_CHARACTERS.sub("", request.query_params.get("q", "")).strip()[:200] or None
    asked = request.query_params.get("flag")
    if asked and asked not in set(Flag):
        raise InvalidInput("flag", "there is no such flag", ", ".join(Flag))
    return search, Flag(asked) if asked else None


def _id(key: paging.Key | None) -> UUID | None:
    return UUID(str(key[0])) if key else None


def _cells(order: ListedOrder) -> list[Cell]:
    return [
        order.number, iso(order.placed_at), order.customer_name, order.email,
        "; ".join(order.vendors), order.total.amount, order.total.currency, order.status.value,
        order.payment_status.value, "; ".join(order.flags),
    ]  # fmt: skip
