"""Frames of a film as an MP4, where this machine has an encoder for it: ffmpeg (https://ffmpeg.org/ffmpeg.html)."""

from __future__ import annotations

import contextlib
import functools
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from core.errors import EncoderError
from core.figures.animation import FRAME_MS, LAST_MS

if TYPE_CHECKING:
    from PIL import Image

# Those that need no graphics card: ffmpeg lists others whether the machine has one or not.
_CODECS = ("libx264", "libopenh264")
_ASK_SECONDS = 10
_ENCODE_SECONDS = 60.0
_WORDS_MOST = 300  # characters of what an encoder says of its failure


@dataclass(frozen=True)
class Encoder:
    """A program that is called as ffmpeg is.

    Attributes:
        program: its path.
        codec: its encoder of H.264.
    """

    program: str
    codec: str


@functools.cache
def find_encoder(name: str = "ffmpeg") -> Encoder | None:
    """Return the encoder of this name or path, or None where there is none with H.264; it is asked once."""
    program = shutil.which(name)
    if program is None:
        return None
    try:
        listed = subprocess.run(
            [program, "-hide_banner", "-encoders"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_ASK_SECONDS,
            check=True,
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError):
        return None
    codecs = {words[1] for line in listed.splitlines() if len(words := line.split()) > 1}
    return next((Encoder(program, codec) for codec in _CODECS if codec in codecs), None)


def mp4(frames: Sequence[Image.Image], encoder: Encoder, seconds: float = _ENCODE_SECONDS) -> bytes:
    """Return frames of one size as an MP4 (H.264, yuv420p), as long as the GIF of them; it rests at its last frame.

    Args:
        frames: in order, at least one.
        encoder: gets them as raw pixels.
        seconds: how long it may take.

    Raises:
        EncoderError: where it fails, or takes longer.
    """
    shown = (*frames, *[frames[-1]] * (LAST_MS // FRAME_MS))
    pixels = (_even(np.asarray(frame.convert("RGB"))) for frame in shown)
    width, height = (side + side % 2 for side in frames[0].size)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as words:
        out = Path(folder, "film.mp4")
        command = [
            *(encoder.program, "-hide_banner", "-loglevel", "error"),
            *("-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", f"{width}x{height}"),
            *("-framerate", f"1000/{FRAME_MS}", "-i", "pipe:0"),
            # What every player knows; the index comes first, so that a browser shows it before it has all of it.
            *("-c:v", encoder.codec, "-pix_fmt", "yuv420p", "-movflags", "+faststart", str(out)),
        ]
        try:
            failed = _run(command, pixels, words, seconds)
        except OSError as error:
            raise EncoderError(f"The MP4 was not made: the encoder could not be started ({error.strerror}).") from error
        if failed or not out.exists():
            words.seek(0)
            said = words.read().decode("utf-8", "replace").strip()[-_WORDS_MOST:]
            raise EncoderError(f"The MP4 was not made: {failed or 'the encoder wrote no file'}. {said}".strip())
        return out.read_bytes()


def _run(command: Sequence[str], pixels: Iterable[np.ndarray], words: IO[bytes], seconds: float) -> str:
    """Run an encoder over pixels that it reads as it wants them; return how it failed, "" where it did not."""
    late = threading.Event()
    with (
        contextlib.suppress(BrokenPipeError),  # it ends without reading all: its code, or the time, says why
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=words) as process,
    ):
        assert process.stdin is not None
        end = threading.Timer(seconds, _kill, [process, late])
        end.start()
        try:
            for picture in pixels:
                process.stdin.write(picture.tobytes())
            process.stdin.close()
            process.wait()
        finally:
            end.cancel()
    if late.is_set():
        return f"the encoder took longer than {seconds:g} seconds"
    return f"the encoder ended with code {process.returncode}" if process.returncode else ""


def _kill(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()


def _even(picture: np.ndarray) -> np.ndarray:
    """Return a picture of an even height and width, which yuv420p needs; a last row or column is doubled."""
    height, width = picture.shape[:2]
    return np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
