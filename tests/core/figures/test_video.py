import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import EncoderError
from core.figures import Encoder, find_encoder, mp4

LISTED = """Encoders:
 V..... = Video
 ------
 V....D h264_nvenc           NVIDIA NVENC H.264 encoder (codec h264)
 V....D {codec}              H.264 / AVC (codec h264)
 A....D aac                  AAC (Advanced Audio Coding)
"""


def program(folder: Path, *lines: str) -> str:
    """Write a program that stands in for ffmpeg; return its path."""
    path = folder / "encoder"
    path.write_text("\n".join([f"#!{sys.executable}", "import os, sys, time", *lines]) + "\n", "utf-8")
    path.chmod(0o755)
    return str(path)


def copying(folder: Path) -> Encoder:
    """Return an encoder whose video is its arguments, a line each, an empty line, and what was piped to it."""
    return Encoder(
        program(
            folder,
            "with open(sys.argv[-1], 'xb') as out:",
            "    out.write('\\n'.join(sys.argv[1:]).encode() + b'\\n\\n' + sys.stdin.buffer.read())",
        ),
        "libx264",
    )


def frames(count: int, width: int = 6, height: int = 4) -> list[Image.Image]:
    return [Image.new("RGB", (width, height), (at, 2 * at, 255)) for at in range(count)]


def read_copy(video: bytes) -> tuple[list[str], np.ndarray]:
    words, _, piped = video.partition(b"\n\n")
    return words.decode().split("\n"), np.frombuffer(piped, np.uint8)


def test_every_frame_is_piped_and_the_last_is_seen_for_two_seconds(tmp_path: Path) -> None:
    words, piped = read_copy(mp4(frames(5), copying(tmp_path)))
    assert words[words.index("-video_size") + 1] == "6x4"
    assert words[words.index("-framerate") + 1] == "1000/120"
    seen = piped.reshape(-1, 4, 6, 3)
    assert (seen == seen[:, :1, :1]).all()
    assert seen[:, 0, 0].tolist() == [[at, 2 * at, 255] for at in (0, 1, 2, 3, *[4] * 17)]  # 17 of 0.12 s


def test_players_can_play_it_and_browsers_start_at_once(tmp_path: Path) -> None:
    words, _ = read_copy(mp4(frames(1), copying(tmp_path)))
    behind_input = words[words.index("pipe:0") :]
    assert behind_input[behind_input.index("-c:v") + 1] == "libx264"
    assert behind_input[behind_input.index("-pix_fmt") + 1] == "yuv420p"
    assert behind_input[behind_input.index("-movflags") + 1] == "+faststart"


def test_odd_sides_become_even_by_their_last_row_and_column(tmp_path: Path) -> None:
    pixels = np.arange(3 * 5 * 3, dtype=np.uint8).reshape(3, 5, 3)
    words, piped = read_copy(mp4([Image.fromarray(pixels)], copying(tmp_path)))
    assert words[words.index("-video_size") + 1] == "6x4"
    picture = piped.reshape(-1, 4, 6, 3)[0]
    assert (picture[:3, :5] == pixels).all()
    assert (picture[3, :5] == pixels[2]).all()
    assert (picture[:3, 5] == pixels[:, 4]).all()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["sys.stdin.buffer.read()", "sys.exit('no room on the disk')"], "code 1. no room on the disk"),
        (["sys.stderr.write('what is that'); os._exit(3)"], "code 3. what is that"),  # it reads nothing
        (["sys.stdin.buffer.read()"], "wrote no file"),
    ],
)
def test_an_error_of_the_encoder_includes_its_own_message(tmp_path: Path, lines: list[str], message: str) -> None:
    with pytest.raises(EncoderError, match=message):
        mp4(frames(20, 300, 300), Encoder(program(tmp_path, *lines), "libx264"))


@pytest.mark.parametrize("lines", [["time.sleep(600)"], ["sys.stdin.buffer.read()", "time.sleep(600)"]])
def test_an_encoder_that_hangs_is_killed(tmp_path: Path, lines: list[str]) -> None:
    with pytest.raises(EncoderError, match=r"longer than 0\.5 seconds"):
        mp4(frames(20, 300, 300), Encoder(program(tmp_path, *lines), "libx264"), seconds=0.5)


def test_a_missing_encoder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="could not be started"):
        mp4(frames(1), Encoder(str(tmp_path / "gone"), "libx264"))


@pytest.mark.parametrize("codec", ["libx264", "libopenh264"])
def test_an_encoder_with_h264_is_found(tmp_path: Path, codec: str) -> None:
    path = program(tmp_path, "assert '-encoders' in sys.argv", f"print({LISTED.format(codec=codec)!r})")
    assert find_encoder(path) == Encoder(path, codec)


@pytest.mark.parametrize("lines", [[f"print({LISTED.format(codec='mpeg4')!r})"], ["sys.exit(1)"], ["print(chr(7))"]])
def test_no_encoder_is_found_without_h264_or_without_an_answer(tmp_path: Path, lines: list[str]) -> None:
    assert find_encoder(program(tmp_path, *lines)) is None
    assert find_encoder(str(tmp_path / "nothing")) is None


def test_the_encoder_is_asked_once(tmp_path: Path) -> None:
    path = program(tmp_path, f"open({str(tmp_path / 'asked')!r}, 'a').write('.')", f"print({LISTED!r})")
    for _ in range(3):
        find_encoder(path)
    assert (tmp_path / "asked").read_text() == "."
