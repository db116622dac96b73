"""What becomes of a payout as the clock goes on: sent, paid, failed, come back."""

from datetime import UTC, datetime, timedelta

from stripe_sandbox import accounts, balance, bank, banks, deferred, events, faults, ids
from stripe_sandbox.call import Call
from stripe_sandbox.deferred import Work
from stripe_sandbox.faults import PAYOUT_KINDS, FaultKind
from stripe_sandbox.metadata import merged
from stripe_sandbox.shapes import JsonObject

SATURDAY = 5
DESCRIPTION = "STRIPE PAYOUT"


def new(call: Call, *, amount: int, currency: str, destination: str) -> JsonObject:
    """A pending payout to this bank account; negative takes the money back from there."""
    return {
        "id": ids.new("po"),
        "object": "payout",
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": after_business_days(call.now, call.config.payout_days),
        "automatic": False,
        "balance_transaction": None,
        "created": call.now,
        "currency": currency,
        "description": None,
        "destination": destination,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "not_applicable",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "pending",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    }


def after_business_days(now: int, days: int) -> int:
    """Midnight UTC of the day so many weekdays later."""
    day = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < SATURDAY
    return int(day.timestamp())


def _next_midnight(call: Call) -> int:
    return (call.now // balance.DAY + 1) * balance.DAY


def described(payout: JsonObject) -> str:
    text: str = payout["description"] or DESCRIPTION
    return text


def schedule(call: Call, payout: JsonObject, destination: JsonObject) -> None:
    """Sent at the next midnight, with the bank on the arrival date; then what a test number of
    the bank account or a fault says."""
    fault = faults.take(call.store, PAYOUT_KINDS, call.account)
    kind = fault.kind if fault else None
    fails = kind is FaultKind.PAYOUT_FAILS or banks.failure_of(destination) is not None
    arrives = payout["arrival_date"]
    returns = after_business_days(arrives, call.config.return_days)
    works = [
        (Work.SEND_PAYOUT, _next_midnight(call)),
        (Work.FAIL_PAYOUT if fails else Work.PAY_PAYOUT, arrives),
    ]
    if kind is FaultKind.PAYOUT_FAILS_AFTER_PAID and not fails:
        works.append((Work.FAIL_PAYOUT, returns))
    if kind is FaultKind.PAYOUT_RETURNED and not fails:
        works.append((Work.RETURN_PAYOUT, returns))
    for work, at in works:
        deferred.schedule(call, work, payout["id"], after=max(0, at - call.now))


def send(call: Call, payout_id: str) -> None:
    """It is with the bank's network now and cannot be cancelled any more."""
    payout = call.get("payout", payout_id)
    sent = call.save(payout | {"status": "in_transit"})
    events.record(call, "payout.updated", sent, before=payout)


def pay(call: Call, payout_id: str) -> None:
    """The bank has it, as far as anybody knows."""
    bank.receive(call, _paid(call, call.get("payout", payout_id)))


def _paid(call: Call, payout: JsonObject) -> JsonObject:
    trace = {"status": "supported", "value": ids.new("TRACE", 15).upper().replace("_", "")}
    paid = call.save(payout | {"status": "paid", "trace_id": trace})
    events.record(call, "payout.paid", paid, before=payout)
    return paid


def fail(call: Call, payout_id: str) -> None:
    """The bank sent it back, perhaps after it seemed paid: the money is in the balance again."""
    payout = call.get("payout", payout_id)
    account = call.store.find(call.config.account, "account", call.account)
    held = accounts.bank_of(account) if account else None
    failure = banks.COULD_NOT_PROCESS
    if held is not None and held["id"] == payout["destination"]:
        failure = banks.failure_of(held) or failure
    if payout["status"] == "paid":
        bank.give_back(call, payout)
    failed = give_back(call, payout, kind="payout_failure", status="failed")
    failed |= {"failure_code": failure.code, "failure_message": failure.message}
    events.record(call, "payout.failed", call.save(failed), before=payout)
    if account is not None and held is not None and failure.disables_account:
        accounts.keep(call, _disabled(account, held), before=account)


def _disabled(account: JsonObject, held: JsonObject) -> JsonObject:
    """A bank account that does not take payouts has to be replaced before the next one."""
    errored = account["external_accounts"] | {"data": [held | {"status": "errored"}]}
    needed = account["requirements"]
    due, past = (
        [*(name for name in needed[key] if name != accounts.BANK), accounts.BANK]
        for key in ("currently_due", "past_due")
    )
    return accounts.with_requirements(account | {"external_accounts": errored}, due, past)


def give_back(call: Call, payout: JsonObject, *, kind: str, status: str) -> JsonObject:
    """The payout with the balance transaction that undoes it."""
    moved = balance.move(
        call,
        kind=kind,
        amount=payout["amount"],
        fee=0,
        source=payout,
        description=f"REFUND FOR PAYOUT ({described(payout)})",
        available_on=call.now,
    )
    given_back = payout | {"status": status, "failure_balance_transaction": moved["id"]}
    if payout["trace_id"]["status"] == "pending":
        given_back["trace_id"] = {"status": "unsupported", "value": None}
    return given_back


def reverse(call: Call, payout: JsonObject, *, metadata: JsonObject | None) -> JsonObject:
    """The payout of a negative amount that brings a paid one back; it takes as long as any."""
    arrives = after_business_days(call.now, call.config.payout_days)
    reversal = _undo(call, payout, arrives=arrives, metadata=metadata)
    for work, at in ((Work.SEND_PAYOUT, _next_midnight(call)), (Work.PAY_PAYOUT, arrives)):
        deferred.schedule(call, work, reversal["id"], after=at - call.now)
    return reversal


def come_back(call: Call, payout_id: str) -> None:
    """The bank returned it unasked: the reversing payout arrives with the news."""
    payout = call.get("payout", payout_id)
    _paid(call, _undo(call, payout, arrives=call.now, metadata=None))
    bank.give_back(call, payout)


def _undo(
    call: Call, payout: JsonObject, *, arrives: int, metadata: JsonObject | None
) -> JsonObject:
    deferred.forget(call, payout["id"])
    reversal = new(
        call,
        amount=-payout["amount"],
        currency=payout["currency"],
        destination=payout["destination"],
    )
    reversal |= {
        "arrival_date": arrives,
        "metadata": merged({}, metadata),
        "original_payout": payout["id"],
    }
    moved = balance.move(
        call,
        kind="payout",
        amount=payout["amount"],
        fee=0,
        source=reversal,
        description=described(reversal),
        available_on=arrives,
    )
    reversal = call.add(reversal | {"balance_transaction": moved["id"]})
    reversed_ = call.save(payout | {"reversed_by": reversal["id"]})
    events.record(call, "payout.created", reversal)
    events.record(call, "payout.updated", reversed_, before=payout)
    return reversal
