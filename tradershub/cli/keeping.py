"""The commands that look after a data folder: check, backup, restore, replay, export, import, token."""

import typer

from tradershub.cli import check, tokens
from tradershub.cli.terminal import application
from tradershub.cli.transfer import export, import_settings
from tradershub.cli.upkeep import backup, replay, restore


def add_to(commands: typer.Typer) -> None:
    commands.add_typer(_checks())
    commands.command("backup")(backup)
    commands.command("restore")(restore)
    commands.command("replay")(replay)
    commands.command("export")(export)
    commands.command("import")(import_settings)
    commands.add_typer(_tokens())


def main() -> None:
    commands = application("The commands that look after a data folder.")
    add_to(commands)
    commands()


def _checks() -> typer.Typer:
    checks = application(
        "Check what would keep a hub from starting, or alerts from arriving.", name="check", needs_command=False
    )
    checks.callback(invoke_without_command=True)(check.check)
    checks.command("configuration")(check.configuration)
    checks.command("store")(check.store)
    checks.command("ports")(check.ports)
    checks.command("reach")(check.reach)
    return checks


def _tokens() -> typer.Typer:
    group = application("Tokens for programs that use the API.", name="token")
    group.command("create")(tokens.create)
    group.command("list")(tokens.show)
    group.command("revoke")(tokens.revoke)
    return group
