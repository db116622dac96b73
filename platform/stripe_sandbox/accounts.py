"""Connected accounts: the vendors' accounts at Stripe, made and changed by the platform."""

import re

from stripe_sandbox import banks, events, ids, keys, listing
from stripe_sandbox.call import Call
from stripe_sandbox.currencies import check_known
from stripe_sandbox.errors import invalid_request
from stripe_sandbox.expansion import expanded
from stripe_sandbox.metadata import merged
from stripe_sandbox.shapes import JsonObject

COUNTRY = re.compile(r"[A-Z]{2}\Z")
HOME = "DE"
CURRENCIES = {
    "AU": "aud", "BR": "brl", "CA": "cad", "CH": "chf", "CZ": "czk", "DK": "dkk", "GB": "gbp",
    "HU": "huf", "JP": "jpy", "MX": "mxn", "NO": "nok", "NZ": "nzd", "PL": "pln", "RO": "ron",
    "SE": "sek", "SG": "sgd", "US": "usd",
}  # fmt: skip
# What Stripe asks of a new account; what the platform told it already is left out.
ASKED_FOR = (
    "business_profile.url",
    "business_type",
    "external_account",
    "representative.first_name",
    "representative.last_name",
    "tos_acceptance.date",
    "tos_acceptance.ip",
)
BANK = "external_account"
PAUSED = "platform_paused"
WORDS = ("business_type", "default_currency", "email")


def create(call: Call) -> JsonObject:
    """A new account; it can do nothing until what Stripe asks for is given."""
    account = call.add(new(call, call.params, id_=ids.new("acct", 16)))
    events.record(call.acting_as(account["id"]), "account.updated", account)
    return expanded(call, account)


def new(call: Call, asked: JsonObject, *, id_: str) -> JsonObject:
    """The account as it is before anybody has filled anything in."""
    country = asked.get("country", HOME)
    if not COUNTRY.match(country):
        raise invalid_request(
            f"Country '{country[:10]}' is unknown. Try using a 2-character alphanumeric country "
            "code instead, such as 'US', 'EG', or 'GB'.",
            code="country_unsupported",
            param="country",
        )
    currency = asked.get("default_currency", CURRENCIES.get(country, "eur"))
    check_known(currency, param="default_currency")
    account: JsonObject = {
        "id": id_,
        "object": "account",
        "business_profile": _profile({}, asked),
        "business_type": asked.get("business_type"),
        "capabilities": _capabilities({}, asked),
        "charges_enabled": False,
        "controller": _controller(asked.get("controller", {})),
        "country": country,
        "created": call.now,
        "default_currency": currency,
        "details_submitted": False,
        "email": asked.get("email"),
        "external_accounts": _external_accounts(id_, _bank(id_, asked, currency)),
        "future_requirements": _requirements([]),
        "metadata": merged({}, asked.get("metadata")),
        "payouts_enabled": False,
        "requirements": _requirements([]),
        "type": "none",
    }
    given = {"business_type": account["business_type"], BANK: bank_of(account)}
    due = [name for name in ASKED_FOR if not given.get(name)]
    return judged(account | {"requirements": _requirements(due, past_due=due)})


def _controller(asked: JsonObject) -> JsonObject:
    """Who pays the fees and bears the losses; what is not said is Stripe's default."""
    return {
        "fees": asked.get("fees") or {"payer": "account"},
        "is_controller": True,
        "losses": asked.get("losses") or {"payments": "stripe"},
        "requirement_collection": asked.get("requirement_collection", "stripe"),
        "stripe_dashboard": asked.get("stripe_dashboard") or {"type": "full"},
        "type": "application",
    }


def _capabilities(had: JsonObject, asked: JsonObject) -> JsonObject:
    wanted = dict(had)
    for name, how in asked.get("capabilities", {}).items():
        if how.get("requested"):
            wanted.setdefault(name, "inactive")
        else:
            wanted.pop(name, None)
    return wanted


def _profile(had: JsonObject, asked: JsonObject) -> JsonObject:
    given: JsonObject = asked.get("business_profile", {})
    return had | given


def _requirements(due: list[str], *, past_due: list[str] | None = None) -> JsonObject:
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": due,
        "disabled_reason": None,
        "errors": [],
        "eventually_due": due,
        "past_due": past_due or [],
        "pending_verification": [],
    }


def with_requirements(account: JsonObject, due: list[str], past_due: list[str]) -> JsonObject:
    """The account as it stands when Stripe asks for this; a pause stays a pause."""
    needed = _requirements(due, past_due=past_due)
    needed["disabled_reason"] = account["requirements"]["disabled_reason"]
    return judged(account | {"requirements": needed})


def judged(account: JsonObject) -> JsonObject:
    """What the account may do, read off what it has been asked for and has given.

    A missing or broken bank account stops payouts only; anything else past due stops all.
    """
    needed = account["requirements"]
    submitted = account["details_submitted"]
    paused = needed["disabled_reason"] == PAUSED
    overdue = bool(needed["past_due"])
    can_receive = submitted and not set(needed["past_due"]) - {BANK}
    status = "active" if can_receive else "inactive"
    reason = "requirements.past_due" if overdue else None
    return account | {
        "capabilities": dict.fromkeys(account["capabilities"], status),
        "charges_enabled": can_receive,
        "payouts_enabled": submitted and not overdue and not paused,
        "requirements": needed | {"disabled_reason": PAUSED if paused else reason},
    }


def _external_accounts(account_id: str, bank: JsonObject | None) -> JsonObject:
    return {
        "object": "list",
        "data": [] if bank is None else [bank],
        "has_more": False,
        "url": f"/v1/accounts/{account_id}/external_accounts",
    }


def _bank(account_id: str, asked: JsonObject, currency: str) -> JsonObject | None:
    given = asked.get("bank_account", asked.get("external_account"))
    if given is None:
        return None
    if isinstance(given, str):
        raise invalid_request(f"No such token: '{given[:50]}'", code="resource_missing", param=BANK)
    return banks.new(account_id, given, currency=currency)


def bank_of(account: JsonObject) -> JsonObject | None:
    """The bank account that payouts go to."""
    held = account["external_accounts"]["data"]
    bank: JsonObject | None = held[0] if held else None
    return bank


def with_bank(account: JsonObject, bank: JsonObject) -> JsonObject:
    """With another bank account in place of the former; what was wrong with that is settled."""
    needed = account["requirements"]
    due, past = (
        [name for name in needed[key] if name != BANK] for key in ("currently_due", "past_due")
    )
    held = account | {"external_accounts": _external_accounts(account["id"], bank)}
    return with_requirements(held, due, past)


def find(call: Call, account_id: str) -> JsonObject:
    """The connected account; 403 for one that is not the platform's, as at Stripe."""
    account = call.store.find(call.config.account, "account", account_id)
    if account is None:
        raise keys.no_access(account_id)
    return account


def keep(call: Call, account: JsonObject, *, before: JsonObject) -> JsonObject:
    """Save it and tell, if anything changed."""
    if account == before:
        return account
    call.acting_as(call.config.account).save(account)
    theirs = call.acting_as(account["id"])
    had, has = bank_of(before), bank_of(account)
    if has is not None and has != had:
        kind = "created" if had is None else "updated"
        events.record(theirs, f"account.external_account.{kind}", has)
    events.record(theirs, "account.updated", account, before=before)
    return account


def update(call: Call) -> JsonObject:
    account = find(call, call.path["account"])
    asked = call.params
    changed = account | {name: asked[name] for name in WORDS if name in asked}
    check_known(changed["default_currency"], param="default_currency")
    changed["business_profile"] = _profile(account["business_profile"], asked)
    changed["capabilities"] = _capabilities(account["capabilities"], asked)
    changed["metadata"] = merged(account["metadata"], asked.get("metadata"))
    bank = _bank(account["id"], asked, changed["default_currency"])
    changed = judged(changed) if bank is None else with_bank(changed, bank)
    return expanded(call, keep(call, changed, before=account))


def retrieve(call: Call) -> JsonObject:
    return expanded(call, find(call, call.path["account"]))


def list_all(call: Call) -> JsonObject:
    return listing.page(call, "account", "/v1/accounts", ())
