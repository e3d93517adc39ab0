"""What planning must know of the lanes: may an order leave at once, and what its platform can do."""

from typing import Protocol

from tradershub.domain.orders import Order, Reason
from tradershub.ports.executor import Capabilities


class Lanes(Protocol):
    def capabilities(self, platform: str) -> Capabilities | None:
        """Return what an installed platform can do, None if it is not installed."""
        ...

    def take_slot(self, order: Order) -> Reason | None:
        """Take a slot for an order that would leave now, or say why it has to wait; taken slots are given back."""
        ...

    def give_back(self, order: Order) -> None:
        """Return the slot of an order that was not stored after all."""
        ...
