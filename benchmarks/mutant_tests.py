"""The tests that mutants meet: one pytest has collected them, and a child of it runs them.

A plugin of pytest (`-p mutant_tests -s`), which first writes what tests there are. Then a line of
JSON in, a line out, on the standard streams that tests do not see:

    {"order": [test, ...], "limits_s": {test: CPU time}}
    {"failed": test or why no test ended, "seconds": {test: CPU time}}

A test is the id of its function: all its parameters together. The child stops at the first that
fails. What it does stays its own, so that no mutant can change what the next one meets.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import time
from collections import defaultdict
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import Phase, settings
from mutant_chain import ANY_SIZE_BYTES, RevmChain

from p2p_cosim.chain import generated, rules
from p2p_cosim.chain.artifact import load_artifact

vars(generated)["GeneratedChain"] = RevmChain
rules.MAX_INITCODE_BYTES = ANY_SIZE_BYTES
# A kill needs one failing example, not the smallest, and no memory of other mutants.
PHASES = (Phase.explicit, Phase.generate)
settings.register_profile("mutants", phases=PHASES, deadline=None, database=None)
REQUESTS, ANSWERS = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
with open(os.devnull, "r+b") as nowhere:
    os.dup2(nowhere.fileno(), 0)
    os.dup2(nowhere.fileno(), 1)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Serve until nobody asks any more."""
    tests = defaultdict(list)
    for item in session.items:
        tests[item.nodeid.partition("[")[0]].append(item)
    gc.freeze()  # the children have enough to do with what is theirs
    print(json.dumps(list(tests)), file=ANSWERS, flush=True)
    for line in REQUESTS:
        print(_in_child(session, tests, json.loads(line)), file=ANSWERS, flush=True)
    return True


def _in_child(session: pytest.Session, tests: dict[str, Any], asked: dict[str, Any]) -> str:
    """What a child answers to a request; that it died, if it does not answer."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        load_artifact.cache_clear()  # it meets one state of the artifacts, and no earlier one
        try:
            _Run(session, tests, asked, writing).answer()
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    _, status = os.waitpid(child, 0)
    return text or json.dumps({"failed": f"exit {os.waitstatus_to_exitcode(status)}"})


class _Run:
    """In the child: the tests in the order that is asked for."""

    def __init__(
        self, session: pytest.Session, tests: dict[str, Any], asked: dict[str, Any], to: int
    ) -> None:
        self._session, self._tests, self._to = session, tests, to
        self._order, self._limits_s = asked["order"], asked["limits_s"]
        self._now = ""
        self._failed = ""
        self._seconds: dict[str, float] = {}

    def answer(self) -> None:
        """Run, tell, and end."""
        self._session.config.pluginmanager.register(self)
        signal.signal(signal.SIGPROF, self._too_long)
        items = [(test, item) for test in self._order for item in self._tests[test]]
        following = [item for _, item in items[1:]]
        for (test, item), after in zip(items, [*following, None], strict=True):
            if test != self._now:
                self._now = test
                signal.setitimer(signal.ITIMER_PROF, self._limits_s.get(test, 0))
            begin = time.process_time()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            self._seconds[test] = self._seconds.get(test, 0) + time.process_time() - begin
            if self._failed:
                break
        self._tell()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notice what fails."""
        if report.failed:
            self._failed = self._failed or report.nodeid.partition("[")[0]

    def _too_long(self, *_: object) -> None:
        """A mutant may loop for ever."""
        self._failed = self._now
        self._tell()

    def _tell(self) -> None:
        text = json.dumps({"failed": self._failed, "seconds": self._seconds})
        with suppress(OSError):
            os.write(self._to, text.encode())
        sys.stdout.flush()
        os._exit(0)
