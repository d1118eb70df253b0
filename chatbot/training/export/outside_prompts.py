"""Prompts that are outside for a bot, to calibrate its confidence on.

Exposure to outliers (Hendrycks et al. 2019, "Deep anomaly detection with outlier exposure") needs some of any kind.
Some were written for this purpose, in groups; a group of which the corpus has much is left out, as it is not outside
for that bot. Others are made of the corpus itself: its words in any order, and the letters of its prompts.
"""

from collections.abc import Callable, Sequence

import numpy as np

#: A prompt of a group is near the corpus from this cosine on, and so many near ones leave the group out.
_NEAR, _MOST_NEAR = 0.6, 0.2
#: Prompts of each kind that are made of the corpus.
_MADE = 24

_SMALL_TALK = """\
do you like jazz music?
how old are you
what is your favourite colour
tell me a story about a dragon
are you married
i am so bored today
my cat is asleep on the sofa
did you watch the match last night?
good morning sunshine
you are very funny
i had a fight with my sister and she will not talk to me
what did you dream of
where do you live
let's play a game
i feel lonely
yesterday we went to the lake with my cousins and somebody had forgotten the sandwiches, so we had ice cream for lunch
can you sing
happy birthday
what are you doing this weekend
is there life on mars
it rained all day, so we stayed in and baked a cake"""
_KNOWLEDGE = """\
what thread pitch has an m8 bolt
who wrote the brothers karamazov
how tall is the highest mountain in peru
what is the boiling point of ethanol
when did the roman empire fall
what do llamas eat
which planet has the most moons
how many bones does a human hand have
i have been reading about the history of the silk road and wonder which cities lay on it and what was traded there
what is the square root of 1764
who painted the night watch
explain the difference between mitosis and meiosis
how far is the moon from the earth
what language do they speak in angola
why is the sky blue
name three rivers in siberia
what year was the printing press invented"""
_TASKS = """\
translate this sentence into swedish
remind me to call the plumber at five
book a table for two on friday night
turn off the lights in the kitchen
what will the weather be like in lisbon tomorrow
write a python function that sorts a list of dates
set an alarm for half past six
find me a cheap flight to oslo
how do i get a wine stain out of a carpet
what time does the last train to leeds leave
convert 40 miles to kilometres
summarize the attached report in two sentences
i need a plan for a week of hiking with two children, nothing too steep, with a hut to sleep in every night
play the new album by that norwegian band
how long should i boil an egg
who is my member of parliament
my printer says paper jam but there is no paper in it"""
_TRADES = """\
can i return these shoes without the box
what is the interest rate on a mortgage
my parcel was left with a neighbour whom i do not know
how do i reset the password of my account
do you have a gluten-free menu
i would like to cancel my gym membership from next month on
does the insurance cover a broken windscreen
the app crashes every time i open the camera
i ordered a blue lamp three weeks ago and got a green one, and nobody answers when i call to have it exchanged
i paid for the express delivery, yet the letter says that it will only come on thursday, so who refunds me?
which tyre pressure do i need for a trailer
is there parking near the stadium
i need an appointment with an eye doctor
how do i register a birth at the town hall
can my dog stay in the hotel room
what size of bicycle fits a child of eight years
the boiler makes a knocking noise and there is no hot water
are there any seats left for the matinee on sunday? i would need three, one of them for a wheelchair"""
_TONGUES = """\
wie komme ich am besten zum bahnhof
können sie mir bitte helfen, ich habe meinen schlüssel verloren
où se trouve la pharmacie la plus proche
je voudrais un café sans sucre
¿cuánto cuesta un billete a sevilla?
mi hermano vive en una casa muy pequeña
che ore sono adesso
quero comprar um guarda-chuva
waar kan ik een fiets huren
hvor mange mennesker bor her
nie rozumiem tego pytania
bu otobüs havaalanına gidiyor mu
где находится ближайшая станция метро
сколько стоит этот словарь
πού είναι το μουσείο
今天天气怎么样
请问洗手间在哪里
この電車は京都に行きますか
駅までどのくらいかかりますか
이 근처에 서점이 있나요
버스를 놓쳐서 늦었어요
أين تقع المكتبة
כמה זה עולה
यह किताब किसने लिखी
ราคาเท่าไหร่"""
_NOISE = """\
asdfgh
qwertz uiop
kjh sdf lkj wer
xxxxxxxx
zzz 123 zzz
fhqwhgads
a b c d e f g
1 2 3 4
42
???
...
!!!!!!
🙂
🔥🔥🔥
👍 👍
😂😭❤️
ok
hmm
the
lol omg
%$&/ §"!
http://example.com/a?b=c
<html></html>
null"""
_GROUPS = tuple(group.splitlines() for group in (_SMALL_TALK, _KNOWLEDGE, _TASKS, _TRADES, _TONGUES, _NOISE))


def outside_prompts(known: Sequence[str], similarity: Callable[[str], float], rng: np.random.Generator) -> list[str]:
    """Collect prompts that are outside for a bot.

    Args:
        known: The prompts that it was trained on, or some of them, at least one.
        similarity: The cosine of a prompt with the nearest of those that it was trained on.
        rng: Draws those that are made of the corpus.

    Returns:
        Distinct prompts, none of which the bot was trained on.
    """
    written = [prompt for group in _GROUPS if _is_outside(group, similarity) for prompt in group]
    far = [prompt for prompt in written if similarity(prompt) < _NEAR]
    taught = set(known)
    return list(dict.fromkeys(prompt for prompt in [*far, *_made_of(known, rng)] if prompt not in taught))


def _is_outside(group: Sequence[str], similarity: Callable[[str], float]) -> bool:
    """Whether a corpus has little of a group."""
    return sum(similarity(prompt) >= _NEAR for prompt in group) <= _MOST_NEAR * len(group)


def _made_of(known: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Prompts of the words of a corpus in any order, and of the letters of its prompts in any order."""
    words = [word for prompt in known[:: max(1, len(known) // 1000)] for word in prompt.split()]
    lengths = [len(known[row].split()) for row in rng.integers(len(known), size=_MADE)]
    shuffled = [" ".join(rng.choice(words, max(length, 3))) for length in lengths]
    mashed = ["".join(rng.permutation(list(known[row]))) for row in rng.integers(len(known), size=_MADE)]
    return [*shuffled, *mashed]
