"""How the limits of a listener reach the protocols that uvicorn makes for its connections."""

from typing import Any

import uvicorn

from tradershub.web.request_guard import ListenerState


class ListenerConfig(uvicorn.Config):
    """uvicorn's configuration, with what the connections of one listener share."""

    def __init__(self, app: Any, *, state: ListenerState, **settings: Any) -> None:
        super().__init__(app, **settings)
        self.listener_state = state


def listener_state(config: uvicorn.Config) -> ListenerState:
    if not isinstance(config, ListenerConfig):
        raise TypeError("guarded protocols are made by build_server, which gives them their limits")
    return config.listener_state
