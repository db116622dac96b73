"""Every page and form of the finance section; each checks for itself who may."""

from starlette.routing import BaseRoute, Route

from back_office.finance import journal

routes: list[BaseRoute] = [
    Route("/finance/journal", journal.index, methods=["GET"]),
    Route("/finance/journal/{posting_id:uuid}", journal.show, methods=["GET"]),
]
