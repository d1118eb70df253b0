"""What is left of a Korean prompt without spaces, fillers and the ending of its last word."""

import re

_EMOTE = re.compile(r"[\u3131-\u318e]+")  # letters that are no syllable: laughing, weeping
_HANGUL = re.compile(r"[\uac00-\ud7a3]")

#: Words that change nothing of what is asked: who speaks, calls, and words for "very", "just", "now", "again".
_FILLERS = frozenset(
    re.findall(
        r"\w+",
        """
        나 난 내가 나는 저 전 제가 저는 너 넌 너는 니가 네가 우리 저희 야 아 오 와 헐 챗봇 챗봇아 안녕 안녕하세요
        제발 혹시 진짜 진짜로 정말 정말로 너무 넘 완전 엄청 되게 매우 아주 참 좀 조금 더 다 그냥 걍 막 뭔가 약간
        근데 그런데 그래서 요즘 요새 오늘 지금 또 다시 계속 자꾸 이제 드디어 벌써 이거 이건
        """,
    )
)

#: Of verbs and of the copula, plain, polite, asking and as notes are written; the longest that fits is taken off.
_ENDINGS = sorted(
    re.findall(
        r"\w+",
        """
        같아요 같습니다 같은데 같아 같네 습니다 습니까 입니다 입니까 이에요 이예요 예요 에요 인가요 은가요 는가요
        나요 가요 까요 죠 지요 네요 군요 거든요 는데요 은데요 데요 래요 대요 어요 아요 해요 여요 이야 야 이니 니
        냐 까 지 네 군 거든 는데 은데 데 래 대 어 아 여 음 임 다 요 해 됨 함 자 라 줘 줘요 주세요
        """,
    ),
    key=len,
    reverse=True,
)


def is_korean(text: str) -> bool:
    """Whether `text` has a Korean syllable."""
    return _HANGUL.search(text) is not None


def drop_emotes(text: str) -> str:
    """Return `text` without letters that are no syllable."""
    return _EMOTE.sub(" ", text)


def bare(text: str) -> str:
    """Return lower-case `text` without punctuation as one word, its fillers and its last ending dropped.

    What would leave less than two syllables is kept.
    """
    words = drop_emotes(text).split()
    joined = "".join([word for word in words if word not in _FILLERS] or words)
    for ending in _ENDINGS:
        if joined.endswith(ending) and len(joined) >= len(ending) + 2:
            return joined.removesuffix(ending)
    return joined
