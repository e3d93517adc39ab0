"""The instruments and symbol maps that come with the hub, as a hub without settings of its own has them."""

from tradershub.domain.errors import ConfigurationError, Mistake
from tradershub.hub.market import Market
from tradershub.settings.reference_files import ReferenceFiles, load_reference


def shipped_market() -> Market:
    mistakes: list[Mistake] = []
    reference = load_reference(ReferenceFiles(), mistakes)
    if mistakes:
        raise ConfigurationError(*mistakes)
    return Market(reference.instruments, {symbol_map.platform: symbol_map for symbol_map in reference.maps})
