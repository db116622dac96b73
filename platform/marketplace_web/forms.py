"""Small typed reading of posted forms: what was typed is kept, errors stand by their field."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from starlette.datastructures import UploadFile
from starlette.requests import Request

from marketplace.kit.money import EXPONENTS, Money

CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
AMOUNT = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,3}))?")
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent. Its name is what a person's machine called it."""

    name: str
    data: bytes


class Form:
    """What a person typed, and what was wrong with it.

    Each reader (`text`, `integer`, …) gives the value, or notes an error by field and gives an
    empty one; after all are read, `errors` says whether to go on. `token` is the form token: pass
    it as the operation's idempotency key, and a double submit has one effect.
    """

    def __init__(
        self, values: Mapping[str, list[str]] | None = None, *, token: UUID | None = None
    ) -> None:
        self._values = {name: list(given) for name, given in (values or {}).items()}
        self._files: dict[str, Upload] = {}
        self.token = token or uuid4()
        self.errors: dict[str, str] = {}

    @classmethod
    def blank(cls, **initial: object) -> "Form":
        """A form to be filled in, with its initial values."""
        return cls({name: [str(value)] for name, value in initial.items()})

    @classmethod
    async def read(cls, request: Request, *, most_files: int = 0) -> "Form":
        """The posted form; a broken token is replaced by a new one. Files come whole: where a page
        takes them, its face says how large they may be."""
        values: dict[str, list[str]] = {}
        files: dict[str, Upload] = {}
        async with request.form(max_files=most_files, max_fields=1000) as posted:
            for name, value in posted.multi_items():
                if not isinstance(value, UploadFile):
                    values.setdefault(name, []).append(_text(value))
                elif value.filename:
                    files[name] = Upload(_text(value.filename), await value.read())
        form = cls(values, token=_uuid(values.get("form_token", [""])[0]))
        form._files = files
        return form

    def value(self, name: str) -> str:
        """As typed, for showing it again."""
        given = self._values.get(name)
        return given[0] if given else ""

    def values_of(self, name: str) -> list[str]:
        return self._values.get(name, [])

    def error(self, name: str) -> str:
        return self.errors.get(name, "")

    def refuse(self, name: str, message: str) -> None:
        """Note what is wrong with a field; the first word stays. "" is the form as a whole."""
        self.errors.setdefault(name, message)

    def text(self, name: str, *, required: bool = True, longest: int = 200) -> str:
        """Trimmed, without control characters."""
        value = CONTROL_CHARACTERS.sub("", self.value(name)).strip()
        if required and not value:
            self.refuse(name, "Please fill this in.")
        if len(value) > longest:
            self.refuse(name, f"Please use at most {longest} characters.")
            return ""
        return value

    def secret(self, name: str, *, longest: int = 1024) -> str:
        """A password: not trimmed, not changed."""
        value = self.value(name)
        if not value:
            self.refuse(name, "Please fill this in.")
        if len(value) > longest:
            self.refuse(name, f"Please use at most {longest} characters.")
            return ""
        return value

    def uuid(self, name: str) -> UUID | None:
        """What a hidden field names; none where it names nothing."""
        return _uuid(self.value(name))

    def integer(self, name: str, *, minimum: int, maximum: int, empty: int | None = None) -> int:
        """A whole number within bounds; an empty field counts as `empty` where that is given."""
        typed = self.value(name).strip()
        if not typed and empty is not None:
            return empty
        if not WHOLE_NUMBER.fullmatch(typed):
            self.refuse(name, "Please enter a whole number.")
            return minimum
        number = int(typed)
        if not minimum <= number <= maximum:
            self.refuse(name, f"Please enter a number from {minimum} to {maximum}.")
            return minimum
        return number

    def minor_units(self, name: str, currency: str, *, may_be_zero: bool = False) -> int:
        """An amount as people write it (12.50 or 12,50), in minor units; empty is 0.

        A zero that was typed is refused unless it `may_be_zero`.
        """
        typed = self.value(name).strip().replace(",", ".")
        if not typed:
            return 0
        digits = EXPONENTS[currency]
        written = AMOUNT.fullmatch(typed)
        if written is None or len(written[2] or "") > digits:
            example = Money(12_345 if digits == 0 else 12 * 10**digits, currency).amount
            self.refuse(name, f"Please enter an amount such as {example}.")
            return 0
        minor = int(written[1] + (written[2] or "").ljust(digits, "0"))
        if minor == 0 and not may_be_zero:
            self.refuse(name, "Please enter more than zero.")
        return minor

    def choice(self, name: str, options: Iterable[str], *, required: bool = True) -> str:
        """One of the options; anything else was not on the page."""
        typed = self.value(name)
        if not typed and not required:
            return ""
        if typed not in set(options):
            self.refuse(name, "Please choose one of the list.")
            return ""
        return typed

    def day(self, name: str, *, required: bool = True) -> date | None:
        typed = self.text(name, required=required, longest=10)
        try:
            return date.fromisoformat(typed) if typed else None
        except ValueError:
            self.refuse(name, "Please enter a day such as 2026-11-30.")
            return None

    def file(self, name: str, *, required: bool = True) -> Upload | None:
        """A chosen file. It is not kept for the next try: browsers let nobody fill it in."""
        found = self._files.get(name)
        if found is None and required:
            self.refuse(name, "Please choose a file.")
        return found

    def checked(self, name: str, value: str = "yes") -> bool:
        return value in self.values_of(name)


def _text(value: str) -> str:
    """Without halves of surrogate pairs, which some encodings of a form can spell and no text has.

    Neither the database nor an answer could hold them.
    """
    return value.encode(errors="replace").decode()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
