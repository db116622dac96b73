"""Explain a vendor's balance: every entry that led to it, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction
from settlement.chart import NAMES
from settlement.explaining.nodes import Explanation, Node, facts
from settlement.explaining.posted import posted
from settlement.reports import access

MAX_PAGE = 500

_ACCOUNT = """
    SELECT account.id, vendor.code, vendor.name,
        CASE WHEN account.kind IN ('asset', 'expense')
            THEN kept.debits_minor - kept.credits_minor
            ELSE kept.credits_minor - kept.debits_minor END AS balance
    FROM ledger_account account JOIN ledger_balance kept ON kept.account_id = account.id
    JOIN vendor ON vendor.id = account.vendor_id
    WHERE account.vendor_id = $1 AND account.code = $2 AND account.currency = $3
"""
_UP_TO = """
    SELECT coalesce(sum(CASE WHEN account.kind IN ('asset', 'expense') THEN entry.amount_minor
        ELSE -entry.amount_minor END), 0)::bigint
    FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
    WHERE entry.account_id = $1 AND ($2::bigint IS NULL OR entry.id < $2)
"""
_PAGE = """
    entry.id IN (SELECT id FROM ledger_entry WHERE account_id = $1
        AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancePage:
    """`explanation.subject` is the balance before the cursor, whose parts are the page's entries
    and, on all but the last page, the sum of what is older. `balance` is that of today, as kept.
    """

    explanation: Explanation
    balance: Money
    entry_ids: Sequence[int]
    next_before: int | None


async def explain_balance(
    *,
    principal: Principal,
    vendor_id: UUID,
    account_code: str,
    currency: str,
    before: int | None = None,
    limit: int = 100,
) -> BalancePage:
    """One page of the entries of a vendor's account; `before` is the page's cursor.

    Each entry can be asked for with explain_entry. An account never used, or somebody else's, is
    NotFound.
    """
    assert 1 <= limit <= MAX_PAGE, limit
    access.whose(principal, asked=vendor_id)
    async with transaction(principal, isolation="REPEATABLE READ", read_only=True):
        account = await connection().fetchrow(_ACCOUNT, vendor_id, account_code, currency)
        if account is None:
            raise NotFound(thing="account")
        total = await connection().fetchval(_UP_TO, account["id"], before)
        found = await posted(_PAGE, account["id"], before, limit + 1)
    page, has_more = found[-limit:], len(found) > limit
    entries = [entry.node() for entry in reversed(page)]
    older = total - sum(entry.minor for entry in page)
    if has_more:
        entries.append(Node(kind="older", title="All before", amount=Money(older, currency)))
    return BalancePage(
        explanation=Explanation(
            subject=Node(
                kind="balance",
                title=f"{NAMES[account_code]} of {account['name']}",
                amount=Money(total, currency),
                facts=facts(vendor=account["code"], account=account_code),
            ),
            parts=entries,
        ),
        balance=Money(account["balance"], currency),
        entry_ids=[entry.id for entry in reversed(page)],
        next_before=page[0].id if has_more else None,
    )
