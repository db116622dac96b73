import inspect
from collections.abc import Iterator
from contextlib import contextmanager

from tortoise import fields

from marketplace.kit.model import Model, never_filtered


@contextmanager
def reads_of_source() -> Iterator[list[object]]:
    read: list[object] = []
    original = inspect.getsource

    def reading(of: object) -> str:
        read.append(of)
        return original(of)  # type: ignore[arg-type]

    inspect.getsource = reading  # type: ignore[assignment]
    try:
        yield read
    finally:
        inspect.getsource = original


def test_a_model_is_made_without_reading_its_source() -> None:
    with reads_of_source() as read:

        class Mug(Model):
            id = fields.UUIDField(primary_key=True)

            class Meta:
                abstract = True

    assert (Mug.__name__, read) == ("Mug", [])


def test_models_that_are_never_asked_for_rows_know_no_filters() -> None:
    with never_filtered():

        class Cup(Model):
            id = fields.UUIDField(primary_key=True)

    class Pot(Model):
        id = fields.UUIDField(primary_key=True)

    assert (Cup._meta._filters, "id__in" in Pot._meta._filters) == ({}, True)
