"""Who carries parcels: the ones a vendor can pick, and any other by its name."""

OTHER = "other"
CARRIERS = (
    "Australia Post", "Bring", "Canada Post", "Chronopost", "Colissimo", "Correios", "Correos",
    "CTT", "DHL", "DPD", "Evri", "FedEx", "GLS", "Hermes", "Mondial Relay", "Posten", "PostNL",
    "PostNord", "Royal Mail", "SEUR", "Swiss Post", "UPS", "USPS",
)  # fmt: skip
CHOICES = (*((name, name) for name in CARRIERS), (OTHER, "Another carrier"))
