"""Accounts: a session's token travels in the header `Authorization: Bearer …`."""

from typing import Annotated

import strawberry

from marketplace.accounts import customers, sessions, signing_in
from marketplace.accounts.members import Person
from marketplace.accounts.sessions import Audience
from marketplace.kit.principal import Kind, Principal
from marketplace.orders import queries
from storefront_api.context import StorefrontInfo
from storefront_api.described import described
from storefront_api.orders import Order
from storefront_api.paging import DEFAULT_PAGE, Connection, behind_id, page_size
from storefront_api.refusals import InvalidInput, Refused


@strawberry.type
class Customer:
    email: str
    name: str
    principal: strawberry.Private[Principal]

    @described("The newest first.")
    async def orders(
        self, first: int = DEFAULT_PAGE, after: str | None = None
    ) -> Connection[Order]:
        most = page_size(first)
        found = await queries.page(principal=self.principal, after=behind_id(after), most=most + 1)
        return Connection[Order].of(
            found,
            first=most,
            node=lambda view: Order.of(view, seen_by=self.principal),
            key=lambda view: view.id,
        )


@strawberry.input
class RegisterInput:
    email: str
    name: str
    password: str = strawberry.field(description="At least 8 characters.")


@strawberry.input
class SignInInput:
    email: str
    password: str


@strawberry.type
class SignedIn:
    token: str = strawberry.field(description="For the header `Authorization: Bearer …`.")


@strawberry.type
class SignedOut:
    done: bool


RegisterResult = Annotated[SignedIn | InvalidInput | Refused, strawberry.union("RegisterResult")]
SignInResult = Annotated[SignedIn | Refused, strawberry.union("SignInResult")]


@strawberry.type
class AccountQueries:
    @described("The signed-in customer; null for a guest.")
    async def me(self, info: StorefrontInfo) -> Customer | None:
        principal = await info.context.principal()
        if principal.kind is not Kind.CUSTOMER:
            return None
        account = await customers.account(principal=principal)
        return Customer(email=account.email, name=account.name, principal=principal)


@strawberry.type
class AccountMutations:
    @strawberry.mutation
    async def register(
        self,
        info: StorefrontInfo,
        input: RegisterInput,  # noqa: A002
    ) -> RegisterResult:
        person = Person(input.email, input.name, input.password)
        return SignedIn(token=await customers.register(person=person, now=await info.context.now()))

    @strawberry.mutation
    async def sign_in(
        self,
        info: StorefrontInfo,
        input: SignInInput,  # noqa: A002
    ) -> SignInResult:
        token = await signing_in.sign_in(
            email=input.email,
            password=input.password,
            audience=Audience.STOREFRONT,
            now=await info.context.now(),
        )
        return SignedIn(token=token)

    @described("Ends the session that the request came with, if it did.")
    async def sign_out(self, info: StorefrontInfo) -> SignedOut:
        token = info.context.bearer
        if token is not None:
            await sessions.revoke(
                token=token, audience=Audience.STOREFRONT, now=await info.context.now()
            )
        return SignedOut(done=token is not None)
