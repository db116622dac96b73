"""How refusals are told to vendors' systems."""

from marketplace.inventory.errors import NoSuchStockItem
from marketplace.kit.errors import DomainError, InvalidInput


def facts_of(refusal: DomainError) -> dict[str, object]:
    """What went wrong: `field` is the part of what was sent that did not fit."""
    match refusal:
        case InvalidInput(name=field) | NoSuchStockItem(wrong=field):
            named = {"field": field}
        case _:
            named = {}
    return {"code": refusal.code, **named, "message": refusal.message}
