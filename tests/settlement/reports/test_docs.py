from pathlib import Path

from marketplace_runtime.listing import reports_document

PAGE = Path(__file__).parents[3] / "docs" / "reports.md"


def test_the_page_of_reports_is_the_one_the_code_writes() -> None:
    assert PAGE.read_text() == reports_document(), "run `souk report --docs`"
