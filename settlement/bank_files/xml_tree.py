"""XML from outside, read within limits, and its elements found by local name."""

from collections.abc import Iterator
from io import BytesIO
from typing import NoReturn
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from settlement.bank_files.errors import BankFileTooLarge, MalformedBankFile

MAX_DEPTH = 40
# The richest booking that the standard allows has some hundred elements; most have thirty.
MAX_ELEMENTS = 1_000_000


def parse(data: bytes) -> Element:
    """The root; refuses deep nesting and DTDs, so no entities and no references to other files."""
    depth = elements = 0
    root: Element | None = None
    try:
        for event, element in iterparse(BytesIO(data), events=("start", "end"), forbid_dtd=True):
            if event == "end":
                depth -= 1
                continue
            root = element if root is None else root
            depth += 1
            elements += 1
            if depth > MAX_DEPTH:
                raise BankFileTooLarge(limit=MAX_DEPTH, unit="levels of nesting")
            if elements > MAX_ELEMENTS:
                raise BankFileTooLarge(limit=MAX_ELEMENTS, unit="elements")
    except DefusedXmlException:
        _refuse("The XML", "it declares a document type or entities", "XML without a DOCTYPE")
    except ParseError as refused:
        line, column = refused.position
        where = f"Line {line}, column {column + 1}"
        _refuse(where, "the XML is broken or ends too early", "well-formed XML")
    except (LookupError, ValueError):
        _refuse("The XML", "its encoding is not known", "UTF-8")
    assert root is not None, "a document without a root is a ParseError"
    return root


def children(element: Element, *path: str) -> Iterator[Element]:
    if not path:
        yield element
        return
    for child in element:
        if child.tag.rpartition("}")[2] == path[0]:
            yield from children(child, *path[1:])


def text(element: Element, *path: str) -> str:
    """Of the first element there; empty when there is none."""
    for found in children(element, *path):
        return (found.text or "").strip()
    return ""


def _refuse(where: str, problem: str, accepts: str) -> NoReturn:
    raise MalformedBankFile(where=where, problem=problem, accepts=accepts)
