"""All commands of `tradershub`, with what they load."""

import typer

from tradershub.cli import at_once, check, tokens
from tradershub.cli.run import demo, run
from tradershub.cli.terminal import application
from tradershub.cli.transfer import export, import_settings
from tradershub.cli.upkeep import backup, replay, restore


def main() -> None:
    commands()()


def commands() -> typer.Typer:
    """Return the whole command line."""
    every = application("One trading signal becomes checked, journaled orders on every account you configured.")
    every.command("run")(run)
    every.command("demo")(demo)
    every.add_typer(_checks())
    at_once.add_to(every)
    every.command("backup")(backup)
    every.command("restore")(restore)
    every.command("replay")(replay)
    every.command("export")(export)
    every.command("import")(import_settings)
    every.add_typer(_tokens())
    return every


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
