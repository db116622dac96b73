"""Signing in and out, the same for every face."""

import math

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from marketplace.accounts import sessions, signing_in
from marketplace.accounts.errors import SignInSlowed, WrongCredentials
from marketplace_web.addresses import local_path
from marketplace_web.faces import Face
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.rendering import render
from marketplace_web.sessions import forget, remember, session_cookie


async def show(request: Request) -> Response:
    face: Face = request.state.face
    back = local_path(request.query_params.get("next", ""), face.home)
    if getattr(request.state, "signed_in", None) is not None:
        return RedirectResponse(back, status_code=303)
    return render(request, "sign_in/sign_in.html", form=Form.blank(next=back))


async def create(request: Request) -> Response:
    face: Face = request.state.face
    form = await Form.read(request)
    email, password = form.text("email", longest=254), form.secret("password")
    if form.errors:
        return render(request, "sign_in/sign_in.html", status_code=422, form=form)
    try:
        token = await signing_in.sign_in(
            email=email, password=password, audience=face.audience, now=request.state.now
        )
    except WrongCredentials as refusal:
        form.refuse("", refusal.message)
        return render(request, "sign_in/sign_in.html", status_code=422, form=form)
    except SignInSlowed as refusal:
        form.refuse("", refusal.message)
        response = render(request, "sign_in/sign_in.html", status_code=429, form=form)
        response.headers["Retry-After"] = str(math.ceil(refusal.wait.total_seconds()))
        return response

    await _end_current(request)
    signed_in = RedirectResponse(local_path(form.value("next"), face.home), status_code=303)
    remember(signed_in, token, face=face, web=request.state.web)
    return signed_in


async def destroy(request: Request) -> Response:
    face: Face = request.state.face
    await _end_current(request)
    response = see_other(request, face.sign_in_path, notice="You are signed out.")
    forget(response, face=face, web=request.state.web)
    return response


routes = [
    Route("/sign-in", show, methods=["GET"]),
    Route("/sign-in", create, methods=["POST"]),
    Route("/sign-out", destroy, methods=["POST"]),
]


async def _end_current(request: Request) -> None:
    face: Face = request.state.face
    token = request.cookies.get(session_cookie(face, request.state.web))
    if token is not None:
        await sessions.revoke(token=token, audience=face.audience, now=request.state.now)
