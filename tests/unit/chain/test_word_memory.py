"""The memory of generated code, which holds words, against plain bytes."""

import numpy as np
import pytest

from p2p_cosim.chain.generated.memory import SHORT, load, put, put_byte, read, view, write

SIZE = 512
MOST = 2**256 - 1


def filled(rng: np.random.Generator) -> tuple[dict[int, int], bytearray]:
    """Both after many writes of every kind, at any place."""
    memory: dict[int, int] = {}
    plain = bytearray(SIZE)
    for kind in rng.integers(0, 3, 200):
        at = int(rng.integers(0, SIZE - 70))
        data = rng.bytes(int(rng.integers(0, 70)))
        if kind == 0:
            write(memory, at, data)
            plain[at : at + len(data)] = data
        elif kind == 1:
            word = int.from_bytes(rng.bytes(32), "big")
            put(memory, at, word)
            plain[at : at + 32] = word.to_bytes(32, "big")
        else:
            put_byte(memory, at, plain[0] ^ 0x5A)
            plain[at] = plain[0] ^ 0x5A
        assert all(place % 32 == 0 and 0 <= word <= MOST for place, word in memory.items())
    return memory, plain


@pytest.mark.parametrize("seed", range(5))
def test_words_hold_what_bytes_hold(seed: int) -> None:
    memory, plain = filled(np.random.default_rng(seed))
    for at in range(SIZE - 32):
        assert load(memory, at) == int.from_bytes(plain[at : at + 32], "big")
        for size in (0, 1, 31, 32, 33, 64):
            assert read(memory, at, min(size, SIZE - at)) == plain[at : at + size]


@pytest.mark.parametrize("size", [SHORT, SHORT + 1, 3 * SHORT])
def test_a_view_is_cut_like_bytes(size: int) -> None:
    """Before and after so much has been read that it keeps a copy."""
    memory: dict[int, int] = {}
    plain = np.random.default_rng(1).bytes(4 * SHORT)
    write(memory, 0, plain)
    seen, expected = view(memory, 7, size), plain[7 : 7 + size]
    assert len(seen) == size
    for _ in range(3):
        for start in (0, 5, size - 3, size, MOST):
            for length in (0, 4, 32, size):
                assert seen[start : start + length] == expected[start : start + length]
        assert seen[:4] == expected[:4]
        assert seen[4:] == expected[4:]
