"""A payout that we gave up and that the provider has made after all: found, and matched by hand.

Trying it again, or taking its transfer back, would pay it twice or take what has left.
"""

from datetime import datetime
from uuid import UUID

from marketplace.kit.errors import IllegalMove
from marketplace.kit.principal import SYSTEM, Principal
from marketplace.kit.transactions import transaction
from marketplace.payments import operations
from marketplace.payments.gateway import UnexpectedAnswer
from settlement import access
from settlement.connected.gateway import ConnectGateway
from settlement.payouts import booking, following, moving, reversing, sending
from settlement.payouts.errors import ExistsAtProvider
from settlement.payouts.models import Payout
from settlement.payouts.states import PAYOUT, PayoutMove


async def look(*, payout_id: UUID, gateway: ConnectGateway) -> None:
    """Before another attempt: ask whether the provider has made the one that was given up.

    One that was refused at its first call was never made; nobody has to look.

    Raises OutcomeUnknown while the provider does not answer: then nobody tries it again.
    """
    async with transaction(SYSTEM, read_only=True):
        payout = await moving.found(payout_id)
        is_certain = await operations.times_asked(sending.key(payout)) < 2
    if is_certain or not following.is_given_up(payout):
        return
    found = await gateway.find_payout(
        payout.provider_account_id,
        souk=f"payout:{payout.id}",
        attempt=payout.attempt,
        created_from=payout.created_at,
    )
    if found is not None:
        await following.stop_if_given_up(payout_id, found)


def refuse_if_found(payout: Payout) -> None:
    """Refuses (ExistsAtProvider) what would move a locked payout's money a second time."""
    if payout.found_payout_id is not None:
        raise ExistsAtProvider(payout.found_payout_id)


async def match(
    *, principal: Principal, payout_id: UUID, gateway: ConnectGateway, now: datetime
) -> None:
    """It is ours: book that it was sent, and bring it to where the provider is.

    Accountants and administrators may. Refuses (IllegalMove) a payout of which nothing was found,
    and one whose transfer may have been taken back: the provider says so soon. A reversal that
    was not asked for yet is given up.
    Raises UnexpectedAnswer where the provider's is of another amount: that is for reconciliation.
    """
    access.check_accountant(principal, "match a payout")
    async with transaction(SYSTEM, read_only=True):
        payout = await moving.found(payout_id)
    if payout.found_payout_id is None:
        raise IllegalMove("payout", payout.state, PayoutMove.MATCH)
    snapshot = await gateway.retrieve_payout(payout.provider_account_id, payout.found_payout_id)
    made = (snapshot.amount_minor, snapshot.currency)
    asked = (payout.left_minor, payout.currency)
    if made != asked:
        raise UnexpectedAnswer(f"{snapshot.payout_id} pays {made}, asked for was {asked}")
    async with transaction(SYSTEM):
        payout = await moving.locked(payout_id)
        if payout.found_payout_id != snapshot.payout_id:
            raise IllegalMove("payout", payout.state, PayoutMove.MATCH)
        PAYOUT.after(payout.state, PayoutMove.MATCH)
        if await reversing.open_reversal(payout) is not None:
            raise IllegalMove("payout", f"{payout.state} and being taken back", PayoutMove.MATCH)
        await operations.succeed_after_all(sending.key(payout), result_id=snapshot.payout_id)
        payout.found_payout_id = None
        moving.end_rest(payout)
        payout.provider_payout_id = snapshot.payout_id
        payout.arrival_date = snapshot.arrival_date
        payout.next_attempt_at = following.due_on(snapshot, now=now)
        moving.forget_refusal(payout)
        await booking.book(payout, booking.SENT, now=now)
        await moving.move(payout, PayoutMove.MATCH, actor=principal.key, now=now)
    await following.apply_payout(payout_id=payout_id, snapshot=snapshot, now=now)
