from dataclasses import replace
from datetime import timedelta

import pytest

from marketplace.kit.money import Money
from settlement.connected.models import AccountState
from settlement.payouts.eligibility import Facts, Reason, obstacle
from tests.payouts.money import NOW

PAYABLE = Facts(
    available=Money(50_00, "USD"),
    minimum_minor=50_00,
    provider_account_id="acct_1",
    account_state=AccountState.ENABLED,
    transfers_enabled=True,
    payouts_enabled=True,
    bank_changed_at=NOW - timedelta(days=7),
    bank_cooling_days=7,
    freeze_reason=None,
    is_payout_under_way=False,
    is_currency_paid=True,
)
# In the order in which they are looked for: each is what the one before it would hide.
OBSTACLES = [
    ({"available": Money(0, "USD")}, Reason.NOTHING_AVAILABLE, "Nothing is available yet."),
    ({"available": Money(-1, "USD")}, Reason.NEGATIVE_BALANCE, "The balance is -0.01 USD."),
    ({"minimum_minor": 50_01}, Reason.BELOW_MINIMUM, "50.00 USD is less than 50.01 USD."),
    ({"provider_account_id": None}, Reason.NO_ACCOUNT, "No account for payouts is set up."),
    (
        {"account_state": AccountState.RESTRICTED},
        Reason.ACCOUNT_NOT_READY,
        "The payment provider has not opened the account for payouts.",
    ),
    (
        {"bank_changed_at": NOW - timedelta(days=6)},
        Reason.BANK_CHANGED,
        "The bank account is new; payouts begin again on 2026-11-24.",
    ),
    ({"freeze_reason": "Fraud?"}, Reason.FROZEN, "Payouts are stopped: Fraud?"),
    ({"is_payout_under_way": True}, Reason.PAYOUT_UNDER_WAY, "The last payout has not ended yet."),
    ({"is_currency_paid": False}, Reason.CURRENCY_NOT_PAID, "USD is not paid out yet."),
]


def test_nothing_is_in_the_way_of_a_vendor_in_good_standing() -> None:
    assert obstacle(PAYABLE, at=NOW) is None
    assert obstacle(replace(PAYABLE, bank_changed_at=None), at=NOW) is None


@pytest.mark.parametrize(("different", "reason", "detail"), OBSTACLES, ids=lambda case: str(case))
def test_each_obstacle_is_named(different: dict[str, object], reason: Reason, detail: str) -> None:
    found = obstacle(replace(PAYABLE, **different), at=NOW)  # type: ignore[arg-type]

    assert found is not None
    assert (found.reason, found.detail) == (reason, detail)


@pytest.mark.parametrize("closed", ["transfers_enabled", "payouts_enabled"])
def test_an_account_that_can_do_half_of_it_is_not_ready(closed: str) -> None:
    found = obstacle(replace(PAYABLE, **{closed: False}), at=NOW)  # type: ignore[arg-type]

    assert found is not None
    assert found.reason is Reason.ACCOUNT_NOT_READY


def test_the_first_reason_wins() -> None:
    facts, found = PAYABLE, []
    for different, reason, _ in reversed(OBSTACLES):
        if reason is Reason.NOTHING_AVAILABLE:
            continue  # nothing and less than nothing exclude one another
        facts = replace(facts, **different)  # type: ignore[arg-type]
        first = obstacle(facts, at=NOW)
        found.append(None if first is None else first.reason)

    assert found == [reason for _, reason, _ in reversed(OBSTACLES)][:-1]
    assert [reason for _, reason, _ in OBSTACLES] == list(Reason)
