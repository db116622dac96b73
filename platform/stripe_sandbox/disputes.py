"""Disputes as the account's owner sees and answers them."""

from stripe_sandbox import deferred, disputing, events, listing
from stripe_sandbox.call import Call
from stripe_sandbox.deferred import Work
from stripe_sandbox.disputing import FILES, OPEN, REVIEWED, WAITING
from stripe_sandbox.errors import invalid_request, missing
from stripe_sandbox.expansion import expanded
from stripe_sandbox.metadata import merged
from stripe_sandbox.shapes import JsonObject

MOST_CHARACTERS = 150_000


def retrieve(call: Call) -> JsonObject:
    return expanded(call, call.get("dispute", call.path["dispute"]))


def list_all(call: Call) -> JsonObject:
    return listing.page(call, "dispute", "/v1/disputes", ("charge", "payment_intent"))


def update(call: Call) -> JsonObject:
    """Keep evidence, and hand it to the bank unless `submit` is false; only once."""
    dispute = call.get("dispute", call.path["dispute"])
    changed = dispute | {"metadata": merged(dispute["metadata"], call.params.get("metadata"))}
    sent = call.params.get("evidence") or {}
    submits = call.params.get("submit", bool(sent))
    if sent or submits:
        changed = _answered(changed, sent, submits=submits)
    if changed != dispute:
        events.record(call, "charge.dispute.updated", call.save(changed), before=dispute)
    if submits:
        after = call.config.disputes_decided_after
        deferred.schedule(call, Work.DECIDE_DISPUTE, dispute["id"], after=after)
    return expanded(call, changed)


def _answered(dispute: JsonObject, sent: JsonObject, *, submits: bool) -> JsonObject:
    if dispute["status"] not in OPEN:
        raise disputing.closed_already(dispute)
    if dispute["status"] not in WAITING:
        raise invalid_request("Evidence for this dispute has already been submitted.")
    _check(sent)
    evidence = dispute["evidence"] | sent
    details = dispute["evidence_details"] | {
        "has_evidence": any(value for value in evidence.values()),
    }
    if not submits:
        return dispute | {"evidence": evidence, "evidence_details": details}
    details |= {"submission_count": details["submission_count"] + 1}
    return dispute | {
        "evidence": evidence,
        "evidence_details": details,
        "status": REVIEWED[dispute["status"]],
    }


def _check(sent: JsonObject) -> None:
    """Words only: there are no files here, and no networks' own programmes."""
    for name, value in sent.items():
        if name in FILES:
            raise missing("file upload", value, param=f"evidence[{name}]", status=400)
        if name == "enhanced_evidence":
            raise invalid_request(
                "The sandbox does not model this parameter: evidence[enhanced_evidence]",
                code="parameter_unknown",
                param="evidence[enhanced_evidence]",
            )
    if sum(map(len, sent.values())) > MOST_CHARACTERS:
        raise invalid_request(
            f"The evidence may have at most {MOST_CHARACTERS} characters in all.", param="evidence"
        )


def close(call: Call) -> JsonObject:
    """Accept it: the money is lost."""
    dispute = call.get("dispute", call.path["dispute"])
    return expanded(call, disputing.lose(call, dispute))
