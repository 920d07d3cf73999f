"""The API behind API Gateway: routes on a Chalice app, callers that IAM has let in.

API Gateway asks IAM before it calls (``execute-api:Invoke`` on method and path), so whoever arrives may
do what was asked; there are no users or queues of supervisors yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chalice import Chalice, IAMAuthorizer, Response

from chalicelib.api.app import Handler, build
from chalicelib.api.models import CapabilityInfo, EngineInfo
from chalicelib.api.routes import ROUTES
from chalicelib.bootstrap import aws_api_secret, aws_services
from chalicelib.domain.principal import GRANTS, Principal, PrincipalRole
from chalicelib.domain.transcript import Engine
from chalicelib.ports.services import Services


def mount(app: Chalice, handler: Callable[[], Handler]) -> None:
    """Register every route of the API; ``handler`` is asked for at the first request."""
    methods: dict[str, list[str]] = {}
    for route in ROUTES:
        methods.setdefault(route.path, []).append(route.method)

    def view(**_: str) -> Response:
        return _answer(app, handler())

    for path, known in methods.items():
        app.route(path, methods=known, authorizer=IAMAuthorizer())(view)


def _answer(app: Chalice, handler: Handler) -> Response:
    told = handler(app.current_request.to_original_event(), app.lambda_context)
    headers = {name: list(values) for name, values in told["multiValueHeaders"].items()}
    return Response(told["body"], headers, told["statusCode"])


def aws_handler(env: Mapping[str, str]) -> Handler:
    """The API over the services of this environment."""
    services = aws_services(env)
    return build(
        services,
        caller,
        secret=aws_api_secret(services.settings),
        capabilities=lambda: capabilities(services),
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
    }
    return [
        CapabilityInfo(
            capability=name,
            engine=EngineInfo(name=engine.name, version=engine.version, detail=engine.detail),
            state="OK",
            detail=engine.detail,
        )
        for name, engine in engines.items()
    ]
