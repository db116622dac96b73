"""Answer one of Stripe's requests: check it, do it once, check the answer, remember it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from stripe_sandbox import faults, idempotency, ids, keys, violations
from stripe_sandbox.call import Call
from stripe_sandbox.config import SandboxConfig
from stripe_sandbox.errors import StripeError, internal
from stripe_sandbox.faults import REQUEST_KINDS, Fault, FaultKind
from stripe_sandbox.form import Raw, decode
from stripe_sandbox.idempotency import InFlight, Remembered
from stripe_sandbox.responses import Dropped, answer_of
from stripe_sandbox.routes import Action
from stripe_sandbox.shapes import Clock, JsonObject
from stripe_sandbox.spec import Description
from stripe_sandbox.store import Store

LARGEST_BODY = 1_000_000
FAILED = "An unexpected error occurred. Retry with the same idempotency key."
CONFLICT = "This object cannot be accessed right now because another API request is accessing it."
TOO_MANY = "Too many requests hit the API too quickly. We recommend an exponential backoff."


@dataclass(frozen=True)
class Asked:
    """A request as far as it could be read before anything was done."""

    id: str
    account: str
    method: str
    path: str
    path_names: dict[str, str]
    raw: dict[str, Raw]
    key: str | None
    now: int

    @property
    def fingerprint(self) -> str:
        return idempotency.fingerprint(self.method, self.path, self.raw)


class Answering:
    """The way every request takes. `changed` is called after each one that may have changed
    something, so that webhooks go out."""

    def __init__(
        self, config: SandboxConfig, store: Store, clock: Clock, changed: Callable[[], None]
    ) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._changed = changed
        self._description = Description.load()
        self._in_flight = InFlight()

    async def answer(self, request: Request, action: Action) -> Response:
        request_id = ids.new("req", 14)
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        fault: Fault | None = None
        try:
            keys.check(self._config, request.headers)
            account = keys.acting_account(self._config, self._store, request.headers)
            if key is not None:
                idempotency.check_key(key)
            raw = await _parameters(request)
            with self._in_flight.holding(account, key):
                asked = Asked(
                    id=request_id,
                    account=account,
                    method=request.method,
                    path=request.url.path,
                    path_names=request.path_params,
                    raw=raw,
                    key=key,
                    now=int((await self._clock()).timestamp()),
                )
                fault = faults.take(self._store, REQUEST_KINDS, f"{asked.method} {asked.path}")
                await _before_work(fault)
                given, replayed = self._once(asked, action, fault)
        except StripeError as refused:
            given, replayed = Remembered(request_id, refused.status, refused.body()), False
            given = self._checked(given, action)
        if request.method == "POST":
            self._changed()
        if fault and fault.kind is FaultKind.TIMEOUT_AFTER_WORK:
            return Dropped(fault.seconds)
        return answer_of(self._config, request, request_id, given, replayed=replayed)

    def _once(self, asked: Asked, action: Action, fault: Fault | None) -> tuple[Remembered, bool]:
        """Do the work and remember its answer in one transaction, or give the earlier answer."""
        with self._store.transaction():
            if asked.key is not None:
                earlier = idempotency.recall(
                    self._store,
                    asked.account,
                    asked.key,
                    fingerprint=asked.fingerprint,
                    now=asked.now,
                )
                if earlier is not None:
                    return earlier, True
            # A request that is refused here never began, so its key stays unused.
            call = self._call(asked, action)
            given = self._work(call, asked, action)
            if fault and fault.kind is FaultKind.ERROR_500_AFTER_WORK:
                given = Remembered(asked.id, 500, internal(FAILED).body())
            if asked.key is not None:
                idempotency.remember(
                    self._store,
                    asked.account,
                    asked.key,
                    fingerprint=asked.fingerprint,
                    answer=given,
                    now=asked.now,
                )
        return given, False

    def _call(self, asked: Asked, action: Action) -> Call:
        params = self._description.operation(action.method, action.template).read(asked.raw)
        action.check_modelled(params)
        if asked.account != self._config.account:
            action.check_connected()
        return Call(
            store=self._store,
            config=self._config,
            account=asked.account,
            now=asked.now,
            params=params,
            path=asked.path_names,
            request_id=asked.id,
            idempotency_key=asked.key,
        )

    def _work(self, call: Call, asked: Asked, action: Action) -> Remembered:
        try:
            given = Remembered(asked.id, 200, action.handle(call))
        except StripeError as refused:
            if not refused.keeps_work:
                self._store.undo()
            given = Remembered(asked.id, refused.status, refused.body())
        return self._checked(given, action)

    def _checked(self, given: Remembered, action: Action) -> Remembered:
        """The answer, or a 500 with nothing done if Stripe's description does not allow it."""
        if not self._config.check_spec:
            return given
        operation = self._description.operation(action.method, action.template)
        problems = operation.problems_of(given.status, given.body)
        if not problems:
            return given
        if self._store.is_in_transaction:
            self._store.undo()
        violations.record(
            self._store,
            request_id=given.request_id,
            operation=f"{action.method} {action.template}",
            status=given.status,
            problems=problems,
            answer=given.body,
        )
        broken = internal("The sandbox would have answered against Stripe's API description.")
        return Remembered(given.request_id, 500, broken.body())


async def _parameters(request: Request) -> dict[str, Raw]:
    raw = decode(request.url.query)
    if request.method == "GET":
        return raw
    body = await request.body()
    if len(body) > LARGEST_BODY:
        raise StripeError(413, "invalid_request_error", "The request is too large.")
    if body:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise StripeError(
                400,
                "invalid_request_error",
                f"Invalid request: the content type must be form-encoded, not '{kind[:50]}'.",
            )
        try:
            raw |= decode(body.decode("ascii"))
        except UnicodeDecodeError:
            raise StripeError(
                400, "invalid_request_error", "Invalid request: the body is not form-encoded."
            ) from None
    return raw


async def _before_work(fault: Fault | None) -> None:
    match fault.kind if fault else None:
        case FaultKind.ERROR_500_BEFORE_WORK:
            raise internal(FAILED)
        case FaultKind.CONFLICT_409:
            raise StripeError(409, "invalid_request_error", CONFLICT, code="lock_timeout")
        case FaultKind.RATE_LIMIT_429:
            raise StripeError(429, "invalid_request_error", TOO_MANY, code="rate_limit")
        case FaultKind.SLOW:
            assert fault is not None
            await asyncio.sleep(fault.seconds)
        case _:
            pass


def unknown_url(request: Request) -> JsonObject:
    message = (
        f"Unrecognized request URL ({request.method}: {request.url.path}). Please see "
        "https://stripe.com/docs or we can help at https://support.stripe.com/."
    )
    return StripeError(404, "invalid_request_error", message).body()
