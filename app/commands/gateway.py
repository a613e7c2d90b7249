"""`cession gateway`: the gateway of a network over HTTP."""

from __future__ import annotations

from app.config import settings_from
from app.log_output import configure_logs
from app.network import REFUSALS, opening_of, refuse
from app.serving import listen, serve_gateway


def run_gateway(*, host: str, port: int) -> int:
    """Serves until interrupted.

    2 and one line for an invalid setting; 1 if another error stops the start.
    """
    try:
        settings = settings_from()
        configure_logs(json_lines=settings.json_logs)
        opening = opening_of(settings)
        with listen(host, port) as listener:
            serve_gateway(opening, settings=settings, listener=listener)
    except REFUSALS as error:
        return refuse("gateway", error)
    except OSError as error:
        return refuse("gateway", OSError(f"--host {host} --port {port}: {error.strerror or error}"))
    return 0
