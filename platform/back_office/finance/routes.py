"""Every page and form of the finance section; each checks for itself who may."""

from starlette.routing import BaseRoute, Route

from back_office.finance import (
    explain,
    home,
    journal,
    journals,
    paying,
    reconciling,
    reports,
    statements,
)

_EXPLAIN = "/finance/explain"

routes: list[BaseRoute] = [
    Route("/finance", home.show, methods=["GET"]),
    Route("/finance/journal", journal.index, methods=["GET"]),
    Route("/finance/journal/{posting_id:uuid}", journal.show, methods=["GET"]),
    *paying.routes,
    *reconciling.routes,
    Route("/finance/reports", reports.index, methods=["GET"]),
    Route("/finance/reports/{name}", reports.show, methods=["GET"]),
    Route("/finance/reports/{name}/{format}", reports.download, methods=["GET"]),
    Route("/finance/journals/{program}", journals.download, methods=["GET"]),
    Route("/finance/statements", statements.index, methods=["GET"]),
    Route("/finance/statements/{statement_id:uuid}.pdf", statements.pdf, methods=["GET"]),
    Route(_EXPLAIN, explain.index, methods=["GET"]),
    Route(f"{_EXPLAIN}/entries/{{entry_id:int}}", explain.entry, methods=["GET"]),
    Route(f"{_EXPLAIN}/orders/{{number}}", explain.order, methods=["GET"]),
    Route(f"{_EXPLAIN}/payouts/{{payout_id:uuid}}", explain.payout, methods=["GET"]),
    Route(
        f"{_EXPLAIN}/balances/{{vendor_id:uuid}}/{{account}}/{{currency}}",
        explain.balance,
        methods=["GET"],
    ),
]
