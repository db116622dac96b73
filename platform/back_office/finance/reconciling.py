"""The pages and forms of reconciliation."""

from starlette.routing import BaseRoute, Route

from back_office.finance import bank, break_work, breaks, csv_maps, one_break, runs

_HERE = "/finance/reconciliation"
_BREAK = f"{_HERE}/breaks/{{break_id:uuid}}"
_RUN = f"{_HERE}/runs/{{number:int}}"
_BANK = f"{_HERE}/bank"
_ACTIONS = {
    f"{_BREAK}/owner": break_work.assign,
    f"{_BREAK}/comments": break_work.comment,
    f"{_BREAK}/proposals": break_work.propose,
    f"{_BREAK}/approval": break_work.approve,
    f"{_BREAK}/rejection": break_work.reject,
}

routes: list[BaseRoute] = [
    Route(_HERE, breaks.index, methods=["GET"]),
    Route(f"{_HERE}.csv", breaks.export, methods=["GET"]),
    Route(_BREAK, one_break.show, methods=["GET"]),
    *(Route(path, action, methods=["POST"]) for path, action in _ACTIONS.items()),
    # Where a refused form was left open, or was sent by somebody whose session had ended.
    *(Route(path, one_break.back, methods=["GET"]) for path in _ACTIONS),
    Route(f"{_HERE}/runs", runs.index, methods=["GET"]),
    Route(f"{_HERE}/runs", runs.create, methods=["POST"]),
    Route(_RUN, runs.show, methods=["GET"]),
    Route(f"{_RUN}/rerun", runs.again, methods=["POST"]),
    Route(f"{_RUN}/rerun", runs.back, methods=["GET"]),
    Route(_BANK, bank.index, methods=["GET"]),
    Route(f"{_BANK}/accounts", bank.open_account, methods=["POST"]),
    Route(f"{_BANK}/accounts", bank.back, methods=["GET"]),
    Route(f"{_BANK}/accounts/{{code}}/csv-map", csv_maps.show, methods=["GET"]),
    Route(f"{_BANK}/accounts/{{code}}/csv-map", csv_maps.save, methods=["POST"]),
    Route(f"{_BANK}/files", bank.import_file, methods=["POST"]),
    Route(f"{_BANK}/files", bank.back, methods=["GET"]),
    Route(f"{_BANK}/files/{{file_id:uuid}}", bank.show_file, methods=["GET"]),
]
