"""A decision as the row that keeps it, with what the version beside it would have done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.routing.choosing import Chosen
from marketplace.routing.deciding import decide
from marketplace.routing.decisions import Decision
from marketplace.routing.models import Cause
from marketplace.routing.requests import Request


@dataclass(frozen=True, slots=True)
class Made:
    """A decision that counts, and the other version's on the same request."""

    request: Request
    decision: Decision
    beside: Decision | None


def make(chosen: Chosen, request: Request) -> Made:
    beside = decide(chosen.beside, request) if chosen.beside else None
    return Made(request, decide(chosen.deciding, request), beside)


def row(
    made: Made,
    *,
    order_id: UUID,
    sub_order_id: UUID,
    vendor_id: UUID,
    cause: Cause,
    taken: Mapping[str, str],
    now: datetime,
) -> dict[str, Any]:
    """Under the column names of `routing_decision`, for `pydantic_core.to_json`."""
    beside = made.beside
    return {
        "id": new_id(now),
        "order_id": order_id,
        "sub_order_id": sub_order_id,
        "vendor_id": vendor_id,
        "cause": cause,
        "rule_set_id": made.decision.rule_set_id,
        "version": made.decision.version,
        "inputs": made.request,
        "lines": made.decision.lines,
        "taken": dict(taken),
        "shadow_id": beside.rule_set_id if beside else None,
        "shadow_agrees": beside.chosen() == made.decision.chosen() if beside else None,
        "shadow_chosen": beside.chosen() if beside else None,
        "decided_at": now,
    }
