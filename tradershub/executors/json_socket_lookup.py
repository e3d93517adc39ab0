"""Asks the receiver what became of orders and waits for one answer each."""

import asyncio
from collections.abc import Sequence

from tradershub.domain.errors import PlatformUnavailable
from tradershub.domain.ids import OrderId
from tradershub.executors.json_socket_link import JsonSocketLink
from tradershub.executors.json_socket_wire import Acknowledgement, encode_question
from tradershub.executors.timers import Timers

_IDS_A_LINE = 500
_ANSWER_SECONDS = 5.0


class JsonSocketLookup:
    def __init__(self, link: JsonSocketLink, timers: Timers) -> None:
        self._link, self._timers = link, timers
        self._asked: dict[OrderId, list[asyncio.Future[Acknowledgement]]] = {}

    async def ask(self, order_ids: Sequence[OrderId]) -> tuple[Acknowledgement, ...]:
        """Return an answer for each id; raises PlatformUnavailable unless all of them come within 5 seconds."""
        answers = tuple(self._expect(order_id) for order_id in order_ids)
        try:
            for start in range(0, len(order_ids), _IDS_A_LINE):
                await self._send(encode_question(order_ids[start : start + _IDS_A_LINE]))
            self._timers.after(_ANSWER_SECONDS, lambda: _give_up(answers, "the receiver did not answer in time"))
            return tuple(await asyncio.gather(*answers))
        finally:
            for answer in answers:
                answer.cancel()

    def answered(self, acknowledgement: Acknowledgement) -> None:
        for answer in self._asked.pop(acknowledgement.order_id, ()):
            if not answer.done():
                answer.set_result(acknowledgement)

    def fail(self, problem: str) -> None:
        """Give up every question: the link is lost."""
        asked, self._asked = self._asked, {}
        for answers in asked.values():
            _give_up(answers, problem)

    def _expect(self, order_id: OrderId) -> asyncio.Future[Acknowledgement]:
        answer: asyncio.Future[Acknowledgement] = asyncio.get_running_loop().create_future()
        self._asked.setdefault(order_id, []).append(answer)
        answer.add_done_callback(lambda _: self._forget(order_id, answer))
        return answer

    def _forget(self, order_id: OrderId, answer: asyncio.Future[Acknowledgement]) -> None:
        waiting = self._asked.get(order_id)
        if waiting is not None and answer in waiting:
            waiting.remove(answer)
            if not waiting:
                del self._asked[order_id]

    async def _send(self, line: bytes) -> None:
        await self._link.ready()
        refusal = self._link.refusal(len(line))
        if refusal is not None:
            raise PlatformUnavailable(refusal)
        self._link.write(line)


def _give_up(answers: Sequence[asyncio.Future[Acknowledgement]], problem: str) -> None:
    for answer in answers:
        if not answer.done():
            answer.set_exception(PlatformUnavailable(problem))
