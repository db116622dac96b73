"""Home, reconciliation, reports, statements and explanations of the finance section."""

from starlette.routing import BaseRoute, Route

from back_office.finance import explain, home, reconciling, reports, statements

_EXPLAIN = "/finance/explain"

routes: list[BaseRoute] = [
    Route("/finance", home.show, methods=["GET"]),
    *reconciling.routes,
    Route("/finance/reports", reports.index, methods=["GET"]),
    Route("/finance/reports/{name}", reports.show, methods=["GET"]),
    Route("/finance/reports/{name}/{format}", reports.download, methods=["GET"]),
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
