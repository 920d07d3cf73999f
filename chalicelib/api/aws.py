"""The API behind API Gateway: routes on a Chalice app, callers with access tokens of the user pool.

API Gateway's authorizer has judged a token before it calls; it is judged again here, by the same verifier as
on one machine, because a template can be edited. Machines come with tokens of the client credentials grant.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from chalice.app import Chalice, CognitoUserPoolAuthorizer, Request, Response

from chalicelib.adapters.key_sets import at_url
from chalicelib.api import views
from chalicelib.api.app import Handler, build
from chalicelib.api.models import CapabilityInfo
from chalicelib.api.routes import ROUTES
from chalicelib.api.tokens import Rules, Verifier
from chalicelib.bootstrap import aws_api_secret, aws_copies, aws_services
from chalicelib.domain.errors import LoupeError, SettingsError
from chalicelib.domain.principal import Principal
from chalicelib.domain.transcript import Engine
from chalicelib.ports.services import Services

POOL_ARN: Any = {"Fn::GetAtt": ["UserPool", "Arn"]}  # the template's, put in as it is
POOL = CognitoUserPoolAuthorizer("UserPool", provider_arns=[POOL_ARN], scopes=["loupe/api"])
KEYS_PATH = "/.well-known/jwks.json"


def mount(app: Chalice, handler: Callable[[], Handler]) -> None:
    """Register every route of the API; ``handler`` is asked for at the first request."""
    methods: dict[str, list[str]] = {}
    for route in ROUTES:
        methods.setdefault(route.path, []).append(route.method)

    def view(**_: str) -> Response:
        return _answer(app.current_request, handler())

    for path, known in methods.items():
        app.route(path, methods=known, authorizer=POOL)(view)


def _answer(request: Request | None, handler: Handler) -> Response:
    if request is None:
        raise RuntimeError("a view runs within a request")
    told = handler(request.to_original_event(), request.lambda_context)
    headers = {name: _single(values) for name, values in told["multiValueHeaders"].items()}
    return Response(told["body"], headers, told["statusCode"])


def _single(values: list[str]) -> str | list[str]:
    """Chalice reads some headers itself and wants text there."""
    return values[0] if len(values) == 1 else list(values)


def aws_handler(env: Mapping[str, str]) -> Handler:
    """The API over the services of this environment."""
    services = aws_services(env)
    return build(
        services,
        partial(bearer, verifier(services)),
        secret=aws_api_secret(services.settings),
        capabilities=lambda: capabilities(services),
        copy=aws_copies(services.settings),
    )


def verifier(services: Services) -> Verifier:
    """Of access tokens of the installation's user pool. Raises ``SettingsError`` where none is named."""
    settings = services.settings
    if not settings.user_pool or not settings.user_pool_clients:
        raise SettingsError("not set: LOUPE_USER_POOL, LOUPE_USER_POOL_CLIENTS")
    return Verifier(
        at_url(settings.user_pool + KEYS_PATH),
        Rules(settings.user_pool, frozenset(settings.user_pool_clients)),
        services.people,
        now=time.time,
    )


def bearer(known: Verifier, event: Mapping[str, Any]) -> Principal | None:
    """Who the bearer token of a request is of; None for nobody."""
    headers = {k.lower(): v for k, v in (event.get("headers") or {}).items()}
    scheme, _, token = str(headers.get("authorization", "")).partition(" ")
    return known.principal(token.strip()) if scheme.lower() == "bearer" else None


def capabilities(services: Services) -> list[CapabilityInfo]:
    """The engines in use. Nothing is asked of AWS."""
    acoustics = Engine("loupe-acoustics", "1", "functions/acoustics")
    engines = {
        "transcript": services.transcriber.engine,
        "acoustics": acoustics,
        "sentiment": services.sentiment.engine,
        "pii": services.pii.engine,
        "summary": services.summarizer.engine,
        "entities": services.entities.engine,
        "audio_redaction": Engine("loupe-silence", "1", "functions/audio_redaction"),
    }
    if services.identifier:
        engines["language"] = services.identifier.engine
    if services.model:
        engines["generated_summary"] = services.model.engine
    return [*(_ready(name, engine) for name, engine in engines.items()), _themes(services)]


def _ready(name: str, engine: Engine) -> CapabilityInfo:
    return CapabilityInfo(
        capability=name, engine=views.engine(engine), state="OK", detail=engine.detail
    )


def _themes(services: Services) -> CapabilityInfo:
    ready = _ready("themes", services.vectors.engine)
    try:
        services.vectors.check()
    except LoupeError as error:
        return ready.model_copy(update={"state": "MISSING", "detail": str(error)})
    return ready
