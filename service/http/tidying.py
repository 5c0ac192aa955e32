"""What a large upload or answer needed goes back to the machine once it is through."""

from __future__ import annotations

from anyio.to_thread import run_sync
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.memory import give_back

# Bytes of a body from which on the heap was filled with more than the next requests will need.
_LARGE = 200_000


class Tidy:
    """Gives back what is free after a request with a large body, or a large answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and look how much went through."""
        through = 0

        async def received() -> Message:
            nonlocal through
            message = await receive()
            through += len(message.get("body", b""))
            return message

        async def sent(message: Message) -> None:
            nonlocal through
            through += len(message.get("body", b""))
            await send(message)

        await self._app(scope, received, sent)
        if through >= _LARGE:
            await run_sync(give_back)
