from tests.corpus.formats.reading import read, recognized, write

CONTENT = (
    "text:your persona: i keep bees.\\nyour persona: i sing.\\nHello, who are you?\tlabels:A beekeeper.|I keep bees."
    "\tlabel_candidates:x|y\tepisode_done:False\n"
    "text:Do they sting?\tlabels:Not me __PIPE__ ever.\tepisode_done:True\n"
    "id:7\ttext:New day.\teval_labels:Morning!\n"
    "text:no answer here\tepisode_done:True\n"
)


def test_an_episode_goes_on_until_it_is_done(tmp_path):
    path = write(tmp_path, CONTENT)
    assert recognized(path) == "parlai"
    result = read("parlai", path)
    assert result.texts == [
        ["Hello, who are you?", "A beekeeper.", "Do they sting?", "Not me | ever."],
        ["New day.", "Morning!"],
    ]
    assert result.conversations[0][1].alternatives == ("I keep bees.",)
    assert [turn.learn for turn in result.conversations[0]] == [False, True, False, True]
    assert result.problems == ["4: no text: or no labels:"]
