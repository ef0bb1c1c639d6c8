"""The progress bar of a training: epoch, words a second, loss so far, time left; on standard error."""

from __future__ import annotations

from types import TracebackType

from tqdm import tqdm

from rowspace.training.loop import State

SHOW_AFTER_SECONDS = 1.0


class Progress:
    """A bar over all epochs that stays silent in the first second, and always where `show` is false."""

    def __init__(self, show: bool, *, num_ids: int, num_tokens: int, epochs: int, done: int = 0) -> None:
        """Measure in words of the corpus: `num_ids` of the stream stand for `num_tokens` of them.

        `done` ids of a resumed training are behind already.
        """
        self._epochs = epochs
        self._words_an_id = num_tokens / num_ids
        self._bar = tqdm(
            initial=round(done * self._words_an_id),
            total=num_tokens * epochs,
            unit=" words",
            unit_scale=True,
            disable=not show,
            delay=SHOW_AFTER_SECONDS,
            dynamic_ncols=True,
        )

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()

    def report(self, state: State, done: int) -> None:
        """Show how far training is: `done` counts the ids of all epochs."""
        if self._bar.disable:
            return
        self._bar.set_description(f"epoch {min(state.epoch + 1, self._epochs)}/{self._epochs}", refresh=False)
        loss = state.mean_loss() or (state.losses[-1] if state.losses else 0.0)
        held_out = {"held_out": f"{state.held_out[-1]:.4f}"} if state.held_out else {}
        self._bar.set_postfix(loss=f"{loss:.4f}", **held_out, refresh=False)
        self._bar.update(round(done * self._words_an_id) - self._bar.n)
