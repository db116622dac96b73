"""The marketplace's own worker, as `souk worker` runs it: python -m tests.worker.whole."""

import logging

from marketplace_runtime.settings import read_settings
from marketplace_runtime.worker import run_worker

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    run_worker(read_settings())
