"""The API behind API Gateway: routes on a Chalice app, callers that IAM has let in.

API Gateway asks IAM before it calls (``execute-api:Invoke`` on method and path), so whoever arrives may
do what was asked; there are no users or queues of supervisors yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chalice.app import Chalice, IAMAuthorizer, Request, Response

from chalicelib.api import views
from chalicelib.api.app import Handler, build
from chalicelib.api.models import CapabilityInfo
from chalicelib.api.routes import ROUTES
from chalicelib.bootstrap import aws_api_secret, aws_copies, aws_services
from chalicelib.domain.errors import LoupeError
from chalicelib.domain.principal import GRANTS, Principal, PrincipalRole
from chalicelib.domain.transcript import Engine
from chalicelib.ports.services import Services


def mount(app: Chalice, handler: Callable[[], Handler]) -> None:
    """Register every route of the API; ``handler`` is asked for at the first request."""
    methods: dict[str, list[str]] = {}
    for route in ROUTES:
        methods.setdefault(route.path, []).append(route.method)

    def view(**_: str) -> Response:
        return _answer(app.current_request, handler())

    for path, known in methods.items():
        app.route(path, methods=known, authorizer=IAMAuthorizer())(view)


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
        caller,
        secret=aws_api_secret(services.settings),
        capabilities=lambda: capabilities(services),
        copy=aws_copies(services.settings),
    )


def caller(event: Mapping[str, Any]) -> Principal | None:
    """Who IAM has let in, from what API Gateway says about the request; None for nobody."""
    identity = (event.get("requestContext") or {}).get("identity") or {}
    arn = identity.get("userArn")
    return Principal(arn, PrincipalRole.ADMIN, granted=GRANTS) if arn else None


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
