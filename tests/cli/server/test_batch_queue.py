"""The queue: prompts that wait are answered together."""

import asyncio
import threading

import pytest

from chatbot.bot.reply_object import Reply
from chatbot.cli.server.batch_queue import Answered, BatchQueue, Question
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


def run(ask, slow):
    sizes = []
    queue = BatchQueue(slow.answer, sizes.append)

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
