"""`souk worker`"""


def worker() -> None:
    """Do what happens after: hand out events, run jobs, send mail, keep deadlines.

    Run as many as you like; each job is done once. Ends within seconds when asked to; a job that
    is cut short is done again by the next worker. Without SOUK_DATABASE_URL it works on the
    embedded database of SOUK_HOME.

    **Examples**

    * `souk worker`
    """
    from marketplace_runtime.borrowing import settings_of_a_command
    from marketplace_runtime.reporting import report_to_stderr
    from marketplace_runtime.worker import run_worker

    report_to_stderr()
    with settings_of_a_command() as settings:
        run_worker(settings)
