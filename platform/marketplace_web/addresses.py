"""Addresses that came from outside, before a browser is sent to them."""


def local_path(address: str, otherwise: str = "/") -> str:
    """The address if it is a path on this host; browsers read "//x" and "/\\x" as other hosts."""
    is_local = address.startswith("/") and address[1:2] not in ("/", "\\")
    return address if is_local and address.isprintable() else otherwise
