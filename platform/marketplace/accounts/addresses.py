"""What passes for an e-mail address, wherever one is typed."""

import re

from marketplace.kit.errors import InvalidInput

LONGEST = 254  # RFC 3696, erratum 1690
# Nothing that would mean a second address, or a second header, in a mail.
_PART = r"""[^@\s,;:<>()\[\]\\"]+"""
_ADDRESS = re.compile(rf"{_PART}@{_PART}\.[^@\s,;:<>()\[\]\\\".]+")


def email_address(typed: str) -> str:
    """The address without spaces around it. Refuses what no mail could be sent to."""
    address = typed.strip()
    if not _ADDRESS.fullmatch(address) or len(address) > LONGEST or not address.isprintable():
        raise InvalidInput("email", "this is not an e-mail address", "name@example.com")
    return address
