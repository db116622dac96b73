"""Sub-orders are lettered within their order: M-100234-A, M-100234-B."""

from string import ascii_uppercase


def letter(index: int) -> str:
    """A, B ... Z, AA, AB ...: the tail of a sub-order's number."""
    head, tail = divmod(index, len(ascii_uppercase))
    return (letter(head - 1) if head else "") + ascii_uppercase[tail]
