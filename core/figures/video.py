"""An animation as an MP4, if this machine has ffmpeg (https://ffmpeg.org/ffmpeg.html) with an H.264 encoder."""

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
from core.figures.gif_frames import FRAME_MS, LAST_MS

if TYPE_CHECKING:
    from PIL import Image

# These need no graphics card. ffmpeg lists the others even where there is none.
_CODECS = ("libx264", "libopenh264")
_LIST_SECONDS = 10
_ENCODE_SECONDS = 60.0
_ERROR_MOST = 300  # characters of the encoder's own error text


@dataclass(frozen=True)
class Encoder:
    """A program with the command line of ffmpeg.

    Attributes:
        program: its path.
        codec: the name of its H.264 encoder.
    """

    program: str
    codec: str


@functools.cache  # asking the program takes up to seconds, and it does not change while the server runs
def find_encoder(name: str = "ffmpeg") -> Encoder | None:
    """Return the encoder with this name or path, or None if there is none that writes H.264."""
    program = shutil.which(name)
    if program is None:
        return None
    try:
        listed = subprocess.run(
            [program, "-hide_banner", "-encoders"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LIST_SECONDS,
            check=True,
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError):
        return None
    codecs = {words[1] for line in listed.splitlines() if len(words := line.split()) > 1}
    return next((Encoder(program, codec) for codec in _CODECS if codec in codecs), None)


def mp4(frames: Sequence[Image.Image], encoder: Encoder, seconds: float = _ENCODE_SECONDS) -> bytes:
    """Return frames of one size as an MP4 (H.264, yuv420p), with the timing of the GIF.

    Args:
        frames: in order, at least one.
        encoder: gets them as raw pixels.
        seconds: the time limit.

    Raises:
        EncoderError: if encoding fails or takes longer.
    """
    shown = (*frames, *[frames[-1]] * (LAST_MS // FRAME_MS))
    pixels = (_even(np.asarray(frame.convert("RGB"))) for frame in shown)
    width, height = (side + side % 2 for side in frames[0].size)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as errors:
        out = Path(folder, "animation.mp4")
        command = [
            *(encoder.program, "-hide_banner", "-loglevel", "error"),
            *("-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", f"{width}x{height}"),
            *("-framerate", f"1000/{FRAME_MS}", "-i", "pipe:0"),
            # Every player knows yuv420p. With the index first, a browser starts before it has the whole file.
            *("-c:v", encoder.codec, "-pix_fmt", "yuv420p", "-movflags", "+faststart", str(out)),
        ]
        try:
            failed = _run(command, pixels, errors, seconds)
        except OSError as error:
            raise EncoderError(f"The MP4 was not made: the encoder could not be started ({error.strerror}).") from error
        if failed or not out.exists():
            errors.seek(0)
            reason = errors.read().decode("utf-8", "replace").strip()[-_ERROR_MOST:]
            raise EncoderError(f"The MP4 was not made: {failed or 'the encoder wrote no file'}. {reason}".strip())
        return out.read_bytes()


def _run(command: Sequence[str], pixels: Iterable[np.ndarray], errors: IO[bytes], seconds: float) -> str:
    """Run the encoder and write the pixels to it; return how it failed, or ""."""
    is_late = threading.Event()
    with (
        contextlib.suppress(BrokenPipeError),  # if it ends early, its exit code or the timer tells why
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors) as process,
    ):
        assert process.stdin is not None
        timer = threading.Timer(seconds, _kill, [process, is_late])
        timer.start()
        try:
            for picture in pixels:
                process.stdin.write(picture.tobytes())
            process.stdin.close()
            process.wait()
        finally:
            timer.cancel()
    if is_late.is_set():
        return f"the encoder took longer than {seconds:g} seconds"
    return f"the encoder ended with code {process.returncode}" if process.returncode else ""


def _kill(process: subprocess.Popen[bytes], is_late: threading.Event) -> None:
    is_late.set()
    process.kill()


def _even(picture: np.ndarray) -> np.ndarray:
    """Return a picture with even height and width, as yuv420p needs, by repeating its last row or column."""
    height, width = picture.shape[:2]
    return np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
