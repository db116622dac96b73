"""What can be charged in which currency, and what it costs."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_sandbox.currencies import Fee
from tests.stripe_sandbox.running import (
    OVER_HTTP,
    HandClock,
    Sandbox,
    an_endpoint,
    config_in,
    running,
)

pytestmark = OVER_HTTP


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (49, "eur", "amount_too_small"),
        (50, "eur", None),
        (29, "gbp", "amount_too_small"),
        (30, "gbp", None),
        (49, "jpy", "amount_too_small"),
        (50, "jpy", None),
        (1, "kwd", "invalid_charge_amount"),
    ],
)
async def test_the_least_amount_is_the_currencys(
    sandbox: Sandbox, amount: int, currency: str, code: str | None
) -> None:
    """R25, R29 and R30"""
    answer = await sandbox.post("/v1/payment_intents", f"amount={amount}&currency={currency}")

    assert answer.json().get("error", {}).get("code") == code


async def test_the_most_is_eight_digits_and_twelve_for_rupiah(sandbox: Sandbox) -> None:
    """R26"""

    async def ask(amount: int, currency: str) -> object:
        answer = await sandbox.post("/v1/payment_intents", f"amount={amount}&currency={currency}")
        return answer.json().get("error", {}).get("code")

    assert await ask(99_999_999, "eur") is None
    assert await ask(100_000_000, "eur") == "amount_too_large"
    assert await ask(999_999_999_999, "idr") is None
    assert await ask(1_000_000_000_000, "idr") == "amount_too_large"


@pytest.mark.parametrize("amount", [0, -5])
async def test_less_than_one_is_not_an_amount(sandbox: Sandbox, amount: int) -> None:
    """R27"""
    answer = await sandbox.post("/v1/payment_intents", f"amount={amount}&currency=eur")

    assert answer.json()["error"]["code"] == "parameter_invalid_integer"


@pytest.mark.parametrize("currency", ["xyz", "euro", "e", "%E2%82%AC"])
async def test_a_currency_nobody_takes_is_refused(sandbox: Sandbox, currency: str) -> None:
    """R28"""
    answer = await sandbox.post("/v1/payment_intents", f"amount=1000&currency={currency}")

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "currency")


@pytest.mark.parametrize(
    ("amount", "currency", "fee"),
    [
        (100_00, "eur", 3_20),
        (60_00, "usd", 2_04),
        (50, "eur", 31),
        (10_00, "brl", 59),
        (1_000, "jpy", 29),
        (10_000, "kwd", 290 + 300),
    ],
)
async def test_the_fee_is_a_share_and_a_fixed_part(
    sandbox: Sandbox, amount: int, currency: str, fee: int
) -> None:
    """R29, R30 and R31"""
    await sandbox.pay(amount, currency=currency)

    book = (await sandbox.books())["currencies"][currency]
    assert (book["captured"], book["fees"], book["balance"]) == (amount, fee, amount - fee)


async def test_a_currency_can_have_a_fee_of_its_own(tmp_path: Path) -> None:
    """R31"""
    fees = {"brl": Fee(rate_ppm=39_900, fixed_hundredths=39)}
    async with (
        an_endpoint() as endpoint,
        running(config_in(tmp_path, fees=fees), HandClock(), endpoint) as sandbox,
    ):
        await sandbox.pay(100_00, currency="brl")

        assert (await sandbox.books())["currencies"]["brl"]["fees"] == 3_99 + 39


@given(st.integers(1, 99_999_999), st.sampled_from(["eur", "jpy", "kwd"]), st.integers(0, 200_000))
def test_no_fee_is_negative_or_more_than_the_amount(
    amount: int, currency: str, rate_ppm: int
) -> None:
    """R31"""
    fee = Fee(rate_ppm=rate_ppm, fixed_hundredths=30).of(amount, currency)

    assert 0 <= fee <= amount
