"""Routing's pages: rules, decisions, simulations, and the places that things leave from."""

from starlette.routing import BaseRoute, Route

from back_office.routing import decisions, places, rule_sets, scores

_RULES = "/routing/{rule_set_id:uuid}"
_PLACE = "/routing/places/{location_id:uuid}"
_CLOSURE = "/routing/closures/{closure_id:uuid}/end"

routes: list[BaseRoute] = [
    Route("/routing", rule_sets.index, methods=["GET"]),
    Route("/routing", rule_sets.create, methods=["POST"]),
    Route("/routing/decisions", decisions.find, methods=["GET"]),
    Route("/routing/decisions/{number}", decisions.show, methods=["GET"]),
    Route("/routing/simulations/{simulation_id:uuid}", decisions.simulation, methods=["GET"]),
    Route("/routing/places", places.index, methods=["GET"]),
    Route("/routing/places", places.close, methods=["POST"]),
    Route("/routing/scores", scores.create, methods=["POST"]),
    Route("/routing/scores", places.back, methods=["GET"]),
    Route(_PLACE, places.change, methods=["POST"]),
    Route(_PLACE, places.back, methods=["GET"]),
    Route(_CLOSURE, places.reopen, methods=["POST"]),
    Route(_CLOSURE, places.back, methods=["GET"]),
    Route(_RULES, rule_sets.show, methods=["GET"]),
    Route(_RULES, rule_sets.save, methods=["POST"]),
    Route(f"{_RULES}/moves", rule_sets.move, methods=["POST"]),
    Route(f"{_RULES}/simulations", rule_sets.simulate, methods=["POST"]),
    Route(f"{_RULES}/moves", rule_sets.back, methods=["GET"]),
    Route(f"{_RULES}/simulations", rule_sets.back, methods=["GET"]),
]
