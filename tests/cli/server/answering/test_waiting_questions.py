"""The questions that wait: who takes them, how many, and when nobody does any more."""

import asyncio

import pytest

from chatbot.cli.server.answering.reply_stream import Question
from chatbot.cli.server.answering.waiting_questions import Pace, WaitingQuestions
from chatbot.config import DecodingConfig


def waiting_for(texts, patience=0.0, **settings):
    """Questions that wait, from a loop that has ended."""
    waiting = WaitingQuestions(patience)

    async def ask():
        tasks = [asyncio.create_task(waiting.ask(Question(one, (), DecodingConfig(**settings)))) for one in texts]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()

    asyncio.run(ask())
    return waiting


def texts(taken):
    return "".join(question.prompt for question, _ in taken)


def test_while_no_worker_is_ready_the_own_thread_takes_all():
    waiting = waiting_for("abc")
    assert texts(waiting.take_own(Pace(), at_once=True)) == "abc"
    assert texts(waiting.own()) == ""


def test_beside_a_worker_the_own_thread_takes_what_varies():
    waiting = waiting_for("abc")
    varied = waiting_for("vw", vary=True)
    with waiting.worker_ready(), varied.worker_ready():
        assert texts(waiting.own()) == ""
        assert texts(varied.own()) == "vw"
        assert texts(waiting.take_share(Pace())) == "abc"


@pytest.mark.parametrize(("idle", "share"), [(1, 20), (2, 10), (3, 7)])
def test_idle_workers_share_what_waits(idle, share):
    waiting = waiting_for("abcdefghijklmnopqrst")
    waiting._idle += [Pace() for _ in range(idle - 1)]
    assert len(waiting.take_share(Pace())) == share


def test_a_few_questions_are_not_parted():
    waiting = waiting_for("abcdefghijklmno")
    waiting._idle.append(Pace())
    assert texts(waiting.take_share(Pace())) == "abcdefghijklmno"


def test_who_waited_in_vain_expects_no_more_of_the_idle():
    waiting, other, own = waiting_for("a", patience=1e-3), Pace(), Pace()
    other.size, own.size, own.seconds = 200, 1, 1.0
    waiting._idle.append(other)
    assert texts(waiting.take_share(own)) == "a"
    assert other.size == 0


def test_it_is_over_when_it_is_closed_and_no_worker_has_left_anything():
    waiting = waiting_for("a")
    with waiting.worker_ready():
        waiting.close()
        assert not waiting.is_over
        assert texts(waiting.own()) == ""
    assert waiting.is_over
    assert texts(waiting.own()) == "a"
    assert waiting.take_share(Pace())
    assert not waiting.take_share(Pace())
