"""Differences between the books, how old they are, and what is being done about them."""

from settlement.reports.report import CURRENCY, Parameter, Report, count, day, money, text, time

# Ages in business days, Monday to Friday, until the day asked for or until it ended.
_QUERY = """
    SELECT broken.id AS break_id, broken.code, broken.severity, broken.state, broken.account,
        vendor.code AS vendor, broken.currency, broken.amount_minor AS amount, broken.detail,
        broken.subject_type, broken.subject_id, broken.happened_on, broken.first_seen_at, age.days,
        CASE WHEN age.days <= 1 THEN '0-1' WHEN age.days <= 5 THEN '2-5'
            WHEN age.days <= 10 THEN '6-10' WHEN age.days <= 30 THEN '11-30'
            WHEN age.days <= 60 THEN '31-60' ELSE '>60' END AS bucket,
        broken.owner, said.comments, proposed.remedy, proposed.proposed_by, proposed.decided_by,
        broken.ended_at, broken.ended_by, broken.ending
    FROM reconciliation_break broken
    LEFT JOIN vendor ON vendor.id = broken.vendor_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS days FROM generate_series(
            (broken.first_seen_at AT TIME ZONE 'UTC')::date + interval '1 day',
            least((broken.ended_at AT TIME ZONE 'UTC')::date, $5::date), interval '1 day'
        ) passed WHERE extract(isodow FROM passed) <= 5
    ) age
    CROSS JOIN LATERAL (
        SELECT count(*) AS comments FROM break_comment WHERE difference_id = broken.id
    ) said
    LEFT JOIN LATERAL (
        SELECT remedy, proposed_by, decided_by FROM break_proposal
        WHERE difference_id = broken.id ORDER BY proposed_at DESC LIMIT 1
    ) proposed ON true
    WHERE ($1::date IS NULL OR broken.happened_on >= $1)
        AND ($2::date IS NULL OR broken.happened_on <= $2)
        AND ($3::uuid IS NULL OR broken.vendor_id = $3)
        AND ($4::text IS NULL OR broken.currency = $4)
    ORDER BY broken.ended_at IS NOT NULL, broken.first_seen_at, broken.id
"""

BREAKS = Report(
    name="breaks",
    title="Breaks",
    description="Every difference that reconciliation found, open ones first: its kind, amount "
    "(the other book less ours), age in business days on `day`, owner, and how it ended.",
    parameters=(
        Parameter.FROM,
        Parameter.TO,
        Parameter.VENDOR,
        Parameter.CURRENCY,
        Parameter.DAY,
    ),
    columns=(
        text("break_id", "Break"),
        text("code", "Kind"),
        text("severity", "Severity"),
        text("state", "State"),
        text("account", "Account"),
        text("vendor", "Vendor"),
        CURRENCY,
        money("amount", "Amount"),
        text("detail", "Detail"),
        text("subject_type", "About a"),
        text("subject_id", "Which"),
        day("happened_on", "Happened"),
        time("first_seen_at", "First seen"),
        count("days", "Age"),
        text("bucket", "Days"),
        text("owner", "Owner"),
        count("comments", "Comments"),
        text("remedy", "Proposed"),
        text("proposed_by", "By"),
        text("decided_by", "Decided by"),
        time("ended_at", "Ended"),
        text("ended_by", "Ended by"),
        text("ending", "How"),
    ),
    query=_QUERY,
)
