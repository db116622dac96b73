from datetime import UTC, datetime

import pytest
from itsdangerous import URLSafeSerializer

from marketplace.kit.ids import new_id
from marketplace.kit.signing import read_order, sign_order

SECRET = "a secret of at least thirty-two characters"
ORDER_ID = new_id(datetime(2024, 6, 3, tzinfo=UTC))


def test_a_signed_order_is_read_back_and_needs_no_quoting_in_an_address() -> None:
    token = sign_order(SECRET, ORDER_ID)

    assert read_order(SECRET, token) == ORDER_ID
    assert token == sign_order(SECRET, ORDER_ID)
    assert all(character.isalnum() or character in "-_." for character in token)


@pytest.mark.parametrize("position", range(0, 40, 3))
def test_a_token_with_one_character_changed_speaks_for_nothing(position: int) -> None:
    token = sign_order(SECRET, ORDER_ID)
    other = "A" if token[position] != "A" else "B"

    assert read_order(SECRET, token[:position] + other + token[position + 1 :]) is None


@pytest.mark.parametrize("token", ["", ".", "nonsense", "a.b.c", "\x00", "é", "x" * 10_000])
def test_what_is_no_token_speaks_for_nothing(token: str) -> None:
    assert read_order(SECRET, token) is None


def test_another_secret_and_another_purpose_are_refused() -> None:
    elsewhere = URLSafeSerializer(SECRET, salt="something else").dumps(ORDER_ID.hex)
    of_no_order = URLSafeSerializer(SECRET, salt="souk.order.tracking").dumps(["no", "id"])

    assert read_order("another " + SECRET, sign_order(SECRET, ORDER_ID)) is None
    assert read_order(SECRET, elsewhere) is None
    assert read_order(SECRET, of_no_order) is None
