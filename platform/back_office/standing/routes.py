"""The pages of vendors' standing: the list, one vendor, the limits, the appeals."""

from starlette.routing import BaseRoute, Route

from back_office.standing import appeals, limits, vendors

_APPEAL = "/standing/appeals/{appeal_id:uuid}"
_LIMITS = "/standing/limits/{version_id:uuid}"
_VENDOR = "/standing/{vendor_id:uuid}"

routes: list[BaseRoute] = [
    Route("/standing", vendors.index, methods=["GET"]),
    Route("/standing/appeals", appeals.index, methods=["GET"]),
    Route(f"{_APPEAL}/grant", appeals.grant, methods=["POST"]),
    Route(f"{_APPEAL}/grant", appeals.back, methods=["GET"]),
    Route(f"{_APPEAL}/denial", appeals.deny, methods=["POST"]),
    Route(f"{_APPEAL}/denial", appeals.back, methods=["GET"]),
    Route("/standing/limits", limits.index, methods=["GET"]),
    Route("/standing/limits/draft", limits.edit, methods=["GET"]),
    Route("/standing/limits/draft", limits.save, methods=["POST"]),
    Route(_LIMITS, limits.show, methods=["GET"]),
    Route(f"{_LIMITS}/activation", limits.activate, methods=["POST"]),
    Route(f"{_LIMITS}/activation", limits.back, methods=["GET"]),
    Route(f"{_LIMITS}/end", limits.discard, methods=["POST"]),
    Route(f"{_LIMITS}/end", limits.back, methods=["GET"]),
    Route(_VENDOR, vendors.show, methods=["GET"]),
    Route(f"{_VENDOR}/suspension", vendors.suspend, methods=["POST"]),
    Route(f"{_VENDOR}/suspension", vendors.back, methods=["GET"]),
    Route(f"{_VENDOR}/lifting", vendors.lift, methods=["POST"]),
    Route(f"{_VENDOR}/lifting", vendors.back, methods=["GET"]),
]
