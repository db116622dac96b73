"""The sandbox's reading of Stripe's description."""

import gzip
import json
from importlib.resources import files

import jsonschema
import pytest

from stripe_sandbox.checking import Checks
from stripe_sandbox.routes import ACTIONS, Action


def test_our_checks_and_jsonschema_give_the_same_verdicts() -> None:
    packed = files("stripe_sandbox").joinpath("spec/openapi-pruned.json.gz").read_bytes()
    document = json.loads(gzip.decompress(packed))
    checks = Checks(document["components"]["schemas"])
    schema = {"$ref": "#/components/schemas/refund", "components": _with_null(document)}
    foreign = jsonschema.Draft202012Validator(schema)
    good = {"id": "re_1", "object": "refund", "amount": 5, "created": 7, "currency": "eur"}
    changes: list[dict[str, object]] = [
        {}, {"amount": "5"}, {"amount": True}, {"amount": None}, {"object": "charge"},
        {"charge": None}, {"charge": "ch_1"}, {"charge": {"id": "ch_1"}}, {"charge": 5},
        {"metadata": {"a": "b"}}, {"metadata": {"a": 5}}, {"metadata": {"a": "x" * 501}},
        {"reason": "boredom"}, {"reason": None}, {"status": "x" * 5001}, {"transfer_reversal": []},
        {"destination_details": {}}, {"destination_details": {"type": "card"}},
    ]  # fmt: skip

    for change in changes:
        ours: list[str] = []
        checks.of({"$ref": "#/components/schemas/refund"})(good | change, "$", ours)
        assert (ours == []) == foreign.is_valid(good | change), (change, ours)


def _with_null(document: dict[str, object]) -> object:
    """OpenAPI's `nullable` in JSON schema's words."""

    def rewritten(node: object) -> object:
        if isinstance(node, list):
            return [rewritten(one) for one in node]
        if not isinstance(node, dict):
            return node
        inner = {key: rewritten(value) for key, value in node.items() if key != "nullable"}
        return {"anyOf": [inner, {"type": "null"}]} if node.get("nullable") is True else inner

    return rewritten(document["components"])


@pytest.mark.parametrize("action", ACTIONS, ids=lambda a: f"{a.method} {a.template}")
def test_every_operation_and_parameter_is_in_stripes_description(action: Action) -> None:
    packed = files("stripe_sandbox").joinpath("spec/openapi-pruned.json.gz").read_bytes()
    described = json.loads(gzip.decompress(packed))["paths"][action.template][action.method.lower()]
    body = described["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    named = set(body["properties"]) | {one["name"] for one in described.get("parameters", [])}

    assert action.takes <= named
