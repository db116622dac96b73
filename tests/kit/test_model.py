import inspect
from collections.abc import Iterator
from contextlib import contextmanager

from tortoise import fields

from marketplace.kit.model import Model


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
