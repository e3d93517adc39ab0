"""The settings file as pydantic reads it: every key with its type and bounds; nothing outside this package sees it."""

from pydantic import BaseModel, ConfigDict, Field

from tradershub.settings.configuration import DEFAULT_HOOKS_PORT, DEFAULT_HOST, DEFAULT_PORT, LogLevel


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class UiSection(_Section):
    host: str = DEFAULT_HOST
    # Port 0 takes a free one.
    port: int = Field(default=DEFAULT_PORT, ge=0, le=65_535)
    tls_certificate: str = ""
    tls_key: str = ""
    trusted_proxies: list[str] = Field(default_factory=list, max_length=64)
    public_url: str = ""


class HooksSection(_Section):
    enabled: bool = False
    host: str = DEFAULT_HOST
    port: int = Field(default=DEFAULT_HOOKS_PORT, ge=0, le=65_535)
    tls_certificate: str = ""
    tls_key: str = ""
    public_url: str = ""


class HttpSection(_Section):
    connections: int = Field(default=512, ge=16, le=65_535)
    request_seconds: float = Field(default=9.5, ge=1, le=60)
    idle_seconds: int = Field(default=125, ge=5, le=3600)


class LogSection(_Section):
    level: LogLevel = Field(default=LogLevel.INFO, strict=False)
    megabytes: int = Field(default=10, ge=1, le=1000)
    files: int = Field(default=5, ge=1, le=100)


class TradingSection(_Section):
    strict_ticks: bool = False
    zone: str = "America/New_York"
    reset: str = "17:00"


class ReferenceSection(_Section):
    instruments: list[str] = Field(default_factory=list, max_length=16)
    maps: dict[str, str] = Field(default_factory=dict, max_length=16)


class BackupSection(_Section):
    folder: str = ""


class FileModel(_Section):
    ui: UiSection = UiSection()
    hooks: HooksSection = HooksSection()
    http: HttpSection = HttpSection()
    log: LogSection = LogSection()
    trading: TradingSection = TradingSection()
    reference: ReferenceSection = ReferenceSection()
    backup: BackupSection = BackupSection()


def keys_of_sections() -> dict[str, tuple[str, ...]]:
    """Return every section with its keys, in the order of the file."""
    return {
        name: tuple(field.annotation.model_fields)
        for name, field in FileModel.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    }
