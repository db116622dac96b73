"""What the web faces need to know of the installation; the runtime reads it and hands it over."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class WebSettings:
    """`production` means the pages are reached over HTTPS: cookies and headers insist on it."""

    secret_key: str = field(repr=False)
    production: bool = False
    locale: str = "en"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    body_limit_bytes: int = 256 * 1024

    def cookie_name(self, name: str) -> str:
        """`__Host-` binds a cookie to this very host over HTTPS; plain HTTP cannot have it."""
        return f"__Host-souk_{name}" if self.production else f"souk_{name}"
