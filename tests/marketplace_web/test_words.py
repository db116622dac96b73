"""Money, moments, deadlines and typed values, as one reader sees them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.numbers import get_currency_precision

from marketplace.kit.money import EXPONENTS, Money
from marketplace_web import formatting
from marketplace_web.formatting import DeadlineState
from marketplace_web.forms import Form
from marketplace_web.readers import accepted_locale, known_zone

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "words"),
    [
        (1250, "EUR", "en", "€12.50"),
        (1250, "EUR", "de", "12,50\N{NO-BREAK SPACE}€"),
        (-5, "EUR", "en", "-€0.05"),
        (1250, "JPY", "en", "¥1,250"),
        (1250, "KWD", "en", "KWD\N{NO-BREAK SPACE}1.250"),
        (123456789012, "USD", "en", "$1,234,567,890.12"),
    ],
)
def test_money_is_shown_in_its_currencys_digits_and_the_readers_manner(
    minor: int, currency: str, locale: str, words: str
) -> None:
    assert formatting.money_in_words(Money(minor, currency), locale=locale) == words


def test_the_locale_data_and_the_kit_agree_on_every_currencys_digits() -> None:
    assert {code: get_currency_precision(code) for code in EXPONENTS} == EXPONENTS


def test_a_moment_is_told_in_the_readers_zone_and_in_utc() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")

    assert formatting.moment_in_words(NOW, locale="en", zone=tokyo) == "22 Nov 2026, 19:00"
    assert formatting.utc_in_words(NOW) == "2026-11-22 10:00 UTC"
    assert formatting.iso(NOW.astimezone(tokyo)) == "2026-11-22T10:00:00Z"


@pytest.mark.parametrize(
    ("left", "words", "tone"),
    [
        (timedelta(days=9), "9 d left", "good"),
        (timedelta(days=1, hours=16), "1 d 16 h left", "good"),
        (timedelta(hours=8), "8 h left", "warn"),
        (timedelta(hours=3, minutes=24), "3 h 24 min left", "warn"),
        (timedelta(seconds=20), "under 1 min left", "warn"),
        (timedelta(minutes=-5), "5 min late", "bad"),
    ],
)
def test_a_running_deadline_says_how_long_is_left(left: timedelta, words: str, tone: str) -> None:
    assert formatting.deadline_state(NOW + left, now=NOW) == DeadlineState(words, tone)


def test_a_met_deadline_says_whether_it_was_met_in_time() -> None:
    due_at = NOW - timedelta(hours=2)

    in_time = formatting.deadline_state(due_at, due_at, now=NOW)
    late = formatting.deadline_state(due_at, due_at + timedelta(hours=1), now=NOW)
    paused = formatting.deadline_state(due_at, paused=True, now=NOW)

    assert in_time == DeadlineState("met in time", "good")
    assert late == DeadlineState("met 1 h late", "bad")
    assert paused == DeadlineState("paused", "")


@pytest.mark.parametrize(
    ("header", "locale"),
    [("pt-BR,pt;q=0.9", "pt_BR"), ("xx-klingon, de;q=0.5", "de"), ("", "en"), ("*", "en")],
)
def test_the_browsers_first_known_language_decides_the_manner(header: str, locale: str) -> None:
    assert accepted_locale(header, "en") == locale


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../../etc/passwd"])
def test_an_unknown_zone_is_read_as_the_marketplaces(name: str) -> None:
    assert known_zone(name, ZoneInfo("UTC")) == ZoneInfo("UTC")


def test_a_form_keeps_what_was_typed_and_says_what_was_wrong_with_it() -> None:
    form = Form({"name": ["  Tea\x00 glass "], "pieces": ["three"], "carrier": ["pigeon"]})

    assert form.text("name") == "Tea glass"
    assert form.integer("pieces", minimum=1, maximum=9) == 1
    assert form.choice("carrier", ["dhl", "ups"]) == ""
    assert form.text("missing") == ""
    assert form.value("pieces") == "three"
    assert form.errors == {
        "pieces": "Please enter a whole number.",
        "carrier": "Please choose one of the list.",
        "missing": "Please fill this in.",
    }


@pytest.mark.parametrize("typed", ["0", "10", "-1", "1e3", "٣", "9" * 40, "1.0", ""])
def test_a_count_outside_its_bounds_is_refused(typed: str) -> None:
    form = Form({"pieces": [typed]})

    form.integer("pieces", minimum=1, maximum=9)

    assert "pieces" in form.errors


def test_an_empty_count_may_stand_for_none() -> None:
    form = Form({"pieces": [" "]})

    assert form.integer("pieces", minimum=0, maximum=9, empty=0) == 0
    assert form.errors == {}


@pytest.mark.parametrize(
    ("code", "locale", "words"),
    [("DE", "en", "Germany"), ("DE", "de", "Deutschland"), ("XQ", "en", "XQ"), ("", "en", "")],
)
def test_a_country_is_called_by_its_name_in_the_readers_language(
    code: str, locale: str, words: str
) -> None:
    assert formatting.country_in_words(code, locale=locale) == words
