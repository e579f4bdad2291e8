"""A phone that sends a file in pieces, exactly as told."""

import hashlib
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.world import Button, Town

PIECE = 128 * 1024


class Sender:
    def __init__(self, button: Button, content: bytes, press: Any = None, id_: UUID | str | None = None) -> None:
        self.button, self.content, self.id = button, content, id_ or uuid4()
        self.presses = str(press.id) if press is not None else ""
        self.digest = hashlib.sha256(content).hexdigest()

    def put(self, offset: int, chunk: bytes | None = None, door: int = 0, **headers: str) -> httpx.Response:
        """One piece from there on."""
        chunk = self.content[offset : offset + PIECE] if chunk is None else chunk
        said = {
            "Upload-Length": str(len(self.content)), "Upload-Offset": str(offset), "Upload-Presses": self.presses,
            "Upload-Digest": self.digest, "Accept-Language": "en",
        }  # fmt: skip
        all_headers = {k.replace("_", "-"): v for k, v in {**said, **headers}.items()}
        return self.button.client.put(f"{self.button.doors[door]}/files/{self.id}", content=chunk, headers=all_headers)

    def send(self, start: int = 0, door: int = 0) -> dict[str, Any]:
        """All of it; what the last answer said."""
        offset, said = start, {}
        while offset < len(self.content):
            response = self.put(offset, door=door)
            assert response.status_code == 200, response.text
            said = response.json()
            assert said["offset"] > offset
            offset = said["offset"]
        return said

    def where(self) -> int:
        """How far the server is."""
        response = self.button.client.get(f"{self.button.doors[0]}/files/{self.id}")
        assert response.status_code == 200, response.text
        return int(response.json()["offset"])

    def get(self, variant: str, client: httpx.Client | None = None, **headers: str) -> httpx.Response:
        client = client or self.button.client
        return client.get(f"{self.button.doors[0]}/files/{self.id}/{variant}", headers=headers)


def pressed(world: Town, place: str) -> tuple[Button, Any]:
    button = world.button(place)
    return button, button.press()
