"""XLM's merges of byte pairs as a model of the library `tokenizers`, which runs native code."""

from collections.abc import Iterable, Mapping

from tokenizers.models import BPE

END_OF_WORD = "</w>"
_UNKNOWN = "\n"  # replaces characters that no merge and no subword contains; in no word


class BytePairs:
    """Cuts words into subwords, the pair of lowest rank merged first, as XLMTokenizer.bpe does.

    Args:
        ranks: the rank of each merge, from 0.
        vocabulary: subwords; a character that is in no merge may be one.
    """

    def __init__(self, ranks: Mapping[tuple[str, str], int], vocabulary: Iterable[str] = ()):
        pieces = dict.fromkeys([_UNKNOWN, *vocabulary])
        for left, right in ranks:
            pieces.update(dict.fromkeys((left, right, left + right)))
        self._model = BPE(
            vocab={piece: number for number, piece in enumerate(pieces)},
            merges=sorted(ranks, key=ranks.__getitem__),
            end_of_word_suffix=END_OF_WORD,
            unk_token=_UNKNOWN,
            fuse_unk=False,
            cache_capacity=0,
        )

    def cut(self, word: str) -> list[str]:
        """The subwords of a word without white space; the last ends in ``</w>``."""
        pieces = [token.value for token in self._model.tokenize(word)]
        if _UNKNOWN in pieces:
            place = 0
            for n, piece in enumerate(pieces):
                if piece == _UNKNOWN:
                    pieces[n] = word[place] + END_OF_WORD * (place == len(word) - 1)
                place += len(pieces[n])
        return pieces
