"""Explain one entry: which posting, which parts, whose payment, which payout."""

from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from settlement.explaining import moves, paths, sales
from settlement.explaining.nodes import Explanation, Node
from settlement.explaining.posted import Posted, posted
from settlement.ledger import Kind
from settlement.reports import access

_REFUNDS = (Kind.REFUND, Kind.REFUND_OWED)


async def explain_entry(*, principal: Principal, entry_id: int) -> Explanation:
    """The chain of one entry of the ledger; its parts add up to its amount.

    A vendor gets entries of its own accounts, without what its customers paid with. What is not
    there, or somebody else's, is NotFound.
    """
    vendor_id = access.whose(principal, asked=None)
    async with transaction(principal, isolation="REPEATABLE READ", read_only=True):
        found = await posted("entry.id = $1", entry_id)
        if not found or (vendor_id is not None and found[0].vendor_id != vendor_id):
            raise NotFound(thing="entry")
        [entry] = found
        subject = entry.node()
        return Explanation(
            subject=Node(
                kind=subject.kind,
                title=subject.title,
                id=subject.id,
                amount=subject.amount,
                facts=subject.facts,
                children=[entry.posting()],
            ),
            parts=await _parts(entry),
            came_from=[
                *await paths.decided_by(entry, for_platform=vendor_id is None),
                *await paths.came_from([entry.order_id]),
            ],
            went_to=await paths.went_to(entry) if entry.vendor_id is not None else [],
            other_books=await paths.other_books(entry),
        )


async def _parts(entry: Posted) -> list[Node]:
    kind = Kind(entry.kind)
    parts: list[Node] | None = None
    if kind is Kind.EARNING:
        parts = await sales.of_an_earning(entry)
    elif kind in _REFUNDS:
        parts = await sales.of_a_refund(entry)
    elif kind in moves.OF_MATURITY:
        parts = await moves.of_a_maturity(entry)
    elif kind in moves.OF_RESERVE:
        parts = await moves.of_a_reserve(entry)
    elif kind in moves.OF_PAYOUT:
        parts = await moves.of_a_payout(entry)
    return await _other_side(entry) if parts is None else parts


async def _other_side(entry: Posted) -> list[Node]:
    """What the same posting took from, or gave to, other accounts.

    A vendor may not see all of them; then the entry is all there is to say.
    """
    others = await posted(
        "booked.id = $1 AND entry.id <> $2 AND entry.currency = $3",
        entry.transaction_id,
        entry.id,
        entry.currency,
    )
    if sum(other.debit_minor for other in others) != -entry.debit_minor:
        return [entry.node()]
    sign = 1 if entry.minor == entry.debit_minor else -1
    return [other.node(amount=Money(-sign * other.debit_minor, other.currency)) for other in others]
