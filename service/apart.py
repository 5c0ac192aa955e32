"""What encodes and what cuts words in a process of its own: they take a gigabyte, and give it back when that ends.

The process is started for the first text, or before by a server that knows it will have one. It works for one caller
after the other, and is started again for the next text where it was ended or is lost.
"""

from __future__ import annotations

import pickle
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Lock, Thread
from typing import Any, TypeVar

from matcher.encoding import Role, Vectors
from matcher.lexicon import Words
from models.loading import HERE, ModelSource, TextEncoder
from models.sentence_encoder import NumberFormat, import_libraries
from models.words import TextCutter
from service.child import begin_as_child, lost, start_child
from service.collecting import collecting_seldom
from service.logs import log_as_json
from service.memory import share_heaps

Answer = TypeVar("Answer")
_CUTTING = Lock()
# How long the process may take to end by itself.
_PATIENCE_S = 5.0


class ModelProcess:
    """A process that loads what encodes and what cuts words; see `models.loading.Loader`.

    It ends with the thread that started it: on Linux a process is told of the end of that thread.
    at_once: whether it loads what it needs before it is asked, what cuts words on another core than what encodes: a
    server is to be ready soon. Otherwise each is loaded for the first text that needs it.
    """

    def __init__(self, at_once: bool = False) -> None:
        self._at_once = at_once
        self._one_at_a_time = Lock()
        self._running: tuple[BaseProcess, Connection] | None = None

    def encoder(self, source: ModelSource, number_format: NumberFormat) -> TextEncoder:
        """See `Loader.encoder`."""
        return _EncoderThere(self, source, number_format)

    def cutter(self) -> TextCutter:
        """See `Loader.cutter`."""
        return _CutterThere(self)

    @contextmanager
    def started(self) -> Iterator[ModelProcess]:
        """Start the process now; whatever it does when this is left is ended. Raises `ProcessLost`."""
        with self._one_at_a_time:
            self._start()
        try:
            yield self
        finally:
            if self._running is not None:
                self._running[0].kill()
            self.end()

    def ask(self, work: Callable[..., Answer], *given: Any) -> Answer:
        """Return work(*given), called there. Raises what it raises, and `ProcessLost` where the process ends."""
        with self._one_at_a_time:
            process, pipe = self._start()
            try:
                pipe.send((work, given))
                is_answer, value = pipe.recv()
            except (EOFError, OSError):
                self._end()
                raise lost("encoder", process) from None
        if not is_answer:
            raise value
        found: Answer = value
        return found

    def interrupt(self) -> None:
        """End the process if it works at something, which `ask` then tells as lost."""
        running = self._running
        if running is not None and self._one_at_a_time.locked():
            running[0].kill()

    def end(self) -> None:
        """End the process once it has answered; the next text starts it again."""
        with self._one_at_a_time:
            self._end()

    def _start(self) -> tuple[BaseProcess, Connection]:
        self._running = self._running or start_child("encoder", _serve, self._at_once)
        return self._running

    def _end(self) -> None:
        if self._running is not None:
            process, pipe = self._running
            self._running = None
            pipe.close()  # which it ends by itself at, and cleans up after itself
            process.join(_PATIENCE_S)
            process.kill()
            process.join()


@dataclass(frozen=True)
class _EncoderThere:
    process: ModelProcess
    source: ModelSource
    number_format: NumberFormat

    def encode(self, texts: Sequence[str], role: Role) -> Vectors:
        return self.process.ask(_encode, self.source, self.number_format, list(texts), role)


@dataclass(frozen=True)
class _CutterThere:
    process: ModelProcess

    def words(self, texts: Sequence[str]) -> Iterator[Words]:
        for found in self.process.ask(_cut, list(texts)):
            # Equal forms are one string, as they are where words are read: they come as many.
            yield tuple(word._replace(form=sys.intern(word.form)) for word in found)

    def release(self) -> None:
        self.process.end()


# ---- in the process


def _serve(pipe: Connection, at_once: bool) -> None:
    begin_as_child()
    share_heaps()
    log_as_json()
    if at_once:
        Thread(target=_cut, args=(["준비"],), daemon=True).start()
        with suppress(ImportError), collecting_seldom():  # whoever asks first is told what cannot be imported
            import_libraries()
    with suppress(EOFError, BrokenPipeError):  # nobody is there any more
        while True:
            work, given = pipe.recv()
            try:
                answer = (True, work(*given))
            except BaseException as error:  # a panic of a tokeniser is no Exception
                answer = (False, _sendable(error))
            pipe.send(answer)


def _sendable(error: BaseException) -> BaseException:
    """Return the error with where it happened, as it is if it can go through a pipe, else what it says."""
    error.add_note(f"In the encoder's process:\n{''.join(traceback.format_exception(error))}")
    try:
        return pickle.loads(pickle.dumps(error))  # type: ignore[no-any-return]  # noqa: S301
    except Exception:
        told = RuntimeError(f"{type(error).__name__}: {error}")
        told.add_note(error.__notes__[-1])
        return told


def _encode(source: ModelSource, number_format: NumberFormat, texts: Sequence[str], role: Role) -> Vectors:
    return _loaded(source, number_format).encode(texts, role)


def _cut(texts: Sequence[str]) -> list[Words]:
    with _CUTTING:  # loaded once, whoever needs it first
        return list(_cutter().words(texts))


@cache
def _loaded(source: ModelSource, number_format: NumberFormat) -> TextEncoder:
    return HERE.encoder(source, number_format)


@cache
def _cutter() -> TextCutter:
    return HERE.cutter()
