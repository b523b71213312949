"""What an object is, as a digest of its content: the same in every process, for the same object.

`fingerprint` follows whatever an object's behaviour depends on: the code of its class as it runs
(not as its file has become since), its attributes, arrays to the last entry, and the functions,
constants and closures that its code uses. Nothing is compared by `repr` or address.
"""

from p2p_cosim.fingerprint.walk import NoContentError, fingerprint

__all__ = ["NoContentError", "fingerprint"]
