"""The customer says on the tracking page whether something else will do."""

from starlette.requests import Request

from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.principal import Principal
from marketplace.orders import answering
from marketplace.orders.substitution_models import SubstitutionState

YES, NO = "yes", "no"
_DONE = {
    SubstitutionState.ACCEPTED: ("Thank you. You get it instead.", "good"),
    SubstitutionState.DECLINED: (
        "Thank you for telling us. We ask another seller; else you get your money back.", "good",
    ),
    SubstitutionState.WITHDRAWN: (
        "We are sorry: it is gone by now. We ask another seller; else you get your money back.",
        "warn",
    ),
}  # fmt: skip


async def answer(request: Request, customer: Principal) -> tuple[str, str]:
    """What the page says afterwards, and its tone. Refuses other orders' questions (NotFound)."""
    said = (await request.form()).get("answer")
    if said not in (YES, NO):
        return "Please choose one of the two answers.", "warn"
    try:
        answered = await answering.answer(
            principal=customer, substitution_id=request.path_params["substitution_id"],
            accept=said == YES, now=request.state.now,
        )  # fmt: skip
    except NotFound:
        raise
    except DomainError as refused:
        return refused.message, "info"
    return _DONE[answered.state]
