"""What a vendor, Stripe or a bank does to a connected account: not asked for by the platform."""

from stripe_sandbox import accounts, banks, events
from stripe_sandbox.call import Call
from stripe_sandbox.shapes import JsonObject

# An account that was disconnected stays in the books and is nobody's any more.
REVOKED = "revoked_account"
REVOKE = "UPDATE objects SET type = ? WHERE account = ? AND type = 'account' AND id = ?"


def complete(call: Call, account_id: str, bank: JsonObject | None = None) -> JsonObject:
    """The vendor gives all that is asked for; a bank account that works, unless this one."""
    before = accounts.find(call, account_id)
    account = before | {
        "details_submitted": True,
        "business_type": before["business_type"] or "individual",
    }
    if bank is None and accounts.bank_of(before) is None:
        country, currency = before["country"], before["default_currency"]
        bank = banks.good(account_id, country=country, currency=currency)
    if bank is not None:
        account = accounts.with_bank(account, bank)
    account = accounts.with_requirements(account, [], [])
    return accounts.keep(call, account, before=before)


def require(call: Call, account_id: str, *, due: list[str], past_due: list[str]) -> JsonObject:
    """Stripe asks for something; what is past due stops charges or payouts."""
    before = accounts.find(call, account_id)
    due = [*due, *(name for name in past_due if name not in due)]
    account = accounts.with_requirements(before, due, past_due)
    return accounts.keep(call, account, before=before)


def let_payouts(call: Call, account_id: str, *, enabled: bool) -> JsonObject:
    before = accounts.find(call, account_id)
    reason = None if enabled else accounts.PAUSED
    needed = before["requirements"] | {"disabled_reason": reason}
    account = accounts.judged(before | {"requirements": needed})
    return accounts.keep(call, account, before=before)


def change_bank(call: Call, account_id: str, asked: JsonObject) -> JsonObject:
    """The vendor's payouts go elsewhere from now on."""
    before = accounts.find(call, account_id)
    bank = banks.new(account_id, asked, currency=before["default_currency"])
    return accounts.keep(call, accounts.with_bank(before, bank), before=before)


def deauthorize(call: Call, account_id: str) -> JsonObject:
    """The vendor disconnects from the platform, which cannot reach the account any more."""
    accounts.find(call, account_id)
    application = {"id": "ca_Sandbox", "object": "application", "name": "Sandbox"}
    theirs = call.acting_as(account_id)
    event = events.record(theirs, "account.application.deauthorized", application)
    call.store.run(REVOKE, (REVOKED, call.config.account, account_id))
    return event


def enroll(call: Call, asked: JsonObject, *, id_: str) -> JsonObject:
    """An account that is complete from the start; the same one again if the id is taken."""
    existing = call.store.find(call.config.account, "account", id_)
    if existing is not None:
        return existing
    wanted = {"capabilities": {"transfers": {"requested": True}}} | asked
    call.add(accounts.new(call, wanted, id_=id_))
    return complete(call, id_)
