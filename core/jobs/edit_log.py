"""The changes by hand to a run's network, as the server knows them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.messages.edits import Edit, Timeline, added


@dataclass(frozen=True)
class EditLog:
    """The edits that the worker has confirmed, and those that were sent to it since.

    Attributes:
        confirmed: each with the epoch after which it took effect.
        sent: in the order in which the worker gets them.
    """

    confirmed: Timeline = ()
    sent: tuple[Edit, ...] = ()

    def send(self, edit: Edit) -> EditLog:
        """Return the log with one more edit sent."""
        return replace(self, sent=(*self.sent, edit))

    def confirm(self, epochs: tuple[int, ...]) -> EditLog:
        """Return the log after the worker has said after which epochs the next sent edits took effect."""
        confirmed = self.confirmed
        for epoch, edit in zip(epochs, self.sent, strict=False):
            confirmed = added(confirmed, epoch, edit)
        return EditLog(confirmed, self.sent[len(epochs) :])

    def drop_sent(self) -> EditLog:
        """Return the log without the edits that never reached the worker."""
        return replace(self, sent=())

    def timeline(self, epoch: int) -> Timeline:
        """Return all edits; those that were sent take effect after the present epoch at the earliest."""
        timeline = self.confirmed
        for edit in self.sent:
            timeline = added(timeline, epoch, edit)
        return timeline
