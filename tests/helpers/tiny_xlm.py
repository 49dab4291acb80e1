"""A real XLMTokenizer from files, with a byte-pair vocabulary learnt on the spot."""

import heapq
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path

from transformers import XLMTokenizer
from transformers.models.xlm.tokenization_xlm import lowercase_and_remove_accent

# As XLM-15 numbers its languages.
_XLM15_LANGUAGES = "ar bg de el en es fr hi ru sw th tr ur vi zh"
LANG2ID = {language: number for number, language in enumerate(_XLM15_LANGUAGES.split())}

SAMPLE = """
The Denver Broncos beat the Carolina Panthers 24–10 at Levi's® Stadium (Santa Clara, California).
"Mr. Smith" didn't pay $1,200.50 on 7 Feb. 2016 … e.g. at No. 5; see http://example.org/a_b?c=d#e.
Beyoncé sang “Halo”; Bruno Mars’s band—the Hooligans—played ‘Uptown Funk’ ... for 30 %, i.e. 30%.
Die Straße in Köln heißt „Große Budengasse“ und ist 3,5 km lang. ¿Dónde está el niño? ¡Aquí!
Η Αθήνα είναι η πρωτεύουσα της Ελλάδας· ΟΔΥΣΣΕΥΣ ταξίδεψε. Москва — столица России, ёлка, чай.
İstanbul'da güneşli bir gün, ılık rüzgâr. Thành phố Hồ Chí Minh là thành phố lớn nhất Việt Nam.
भारत की राजधानी नई दिल्ली है। क़ुतुब मीनार ७३ मीटर ऊँची है। وُلِدَ في القاهرة عام ١٩٥٢م، وعاش فيها؛ نعم.
"""


def learn_merges(words: Mapping[str, int], number: int) -> list[tuple[str, str]]:
    """Byte-pair merges by falling frequency, as subword-nmt learns them."""
    pieces = [[*word[:-1], word[-1] + "</w>"] for word in words]
    frequency = list(words.values())
    counts: Counter = Counter()
    where: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for index, word in enumerate(pieces):
        for pair in pairwise(word):
            counts[pair] += frequency[index]
            where[pair].add(index)
    heap = [(-count, pair) for pair, count in counts.items()]
    heapq.heapify(heap)
    merges: list[tuple[str, str]] = []
    while heap and len(merges) < number:
        count, pair = heapq.heappop(heap)
        if counts[pair] != -count or not count:
            if counts[pair] > 0:
                heapq.heappush(heap, (-counts[pair], pair))
            continue
        merges.append(pair)
        touched = set()
        for index in where.pop(pair):
            old = pieces[index]
            new, i = [], 0
            while i < len(old):
                if tuple(old[i : i + 2]) == pair:
                    new.append(old[i] + old[i + 1])
                    i += 2
                else:
                    new.append(old[i])
                    i += 1
            for p in pairwise(old):
                counts[p] -= frequency[index]
            for p in pairwise(new):
                counts[p] += frequency[index]
                where[p].add(index)
                touched.add(p)
            pieces[index] = new
        del counts[pair]
        for p in touched:
            heapq.heappush(heap, (-counts[p], p))
    return merges


def build_tokenizer(folder: Path, texts: Iterable[str] = (), merges: int = 300) -> XLMTokenizer:
    """Learn a vocabulary on ``texts`` as XLM folds them, write its files and load them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text('{"<unk>": 0}')
    (folder / "merges.txt").write_text("")
    blank = XLMTokenizer(folder / "vocab.json", folder / "merges.txt")
    words: Counter = Counter()
    for text in [*SAMPLE.splitlines(), *texts]:
        cut = blank.moses_tokenize(blank.moses_pipeline(text, "en"), "en")
        words.update(word for word in lowercase_and_remove_accent(cut) if word)
    pairs = learn_merges(words, merges)
    letters = sorted({letter for word in words for letter in word})
    vocabulary = [
        *["<s>", "</s>", "<pad>", "<unk>"],
        *[f"<special{n}>" for n in range(10)],
        *[form for letter in letters for form in (letter, letter + "</w>")],
        *["".join(pair) for pair in pairs],
    ]
    numbers = {token: number for number, token in enumerate(dict.fromkeys(vocabulary))}
    (folder / "vocab.json").write_text(json.dumps(numbers, ensure_ascii=False))
    (folder / "merges.txt").write_text("".join(f"{a} {b}\n" for a, b in pairs))
    return XLMTokenizer(
        folder / "vocab.json",
        folder / "merges.txt",
        lang2id=LANG2ID,
        id2lang={number: language for language, number in LANG2ID.items()},
    )
