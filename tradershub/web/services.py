"""What every handler can reach: the hub by its ports, and the shell's own parts."""

from dataclasses import dataclass

from tradershub.ports.clock import Clock
from tradershub.ports.control import Control
from tradershub.ports.settings import SettingsStore, Vault
from tradershub.ports.views import Views
from tradershub.web.auth import Authenticator
from tradershub.web.day_figures import DayFigures
from tradershub.web.live import LiveStreams
from tradershub.web.options import WebOptions
from tradershub.web.rendering import Rendering
from tradershub.web.second_factor import SecondFactor
from tradershub.web.sessions import Sessions
from tradershub.web.sign_in import SignIn
from tradershub.web.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    control: Control
    views: Views
    settings: SettingsStore
    clock: Clock
    options: WebOptions
    authenticator: Authenticator
    sessions: Sessions
    tokens: Tokens
    sign_in: SignIn
    second_factor: SecondFactor
    streams: LiveStreams
    rendering: Rendering
    day: DayFigures


def build_services(
    *, control: Control, views: Views, settings: SettingsStore, vault: Vault, clock: Clock, options: WebOptions
) -> Services:
    day = DayFigures(views=views, clock=clock)
    sessions = Sessions(settings=settings, clock=clock)
    tokens = Tokens(settings=settings, clock=clock)
    second_factor = SecondFactor(settings=settings, vault=vault, clock=clock)
    return Services(
        control=control,
        views=views,
        settings=settings,
        clock=clock,
        options=options,
        authenticator=Authenticator(tokens=tokens, sessions=sessions),
        sessions=sessions,
        tokens=tokens,
        sign_in=SignIn(
            settings=settings,
            clock=clock,
            user_name=options.user_name,
            sessions=sessions,
            second_factor=second_factor,
        ),
        second_factor=second_factor,
        streams=LiveStreams(control=control, clock=clock, options=options, day=day),
        rendering=Rendering(control=control, clock=clock, options=options, day=day),
        day=day,
    )
