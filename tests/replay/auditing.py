"""Two foreign programs go through a replay's exported books and come to its trial balance."""

import csv
import io
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from beancount import loader
from beancount.core.data import Transaction

Balances = dict[str, Decimal]  # by an account's code; one currency


def audit(report: Callable[..., str], directory: Path) -> list[str]:
    """One sentence for whatever they object to; `report` runs `souk report` with arguments."""
    ours = trial_balance(report("trial-balance", "--format", "csv"))
    journals = {name: directory / f"{name}.txt" for name in ("hledger", "beancount")}
    for name, path in journals.items():
        report(f"journal-{name}", "--output", str(path))
    found = []
    if shutil.which("hledger") is None:
        found.append("hledger is missing, so its audit did not run")
    else:
        found += differences("hledger", ours, hledgers(journals["hledger"]))
    found += differences("beancount", ours, beancounts(journals["beancount"]))
    return found


def trial_balance(text: str) -> Balances:
    rows = csv.DictReader(io.StringIO(text.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")))
    return _without_zeros({row["account"]: Decimal(row["closing"]) for row in rows})


def hledgers(journal: Path) -> Balances:
    """Checked strictly, its balance assertions too."""
    _run("hledger", "-f", str(journal), "check", "--strict")
    told = _run(
        "hledger", "-f", str(journal), "balance", "--flat", "-N", "-E", "-O", "csv", "--layout",
        "bare",
    )  # fmt: skip
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for account, _, amount in list(csv.reader(io.StringIO(told)))[1:]:
        sums[_code(account)] += Decimal(amount)
    return _without_zeros(sums)


def beancounts(journal: Path) -> Balances:
    entries, errors, _ = loader.load_file(str(journal))
    if errors:
        raise SystemExit(f"beancount refuses the journal: {errors[0].message}")
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        for posting in entry.postings if isinstance(entry, Transaction) else ():
            assert posting.units is not None
            sums[_code(posting.account)] += Decimal(str(posting.units.number))
    return _without_zeros(sums)


def differences(program: str, ours: Balances, theirs: Balances) -> list[str]:
    return [
        f"{program}: account {code} is {theirs.get(code, 0)}, ours says {ours.get(code, 0)}"
        for code in sorted(ours.keys() | theirs.keys())
        if ours.get(code) != theirs.get(code)
    ]


def _code(account: str) -> str:
    """Liabilities:2120-Vendor-available:kiln is 2120."""
    return account.split(":")[1][:4]


def _without_zeros(sums: Balances) -> Balances:
    return {code: amount for code, amount in sums.items() if amount}


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    return done.stdout
