from marketplace_runtime.orm import config


def test_an_address_is_read_as_libpq_reads_it() -> None:
    url = "postgres://so%40uk:p%2Fw%3A1@db.example:6432/souk?sslmode=require"

    credentials = config(url)["connections"]["default"]["credentials"]

    asked = ("user", "password", "host", "port", "database", "ssl")
    assert [credentials[name] for name in asked] == [
        "so@uk", "p/w:1", "db.example", 6432, "souk", "require",
    ]  # fmt: skip
