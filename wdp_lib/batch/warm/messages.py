"""What client and warm process say: lines of JSON over a unix socket, open files beside them."""

from __future__ import annotations

import json
import os
import select
import socket
from array import array
from collections.abc import Sequence
from typing import Any

_PIECE = 1 << 16
_ROOM = socket.CMSG_SPACE(3 * array("i").itemsize)  # for three open files
_FLAGS = socket.MSG_DONTWAIT | socket.MSG_CMSG_CLOEXEC  # which socket.recv_fds would ignore


class Channel:
    """One end of a conversation."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.files: list[int] = []
        self.open = True
        self._begun = b""

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self.connection.fileno()

    def send(self, message: dict[str, Any], files: Sequence[int] = ()) -> None:
        """Send a message and duplicates of open files.

        Raises
        ------
        OSError
            When the other side has gone.
        """
        line = json.dumps(message).encode("ascii") + b"\n"
        sent = socket.send_fds(self.connection, [line], list(files)) if files else 0
        self.connection.sendall(line[sent:])

    def arrived(self) -> list[dict[str, Any]]:
        """Return the messages complete by now, without waiting; files collect in ``files``.

        After the other side has gone, ``open`` is false.
        """
        while self.open:
            try:
                piece, beside, _, _ = self.connection.recvmsg(_PIECE, _ROOM, _FLAGS)
            except BlockingIOError:
                break
            except ConnectionError:
                piece, beside = b"", []
            for _, _, files in beside:
                self.files += array("i", files)
            self._begun += piece
            self.open = bool(piece)
        *lines, self._begun = self._begun.split(b"\n")
        return [json.loads(line) for line in lines]

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until something has arrived; ``False`` when nothing did within ``seconds``."""
        return bool(select.select([self.connection], [], [], seconds)[0])

    def close(self) -> None:
        """End the conversation."""
        self.open = False
        self.connection.close()
        self.close_files()

    def close_files(self) -> None:
        """Close the files that came with messages."""
        while self.files:
            os.close(self.files.pop())
