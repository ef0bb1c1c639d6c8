"""Beam search: the most probable translations, several hypotheses of each sentence at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from rowspace.tasks.translation.batches import END, PADDING, START, Chosen, Ragged
from rowspace.tasks.translation.network import TranslationNetwork

ROWS_AT_ONCE = 512  # hypotheses
PIECES_AT_ONCE = 16_384  # of the sources of all of them


@dataclass(frozen=True)
class Search:
    """How to search: how many hypotheses of a sentence are kept, and how their lengths count.

    The sum of a hypothesis's log-probabilities is divided by ((5 + n) / 6) ** length_power, where n is the
    number of its pieces (Wu et al., 2016).
    """

    beam: int
    length_power: float
    only_copied: tuple[int, ...] = ()  # rows of pieces that may be written only where the source has them

    @torch.no_grad()
    def run(self, network: TranslationNetwork, sources: Ragged) -> list[list[int]]:
        """The best translation of each source, without END; of at most 2 n + 10 pieces for one of n."""
        found: list[list[int]] = [[] for _ in range(len(sources))]
        for chosen in self._batches(sources):
            lines, lengths = (torch.from_numpy(each) for each in sources.padded(chosen))
            hypotheses = _Hypotheses(self, network, lines, lengths)
            while hypotheses.advance():
                pass
            for place, best in zip(chosen.tolist(), hypotheses.best, strict=True):
                found[place] = best
        return found

    def softened(self, score: float, pieces: int) -> float:
        """The score by which hypotheses of different lengths are compared."""
        return float(score / ((5 + pieces) / 6) ** self.length_power)

    def _batches(self, sources: Ragged) -> list[Chosen]:
        """All sources, those of about one length together."""
        order = np.argsort(-sources.lengths, kind="stable")
        batches = []
        while len(order):
            most = min(ROWS_AT_ONCE, PIECES_AT_ONCE // max(1, int(sources.lengths[order[0]]))) // self.beam
            batches.append(order[: max(1, most)])
            order = order[max(1, most) :]
        return batches


class _Hypotheses:
    """The hypotheses of some sentences: row s * beam + b of all tensors is hypothesis b of sentence s."""

    def __init__(
        self,
        search: Search,
        network: TranslationNetwork,
        lines: Int64[Tensor, "sentences length"],
        lengths: Int64[Tensor, "sentences"],
    ) -> None:
        self.best: list[list[int]] = [[] for _ in lines]
        self._search, self._network = search, network
        self._best_scores, self._finished = [-np.inf] * len(lines), [0] * len(lines)
        self._limit = 2 * int(lengths.max()) + 10
        self._sentences = list(range(len(lines)))  # those still under way
        self._state = network.begin(lines, lengths)
        self._state.take_(torch.arange(len(lines)).repeat_interleave(search.beam))
        self._written = torch.full((len(lines) * search.beam, 1), START)
        self._scores = torch.full((len(lines), search.beam), -torch.inf)
        self._scores[:, 0] = 0.0  # at first all hypotheses are the same: one counts
        self._barred = [PADDING, START, *search.only_copied]
        self._bars = torch.zeros(len(lines), len(self._barred))  # -inf at what must not be written
        self._bars[:, :2] = -torch.inf
        for place, row in enumerate(search.only_copied, 2):
            self._bars[~(lines == row).any(1), place] = -torch.inf

    def advance(self) -> bool:
        """Write one more piece; False when all sentences are done."""
        beam, steps = self._search.beam, self._written.shape[1]
        logs = self._network.advance(self._state, self._written[:, -1])
        logs[:, self._barred] += self._bars[self._sentences].repeat_interleave(beam, 0)
        if steps >= self._limit:
            logs[:, torch.arange(logs.shape[1]) != END] = -torch.inf
        totals = (self._scores.unsqueeze(2) + logs.view(-1, beam, logs.shape[1])).flatten(1)
        scores, places = totals.topk(min(2 * beam, totals.shape[1]), dim=1)
        self._finish(scores, places, logs.shape[1])
        return self._go_on(scores, places, logs.shape[1])

    def _finish(
        self, scores: Float[Tensor, "under_way top"], places: Int64[Tensor, "under_way top"], num_rows: int
    ) -> None:
        """Keep hypotheses that have come to their end among the best `beam`."""
        beam, steps = self._search.beam, self._written.shape[1]
        at_end = (places % num_rows == END) & (scores > -torch.inf)
        for number, rank in at_end[:, :beam].nonzero().tolist():
            sentence = self._sentences[number]
            self._finished[sentence] += 1
            score = self._search.softened(float(scores[number, rank]), steps)
            if score > self._best_scores[sentence]:
                row = number * beam + int(places[number, rank]) // num_rows
                self._best_scores[sentence] = score
                self.best[sentence] = self._written[row, 1:].tolist()

    def _go_on(
        self, scores: Float[Tensor, "under_way top"], places: Int64[Tensor, "under_way top"], num_rows: int
    ) -> bool:
        """Go on with the best `beam` that have not ended, of sentences that can still become better."""
        beam = self._search.beam
        alive = scores.masked_fill(places % num_rows == END, -torch.inf)
        self._scores, ranks = alive.topk(beam, dim=1)
        chosen = places.gather(1, ranks)
        rows = (torch.arange(len(chosen)) * beam).unsqueeze(1) + chosen // num_rows
        hopes = self._scores[:, 0].tolist()
        open_ = [number for number, hope in enumerate(hopes) if self._is_open(self._sentences[number], hope)]
        if not open_:
            return False
        rows = rows[open_].flatten()
        if len(open_) < len(hopes):
            self._sentences, self._scores = [self._sentences[each] for each in open_], self._scores[open_]
            self._state.take_(rows)
        else:
            self._state.follow_(rows)
        last = (chosen[open_] % num_rows).flatten()
        self._written = torch.cat([self._written[rows], last.unsqueeze(1)], 1)
        return True

    def _is_open(self, sentence: int, hope: float) -> bool:
        """Whether a hypothesis of this sum so far could be the best even at the longest."""
        if self._finished[sentence] >= self._search.beam or hope == -np.inf:
            return False
        return self._search.softened(hope, self._limit) > self._best_scores[sentence]
