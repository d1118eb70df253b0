import pytest

from chatbot.metrics import bleu, calibration_error, chrf, distinct, exact_match, top_share

ON_A_MAT = "the cat sat on a mat"


def test_a_reply_is_exact_where_it_is_one_of_those_recorded_case_and_outer_spaces_aside():
    replies = ["Hello!", " GOOD night ", "Hello", "good  night"]
    recorded = [["Hi!", "hello!"], ["Good night"], ["Hello!"], ["Good night"]]
    assert exact_match(replies, recorded) == 2 / 4


def test_bleu_is_the_geometric_mean_of_the_shared_n_grams():
    # Shared with the reference: 5 of 6 words, 3 of 5 pairs, 2 of 4 triples, 1 of 3 fours; no brevity penalty.
    assert bleu(["the cat sat on the mat"], [[ON_A_MAT]]) == pytest.approx(
        100 * (5 / 6 * 3 / 5 * 2 / 4 * 1 / 3) ** 0.25
    )


def test_bleu_and_chrf_take_every_recorded_reply_for_a_reference():
    replies, recorded = [ON_A_MAT, "so long"], [["a dog stood there", ON_A_MAT], ["so long"]]
    assert bleu(replies, recorded) == pytest.approx(100)
    assert chrf(replies, recorded) == pytest.approx(100)
    assert bleu(replies, [recorded[0][:1], recorded[1]]) < 50


def test_chrf_of_replies_that_share_no_character_is_nothing():
    assert chrf(["aaaa"], [["bbbb"]]) == 0


def test_chrf_is_the_f2_of_the_shared_character_n_grams():
    # One character of two, and one of one: precision 1/2 and recall 1; F2 = 5pr / (4p + r).
    assert chrf(["ab"], [["a"]]) == pytest.approx(100 * 5 * 0.5 / (4 * 0.5 + 1))


def test_replies_that_end_in_a_detached_full_stop_are_no_reason_to_complain(capsys):
    bleu(["well ."] * 150, [["well ."]] * 150)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("size", "share"), [(1, 2 / 5), (2, 2 / 3), (3, 1 / 1), (4, 0.0)])
def test_distinct_n_is_the_share_of_different_n_grams(size, share):
    # "a b a" and "a b": a, b, a, a, b; (a b), (b a), (a b); (a b a).
    assert distinct(["a b a", "a b"], size) == share


def test_the_top_share_is_that_of_the_most_frequent_reply():
    assert top_share(["yes", "no", "yes", "Yes"]) == 2 / 4


def test_the_calibration_error_is_the_distance_of_each_bin_by_its_size():
    # Two at 0.95, half of them right: 0.45. One at 0.55, right: 0.45. One at 0.05, wrong: 0.05.
    error = calibration_error([0.95, 0.95, 0.55, 0.05], [True, False, True, False])
    assert error == pytest.approx(0.45 * 2 / 4 + 0.45 / 4 + 0.05 / 4)


def test_confidences_in_one_bin_may_make_up_for_each_other():
    assert calibration_error([0.5, 0.5, 0.51, 0.49], [True, False, True, False]) == pytest.approx(0)


def test_certainty_that_is_always_right_or_always_wrong():
    assert calibration_error([1.0, 1.0, 0.0], [True, True, False]) == 0
    assert calibration_error([1.0, 0.0], [False, True]) == 1
