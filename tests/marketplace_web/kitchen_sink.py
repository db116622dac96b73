"""One page with every piece of the design system on it, for eyes and for axe."""

from datetime import timedelta
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from marketplace.kit.money import Money
from marketplace_web.forms import Form
from marketplace_web.paging import Page
from marketplace_web.rendering import environment, page_context

SOURCE = Path(__file__).parent / "pages" / "kitchen_sink.html"


async def kitchen_sink(request: Request) -> Response:
    now = request.state.now
    request.state.nav_counts = {"work": 7}
    form = Form({"tracking": ["1Z 99"], "carrier": ["dhl"], "note": ["At\nthe door"]})
    form.refuse("tracking", "This carrier's numbers have 10 to 20 digits.")
    form.refuse("pieces", "At most 3 are left.")
    template = environment().from_string(SOURCE.read_text())
    page = template.render(
        **page_context(request),
        form=form,
        page=Page([1], previous_cursor="before", next_cursor="after"),
        money_amount=Money(1_284_300, "EUR"),
        negative=Money(-1245, "EUR"),
        late=now - timedelta(hours=2),
        soon=now + timedelta(hours=3, minutes=24),
        later=now + timedelta(hours=40),
        long_ago=now - timedelta(days=400),
        today=now.date(),
    )
    return HTMLResponse(page)
