"""Connected accounts: made, filled in, asked for more, changed, disconnected."""

import pytest
import stripe

from tests.stripe_sandbox.connected import (
    OTHER,
    VENDOR,
    acting_as,
    code_of,
    create_account,
    door,
    enroll,
    events_of,
    fund,
    read_account,
    transfer,
)
from tests.stripe_sandbox.running import OVER_HTTP, Sandbox

pytestmark = OVER_HTTP

IBAN = {"object": "bank_account", "account_number": "DE89 3704 0044 0532 0130 00", "country": "DE"}


async def test_a_new_account_can_do_nothing(sandbox: Sandbox) -> None:
    """R90"""
    account = await create_account(sandbox)

    assert account.id.startswith("acct_")
    assert (account.charges_enabled, account.payouts_enabled) == (False, False)
    assert not account.details_submitted
    assert account.capabilities is not None
    assert account.capabilities.transfers == "inactive"
    assert account.requirements is not None
    assert "external_account" in (account.requirements.currently_due or [])
    assert account.requirements.disabled_reason == "requirements.past_due"


async def test_an_account_is_as_asked(sandbox: Sandbox) -> None:
    """R91"""
    account = await create_account(sandbox, country="GB", business_type="company")
    plain = await sandbox.client.v1.accounts.create_async({})

    assert (account.country, account.default_currency) == ("GB", "gbp")
    assert account.controller is not None
    assert account.controller.losses is not None
    assert account.controller.losses.payments == "application"
    assert account.controller.stripe_dashboard is not None
    assert account.controller.stripe_dashboard.type == "express"
    assert account.metadata is not None
    assert account.metadata.to_dict() == {"vendor": "7"}
    assert (plain.country, plain.default_currency, plain.type) == ("DE", "eur", "none")
    for wrong in ({"country": "Utopia"}, {"default_currency": "xxx"}):
        with pytest.raises(stripe.InvalidRequestError):
            await create_account(sandbox, **wrong)


async def test_accounts_are_found_and_changed(sandbox: Sandbox) -> None:
    """R92"""
    first = await create_account(sandbox)
    second = await create_account(sandbox)
    accounts = sandbox.client.v1.accounts

    changed = await accounts.update_async(
        first.id, {"email": "new@example.com", "metadata": {"a": "b"}}
    )
    listed = await accounts.list_async()
    with pytest.raises(stripe.PermissionError) as refused:
        await accounts.retrieve_async("acct_nobody")

    assert changed.email == (await read_account(sandbox, first.id)).email == "new@example.com"
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"vendor": "7", "a": "b"}
    assert [one.id for one in listed.data] == [second.id, first.id]
    assert (code_of(refused.value), refused.value.http_status) == ("account_invalid", 403)
    assert (await events_of(sandbox, first.id))[-1].type == "account.updated"


@pytest.mark.parametrize("name", ["external_account", "bank_account"])
async def test_a_bank_account_can_be_given(sandbox: Sandbox, name: str) -> None:
    """R93"""
    account = await create_account(sandbox, **{name: IBAN})

    assert account.external_accounts is not None
    bank = account.external_accounts.data[0]
    assert isinstance(bank, stripe.BankAccount)
    assert (bank.last4, bank.country, bank.currency, bank.status) == ("3000", "DE", "eur", "new")
    assert "370400440532013000" not in str(account)
    assert account.requirements is not None
    assert "external_account" not in (account.requirements.currently_due or [])


async def test_what_is_no_bank_account_is_refused(sandbox: Sandbox) -> None:
    """R93"""
    with pytest.raises(stripe.InvalidRequestError) as number:
        await create_account(sandbox, external_account=IBAN | {"account_number": "12"})
    with pytest.raises(stripe.InvalidRequestError) as token:
        await create_account(sandbox, external_account="btok_nobody")
    with pytest.raises(stripe.InvalidRequestError):
        await create_account(sandbox, external_account=IBAN | {"country": "Utopia"})

    assert number.value.code == "account_number_invalid"
    assert token.value.code == "resource_missing"
    assert (await sandbox.client.v1.accounts.list_async()).data == []


async def test_requirements_stop_an_account_when_they_are_past_due(sandbox: Sandbox) -> None:
    """R96"""
    await enroll(sandbox)
    await fund(sandbox)
    path = f"accounts/{VENDOR}/requirements"

    due = await door(sandbox, path, {"currently_due": ["individual.verification.document"]})
    past = await door(sandbox, path, {"past_due": ["individual.verification.document"]})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await transfer(sandbox, 1_00)
    bank = await door(sandbox, path, {"past_due": ["external_account"]})
    settled = await door(sandbox, path)

    def state(one: dict[str, object]) -> tuple[object, object]:
        return one["charges_enabled"], one["payouts_enabled"]

    assert [state(one) for one in (due, past, bank, settled)] == [
        (True, True), (False, False), (True, False), (True, True),
    ]  # fmt: skip
    assert past["requirements"]["disabled_reason"] == "requirements.past_due"
    assert past["requirements"]["currently_due"] == ["individual.verification.document"]
    assert refused.value.code == "insufficient_capabilities_for_transfer"
    assert settled["requirements"]["disabled_reason"] is None


async def test_payouts_can_be_paused(sandbox: Sandbox) -> None:
    """R97"""
    await enroll(sandbox)

    paused = await door(sandbox, f"accounts/{VENDOR}/payouts", {"enabled": False})
    asked = await door(sandbox, f"accounts/{VENDOR}/requirements", {"currently_due": ["email"]})
    free = await door(sandbox, f"accounts/{VENDOR}/payouts", {"enabled": True})

    assert (paused["payouts_enabled"], paused["charges_enabled"]) == (False, True)
    assert paused["requirements"]["disabled_reason"] == "platform_paused"
    assert (asked["payouts_enabled"], free["payouts_enabled"]) == (False, True)


async def test_another_bank_account_takes_the_formers_place(sandbox: Sandbox) -> None:
    """R98"""
    await enroll(sandbox)
    before = (await read_account(sandbox)).external_accounts

    await door(
        sandbox,
        f"accounts/{VENDOR}/bank_account",
        {"account_number": "FR1420041010050500013M02606", "country": "FR"},
    )

    after = (await read_account(sandbox)).external_accounts
    assert before is not None
    assert after is not None
    assert [one.last4 for one in before.data + after.data] == ["3000", "2606"]
    assert before.data[0].id != after.data[0].id
    happened = [one.type for one in await events_of(sandbox, VENDOR)]
    assert happened[-2:] == ["account.external_account.updated", "account.updated"]


async def test_a_disconnected_account_is_a_strange_one(sandbox: Sandbox) -> None:
    """R99"""
    await enroll(sandbox)
    await fund(sandbox)
    await transfer(sandbox, 10_00)

    event = await door(sandbox, f"accounts/{VENDOR}/deauthorize")

    assert (event["type"], event["account"]) == ("account.application.deauthorized", VENDOR)
    with pytest.raises(stripe.PermissionError):
        await read_account(sandbox)
    with pytest.raises(stripe.PermissionError):
        await sandbox.client.v1.balance.retrieve_async(None, acting_as(VENDOR))
    with pytest.raises(stripe.InvalidRequestError):
        await transfer(sandbox, 10_00)
    again = await sandbox.http.post(f"/_sandbox/accounts/{VENDOR}/deauthorize")
    assert again.status_code == 403


async def test_an_account_can_be_there_from_the_start(sandbox: Sandbox) -> None:
    """R100"""
    asked = {"id": VENDOR, "country": "BR", "email": "a@b.test", "metadata": {"vendor": "1"}}
    first = await door(sandbox, "accounts", asked)
    again = await door(sandbox, "accounts", asked)
    nameless = await door(sandbox, "accounts")

    assert first == again
    assert (first["id"], first["default_currency"], first["payouts_enabled"]) == (
        VENDOR, "brl", True,
    )  # fmt: skip
    assert nameless["id"].startswith("acct_")
    assert len((await sandbox.client.v1.accounts.list_async()).data) == 2


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("accounts", {"id": "somebody"}, 400),
        ("accounts", {"id": "acct_1SandboxPlatform"}, 400),
        ("accounts", {"metadata": {"a": 5}}, 400),
        ("accounts", {"bank_account": "DE89"}, 400),
        ("accounts", {"country": "Utopia"}, 400),
        (f"accounts/{VENDOR}/bank_account", {}, 400),
        (f"accounts/{VENDOR}/bank_account", {"account_number": "x"}, 400),
        (f"accounts/{VENDOR}/payouts", {"enabled": "no"}, 400),
        (f"accounts/{VENDOR}/requirements", {"past_due": "all"}, 400),
        (f"accounts/{VENDOR}/requirements", {"past_due": [5]}, 400),
        (f"accounts/{OTHER}/onboard", {}, 403),
    ],
)
async def test_a_misused_door_changes_nothing(
    sandbox: Sandbox, path: str, asked: dict[str, object], status: int
) -> None:
    """R100"""
    await enroll(sandbox)
    before = (await read_account(sandbox)).to_dict()

    answer = await sandbox.http.post(f"/_sandbox/{path}", json=asked)

    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert (await read_account(sandbox)).to_dict() == before
    assert len((await sandbox.client.v1.accounts.list_async()).data) == 1
