"""Tables of a run: schema, recorder, manifest and `Results`."""

from p2p_cosim.record.folder import check_writable
from p2p_cosim.record.identity import RunIdentity, finished_run, latest, other_versions
from p2p_cosim.record.manifest import code_version, digest, status_of
from p2p_cosim.record.recorder import ParquetRecorder
from p2p_cosim.record.results import Results
from p2p_cosim.record.run_info import RunInfo
from p2p_cosim.record.summary import Summary

__all__ = [
    "ParquetRecorder",
    "Results",
    "RunIdentity",
    "RunInfo",
    "Summary",
    "check_writable",
    "code_version",
    "digest",
    "finished_run",
    "latest",
    "other_versions",
    "status_of",
]
