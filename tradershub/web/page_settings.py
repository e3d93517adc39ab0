"""Settings: sources and their secrets, tokens, the password, the second factor, and what runs here."""

import asyncio
import functools
import platform
from collections.abc import Mapping
from importlib import metadata
from typing import Final

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from tradershub.domain.clock import iso
from tradershub.domain.errors import RequestRefused
from tradershub.ports.views import Row
from tradershub.web.forms import Form
from tradershub.web.pages_common import (
    PAGE,
    alert_command,
    flash_refusal,
    part,
    see_other,
    show,
    told,
    webhook_path,
)
from tradershub.web.qr_code import qr_matrix
from tradershub.web.requests import Answer, HubRequest, missing
from tradershub.web.second_factor import enrolment_uri, new_secret

_BOXES: Final = ("enabled", "path_token")
_LISTS: Final = ("dialects", "addresses")
_WHOLE: Final = ("dedupe_window_s", "max_ahead_s")
_TEXTS: Final = ("zone", "default_strategy", "default_symbol")
_LONGEST_LICENCE: Final = 60


@get("/settings", opt=PAGE)
async def settings(request: HubRequest) -> Answer:
    return await _page(request)


@post("/settings/sources/{name:str}", opt=PAGE)
async def replace_source(request: HubRequest, name: FromPath[str]) -> Answer:
    form = await request.typed()
    row = _source(request, name)
    target = f"source:{name}"
    try:
        document = source_document(form, row)
        await request.services.control.sources.replace(name, document, who=request.who)
    except RequestRefused as refused:
        field = (refused.field or "form").partition("[")[0]
        typed = {**row, **form.as_typed(), **{box: form.checked(box) for box in _BOXES}}
        return await _page(request, _form(target, typed, {field: told(refused)}))
    request.flash("success", f"Source {name} is saved.")
    return see_other("/settings#sources")


@post("/settings/sources/{name:str}/rotate", opt=PAGE)
async def rotate(request: HubRequest, name: FromPath[str]) -> Answer:
    form = await request.typed()
    row = _source(request, name)
    try:
        await _prove(request, form)
        new = await request.services.control.sources.rotate(name, {}, who=request.who)
    except RequestRefused as refused:
        return await _page(request, _form(f"source:{name}", row, {refused.field or "totp": told(refused)}))
    base = request.services.options.webhook_base
    url = base + webhook_path(name)
    request.session_at_page.shown_once["new_secret"] = {
        "source": name,
        "secret": new.secret,
        "webhook_url": url,
        "path_url": None if new.path is None else base + new.path,
        "curl": alert_command(url, new.secret, _first_strategy(request)),
    }
    return see_other("/settings")


@post("/settings/tokens", opt=PAGE)
async def create_token(request: HubRequest) -> Answer:
    form = await request.typed()
    name, scopes = form.text("name"), form.texts("scopes")
    try:
        await _prove(request, form)
        new = await request.services.people.tokens.create(name, scopes, who=request.who)
    except RequestRefused as refused:
        typed = {"name": name, "scopes": scopes}
        return await _page(request, _form("token", typed, {refused.field or "name": told(refused)}))
    request.session_at_page.shown_once["new_token"] = {"name": name, "token": new.token}
    return see_other("/settings")


@post("/settings/tokens/{token_id:str}/delete", opt=PAGE)
async def delete_token(request: HubRequest, token_id: FromPath[str]) -> Answer:
    try:
        await request.services.people.tokens.delete(token_id, who=request.who)
    except RequestRefused as refused:
        flash_refusal(request, "No token was deleted.", refused)
    else:
        request.flash("success", "The token is deleted: it does not work any more.")
    return see_other("/settings#tokens")


@post("/settings/password", opt=PAGE)
async def change_password(request: HubRequest) -> Answer:
    form = await request.typed()
    new, repeat = form.raw("password"), form.raw("repeat")
    try:
        await request.services.people.sign_in.change_password(
            request.session_at_page, current=form.raw("current"), new=new, repeat=repeat
        )
    except RequestRefused as refused:
        return await _page(request, _form("password", {}, {refused.field or "current": told(refused)}))
    request.flash("success", "The password is changed. Every other session has ended.")
    return see_other("/settings#signin")


@post("/settings/totp", opt=PAGE)
async def enrol(request: HubRequest) -> Answer:
    form = await request.typed()
    session, code = request.session_at_page, form.text("code")
    factor = request.services.people.second_factor
    if await factor.is_enrolled(session.user):
        return see_other("/settings#signin")
    if not code or session.enrolling is None:
        session.enrolling = new_secret()
        return see_other("/settings#signin")
    enrolled = await factor.enrol(session.user, session.enrolling, code)
    if enrolled is None:
        error = "This code does not fit. Check the clock of this machine and of the authenticator."
        return await _page(request, _form("totp", {}, {"code": error}))
    session.enrolling = None
    session.shown_once["recovery"] = list(enrolled.recovery_codes)
    request.flash("success", "Two-factor sign-in is on.")
    return see_other("/settings")


@post("/settings/totp/disable", opt=PAGE)
async def disable_totp(request: HubRequest) -> Answer:
    form = await request.typed()
    session = request.session_at_page
    try:
        await request.services.people.sign_in.check_password(session, form.raw("password"), field="password")
        await _prove(request, form)
    except RequestRefused as refused:
        return await _page(request, _form("totp", {}, {refused.field or "totp": told(refused)}))
    await request.services.people.second_factor.disable(session.user)
    request.flash("success", "Two-factor sign-in is off.")
    return see_other("/settings#signin")


@post("/settings/sessions/end", opt=PAGE)
async def end_sessions(request: HubRequest) -> Answer:
    ended = await request.services.people.sessions.end_others(request.session_at_page)
    request.flash("success", f"{ended} other session{'' if ended == 1 else 's'} ended.")
    return see_other("/settings#signin")


def source_document(form: Form, stored: Row) -> dict[str, object]:
    """Return the document of the API: every field of the form, the rest as it is stored."""
    document = dict(stored)
    document |= {name: form.checked(name) for name in _BOXES}
    document |= {name: form.words(name) for name in _LISTS}
    document |= {name: form.text(name) or None for name in _TEXTS}
    document["auth"] = form.text("auth") or stored["auth"]
    for name in _WHOLE:
        text = form.text(name)
        if not (text.isascii() and text.isdigit() and len(text) <= 9):
            raise RequestRefused(422, "invalid", "write a whole number of seconds", field=name, got=text)
        document[name] = int(text)
    return document


async def _page(request: HubRequest, form: Row | None = None) -> Answer:
    services = request.services
    shown = request.session_at_page.shown_once
    context = {
        "sources": await _sources(request),
        "new_secret": shown.pop("new_secret", None),
        "tokens": await services.people.tokens.rows(),
        "new_token": shown.pop("new_token", None),
        "profile": await _profile(request),
        "totp_setup": _totp_setup(request),
        "recovery": shown.pop("recovery", None),
        "about": {
            "version": services.options.version,
            "python": platform.python_version(),
            "database": services.options.database,
            "data_folder": services.options.data_folder,
            "started_at": services.options.started_at,
            "schema": services.options.database_schema,
        },
        "licences": await asyncio.to_thread(licences),
        "form": form,
    }
    return await show(request, "settings.html", "settings", context, status=200 if form is None else 422)


async def _sources(request: HubRequest) -> list[Row]:
    services = request.services
    base = services.options.webhook_base
    made = {secret.source: secret.created_at for secret in await services.settings.secrets() if secret.strategy is None}
    figures = await services.day.today()
    return [
        {
            **row,
            "webhook_url": base + webhook_path(str(row["name"])),
            "path_token_url": f"{base}{webhook_path(str(row['name']))}/…" if row["path_token"] else None,
            "secret_set_at": iso(made[str(row["name"])]) if row["name"] in made else None,
            "last_message_at": part(figures, "sources", str(row["name"])).get("last_message_at"),
        }
        for row in services.control.sources.rows()
    ]


async def _profile(request: HubRequest) -> Row:
    services = request.services
    name = request.session_at_page.user
    user = await services.settings.user(name)
    left = await services.people.second_factor.recovery_left(name)
    return {
        "name": name,
        "totp": user is not None and user.totp_sealed is not None,
        "recovery_left": left,
        "password_changed_at": None if user is None else iso(user.changed_at),
        "sessions": await services.people.sessions.count(),
    }


def _totp_setup(request: HubRequest) -> Row | None:
    session = request.session_at_page
    if session.enrolling is None:
        return None
    uri = enrolment_uri(session.enrolling, session.user)
    return {"secret": session.enrolling, "uri": uri, "matrix": qr_matrix(uri)}


@functools.cache
def licences() -> tuple[Mapping[str, str], ...]:
    """Return the installed packages with their licences, as they say themselves."""
    found: dict[str, Mapping[str, str]] = {}
    for package in metadata.distributions():
        fields = package.metadata
        name = fields["Name"]
        said = next((fields[key] for key in ("License-Expression", "License") if key in fields), "")
        classifiers = [text for text in fields.get_all("Classifier") or () if "License ::" in text]
        kinds = [text.rpartition("::")[2].strip() for text in classifiers]
        licence = said.strip().partition("\n")[0] or ", ".join(kinds) or "see the package"
        found[name.lower()] = {"name": name, "version": package.version, "licence": licence[:_LONGEST_LICENCE]}
    return tuple(found[key] for key in sorted(found))


async def _prove(request: HubRequest, form: Form) -> None:
    await request.services.people.second_factor.demand(request.session_at_page.user, form.text("totp") or None)


def _first_strategy(request: HubRequest) -> str:
    return next((str(row["name"]) for row in request.services.control.strategies.rows()), "momentum")


def _source(request: HubRequest, name: str) -> Row:
    row = request.services.control.sources.row(name)
    if row is None:
        raise missing("source", name)
    return row


def _form(target: str, data: Mapping[str, object], errors: Mapping[str, str]) -> Row:
    return {"target": target, "data": data, "errors": errors}


ROUTES: tuple[HTTPRouteHandler, ...] = (
    *(settings, replace_source, rotate, create_token, delete_token),
    *(change_password, enrol, disable_totp, end_sessions),
)
