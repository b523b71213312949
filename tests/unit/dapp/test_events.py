"""Server-sent events: what is told, and that nobody who listens costs the others anything."""

import asyncio
import json

import pytest
from served import scenario
from wallet import signed, wallet

from p2p_cosim.dapp import broadcast as broadcasts
from p2p_cosim.dapp.broadcast import Broadcast
from p2p_cosim.dapp.player import BusyError, Player
from p2p_cosim.dapp.session import Session
from p2p_cosim.dapp.thread import in_simulation_thread


def read(message):
    lines = dict(line.split(": ", 1) for line in message.decode().strip().splitlines())
    return int(lines["id"]), lines["event"], json.loads(lines["data"])


async def next_of(stream):
    return read(await asyncio.wait_for(anext(stream), 20))


@pytest.fixture
def session(tmp_path):
    return in_simulation_thread(lambda: Session(scenario(), tmp_path))


def test_a_listener_hears_of_ticks_pauses_transactions_and_resets(session):
    alice = wallet("alice")

    async def main():
        player = Player(session)
        stream = player.broadcast.listen(await player.state())
        told = [await next_of(stream)]
        await player.step()
        told.append(await next_of(stream))
        await player.in_turn(lambda: session.grant(alice.address))
        raw = signed(alice, session.chain_id, 1, to=alice.address)
        await player.in_turn(lambda: session.send_raw(raw))
        for content in await player.in_turn(player.news_of_pool):
            player.tell_waiting(content)
        told.append(await next_of(stream))
        await player.reset()
        told += [await next_of(stream) for _ in range(3)]
        await player.close()
        return told

    told = asyncio.run(main())
    assert [event for _, event, _ in told] == [
        *("state", "tick", "waiting", "clock", "reset", "state")
    ]
    ids = [id_ for id_, _, _ in told]
    assert ids == sorted(set(ids))
    assert told[0][2]["market"] is None
    assert told[1][2]["clock"]["tick"] == 1
    assert told[2][2]["behind_a_gap"] is True
    assert told[4][2]["resets"] == 1
    assert told[5][2]["clock"]["tick"] == 0


def test_who_waits_for_room_in_a_block_is_behind_no_gap(session, monkeypatch):
    monkeypatch.setattr("p2p_cosim.chain.pool.MOST_GAS_A_BLOCK", 0)
    alice = wallet("alice")
    session.grant(alice.address)
    session.send_raw(signed(alice, session.chain_id, 0, to=alice.address))
    assert [told["behind_a_gap"] for told in Player(session).news_of_pool()] == [False]


def test_playing_is_told_tick_by_tick_to_its_end(session):
    async def main():
        player = Player(session)
        stream = player.broadcast.listen(await player.state())
        await player.play(0.05)
        told = []
        while not told or told[-1][2].get("mode") != "done":
            told.append(await next_of(stream))
        await player.close()
        return [event for _, event, _ in told]

    events = asyncio.run(main())
    assert events.count("tick") == 4
    assert events[-1] == "clock"


def test_who_does_not_read_is_cut_off_and_nobody_else():
    async def main():
        broadcast = Broadcast()
        lazy, keen = broadcast.listen({}), broadcast.listen({})
        await anext(lazy), await anext(keen)
        for number in range(broadcasts.MOST_UNREAD + 1):
            broadcast.tell("tick", {"number": number})
            if number:
                await anext(keen)
        left = len(broadcast)
        heard = [message async for message in lazy]
        return left, len(heard)

    left, heard = asyncio.run(main())
    assert left == 1
    assert heard <= broadcasts.MOST_UNREAD


def test_silence_is_broken():
    async def main():
        stream = Broadcast(silence_s=0.01).listen({})
        await anext(stream)
        return await anext(stream)

    assert asyncio.run(main()).startswith(b":")


def test_listeners_are_few_and_leave_no_trace():
    async def main():
        broadcast = Broadcast()
        streams = [broadcast.listen({}) for _ in range(broadcasts.MOST_LISTENERS)]
        for stream in streams:
            await anext(stream)
        listening = len(broadcast)
        for stream in streams:
            await stream.aclose()
        return listening, len(broadcast)

    assert asyncio.run(main()) == (broadcasts.MOST_LISTENERS, 0)


def test_a_new_listener_takes_the_place_of_the_oldest(monkeypatch):
    monkeypatch.setattr(broadcasts, "MOST_LISTENERS", 2)

    async def main():
        broadcast = Broadcast()
        streams = [broadcast.listen({}) for _ in range(2)]
        for stream in streams:
            await anext(stream)
        waiting = asyncio.ensure_future(anext(streams[0]))  # as a page waits for news
        await asyncio.sleep(0)
        await anext(newest := broadcast.listen({}))
        last = await asyncio.wait_for(waiting, 1)
        broadcast.tell("tick", {})
        rest = [message async for message in streams[0]]
        heard = [read(await anext(stream))[1] for stream in (streams[1], newest)]
        return last, rest, heard, len(broadcast)

    assert asyncio.run(main()) == (b": a newer page took this place\n\n", [], ["tick"] * 2, 2)


def test_the_queue_for_the_run_has_an_end(session, monkeypatch):
    monkeypatch.setattr("p2p_cosim.dapp.player.MOST_QUEUED", 1)

    async def main():
        player = Player(session)
        first = asyncio.create_task(player.state())
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await player.state()
        await first
        await player.close()

    asyncio.run(main())


def test_who_plays_while_another_begins_to_does_not_play_twice(session):
    async def main():
        player = Player(session)
        await asyncio.gather(player.play(3600), player.play(0.4), player.play(3600))
        await asyncio.sleep(0.01)  # in which those that were cancelled end
        playing = [task for task in asyncio.all_tasks() if "Player._play" in repr(task)]
        await player.close()
        return len(playing)

    assert asyncio.run(main()) == 1
