"""Tables of a run: schema, recorder, manifest and `Results`."""

from p2p_cosim.record.compare import Comparison, compare
from p2p_cosim.record.find import find_run, latest, runs
from p2p_cosim.record.folder import check_writable
from p2p_cosim.record.identity import RunIdentity, finished_run, other_versions
from p2p_cosim.record.manifest import code_version, digest, status_of
from p2p_cosim.record.recorder import ParquetRecorder
from p2p_cosim.record.results import Results
from p2p_cosim.record.run_info import RunInfo
from p2p_cosim.record.summary import Summary

__all__ = [
    "Comparison",
    "ParquetRecorder",
    "Results",
    "RunIdentity",
    "RunInfo",
    "Summary",
    "check_writable",
    "code_version",
    "compare",
    "digest",
    "find_run",
    "finished_run",
    "latest",
    "other_versions",
    "runs",
    "status_of",
]
