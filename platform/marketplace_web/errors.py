"""What went wrong, said kindly: expected refusals as they are, bugs without their inside."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from marketplace_web.rendering import render


@dataclass(frozen=True, slots=True)
class ErrorWords:
    status_code: int
    title: str
    message: str
    advice: str = ""


WORDS = {
    "not_found": ErrorWords(
        404,
        "This page is not here",
        "Either the address has a mistake in it, or what it showed is not yours to see.",
        "Going back and following the link again usually helps.",
    ),
    "method": ErrorWords(405, "That does not work here", "This page cannot be asked that way."),
    "forged": ErrorWords(
        403,
        "We did not do that",
        "The form was sent from another page, or it had been open for so long that its safety "
        "token ran out. Nothing was changed.",
        "Open the page again and send the form once more.",
    ),
    "forbidden": ErrorWords(
        403, "Your role does not cover this", "Somebody with another role has to do it."
    ),
    "too_large": ErrorWords(413, "That was too much at once", "Please send less in one go."),
    "refused": ErrorWords(409, "That could not be done", ""),
    "broken": ErrorWords(
        500,
        "Something broke on our side",
        "It is not your doing. It has been noted.",
        "Nothing half-done is left behind: what was not finished was undone.",
    ),
    "unavailable": ErrorWords(
        503, "Souk is catching its breath", "A part of it is restarting. Please try again shortly."
    ),
}


def refusal_page(request: Request, words: str, *, message: str = "") -> Response:
    """One of WORDS as a page, with a way back and the number to quote."""
    said = WORDS[words]
    face = getattr(request.state, "face", None)
    return render(
        request,
        "layout/error.html",
        status_code=said.status_code,
        title=said.title,
        message=message or said.message,
        advice=said.advice,
        back_href=face.home if face else "/",
        back_label=f"To the {face.title.lower()}" if face else "To the start",
    )
