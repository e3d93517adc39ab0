"""Writes the OpenAPI 3.1 description from the routes as they stand, when somebody asks for it."""

from collections.abc import Iterable
from typing import Final

from litestar.routes import BaseRoute, HTTPRoute

from tradershub.web.access import Access
from tradershub.web.api.described import DESCRIPTION, Call
from tradershub.web.api.schemas import PARAMETERS, SCHEMAS, Schema

_JSON: Final = "application/json"
_COMMON: Final = {401: "no valid token, no session", 403: "not allowed to do this", 422: "wrong in itself"}
_MISSING: Final = {404: "not there"}
_WRITING: Final = {
    400: "not readable",
    404: "not there",
    409: "not as things stand",
    413: "too large",
    415: "not JSON",
    429: "too many wrong codes",
    503: "not possible now",
}


def schema_of(routes: Iterable[BaseRoute], version: str) -> Schema:
    """Return the whole document; only calls that exist are in it."""
    paths: dict[str, Schema] = {}
    for route in routes:
        if not isinstance(route, HTTPRoute):
            continue
        for handler in route.route_handlers:
            call = handler.opt.get(DESCRIPTION)
            if isinstance(call, Call):
                access = Access(handler.opt["access"])
                for method in handler.http_methods:
                    paths.setdefault(route.path_format, {})[method.lower()] = _operation(route, call, access, method)
    return {
        "openapi": "3.1.0",
        "info": {"title": "TradersHub", "version": version},
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _operation(route: HTTPRoute, call: Call, access: Access, method: str) -> Schema:
    operation: Schema = {
        "summary": call.summary,
        "operationId": f"{method.lower()}{route.path_format.translate(str.maketrans('/.-', '___', '{}'))}",
        "tags": [call.tag],
        "description": f"Needs the scope {access}.",
        "parameters": [*_path_parameters(route), *_query_parameters(call)],
        "responses": _responses(call, method),
    }
    if call.body:
        content = {_JSON: {"schema": _reference(call.body)}}
        operation["requestBody"] = {"required": not call.body_is_optional, "content": content}
    return operation


def _path_parameters(route: HTTPRoute) -> list[Schema]:
    schema = {"type": "string"}
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in route.path_parameters]


def _query_parameters(call: Call) -> list[Schema]:
    return [
        {"name": name, "in": "query", "required": False, "schema": PARAMETERS.get(name, {"type": "string"})}
        for name in sorted(call.query)
    ]


def _responses(call: Call, method: str) -> Schema:
    answers: Schema = {str(call.status): _answer(call.answer)}
    answers |= {str(status): _answer(name) for status, name in (call.also or {}).items()}
    refusals = {**_COMMON, **(_MISSING if method == "GET" else _WRITING)}
    for status, words in sorted(refusals.items()):
        answers.setdefault(str(status), {"description": words, "content": {_JSON: {"schema": _reference("Error")}}})
    return answers


def _answer(name: str) -> Schema:
    if not name:
        return {"description": "done"}
    if "/" in name:
        return {"description": "done", "content": {name: {"schema": {"type": "string"}}}}
    return {"description": "done", "content": {_JSON: {"schema": _reference(name)}}}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
