"""What carriers' tracking numbers look like: enough to catch a slip, never to refuse a parcel."""

import re

# Public formats: digits and letters by carrier; the Universal Postal Union's S10 for posts.
_S10 = r"[A-Z]{2}\d{9}[A-Z]{2}"
_PATTERNS = {
    "DHL": rf"\d{{10,11}}|\d{{12}}|\d{{20}}|JJD\d{{16,18}}|JVGL\d{{10,20}}|{_S10}",
    "DPD": r"\d{14}[0-9A-Z]?",
    "Evri": r"[A-Z0-9]{16}",
    "FedEx": r"\d{12}|\d{15}|\d{20}|\d{22}",
    "GLS": r"\d{11,12}|[A-Z0-9]{8}",
    "Hermes": r"\d{14,16}|H\d{19}",
    "PostNL": rf"3S[A-Z0-9]{{11,15}}|{_S10}",
    "Royal Mail": _S10,
    "Souk Parcel": r"SP\d{12}",
    "Swiss Post": rf"99\d{{16}}|{_S10}",
    "UPS": r"1Z[A-Z0-9]{16}|\d{9}|\d{12}",
    "USPS": rf"\d{{20,22}}|{_S10}",
}


def is_plausible(carrier: str, number: str) -> bool:
    """False where this carrier has no such numbers; of carriers we do not know, anything is."""
    pattern = _PATTERNS.get(carrier)
    written = re.sub(r"[\s.-]", "", number).upper()
    return pattern is None or re.fullmatch(pattern, written) is not None
