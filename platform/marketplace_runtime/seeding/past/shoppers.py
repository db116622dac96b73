"""Who bought in the demo's past: invented people, always the same."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shopper:
    name: str
    email: str
    line1: str
    postal_code: str
    city: str
    country: str

    @property
    def address(self) -> dict[str, str]:
        return {
            "line1": self.line1,
            "postal_code": self.postal_code,
            "city": self.city,
            "country": self.country,
        }


SHOPPERS = [
    Shopper("Ines Duarte", "ines.duarte@mail.example", "Rua das Flores 18", "4050-262", "Porto", "PT"),
    Shopper("Jonas Keller", "jonas@keller.example", "Weserstraße 41", "12045", "Berlin", "DE"),
    Shopper("Claire Masson", "claire.masson@mail.example", "12 rue des Tables", "69002", "Lyon", "FR"),
    Shopper("Teun de Boer", "teun@deboer.example", "Nieuwegracht 7", "3512 LC", "Utrecht", "NL"),
    Shopper("Lena Hofer", "lena.hofer@mail.example", "Neubaugasse 30", "1070", "Wien", "AT"),
    Shopper("Marta Gil", "marta.gil@mail.example", "Calle del Pez 9", "28004", "Madrid", "ES"),
    Shopper("Sven Lindqvist", "sven@lindqvist.example", "Bondegatan 12", "116 33", "Stockholm", "SE"),
    Shopper("Paula Brandt", "paula.brandt@mail.example", "Jarrestraße 80", "22303", "Hamburg", "DE"),
    Shopper("Hugo Lefèvre", "hugo@lefevre.example", "3 quai de la Fosse", "44000", "Nantes", "FR"),
    Shopper("Anneke Smit", "anneke.smit@mail.example", "Witte de Withstraat 55", "3012 BM", "Rotterdam", "NL"),
    Shopper("Karl Steiner", "karl@steiner.example", "Linzergasse 4", "5020", "Salzburg", "AT"),
    Shopper("Beatriz Nunes", "beatriz@nunes.example", "Rua da Rosa 101", "1200-382", "Lisboa", "PT"),
    Shopper("Miriam Vogel", "miriam.vogel@mail.example", "Gärtnerplatz 2", "80469", "München", "DE"),
    Shopper("Oskar Dahl", "oskar@dahl.example", "Linnégatan 27", "413 04", "Göteborg", "SE"),
]  # fmt: skip
