class PostingKeyReused(Exception):
    """A key that the ledger knows came with another posting: a bug, so nothing is written."""
