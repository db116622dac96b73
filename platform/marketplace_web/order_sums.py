"""What an order costs, as the rows of a sum: the last one is the total."""

from marketplace.kit.money import Money
from marketplace.orders.views import OrderView


def sums(order: OrderView) -> list[tuple[str, Money]]:
    """Pairs for the macro of this name; what is zero is left out."""
    # What tax adds to the prices shown; nothing where they include it.
    tax = order.total_minor - (order.items_minor - order.discount_minor + order.shipping_minor)
    minors = [
        ("Items", order.items_minor),
        ("Discount", -order.discount_minor),
        ("Shipping", order.shipping_minor),
        ("Tax", tax),
    ]
    shown = [(label, minor) for label, minor in minors if minor]
    return [
        (label, Money(minor, order.currency))
        for label, minor in [*shown, ("Total", order.total_minor)]
    ]
