"""Correcting an order's address, the same on every face: type it, look at it, save it."""

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request

from marketplace.accounts.addresses import ADDRESS_FIELDS
from marketplace.kit.errors import DomainError, Forbidden, InvalidInput, NotFound
from marketplace.kit.principal import Principal
from marketplace.orders import editing
from marketplace.orders.editing import Edit
from marketplace_web.forms import Form

LATEST_VERSION = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the page shows: `edit` once somebody has looked; `is_done` once it is saved."""

    form: Form
    edit: Edit | None = None
    is_done: bool = False


async def posted(request: Request, *, principal: Principal, order_id: UUID) -> Asked:
    """Look, or save what was looked at. An empty name leaves the one there is."""
    form = await Form.read(request)
    address = {key: form.text(key, required=False) for key in ADDRESS_FIELDS}
    name = form.text("name", required=False, longest=120) or None
    version = form.integer("version", minimum=1, maximum=LATEST_VERSION)
    if form.errors:
        return Asked(form=form)
    try:
        if form.value("step") == "save":
            edit = await editing.change_address(
                principal=principal, order_id=order_id, name=name, address=address,
                expected_version=version, now=request.state.now,
            )  # fmt: skip
            return Asked(form=form, edit=edit, is_done=True)
        edit = await editing.preview(
            principal=principal, order_id=order_id, name=name, address=address
        )
    except (Forbidden, NotFound):
        raise
    except InvalidInput as refusal:
        field = refusal.name.removeprefix("address.")
        form.refuse(field, f"Please check this: {refusal.problem}.")
        return Asked(form=form)
    except DomainError as refusal:
        form.refuse("", refusal.message)
        return Asked(form=form)
    if not edit.fields:
        form.refuse("", "This is the address it goes to already.")
        return Asked(form=form)
    return Asked(form=form, edit=edit)
