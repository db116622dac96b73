"""What passes for an e-mail address, wherever somebody types one."""

import re

LONGEST = 254  # characters, RFC 5321
# Nothing that would mean a second address, or a second header, in a mail.
_PART = r"""[^@\s\x00-\x1f\x7f,;:<>()\[\]\\"]+"""
_ADDRESS = re.compile(rf"{_PART}@{_PART}\.[^@\s\x00-\x1f\x7f,;:<>()\[\]\\\".]+")


def is_email(text: str) -> bool:
    """Whether mail could go there, as far as that can be seen without sending any."""
    return len(text) <= LONGEST and _ADDRESS.fullmatch(text) is not None
