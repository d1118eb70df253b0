"""The queue: prompts that wait are answered together."""

import asyncio
import threading

import pytest

from chatbot.bot.reply.reply_object import Reply
from chatbot.cli.server.answering.batch_queue import BatchQueue
from chatbot.cli.server.answering.reply_stream import Answered, Question
from chatbot.config import DecodingConfig


def question(prompt, decoding=None):
    return Question(prompt, (), decoding or DecodingConfig())


class Slow:
    """Answers with the prompt in capitals, the first time only when it may."""

    def __init__(self):
        self.may, self.begun, self.batches = threading.Event(), threading.Event(), []

    def answer(self, questions):
        self.batches.append([one.prompt for one in questions])
        self.begun.set()
        self.may.wait()
        if any(one.prompt == "bad" for one in questions):
            raise ValueError("bad")
        return [Answered(Reply(one.prompt.upper()), 1) for one in questions]

    def stream(self, questions):
        """One letter of each prompt at a step."""
        self.batches.append([one.prompt for one in questions])
        for place in range(max(len(one.prompt) for one in questions)):
            yield [(row, one.prompt[place]) for row, one in enumerate(questions) if place < len(one.prompt)]
        yield [(row, Answered(Reply(one.prompt), 1)) for row, one in enumerate(questions)]


def run(ask, slow, patience=0.0, workers=()):
    sizes = []
    queue = BatchQueue(slow.answer, slow.stream, sizes.append, patience, workers)

    async def main():
        first = asyncio.create_task(queue.ask(question("first")))
        await asyncio.to_thread(slow.begun.wait)
        return await ask(queue, first)

    try:
        return asyncio.run(main()), sizes
    finally:
        slow.may.set()
        queue.close()


def test_prompts_that_wait_are_one_batch_and_keep_their_askers():
    slow = Slow()

    async def ask(queue, first):
        others = [asyncio.create_task(queue.ask(question(text))) for text in "abc"]
        await asyncio.sleep(0)
        slow.may.set()
        return [(await task).reply.text for task in (first, *others)]

    said, sizes = run(ask, slow)
    assert said == ["FIRST", "A", "B", "C"]
    assert slow.batches == [["first"], ["a", "b", "c"]]
    assert sizes == [1, 3]


async def three_together(queue, slow, first):
    others = [asyncio.create_task(queue.ask(question(text))) for text in "abc"]
    await asyncio.sleep(0)
    slow.may.set()
    await asyncio.gather(first, *others)


def test_after_a_batch_of_several_the_next_is_waited_for_until_it_is_as_large():
    slow = Slow()

    async def ask(queue, first):
        await three_together(queue, slow, first)
        tasks = []
        for text in "def":
            assert slow.batches == [["first"], ["a", "b", "c"]]
            tasks.append(asyncio.create_task(queue.ask(question(text))))
            await asyncio.sleep(0.05)
        return [(await task).reply.text for task in tasks]

    said, sizes = run(ask, slow, patience=1e9)
    assert said == ["D", "E", "F"]
    assert slow.batches[2:] == [["d", "e", "f"]]
    assert sizes == [1, 3, 3]


def test_who_asks_alone_after_a_batch_of_several_is_answered_alone_and_a_close_waits_for_nobody():
    slow = Slow()

    async def ask(queue, first):
        await three_together(queue, slow, first)
        return (await queue.ask(question("alone"))).reply.text

    assert run(ask, slow, patience=1e-6) == ("ALONE", [1, 3, 1])

    left, tasks = Slow(), []

    async def leave(queue, first):
        await three_together(queue, left, first)
        tasks.append(asyncio.create_task(queue.ask(question("last"))))
        await asyncio.sleep(0.05)
        await asyncio.to_thread(queue.close)
        return (await tasks[0]).reply.text

    assert run(leave, left, patience=1e9) == ("LAST", [1, 3, 1])


def test_prompts_with_other_settings_are_searched_apart():
    slow = Slow()

    async def ask(queue, _):
        free = DecodingConfig(free=True)
        others = [asyncio.create_task(queue.ask(one)) for one in (question("a"), question("b", free), question("c"))]
        await asyncio.sleep(0)
        slow.may.set()
        return [(await task).reply.text for task in others]

    said, _ = run(ask, slow)
    assert said == ["A", "B", "C"]
    assert slow.batches[1:] == [["a", "c"], ["b"]]


def test_an_error_reaches_those_who_asked_together_and_nobody_else():
    slow = Slow()

    async def ask(queue, first):
        bad = asyncio.create_task(queue.ask(question("bad")))
        await asyncio.sleep(0)
        slow.may.set()
        with pytest.raises(ValueError, match="bad"):
            await bad
        return (await first).reply.text, (await queue.ask(question("later"))).reply.text

    assert run(ask, slow)[0] == ("FIRST", "LATER")


def test_a_prompt_whose_asker_is_gone_is_not_answered():
    slow = Slow()

    async def ask(queue, _):
        gone = asyncio.create_task(queue.ask(question("gone")))
        kept = asyncio.create_task(queue.ask(question("kept")))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        slow.may.set()
        return (await kept).reply.text

    assert run(ask, slow)[0] == "KEPT"
    assert slow.batches == [["first"], ["kept"]]


async def pieces(queue, one):
    stream = await queue.stream(one)
    return [news if isinstance(news, str) else news.reply.text async for news in stream]


def test_streams_that_wait_grow_side_by_side():
    slow = Slow()

    async def ask(queue, _):
        others = [asyncio.create_task(pieces(queue, question(text))) for text in ("one", "three")]
        await asyncio.sleep(0)
        slow.may.set()
        return await asyncio.gather(*others)

    said, sizes = run(ask, slow)
    assert said == [["o", "n", "e", "one"], ["t", "h", "r", "e", "e", "three"]]
    assert slow.batches[1:] == [["one", "three"]]
    assert sizes == [1, 2]


def test_streams_with_other_settings_take_turns():
    turns = []

    def stream(questions):
        for place in range(3):
            turns.append(questions[0].prompt)
            yield [(0, str(place))]
        yield [(0, Answered(Reply("012"), 1))]

    slow, free = Slow(), DecodingConfig(free=True)
    slow.stream = stream

    async def ask(queue, _):
        others = [asyncio.create_task(pieces(queue, one)) for one in (question("a"), question("b", free))]
        await asyncio.sleep(0)
        slow.may.set()
        return await asyncio.gather(*others)

    assert run(ask, slow)[0] == [["0", "1", "2", "012"]] * 2
    assert turns == ["a", "b"] * 3


class Endless:
    """A reply that never ends."""

    def __init__(self):
        self.given_up = threading.Event()

    def stream(self, questions):
        try:
            while True:
                yield [(row, "la ") for row in range(len(questions))]
        finally:
            self.given_up.set()


def test_a_stream_that_nobody_waits_for_is_given_up_and_holds_up_no_other_question():
    slow, endless = Slow(), Endless()
    slow.stream = endless.stream

    async def ask(queue, first):
        slow.may.set()
        stream = await queue.stream(question("sing"))
        said = (await queue.ask(question("hello"))).reply.text
        stream.close()
        assert await asyncio.to_thread(endless.given_up.wait, 60)
        return said, (await first).reply.text

    assert run(ask, slow)[0] == ("HELLO", "FIRST")


def test_an_error_within_a_stream_reaches_its_asker():
    slow = Slow()

    def stream(_):
        yield [(0, "a")]
        raise ValueError("torn")

    slow.stream = stream

    async def ask(queue, _):
        slow.may.set()
        with pytest.raises(ValueError, match="torn"):
            await pieces(queue, question("a"))
        return (await queue.ask(question("later"))).reply.text

    assert run(ask, slow)[0] == "LATER"


class Employed:
    """A worker that answers with the prompt twice, unless it cannot start, or has ended."""

    def __init__(self, starts=True):
        self.starts, self.started, self.is_running, self.asked = starts, 0, False, []

    def close(self):
        self.is_running = False

    def start(self):
        self.started += 1
        self.is_running = self.starts
        return self.starts

    def answer(self, questions):
        if not self.is_running:
            return None
        self.asked += [one.prompt for one in questions]
        return [Answered(Reply(one.prompt * 2), 1) for one in questions]


def asking(queue, texts, decoding=None):
    return [asyncio.create_task(queue.ask(question(text, decoding))) for text in texts]


async def said_by(tasks):
    return [(await task).reply.text for task in tasks]


def test_where_many_wait_a_worker_is_started_and_answers_from_then_on():
    slow, worker = Slow(), Employed()

    async def ask(queue, first):
        few = asking(queue, "abcdefg")
        await asyncio.sleep(0.05)
        assert worker.started == 0
        many = await said_by([*few, *asking(queue, "h")])  # while the own thread is at the first one
        slow.may.set()
        return many, await said_by([first]), await said_by(asking(queue, "x"))

    said, sizes = run(ask, slow, workers=[worker])
    assert said == (["aa", "bb", "cc", "dd", "ee", "ff", "gg", "hh"], ["FIRST"], ["xx"])
    assert (worker.started, slow.batches) == (1, [["first"]])
    assert sizes == [1, 8, 1]


def test_two_workers_share_what_waits():
    slow, workers = Slow(), [Employed(), Employed()]

    async def ask(queue, _):
        letters = [chr(ord("a") + place) for place in range(16)]
        assert await said_by(asking(queue, letters)) == [letter * 2 for letter in letters]
        slow.may.set()
        return letters

    letters, _ = run(ask, slow, patience=1e9, workers=workers)
    assert sorted(workers[0].asked + workers[1].asked) == letters
    assert slow.batches == [["first"]]


def test_varied_replies_follow_upon_one_another_in_the_own_thread():
    slow, worker = Slow(), Employed()

    async def ask(queue, _):
        varied = asking(queue, "vw", DecodingConfig(vary=True))
        await said_by(asking(queue, "abcdefgh"))
        slow.may.set()
        return await said_by(varied)

    assert run(ask, slow, workers=[worker])[0] == ["V", "W"]
    assert worker.asked == [*"abcdefgh"]


def test_what_a_worker_cannot_answer_is_answered_all_the_same():
    slow, worker = Slow(), Employed()

    async def ask(queue, _):
        await said_by(asking(queue, "abcdefgh"))
        worker.is_running = False
        ended = asking(queue, "x")
        slow.may.set()
        return await said_by(ended), await said_by(asking(queue, "y"))

    assert run(ask, slow, workers=[worker])[0] == (["X"], ["Y"])


def test_a_worker_that_ended_is_started_again_where_many_wait():
    slow, worker = Slow(), Employed()

    async def ask(queue, first):
        await said_by(asking(queue, "abcdefgh"))
        slow.may.set()
        worker.is_running = False
        await said_by([first, *asking(queue, "x")])
        slow.may.clear()
        slow.begun.clear()
        held = asking(queue, "y")
        await asyncio.to_thread(slow.begun.wait)
        again = await said_by(asking(queue, "ijklmnop"))
        slow.may.set()
        return again, await said_by(held)

    assert run(ask, slow, workers=[worker])[0] == ([letter * 2 for letter in "ijklmnop"], ["Y"])
    assert worker.started == 2


def test_without_a_worker_that_can_start_the_own_thread_answers():
    slow, worker = Slow(), Employed(starts=False)

    async def ask(queue, _):
        others = asking(queue, "abcdefgh")
        while not worker.started:
            await asyncio.sleep(0.01)
        slow.may.set()
        return await said_by(others)

    assert run(ask, slow, workers=[worker])[0] == [*"ABCDEFGH"]
    assert (worker.started, worker.asked) == (1, [])


def test_a_close_waits_for_what_workers_have_to_answer():
    slow, worker = Slow(), Employed()

    async def ask(queue, _):
        await said_by(asking(queue, "abcdefgh"))
        slow.may.set()
        last = asking(queue, "xyz")
        await asyncio.sleep(0)
        await asyncio.to_thread(queue.close)
        return await said_by(last)

    assert run(ask, slow, workers=[worker])[0] == ["xx", "yy", "zz"]
