"""Promises of the shipped corpus."""

from collections import defaultdict

import pytest

from chatbot.corpus import read_rows
from chatbot.text import normalize
from tests.conftest import DIALOGS, refuse


@pytest.fixture(scope="module")
def rows():
    return list(read_rows(DIALOGS, refuse))


def test_it_has_the_prompts_and_topics_it_promises(rows):
    assert len({row.pair.prompt.casefold() for row in rows}) >= 1500
    assert len({row.further for row in rows}) >= 100


def test_every_line_has_a_prompt_a_reply_and_a_topic_in_their_normal_form(rows):
    lines = DIALOGS.read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(rows)
    for line in lines:
        columns = line.split("\t")
        assert len(columns) == 3
        assert all(normalize(column) == column for column in columns), line


def test_every_topic_is_phrased_in_many_ways_and_has_replies_of_its_own(rows):
    prompts, topics_of_reply, topics_of_prompt = defaultdict(set), defaultdict(set), defaultdict(set)
    for _, pair, (topic,) in rows:
        prompts[topic].add(pair.prompt.casefold())
        topics_of_reply[pair.reply].add(topic)
        topics_of_prompt[pair.prompt.casefold()].add(topic)
    assert min(map(len, prompts.values())) >= 15
    assert [reply for reply, topics in topics_of_reply.items() if len(topics) > 1] == []
    assert [prompt for prompt, topics in topics_of_prompt.items() if len(topics) > 1] == []


def test_no_pair_stands_twice(rows):
    pairs = [row.pair for row in rows]
    assert len(set(pairs)) == len(pairs)
