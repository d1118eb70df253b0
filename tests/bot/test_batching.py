import multiprocessing
import threading
from itertools import chain

import pytest

from chatbot.bot.batching import ROWS, BatchRunner
from chatbot.inference.decoding.run_generator import Stopped


@pytest.fixture(params=[1, 2, 4])
def batches(request):
    made = BatchRunner()
    made._cores = request.param
    return made


def double(items, _stop):
    return [2 * item for item in items]


@pytest.mark.parametrize("count", [0, 1, 2, 17, 1000])
def test_results_come_in_the_order_of_the_items(batches, count):
    items = [number * 7919 % 1009 for number in range(count)]
    assert batches.run(items, double, size=lambda item: item) == [2 * item for item in items]


def test_a_batch_holds_items_of_like_sizes_and_not_too_many(batches):
    seen = []

    def record(items, stop):
        seen.append(list(items))
        return double(items, stop)

    batches.run([number % 50 for number in range(1000)], record, size=lambda item: item)
    assert max(map(len, seen)) <= ROWS
    assert sorted(chain.from_iterable(seen)) == sorted(number % 50 for number in range(1000))
    for batch in seen:
        assert max(batch) - min(batch) <= len(batch) / 20 + 1


def test_more_hypotheses_are_fewer_items():
    sizes = []
    BatchRunner().run(range(1000), lambda items, _: sizes.append(len(items)) or items, size=int, hypotheses=10)
    assert max(sizes) == ROWS // 10
    sizes.clear()
    BatchRunner().run(range(5), lambda items, _: sizes.append(len(items)) or items, size=int, hypotheses=1000)
    assert sizes == [1] * 5


def test_one_batch_is_done_where_it_was_asked_for(batches):
    threads = batches.run([1], lambda items, _: [threading.current_thread() for _ in items], size=int)
    assert threads == [threading.current_thread()]


def test_an_error_stops_what_other_threads_do():
    batches = BatchRunner()
    batches._cores = 2
    begun = threading.Barrier(2, timeout=60)
    stopped = []

    def fail_or_wait(items, stop):
        begun.wait()
        if 0 in items:
            raise ValueError("zero")
        stopped.append(stop.wait(60))
        raise Stopped

    with pytest.raises(ValueError, match="zero"):
        batches.run(range(16), fail_or_wait, size=lambda item: -item)
    batches._pool.shutdown()
    assert stopped == [True]


def test_threads_that_ask_at_once_share_those_that_work():
    batches, started = BatchRunner(), threading.Barrier(8, timeout=60)
    batches._cores = 2
    pools = set()

    def ask():
        started.wait()
        pools.add(batches._threads())

    asking = [threading.Thread(target=ask) for _ in range(8)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert len(pools) == 1


def test_a_process_that_is_forked_has_threads_of_its_own():
    batches = BatchRunner()
    batches._cores = 2
    assert batches.run(range(100), double, size=int) == [2 * item for item in range(100)]
    found = multiprocessing.get_context("fork").Queue()

    def child():
        found.put(batches.run(range(100), double, size=int))

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    assert found.get(timeout=60) == [2 * item for item in range(100)]
    process.join()
