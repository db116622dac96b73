"""Pages and forms about paying vendors, and about what is corrected by hand."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from back_office.finance import (
    adjustments,
    batches,
    disputes,
    months,
    own_money,
    payout,
    payouts,
    policies,
    proposals,
    refunds,
    vendor,
    vendor_account,
    vendor_stops,
    vendor_terms,
    vendors,
)
from back_office.finance.acting import above

Page = Callable[[Request], Awaitable[Response]]

_BATCH = "/finance/payouts/{batch_id:uuid}"
_PAYOUT = "/finance/payouts/one/{payout_id:uuid}"
_VENDOR = "/finance/vendors/{vendor_id:uuid}"
_ADJUSTMENT = "/finance/adjustments/{adjustment_id:uuid}"
_DISPUTE = "/finance/disputes/{dispute_id:uuid}"


def _page(path: str, page: Page) -> Route:
    return Route(path, page, methods=["GET"])


def _form(path: str, page: Page) -> list[BaseRoute]:
    """Where a form is sent; who opens the address is led to the page that it stands on."""
    return [Route(path, page, methods=["POST"]), Route(path, above, methods=["GET"])]


routes: list[BaseRoute] = [
    _page("/finance/payouts", payouts.index),
    Route("/finance/payouts", batches.draft, methods=["POST"]),
    _page("/finance/payouts/policies", policies.show),
    Route("/finance/payouts/policies", policies.change, methods=["POST"]),
    *_form("/finance/payouts/policies/fees", policies.expect_fee),
    _page("/finance/payouts/own", own_money.show),
    Route("/finance/payouts/own", own_money.draw, methods=["POST"]),
    _page(_BATCH, payouts.show),
    _page(f"{_BATCH}/payouts.csv", payouts.export),
    *_form(f"{_BATCH}/approvals", batches.approve),
    *_form(f"{_BATCH}/cancellation", batches.cancel),
    _page(_PAYOUT, payout.show),
    *_form(f"{_PAYOUT}/attempts", payout.retry),
    *_form(f"{_PAYOUT}/match", payout.match),
    *_form(f"{_PAYOUT}/cancellation", payout.cancel),
    *_form(f"{_PAYOUT}/shortening", payout.shorten),
    _page("/finance/vendors", vendors.index),
    _page("/finance/vendors.csv", vendors.export),
    _page(_VENDOR, vendor.show),
    _page(f"{_VENDOR}/terms", vendor_terms.show),
    Route(f"{_VENDOR}/terms", vendor_terms.change, methods=["POST"]),
    *_form(f"{_VENDOR}/payouts", batches.draft_for_vendor),
    *_form(f"{_VENDOR}/account", vendor_account.open_account),
    *_form(f"{_VENDOR}/onboarding", vendor_account.onboard),
    *_form(f"{_VENDOR}/holds", vendor_stops.hold),
    *_form(f"{_VENDOR}/holds/{{hold_id:uuid}}/release", vendor_stops.release),
    *_form(f"{_VENDOR}/freezes", vendor_stops.freeze),
    *_form(f"{_VENDOR}/freezes/{{freeze_id:uuid}}/lifting", vendor_stops.lift),
    _page("/finance/disputes", disputes.index),
    _page(_DISPUTE, disputes.show),
    *_form(f"{_DISPUTE}/evidence", disputes.submit),
    *_form(f"{_DISPUTE}/acceptance", disputes.accept),
    *_form(f"{_DISPUTE}/liability", disputes.make_liable),
    _page("/finance/refunds", refunds.index),
    Route("/finance/refunds/{refund_id:uuid}/attempts", refunds.resend, methods=["POST"]),
    _page("/finance/adjustments", adjustments.index),
    Route("/finance/adjustments", proposals.create, methods=["POST"]),
    _page("/finance/adjustments/new", proposals.show),
    _page(_ADJUSTMENT, adjustments.show),
    *_form(f"{_ADJUSTMENT}/approval", adjustments.approve),
    *_form(f"{_ADJUSTMENT}/rejection", adjustments.reject),
    _page("/finance/months", months.index),
    Route("/finance/months/{month}/soft-closing", months.soft_close, methods=["POST"]),
    Route("/finance/months/{month}/closing", months.close, methods=["POST"]),
    Route("/finance/months/{month}/reopening", months.ask_to_reopen, methods=["POST"]),
    Route(
        "/finance/months/reopenings/{change_id:uuid}/agreement",
        months.agree_to_reopen,
        methods=["POST"],
    ),
]
