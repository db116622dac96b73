"""What the door turns away: by its form, before anything is read from the database."""

import json
from datetime import datetime

import httpx
import pytest
from graphql import build_schema, validate

from storefront_api.schema import sdl
from tests.counting import counted_statements
from tests.storefront_api.shop import DOCS, DOCUMENT, Shop, a_shop

pytestmark = pytest.mark.anyio

JSON = {"content-type": "application/json"}
PRODUCTS = '{ products(channel: "eu") { pageInfo { endCursor } } }'


FIELDS = ["id slug name description category variants { sku name offers { id } }"] * 2


def nested(levels: int) -> str:
    inner = "{ id }"
    for _ in range(levels):
        inner = f"{{ variants {{ offers {{ variant {{ product {inner} }} }} }} }}"
    return f'{{ node(id: "x") {{ ... on Product {inner} }} }}'


def fragments(count: int) -> str:
    """Each spreads the next one twice: 2^count fields when unfolded."""
    chain = [f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(count)]
    return "\n".join(["{ ...f0 }", *chain, f"fragment f{count} on Query {{ channels {{ code }} }}"])


ATTACKS = {
    "deep": (nested(4), "levels of fields"),
    "very deep": (nested(60), ""),
    "aliases": (
        "{" + " ".join(f"a{n}: channels {{ code }}" for n in range(31)) + "}", "aliases",
    ),
    "guesses by alias": (
        "mutation {" + " ".join(
            f'a{n}: signIn(input: {{email: "a@b.c", password: "{n}"}}) {{ __typename }}'
            for n in range(2)
        ) + "}", "field that takes a password",
    ),
    "wide": (
        "{" + " ".join(f"a{n}: channels {{ code }}" for n in range(11)) + "}", "fields at its root",
    ),
    "many fields": ("{" + " channels { code }" * 700 + "}", ""),
    "more tokens": ("{" + " channels" * 3000 + "}", "tokens"),
    "directives": ("{ channels " + "@skip(if: false) " * 200 + "{ code } }", "directive"),
    "unknown directives": ("{ channels " + "@x " * 500 + "{ code } }", "directive"),
    "circular fragments": (
        "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }", "itself",
    ),
    "fragments that unfold": (fragments(60), "fields in all"),
    "an unknown fragment": ("{ ...nothing }", "Unknown fragment"),
    "dear pages": (
        "query ($n: Int!) {"
        + " ".join(
            f'p{n}: products(channel: "eu", first: $n) {{ edges {{ node {{ '
            f"{' '.join(FIELDS)} }} }} }}" for n in range(10)
        ) + "}", "fields in all",
    ),
    "introspection": ("{ __schema { types { name } } }", "introspection"),
    "a guess at a field": ("{ product { nam } }", ""),
    "a huge number": (PRODUCTS.replace('"eu"', f'"eu", first: {"9" * 5000}'), ""),
    "two operations": ("query a { me { name } } query b { me { name } }", "operationName"),
    "a subscription": ("subscription { x }", ""),
    "no document": ("{", "Syntax Error"),
}  # fmt: skip


async def test_attacks_are_refused_without_a_look_into_the_database(shop: Shop) -> None:
    shop.session = "a token that would be looked up"
    for name, (query, words) in ATTACKS.items():
        async with counted_statements() as statements:
            response = await shop.post(query)
        answer = response.json()
        assert response.status_code in (200, 400), name
        assert answer.get("data") is None, name
        messages = " ".join(error["message"] for error in answer["errors"])
        assert words in messages, (name, messages)
        assert "Did you mean" not in messages, (name, messages)
        assert "INTERNAL" not in response.text, (name, response.text)
        assert statements == [], name


async def post(shop: Shop, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
    return await shop.http.post(
        "/graphql", content=body, headers=JSON if headers is None else headers
    )


async def test_what_holds_no_operation_is_refused_in_the_shape_of_an_answer(shop: Shop) -> None:
    for body, status, words in (
        (b"", 400, "not JSON"),
        (b"{", 400, "not JSON"),
        (b"[" * 100_000, 400, "not JSON"),
        (b"9" * 10_000, 400, "not JSON"),
        (b"\xff", 400, "not UTF-8"),
        (b"null", 400, "one operation"),
        (b"{}", 400, "no query"),
        (b'{"query": ""}', 400, "no query"),
        (b'{"query": 1}', 400, "wrong type"),
        (b'{"query": "{ channels { code } }", "variables": []}', 400, "wrong type"),
        (b'[{"query": "{ channels { code } }"}]', 400, "one operation"),
        (b'{"query": "{ channels { code } }", "operationName": "other"}', 400, "other"),
        (json.dumps({"query": "x" * 256 * 1024}).encode(), 413, "too large"),
        (b'{"query": "{ channels { code } }", "variables": {"a": "\\u0000"}}', 400, "U+0000"),
        (b'{"query": "{ product(by: {slug: \\"\\\\u{0}\\"}) }"}', 400, "U+0000"),
        (b'{"query": "{ channels { code } }", "variables": {"a": "\\ud800"}}', 400, "not JSON"),
    ):
        async with counted_statements() as statements:
            response = await post(shop, body)
        [error] = response.json()["errors"]
        assert (response.status_code, words in error["message"]) == (status, True), error
        assert statements == []


async def test_only_json_by_post_is_taken(shop: Shop) -> None:
    operation = json.dumps({"query": PRODUCTS}).encode()

    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        response = await post(shop, operation, {"content-type": kind})
        assert response.status_code == 415
    for method in ("GET", "PUT", "DELETE", "HEAD"):
        response = await shop.http.request(method, "/graphql", params={"query": PRODUCTS})
        assert (response.status_code, response.headers["allow"]) == (405, "POST")
    charset = {"content-type": "Application/JSON; charset=utf-8"}
    assert (await post(shop, operation, charset)).status_code == 200


async def test_in_development_the_schema_may_be_asked_for_and_helps_with_names(shop: Shop) -> None:
    async with a_shop(shop.gateway, development=True) as open_shop:
        types = await open_shop.ask("{ __schema { queryType { name } } }")
        [error] = await open_shop.errors("{ channel { code } }")
        about = await open_shop.http.get("/graphql")

    assert types == {"queryType": {"name": "Query"}}
    assert "Did you mean 'channels'?" in error["message"]
    assert (about.status_code, about.headers["content-type"][:10]) == (200, "text/plain")


async def test_a_bug_shows_nothing_of_itself_and_is_logged(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> datetime:
        raise RuntimeError("postgresql://souk:secret@host/souk")

    async with a_shop(shop.gateway, clock=broken) as broken_shop:
        response = await broken_shop.post(
            'mutation { cartCreate(input: {channel: "eu"}) { __typename } }'
        )

    assert response.json()["errors"][0]["extensions"] == {"code": "INTERNAL", "retryable": False}
    assert "secret" not in response.text
    assert "secret" in caplog.text


async def test_while_the_database_is_away_clients_are_told_to_come_back(shop: Shop) -> None:
    async def away() -> datetime:
        raise ConnectionRefusedError

    async with a_shop(shop.gateway, clock=away) as waiting_shop:
        response = await waiting_shop.post(
            'mutation { cartCreate(input: {channel: "eu"}) { __typename } }'
        )

    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert response.json()["errors"][0]["extensions"] == {"code": "UNAVAILABLE", "retryable": True}


def test_the_committed_schema_is_the_one_that_is_served() -> None:
    committed = (DOCS.parents[1] / "schema.graphql").read_text()

    assert committed == sdl(), "write it anew with `souk schema`"


def test_the_documentations_operations_fit_the_schema() -> None:
    assert validate(build_schema(sdl()), DOCUMENT) == []


async def test_one_of_several_operations_is_run_when_it_is_named(shop: Shop) -> None:
    query = "query a { channels { code } } query b { me { name } }"

    response = await post(shop, json.dumps({"query": query, "operationName": "b"}).encode())

    assert response.json() == {"data": {"me": None}}
