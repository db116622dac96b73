"""Which of a vendor's methods is taken, and what each costs."""

import pytest

from marketplace.pricing.shipping import Option, Rate, Sending, in_words, send

STANDARD = Rate("standard", 5_00, 50, 100_00)
EXPRESS = Rate("express", 9_00, 1_00, None)
FREIGHT = Rate("freight", 3_00, 0, None)


@pytest.mark.parametrize(
    ("rates", "wanted", "method", "missed"),
    [
        ([EXPRESS, STANDARD], None, "standard", None),
        ([EXPRESS, STANDARD], "express", "express", None),
        ([EXPRESS, STANDARD], "standard", "standard", None),
        ([EXPRESS, STANDARD], "drone", "standard", "drone"),
        ([EXPRESS, FREIGHT], None, "freight", None),
        ([EXPRESS, FREIGHT], "standard", "freight", "standard"),
        ([EXPRESS], None, "express", None),
    ],
)
def test_the_wanted_method_else_standard_else_the_cheapest(
    rates: list[Rate], wanted: str | None, method: str, missed: str | None
) -> None:
    sending = send(rates, wanted=wanted, items_minor=10_00, units=2)

    assert (sending.method, sending.missed) == (method, missed)
    assert sending.minor == {"standard": 6_00, "express": 11_00, "freight": 3_00}[method]


def test_every_method_is_priced_for_what_is_sent_and_standard_stands_first() -> None:
    sending = send([FREIGHT, EXPRESS, STANDARD], wanted="express", items_minor=100_00, units=3)

    assert sending == Sending(
        "express", 12_00, (Option("standard", 0), Option("freight", 3_00), Option("express", 12_00))
    )


@pytest.mark.parametrize(
    ("method", "words"),
    [("standard", "Standard"), ("express", "Express"), ("next_day-2", "Next day 2")],
)
def test_a_method_is_named_for_people(method: str, words: str) -> None:
    assert in_words(method) == words
