"""What banks, corrections and differences brought, in words: one sentence each, and a tone."""

DISPUTE_EVENTS = {
    "dispute.opened": ("The customer's bank asks for the money back", "bad"),
    "dispute.evidence_submitted": ("The bank has our answer", "info"),
    "dispute.asked_again": ("The bank asks once more", "warn"),
    "dispute.won": ("The dispute is won", "good"),
    "dispute.lost": ("The dispute is lost", "bad"),
    "dispute.answered": ("Somebody answered the bank", "info"),
    "dispute.accepted": ("Somebody accepted the dispute", "warn"),
    "dispute.liable_changed": ("Somebody said who bears it if it is lost", "info"),
    "dispute.closed": ("The bank's question is closed", "info"),
    "adjustment.proposed": ("A correction was proposed", "info"),
    "adjustment.approved": ("The correction was approved and booked", "good"),
    "adjustment.rejected": ("The correction was rejected", "bad"),
    "break.opened": ("A difference was found", "warn"),
    "break.investigating": ("Somebody looks into the difference", "info"),
    "break.proposed": ("A way to resolve the difference was proposed", "info"),
    "break.resolved": ("The difference is resolved", "good"),
    "break.written_off": ("The difference was written off", "warn"),
    "break.false_positive": ("The difference was none", "info"),
}
