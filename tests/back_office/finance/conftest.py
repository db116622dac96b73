"""Finance people at their desks: who reads, who prepares, who decides."""

import httpx
import pytest

from marketplace.kit.principal import StaffRole
from tests.back_office.conftest import SignedIn


@pytest.fixture
async def viewer(signed_in: SignedIn) -> httpx.AsyncClient:
    return await signed_in(StaffRole.FINANCE_VIEWER)


@pytest.fixture
async def accountant(signed_in: SignedIn) -> httpx.AsyncClient:
    return await signed_in(StaffRole.ACCOUNTANT)


@pytest.fixture
async def approver(signed_in: SignedIn) -> httpx.AsyncClient:
    return await signed_in(StaffRole.APPROVER)


@pytest.fixture
async def administrator(signed_in: SignedIn) -> httpx.AsyncClient:
    return await signed_in(StaffRole.ADMINISTRATOR)
