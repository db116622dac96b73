"""The worked order in cents, by the letter of its sub-order."""

LINES = {
    "A": {
        "quantity": 3, "unit_price_minor": 2000, "items_minor": 6000, "net_minor": 4921,
        "discount_platform_minor": 579, "discount_vendor_minor": 500, "tax_minor": 394,
        "gross_minor": 5315, "funding_minor": 579, "vendor_minor": 5500,
        "commission_minor": 825, "commission_vat_minor": 0, "commission_ppm": 150_000,
    },
    "B": {
        "quantity": 2, "unit_price_minor": 2000, "items_minor": 4000, "net_minor": 3579,
        "discount_platform_minor": 421, "discount_vendor_minor": 0, "tax_minor": 286,
        "gross_minor": 3865, "funding_minor": 421, "vendor_minor": 4000,
        "commission_minor": 400, "commission_vat_minor": 80, "commission_ppm": 100_000,
    },
}  # fmt: skip
PARTS = {
    "A": {
        "items_minor": 6000, "discount_minor": 1079, "shipping_minor": 600, "tax_minor": 442,
        "total_minor": 5963, "shipping_net_minor": 600, "shipping_tax_minor": 48,
        "shipping_gross_minor": 648, "shipping_vendor_minor": 600,
    },
    "B": {
        "items_minor": 4000, "discount_minor": 421, "shipping_minor": 400, "tax_minor": 318,
        "total_minor": 4297, "shipping_net_minor": 400, "shipping_tax_minor": 32,
        "shipping_gross_minor": 432, "shipping_vendor_minor": 400,
    },
}  # fmt: skip
VAT_PPM = {"A": 0, "B": 200_000}
