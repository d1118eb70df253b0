"""A corpus that does not fit in the memory it is given: a run that is interrupted and resumed."""

import json
import signal

import pytest

from tests.cli.commands.streamed import finish, last, start


def test_a_run_that_ctrl_c_ends_is_resumed_over_the_same_shards_to_the_same_weights(
    tmp_path, streamed_corpus, left_alone
):
    with start(tmp_path, streamed_corpus) as process:
        for line in process.stdout:
            if json.loads(line).get("step", 0) >= 20:
                process.send_signal(signal.SIGINT)
                break
        assert last(finish(process), "finished")["stopped"] == "interrupted"

    log = finish(start(tmp_path, streamed_corpus, "--resume"))
    end, expected = last(log, "finished"), last(left_alone, "finished")
    assert 20 <= last(log, "resumed")["step"] < end["steps"] == expected["steps"]
    assert last(log, "measured")["valid_loss"] == pytest.approx(last(left_alone, "measured")["valid_loss"], abs=1e-5)
    assert end["weights_digest"] == expected["weights_digest"]
