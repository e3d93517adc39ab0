"""Everything that decides who somebody is: tokens, sessions, signing in, the second factor."""

from dataclasses import dataclass

from tradershub.ports.clock import Clock
from tradershub.ports.settings import SettingsStore, Vault
from tradershub.web.auth import Authenticator
from tradershub.web.second_factor import SecondFactor
from tradershub.web.sessions import Sessions
from tradershub.web.sign_in import SignIn
from tradershub.web.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    authenticator: Authenticator
    sessions: Sessions
    tokens: Tokens
    sign_in: SignIn
    second_factor: SecondFactor


def build_people(*, settings: SettingsStore, vault: Vault, clock: Clock, user_name: str) -> People:
    sessions = Sessions(settings=settings, clock=clock)
    tokens = Tokens(settings=settings, clock=clock)
    second_factor = SecondFactor(settings=settings, vault=vault, clock=clock)
    sign_in = SignIn(
        settings=settings, clock=clock, user_name=user_name, sessions=sessions, second_factor=second_factor
    )
    return People(
        authenticator=Authenticator(tokens=tokens, sessions=sessions),
        sessions=sessions,
        tokens=tokens,
        sign_in=sign_in,
        second_factor=second_factor,
    )
