"""Which format a bank file has, told by its content: names and media types of uploads lie."""

import codecs
import re
from collections.abc import Mapping

from settlement.bank_files import camt053, csv_file, mt940
from settlement.bank_files.csv_map import CsvMap
from settlement.bank_files.errors import BankFileTooLarge, UnknownBankFile
from settlement.bank_files.statements import MAX_BYTES, Statement

ACCEPTS = "CAMT.053 (XML), MT940, or CSV with a column map"
BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What is sometimes sent instead: the first bytes, and what to do.
MISTAKEN = {
    b"PK\x03\x04": "This is a spreadsheet or a zip archive; unpack it or save it as CSV first.",
    b"\xd0\xcf\x11\xe0": "This is an old spreadsheet; save it as CSV first.",
    b"%PDF": "This is a PDF; ask the bank for the statement as a data file.",
}
MT940_START = re.compile(rb"^(\{1:|:20:)", re.MULTILINE)


def read(
    data: bytes, *, csv_map: CsvMap | None, currency_exponents: Mapping[str, int]
) -> list[Statement]:
    """Every statement in the file. `currency_exponents` are the decimals per known currency.

    Refuses with the errors beside this module; nothing of a refused file may be used.
    """
    if len(data) > MAX_BYTES:
        raise BankFileTooLarge(limit=MAX_BYTES // 1_000_000, unit="megabytes")
    start = _without_mark(data[:4096])
    if not start:
        raise UnknownBankFile(problem="The file is empty.", accepts=ACCEPTS)
    for signature, problem in MISTAKEN.items():
        if start.startswith(signature):
            raise UnknownBankFile(problem=problem, accepts=ACCEPTS)
    format_ = format_of(data)
    if format_ == "camt.053":
        return camt053.read(data, exponents=currency_exponents)
    if format_ == "mt940":
        return mt940.read(data, exponents=currency_exponents)
    if csv_map is None:
        raise UnknownBankFile(
            problem="This is neither CAMT.053 nor MT940. If it is CSV, save a column map for it.",
            accepts=ACCEPTS,
        )
    return csv_file.read(data, csv_map=csv_map, exponents=currency_exponents)


def format_of(data: bytes) -> str:
    """What `read` takes the file for: camt.053, mt940 or csv."""
    start = _without_mark(data[:4096])
    if start.startswith((b"<", b"\x00<")):
        return "camt.053"
    return "mt940" if MT940_START.search(start.replace(b"\r", b"\n")) else "csv"


def _without_mark(start: bytes) -> bytes:
    for mark in BOMS:
        start = start.removeprefix(mark)
    return start.lstrip()
