"""Metadata: merged key by key, an empty value removes one, an empty string removes all."""

from stripe_sandbox.errors import invalid_request
from stripe_sandbox.shapes import JsonObject

MOST_KEYS = 50
LONGEST_KEY = 40
LONGEST_VALUE = 500


def merged(old: JsonObject, sent: JsonObject | str | None) -> JsonObject:
    if sent is None:
        return old
    if isinstance(sent, str):
        return {}
    for key, value in sent.items():
        if len(key) > LONGEST_KEY or not key or "[" in key or "]" in key:
            raise invalid_request(
                f"Metadata keys must be at most {LONGEST_KEY} characters and without brackets.",
                param="metadata",
            )
        if len(value) > LONGEST_VALUE:
            raise invalid_request(
                f"Metadata values can have up to {LONGEST_VALUE} characters, but you passed in a "
                f"value that is {len(value)} characters. Invalid value: {value[:20]}...",
                param=f"metadata[{key}]",
            )
    result = {key: value for key, value in (old | sent).items() if value != ""}
    if len(result) > MOST_KEYS:
        raise invalid_request(f"You can have up to {MOST_KEYS} metadata keys.", param="metadata")
    return result
