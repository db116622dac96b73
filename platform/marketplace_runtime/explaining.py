"""`souk explain`: the chain behind an amount, as a tree for people or JSON for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace_runtime.advice import refusal_of
from marketplace_runtime.errors import RuntimeRefusal
from marketplace_runtime.orm import connected
from settlement import chart
from settlement.explaining.balances import explain_balance
from settlement.explaining.entries import explain_entry
from settlement.explaining.nodes import Explanation, Node
from settlement.explaining.orders import explain_order
from settlement.explaining.payouts import explain_payout

ACCOUNTS = {
    "pending": chart.VENDOR_PENDING_CODE,
    "available": chart.VENDOR_AVAILABLE_CODE,
    "reserve": chart.VENDOR_RESERVE_CODE,
    "in-progress": chart.VENDOR_IN_PROGRESS_CODE,
    "on-hold": chart.VENDOR_ON_HOLD_CODE,
}
_VENDOR = "SELECT id FROM vendor WHERE code = $1"
_CURRENCIES = """
    SELECT DISTINCT currency FROM ledger_account WHERE vendor_id = $1 AND code = $2 ORDER BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Exactly one of entry, vendor, payout and order."""

    entry: int | None = None
    vendor: str | None = None
    account: str = "available"
    currency: str | None = None
    limit: int = 100
    payout: str | None = None
    order: str | None = None


async def explain(database_url: str, asked: Asked) -> list[Explanation]:
    """One explanation, or for a vendor's balance one for each currency."""
    given = [one for one in (asked.entry, asked.vendor, asked.payout, asked.order) if one]
    if len(given) != 1:
        raise RuntimeRefusal("Name one thing: --entry, --vendor, --payout or --order.")
    try:
        async with connected(database_url, pool_size=2):
            return await _explain(asked)
    except DomainError as refusal:
        raise refusal_of(refusal) from refusal


async def _explain(asked: Asked) -> list[Explanation]:
    if asked.entry is not None:
        return [await explain_entry(principal=SYSTEM, entry_id=asked.entry)]
    if asked.order is not None:
        return [await explain_order(principal=SYSTEM, number=asked.order)]
    if asked.payout is not None:
        return [await explain_payout(principal=SYSTEM, payout_id=_uuid(asked.payout))]
    assert asked.vendor is not None
    return await _balances(asked, asked.vendor)


async def _balances(asked: Asked, code: str) -> list[Explanation]:
    if asked.account not in ACCOUNTS:
        raise RuntimeRefusal(f"--account {asked.account}: accepted is {', '.join(ACCOUNTS)}.")
    account = ACCOUNTS[asked.account]
    async with transaction(SYSTEM, read_only=True) as connection:
        vendor_id = await connection.fetchval(_VENDOR, code)
        rows = await connection.fetch(_CURRENCIES, vendor_id, account)
    if vendor_id is None:
        raise NotFound(thing="vendor")
    wanted = asked.currency.upper() if asked.currency else None
    currencies = [row["currency"] for row in rows if wanted in (None, row["currency"])]
    if not currencies:
        raise RuntimeRefusal("Nothing was ever booked on this account.")
    return [
        (
            await explain_balance(
                principal=SYSTEM,
                vendor_id=vendor_id,
                account_code=account,
                currency=currency,
                limit=asked.limit,
            )
        ).explanation
        for currency in currencies
    ]


def _uuid(word: str) -> UUID:
    try:
        return UUID(word)
    except ValueError:
        raise RuntimeRefusal(f"--payout {word}: accepted is a payout's id.") from None


def as_json(explanations: list[Explanation]) -> str:
    return json.dumps([asdict(one) for one in explanations], default=str, indent=2)


def show(explanations: list[Explanation], screen: Console) -> None:
    """A tree for each: the amount, its parts, where it came from and where it went."""
    for one in explanations:
        tree = Tree(_label(one.subject))
        _add(tree, one.subject.children)
        for title, nodes in (
            ("consists of", one.parts),
            ("came from", one.came_from),
            ("went to", one.went_to),
            ("other books say", one.other_books),
        ):
            if nodes:
                _add(tree.add(Text(title, style="bold")), nodes)
        screen.print(tree)


def _add(branch: Tree, nodes: Sequence[Node]) -> None:
    for node in nodes:
        _add(branch.add(_label(node)), node.children)


def _label(node: Node) -> Text:
    """Title and amount on the first line, what is known of it on the second; never markup."""
    label = Text(node.title)
    if node.amount is not None:
        label.append(f"  {node.amount}", style="bold")
    if node.kind == "entry":
        label.append(f"  (entry {node.id})", style="dim")
    if node.facts:
        known = ", ".join(f"{fact.label} {fact.value}" for fact in node.facts)
        label.append(f"\n{known}", style="dim")
    return label
