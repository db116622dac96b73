"""Which terms hold for a vendor, and who has to agree to a batch."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from settlement.terms.models import PayoutPolicy, SettlementTerms

# For the lateral joins of others: the same choice for many vendors, each at its own time.
HOLDING = """
    SELECT held.* FROM settlement_terms held
    WHERE (held.vendor_id = {vendor} OR held.vendor_id IS NULL) AND held.valid_from <= {at}
    ORDER BY held.vendor_id IS NULL, held.version DESC LIMIT 1
"""


async def terms_of(
    vendor_id: UUID | None, at: datetime, *, principal: Principal
) -> SettlementTerms:
    """The vendor's own newest version that is valid then, else everybody's; without a vendor these.

    Everybody's first version holds since 2000, so that there is always an answer.
    """
    async with transaction(principal):
        found = (
            await SettlementTerms.filter(Q(vendor_id=vendor_id) | Q(vendor_id=None))
            .filter(valid_from__lte=at)
            .order_by("-version")
        )
    own = [terms for terms in found if terms.vendor_id is not None]
    return (own or found)[0]


async def versions(*, principal: Principal, vendor_id: UUID | None) -> Sequence[SettlementTerms]:
    """Every version of a vendor's own terms, or of everybody's, the newest first."""
    async with transaction(principal):
        return await SettlementTerms.filter(vendor_id=vendor_id).order_by("-version")


async def policies(*, principal: Principal) -> Sequence[PayoutPolicy]:
    """Who has to agree, by currency; a vendor sees none of it."""
    async with transaction(principal):
        return await PayoutPolicy.all().order_by("currency")
