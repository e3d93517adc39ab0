"""What every handler can reach: the hub by its ports, and the shell's own parts."""

from dataclasses import dataclass

from tradershub.ports.clock import Clock
from tradershub.ports.control import Control
from tradershub.ports.settings import SettingsStore, Vault
from tradershub.ports.views import Views
from tradershub.web.day_figures import DayFigures
from tradershub.web.live import LiveStreams
from tradershub.web.options import WebOptions
from tradershub.web.people import People, build_people
from tradershub.web.rendering import Rendering


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    control: Control
    views: Views
    settings: SettingsStore
    clock: Clock
    options: WebOptions
    people: People
    streams: LiveStreams
    rendering: Rendering
    day: DayFigures


def build_services(
    *, control: Control, views: Views, settings: SettingsStore, vault: Vault, clock: Clock, options: WebOptions
) -> Services:
    day = DayFigures(views=views, clock=clock)
    return Services(
        control=control,
        views=views,
        settings=settings,
        clock=clock,
        options=options,
        people=build_people(settings=settings, vault=vault, clock=clock, user_name=options.user_name),
        streams=LiveStreams(control=control, clock=clock, options=options, day=day),
        rendering=Rendering(control=control, clock=clock, options=options, day=day),
        day=day,
    )
