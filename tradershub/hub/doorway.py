"""Everything a message meets from the door to its plan, built once."""

from collections.abc import Callable

from tradershub.hub.aftermath import Aftermath
from tradershub.hub.doorkeeper import Doorkeeper
from tradershub.hub.duplicates import Duplicates
from tradershub.hub.engine import Engine
from tradershub.hub.explainer import Explainer
from tradershub.hub.pipeline import Pipeline
from tradershub.hub.plans import Consequence
from tradershub.hub.quote_book import QuoteBook
from tradershub.hub.secret_book import SecretBook
from tradershub.hub.signal_intake import SignalIntake
from tradershub.hub.source_desk import SourceDesk
from tradershub.hub.surroundings import Surroundings

LONGEST_WINDOW_S = 3600
"""The longest time in which a source may know a message again by its content."""


class Doorway:
    """Intake, explainer and the desk of sources share one pipeline and one book of secrets."""

    def __init__(
        self, given: Surroundings, engine: Engine, quotes: QuoteBook, *, pause: Callable[[str], Consequence]
    ) -> None:
        secret_book = SecretBook(vault=given.vault, secrets=given.secrets, common=given.common_secret)
        pipeline = Pipeline(given, engine, quotes)
        self.duplicates = Duplicates(longest_window_s=LONGEST_WINDOW_S)
        self.sources = SourceDesk(given, secret_book)
        self.explainer = Explainer(given, pipeline, secret_book)
        self.intake = SignalIntake(
            given,
            pipeline=pipeline,
            doorkeeper=Doorkeeper(given, secret_book),
            duplicates=self.duplicates,
            aftermath=Aftermath(router=engine.router, clock=given.clock, pause=pause),
        )
