"""The queue of breaks, and one break from finding an owner to its end."""

import pytest

from marketplace.kit.principal import StaffRole
from settlement.reconciliation.run_models import BreakCode
from tests.back_office.conftest import SignedIn
from tests.back_office.finance.differences import LATER, RECONCILIATION, differences
from tests.back_office.finance.pages import post
from tests.back_office.stories import counts
from tests.marketplace_web.conftest import ManualClock

pytestmark = pytest.mark.anyio


FILTERED: list[tuple[dict[str, str], set[str]]] = [
    ({"code": "U1"}, {"U1"}),
    ({"severity": "high"}, {"M2"}),
    ({"state": "resolved"}, set()),
    ({"state": "any"}, {"M2", "U1"}),
    ({"owner": "nobody"}, {"M2", "U1"}),
    ({"owner": "me"}, set()),
    ({"age": "0-1"}, {"M2", "U1"}),
    ({"age": "2-5"}, set()),
    ({"age": ">60"}, set()),
    ({"account": "platform"}, {"M2"}),
]
UNFIT: list[tuple[str, dict[str, str]]] = [
    ("owner", {"owner": "staff:nobody"}),
    ("comments", {"text": " "}),
    ("comments", {"text": "x" * 1001}),
    ("proposals", {"remedy": "book:9999", "note": "Try"}),
    ("proposals", {"remedy": "match:po_unknown", "note": "Try"}),
    ("proposals", {"remedy": "false_positive:", "note": ""}),
]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(LATER)


async def test_the_queue_names_each_break_with_its_amount_age_and_state(
    signed_in: SignedIn,
) -> None:
    viewer = await signed_in(StaffRole.FINANCE_VIEWER)
    empty = await viewer.get(RECONCILIATION)
    found = await differences()

    page = await viewer.get(RECONCILIATION)

    assert "No open breaks" in empty.text
    assert set(found) == {BreakCode.M2, BreakCode.U1}
    assert "Missing at the provider" in page.text
    assert "Unknown money" in page.text
    assert 'value="12.34"' in page.text


async def test_filters_narrow_the_queue_and_its_file(signed_in: SignedIn) -> None:
    viewer = await signed_in(StaffRole.FINANCE_VIEWER)
    await differences()

    for asked, codes in FILTERED:
        page = await viewer.get(RECONCILIATION, params=asked)
        file = await viewer.get(f"{RECONCILIATION}.csv", params=asked)

        assert {code for code in ("M2", "U1") if f">{code} ·" in page.text} == codes, asked
        assert {line.split(",")[1] for line in file.text.splitlines()[1:]} == codes, asked
        assert ("Nothing fits" in page.text) == (not codes), asked


async def test_a_filter_that_does_not_exist_is_refused(signed_in: SignedIn) -> None:
    viewer = await signed_in(StaffRole.FINANCE_VIEWER)

    for asked in ("code=Z9", "state=lost", "owner=you", "age=7", "severity=x"):
        assert (await viewer.get(f"{RECONCILIATION}?{asked}")).status_code == 422, asked


async def test_a_break_shows_what_each_book_says_of_it(signed_in: SignedIn) -> None:
    viewer = await signed_in(StaffRole.FINANCE_VIEWER)
    found = await differences()

    page = await viewer.get(f"{RECONCILIATION}/breaks/{found[BreakCode.M2]}")
    missing = await viewer.get(f"{RECONCILIATION}/breaks/00000000-0000-7000-8000-000000000009")

    assert page.text.count("Nothing about it.") == 2  # the provider and the bank
    assert "We booked it, and the provider does not know of it." in page.text
    assert "capture:" in page.text
    assert "Propose" not in page.text  # viewers read
    assert missing.status_code == 404


async def test_a_break_is_taken_up_talked_about_and_settled_by_two_people(
    signed_in: SignedIn,
) -> None:
    accountant = await signed_in(StaffRole.ACCOUNTANT)
    approver = await signed_in(StaffRole.APPROVER)
    found = await differences()
    at = f"{RECONCILIATION}/breaks/{found[BreakCode.M2]}"
    [me] = (await accountant.get(at)).text.split('type="hidden" name="owner" value="')[1:]

    owned = await post(accountant, f"{at}/owner", owner=me.split('"')[0])
    said = await post(accountant, f"{at}/comments", text="Somebody <b>booked</b> it by hand")
    offered = (await accountant.get(at)).text.split('value="reverse:')[1:]
    sale, fee = [posting.split('"')[0] for posting in offered]
    proposed = await post(
        accountant, f"{at}/proposals", remedy=f"reverse:{sale}", note="It never happened"
    )
    waiting = await approver.get(at)
    approved = await post(approver, f"{at}/approval")
    half_way = await approver.get(at)
    await post(accountant, f"{at}/proposals", remedy=f"reverse:{fee}", note="Nor did its fee")
    await post(approver, f"{at}/approval")

    assert [owned.status_code, said.status_code, proposed.status_code] == [303, 303, 303]
    assert "Reverse our posting" in waiting.text
    assert "Somebody &lt;b&gt;booked" in waiting.text
    assert "Abe Castro" in waiting.text
    assert approved.status_code == 303
    assert "Resolved" not in half_way.text
    ended = await approver.get(at)
    assert "Resolved" in ended.text
    assert await counts("SELECT count(*) FROM ledger_transaction WHERE reverses_id IS NOT NULL")


async def test_who_proposed_may_not_approve_and_may_take_it_back(signed_in: SignedIn) -> None:
    administrator = await signed_in(StaffRole.ADMINISTRATOR)
    found = await differences()
    at = f"{RECONCILIATION}/breaks/{found[BreakCode.M2]}"
    await post(administrator, f"{at}/proposals", remedy="book:1990", note="Until we know")

    page = await administrator.get(at)
    refused = await post(administrator, f"{at}/approval")
    empty = await post(administrator, f"{at}/rejection")
    taken_back = await post(administrator, f"{at}/rejection", reason="I was wrong")

    assert "Approve and do it" not in page.text
    assert "Another person has to approve it" in page.text
    assert refused.status_code == 409
    assert empty.status_code == 422
    assert taken_back.status_code == 303
    assert await counts("SELECT count(*) FROM break_proposal WHERE is_approved = false") == 1


async def test_a_decision_that_somebody_took_before_is_no_fault(signed_in: SignedIn) -> None:
    approver = await signed_in(StaffRole.APPROVER)
    found = await differences()
    at = f"{RECONCILIATION}/breaks/{found[BreakCode.M2]}"

    answer = await post(approver, f"{at}/approval")

    assert answer.status_code == 303
    assert "Somebody decided on it before." in (await approver.get(at)).text


async def test_a_small_difference_is_settled_at_once(signed_in: SignedIn) -> None:
    accountant = await signed_in(StaffRole.ACCOUNTANT)
    found = await differences()
    at = f"{RECONCILIATION}/breaks/{found[BreakCode.U1]}"

    answer = await post(accountant, f"{at}/proposals", remedy="book:1990", note="Unknown sender")

    assert answer.status_code == 303
    assert "Done: it was small enough." in (await accountant.get(at)).text


async def test_what_does_not_fit_is_refused_beside_its_field(signed_in: SignedIn) -> None:
    accountant = await signed_in(StaffRole.ACCOUNTANT)
    found = await differences()
    at = f"{RECONCILIATION}/breaks/{found[BreakCode.U1]}"

    for action, typed in UNFIT:
        answer = await post(accountant, f"{at}/{action}", **typed)

        assert answer.status_code == 422, (action, typed)
        assert 'aria-invalid="true"' in answer.text, (action, typed)


async def test_approvers_decide_and_do_not_work_on_breaks(signed_in: SignedIn) -> None:
    approver = await signed_in(StaffRole.APPROVER)
    accountant = await signed_in(StaffRole.ACCOUNTANT)
    found = await differences()
    at = f"{RECONCILIATION}/breaks/{found[BreakCode.U1]}"
    key = (await accountant.get(at)).text.split('name="owner" value="')[1].split('"')[0]

    answers = [
        await post(approver, f"{at}/comments", text="Hello"),
        await post(approver, f"{at}/owner", owner=key),
        await post(approver, f"{at}/proposals", remedy="false_positive:", note="No"),
        await post(accountant, f"{at}/approval"),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
