"""How an account is paid out: by hand, whether its bank may be debited, what stays behind."""

import json

from stripe_sandbox import accounts, events
from stripe_sandbox.call import Call
from stripe_sandbox.errors import invalid_request
from stripe_sandbox.expansion import expanded
from stripe_sandbox.shapes import JsonObject

SETTLES_AFTER_DAYS = 2
MODELLED = ("debit_negative_balances", "payouts")
MODELLED_OF_PAYOUTS = ("minimum_balance_by_currency", "schedule", "statement_descriptor")


def retrieve(call: Call) -> JsonObject:
    return expanded(call, _current(call))


def update(call: Call) -> JsonObject:
    """Merge what is sent; automatic payouts are refused, for the sandbox makes none."""
    asked: JsonObject = call.params.get("payments", {})
    wanted: JsonObject = asked.get("payouts", {})
    _refuse_others(asked, MODELLED, "payments")
    _refuse_others(wanted, MODELLED_OF_PAYOUTS, "payments[payouts]")
    before = _current(call)
    payments = dict(before["payments"])
    if "debit_negative_balances" in asked:
        payments["debit_negative_balances"] = asked["debit_negative_balances"]
    payments["payouts"] = payments["payouts"] | _payouts(wanted, payments["payouts"])
    changed = before | {"payments": payments}
    if changed != before:
        call.store.run(
            "INSERT INTO balance_settings (account, body) VALUES (?, ?) "
            "ON CONFLICT (account) DO UPDATE SET body = excluded.body",
            (call.account, json.dumps(changed)),
        )
        events.record(call, "balance_settings.updated", changed, before=before)
    return expanded(call, changed)


def _refuse_others(asked: JsonObject, modelled: tuple[str, ...], where: str) -> None:
    for name in asked:
        if name not in modelled:
            raise invalid_request(
                f"The sandbox does not model this parameter: {where}[{name}]",
                code="parameter_unknown",
                param=f"{where}[{name}]",
            )


def _payouts(wanted: JsonObject, had: JsonObject) -> JsonObject:
    changed = {name: wanted[name] for name in ("statement_descriptor",) if name in wanted}
    if "schedule" in wanted:
        interval = wanted["schedule"].get("interval")
        if interval != "manual":
            raise invalid_request(
                f"The sandbox makes no automatic payouts: the interval '{interval}' is not "
                "modelled, manual is.",
                param="payments[payouts][schedule][interval]",
            )
        changed["schedule"] = {"interval": "manual"}
    if "minimum_balance_by_currency" in wanted:
        asked = wanted["minimum_balance_by_currency"] or {}
        kept = {} if asked == {} else (had["minimum_balance_by_currency"] or {}) | asked
        least = {currency: amount for currency, amount in kept.items() if amount != ""}
        changed["minimum_balance_by_currency"] = least or None
    return changed


def _current(call: Call) -> JsonObject:
    row = call.store.row("SELECT body FROM balance_settings WHERE account = ?", (call.account,))
    settings: JsonObject = _first() if row is None else json.loads(row["body"])
    is_enabled = True
    if call.account != call.config.account:
        is_enabled = accounts.find(call, call.account)["payouts_enabled"]
    settings["payments"]["payouts"]["status"] = "enabled" if is_enabled else "disabled"
    return settings


def _first() -> JsonObject:
    """What a new account has: Stripe would pay it out every day."""
    return {
        "object": "balance_settings",
        "payments": {
            "debit_negative_balances": False,
            "payouts": {
                "minimum_balance_by_currency": None,
                "schedule": {"interval": "daily"},
                "statement_descriptor": None,
                "status": "enabled",
            },
            "settlement_timing": {"delay_days": SETTLES_AFTER_DAYS},
        },
    }
