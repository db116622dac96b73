"""All reports, in the order in which they are offered."""

from marketplace.kit.errors import NotFound
from settlement.reports.definitions.balances import TIE_OUT, TRIAL_BALANCE
from settlement.reports.definitions.breaks import BREAKS
from settlement.reports.definitions.customers import FEES, REFUNDS
from settlement.reports.definitions.disputes import DISPUTES
from settlement.reports.definitions.journal import GENERAL_LEDGER
from settlement.reports.definitions.lines import LINES
from settlement.reports.definitions.payouts import PAYOUTS, SKIPPED
from settlement.reports.definitions.revenue import REVENUE
from settlement.reports.definitions.settlement import SETTLEMENT
from settlement.reports.definitions.vendors import AGEING, RESERVE
from settlement.reports.report import Report

REPORTS: tuple[Report, ...] = (
    SETTLEMENT,
    LINES,
    PAYOUTS,
    SKIPPED,
    TRIAL_BALANCE,
    GENERAL_LEDGER,
    TIE_OUT,
    RESERVE,
    AGEING,
    FEES,
    REFUNDS,
    DISPUTES,
    BREAKS,
    REVENUE,
)


def report_named(name: str) -> Report:
    for report in REPORTS:
        if report.name == name:
            return report
    raise NotFound(thing="report")
