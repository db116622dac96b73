"""A face: the pages of one audience, under one prefix, behind the same gates."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from marketplace.accounts.sessions import Audience


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """`key` names it in `nav_counts`, the numbers beside the words.

    An address that ends in a slash is one page; another one covers the pages below it too.
    `also` are other pages of the same matter, each with the pages below it.
    With `roles`, only who has one of them is shown the way; the pages check for themselves.
    """

    key: str
    label: str
    href: str
    roles: frozenset[str] = frozenset()
    also: tuple[str, ...] = ()

    def is_for(self, roles: Collection[str]) -> bool:
        return not self.roles or not self.roles.isdisjoint(roles)

    def is_current(self, path: str) -> bool:
        return any(
            path == href or (not href.endswith("/") and path.startswith(f"{href}/"))
            for href in (self.href, *self.also)
        )


@dataclass(frozen=True, slots=True)
class Face:
    """`prefix` is where it is mounted, as "/portal"; `home` the full path of its first page.

    `uploads` says how many bytes may be sent to the pages below a path that take files.
    """

    audience: Audience
    title: str
    prefix: str
    home: str
    navigation: tuple[NavigationItem, ...] = ()
    uploads: Mapping[str, int] = field(default_factory=dict)

    @property
    def sign_in_path(self) -> str:
        return f"{self.prefix}/sign-in"
