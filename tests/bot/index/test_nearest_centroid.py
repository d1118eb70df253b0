from chatbot.bot.index.nearest_centroid import NearestCentroid

PAIRS = [
    ("when do you open", "At eight."),
    ("opening hours", "At eight."),
    ("Are you open on Sunday", "At eight."),
    ("how much is a cake", "Ten."),
    ("price of cakes", "Ten."),
    ("do you have parking", "Behind the house."),
]


def test_a_prompt_gets_the_reply_whose_prompts_together_are_most_like_it():
    baseline = NearestCentroid.of(PAIRS)
    assert baseline.reply("Opened on sundays?") == "At eight."
    assert baseline.reply("what does the cake cost, much?") == "Ten."
    assert baseline.reply("is there a parking lot") == "Behind the house."


def test_a_prompt_that_shares_nothing_gets_nothing():
    assert NearestCentroid.of(PAIRS).reply("zzz") == ""


def test_many_phrasings_do_not_outweigh_one_that_fits():
    pairs = [(f"where is room {number}", "Upstairs.") for number in range(50)] + [("where is the exit", "There.")]
    assert NearestCentroid.of(pairs).reply("the exit, where is it") == "There."
