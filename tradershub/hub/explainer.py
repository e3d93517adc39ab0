"""What a message would come to: the same reading and the same plan as the real thing, with nothing kept or sent."""

from collections.abc import Mapping

import msgspec

from tradershub.domain.errors import SignalRefused
from tradershub.domain.signals import Reading, Signal
from tradershub.domain.sources import Source
from tradershub.hub import answers
from tradershub.hub.explain_question import Question, ageless, read_question
from tradershub.hub.explained_rows import (
    answer_row,
    parse_row,
    plan_rows,
    refused_row,
    signal_shown,
    signal_unplanned,
)
from tradershub.hub.pipeline import Pipeline
from tradershub.hub.plans import Moment, Plan
from tradershub.hub.secret_book import SecretBook
from tradershub.hub.surroundings import Surroundings
from tradershub.ports.dialect import Body, Dialect, Habits
from tradershub.ports.views import Row


class Explainer:
    """Implements ports.control.Explainer. A message is judged without regard to its age and secret."""

    def __init__(self, given: Surroundings, pipeline: Pipeline, secret_book: SecretBook) -> None:
        self._registry = given.registry
        self._reader = given.reader
        self._clock = given.clock
        self._pipeline = pipeline
        self._secrets = secret_book

    async def explain(self, document: Mapping[str, object]) -> Row:
        question = read_question(document, self._registry.sources, self._reader)
        source = question.source or Source(name="explain")
        dialect: Dialect | None = None
        try:
            body = self._reader.read(question.raw)
            dialect = self._dialect(question, body)
            secret = self._secret(source, question, body, dialect)
            reading = dialect.parse(body, self._habits(source))
        except SignalRefused as refusal:
            return refused_row(refusal, dialect, "missing" if dialect is None else self._told(question, dialect))
        return self._planned(source, dialect, reading, secret)

    def _dialect(self, question: Question, body: Body) -> Dialect:
        named = None if question.dialect is None else self._reader.named(question.dialect)
        if named is not None:
            return named
        if question.source is None:
            return self._reader.choose(body, "", ())
        return self._reader.choose(body, question.source.name, question.source.dialects)

    def _told(self, question: Question, dialect: Dialect) -> str:
        try:
            body = self._reader.read(question.raw)
        except SignalRefused:
            return "missing"
        return self._secret(question.source or Source(name="explain"), question, body, dialect)

    def _secret(self, source: Source, question: Question, body: Body, dialect: Dialect) -> str:
        offered = dialect.secret(body)
        sources = [source] if question.source is not None else list(self._registry.sources.values())
        states = [self._secrets.admit(s, (offered,), self._clock.now()).state.value for s in sources]
        return next((state for state in ("ok", "wrong") if state in states), "missing")

    def _habits(self, source: Source) -> Habits:
        return Habits(
            zone=source.zone,
            default_strategy=source.default_strategy,
            default_symbol=source.default_symbol,
            received_at=self._clock.now(),
        )

    def _planned(self, source: Source, dialect: Dialect, reading: Reading, secret: str) -> Row:
        plans: list[Plan] = []
        named = tuple(ageless(signal, source, index) for index, signal in enumerate(reading.signals))
        moment = Moment(at=self._clock.now(), perf=self._clock.perf())
        try:
            plans.extend(self._pipeline.plan(signal, source, moment) for signal in named)
            receipt = answers.stored(tuple(s.signal_id for s in named), plans, reading.ignored)
            rows = [row for plan in plans for row in plan_rows(plan)]
            rounded = [
                {"field": r.field, "from": r.was, "to": r.became} for plan in plans for r in plan.resolved.rounded
            ]
        except SignalRefused as refusal:
            # The message was understood; what is wrong is what it asks of this instrument or this configuration.
            return self._unplanned(refusal, dialect, reading, named, secret)
        finally:
            for plan in reversed(plans):
                self._pipeline.undo(plan)
        shown = [signal_shown(plan, read) for plan, read in zip(plans, reading.signals, strict=True)]
        answer = msgspec.json.decode(receipt.body)
        for key in ("signal_id", "signals"):
            answer[key] = None
        return {
            "parse": parse_row(reading, dialect, rounded),
            "secret": secret,
            "signals": shown,
            "plan": rows,
            "answer": {"http": receipt.http_status, "body": answer},
        }

    def _unplanned(
        self, refusal: SignalRefused, dialect: Dialect, reading: Reading, named: tuple[Signal, ...], secret: str
    ) -> Row:
        parse = dict(parse_row(reading, dialect, []))
        if parse["status"] == "accept":
            parse["status"] = "needs_context" if refusal.code in ("missing", "cannot_size") else "reject"
        parse["code"], parse["message"] = refusal.code, refusal.advice
        kept = parse["status"] == "needs_context"
        return {
            "parse": parse,
            "secret": secret,
            "signals": [signal_unplanned(signal) for signal in named] if kept else [],
            "plan": [],
            "answer": answer_row(refusal),
        }
