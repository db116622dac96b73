"""The rules file and the tests name the same behaviours."""

import ast
import re
from pathlib import Path

import stripe_sandbox

RULES = Path(stripe_sandbox.__file__).with_name("rules.md")
RULE = re.compile(r"^- \*\*(R\d+)\*\* (.+)$", re.MULTILINE)


def cited() -> set[str]:
    """The rules that the tests' docstrings cite."""
    found: set[str] = set()
    for file in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found |= set(re.findall(r"\bR\d+\b", ast.get_docstring(node) or ""))
    return found


def test_every_rule_has_a_test_and_every_test_a_rule() -> None:
    numbers = [number for number, _ in RULE.findall(RULES.read_text(encoding="utf-8"))]

    assert set(numbers) == cited()
    assert numbers == sorted(set(numbers), key=lambda number: int(number[1:]))


def test_every_rule_names_its_source() -> None:
    sources = ("docs ", "description", "recorded", "assumed", "ours")
    for number, text in RULE.findall(RULES.read_text(encoding="utf-8")):
        source = re.search(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)$", text)
        assert source is not None, number
        assert any(word in source[1] for word in sources) or "2.9 %" in source[1], number
