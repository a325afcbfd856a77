"""The pictures in a zip archive, and their classes: the folders at the top of its tree, as in Keras's own loader."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.tables.code_pages import find_code_page
from core.tables.decoding import FoundEncoding, decodes
from core.tables.formats.packed import OTHER_PICTURES, PICTURES

_DEEPEST = 20  # levels of folders
_LONGEST_NAME = 100
_JUNK = ("__macosx", "thumbs.db", "desktop.ini")  # as are names that start with a dot
# Folders that split a data set; the app splits it itself.
_SPLITS = ("train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval")
_UTF8_FLAG = 0x800


@dataclass(frozen=True)
class Member:
    """A file in the archive: its cleaned path, its entry, and of a picture the folder that is its class."""

    path: tuple[str, ...]
    info: zipfile.ZipInfo
    folder: str = ""


@dataclass(frozen=True)
class Tree:
    """The files of an archive.

    Attributes:
        members: the pictures of the classes, sorted by path.
        loose: pictures outside the folders of classes, which are left out.
        unread: pictures of kinds that cannot be read.
        others: other files, which are left out.
        depth: the number of folders, one in another, that hold all classes.
        splits: the folders such as train and test that are no classes.
        nested: a picture in a folder within that of its class; None if there is none.
        encoding: the code page of the names, if it is an old one.
        doubts: other code pages that they may be in.
    """

    members: list[Member]
    loose: list[Member]
    unread: list[Member]
    others: list[Member]
    depth: int = 0
    splits: tuple[str, ...] = ()
    nested: Member | None = None
    encoding: str | None = None
    doubts: tuple[str, ...] = ()


def find_tree(archive: zipfile.ZipFile) -> Tree:
    """Return the files of an archive, without those that operating systems add."""
    infos = archive.infolist()
    names, encoding, doubts = _names(infos)
    pictures: list[Member] = []
    unread: list[Member] = []
    others: list[Member] = []
    for info, name in zip(infos, names, strict=True):
        path = cleaned(name)
        if name.endswith("/") or _is_link(info) or not path or len(path) > _DEEPEST or any(map(_is_junk, path)):
            continue
        ending = path[-1].lower()
        kind = pictures if ending.endswith(PICTURES) else unread if ending.endswith(OTHER_PICTURES) else others
        kind.append(Member(path, info))
    pictures.sort(key=lambda member: member.path)
    tree = _classes(pictures)
    return replace(tree, unread=unread, others=others, encoding=encoding, doubts=doubts)


def _classes(pictures: list[Member]) -> Tree:
    """Return the pictures with their classes.

    A folder that holds all others is none, nor are train, test and the like; the folders below them at the top are.
    """
    rests = [member.path[:-1] for member in pictures]
    depth = 0
    splits: set[str] = set()
    while True:
        tops = {rest[0] for rest in rests if rest}
        deeper = {rest[0] for rest in rests if len(rest) > 1}
        if len(tops) == 1 and tops == deeper:
            rests = [rest[1:] for rest in rests]
            depth += not splits
            continue
        direct = {rest[0] for rest in rests if len(rest) == 1}
        found = {top for top in deeper - direct if top.lower() in _SPLITS}
        if not found:
            break
        splits |= found
        rests = [rest[rest[0] in found :] if rest else rest for rest in rests]
    members = [replace(member, folder=rest[0]) for member, rest in zip(pictures, rests, strict=True) if rest]
    loose = [member for member, rest in zip(pictures, rests, strict=True) if not rest]
    nested = next((member for member, rest in zip(pictures, rests, strict=True) if len(rest) > 1), None)
    return Tree(members, loose, [], [], depth, tuple(sorted(splits)), nested)


def _names(infos: Sequence[zipfile.ZipInfo]) -> tuple[list[str], str | None, tuple[str, ...]]:
    """Return the names of files; those that are not marked as UTF-8 in the code page that they seem to be in."""
    old = [info for info in infos if not info.flag_bits & _UTF8_FLAG and not info.filename.isascii()]
    if not old:
        return [info.filename for info in infos], None, ()
    # zipfile reads them as cp437, which gives every byte back.
    written = b"\n".join(dict.fromkeys(info.filename.encode("cp437", "replace") for info in old))
    found = FoundEncoding("utf-8") if decodes(written, "utf-8") else find_code_page(written)
    known = {id(info): info.filename.encode("cp437", "replace").decode(found.name, "replace") for info in old}
    return [known.get(id(info), info.filename) for info in infos], found.name, found.others


def cleaned(filename: str) -> tuple[str, ...]:
    """Return the parts of a path, printable, not too long, and without those that lead out of a folder.

    >>> cleaned("../photos\\\\cats/./a\\nb.png")
    ('photos', 'cats', 'a b.png')
    """
    parts = []
    for part in filename.replace("\\", "/").split("/"):
        printable = "".join(letter if letter.isprintable() else " " for letter in part)
        name = " ".join(printable.split())
        if name not in ("", ".", ".."):
            # The end is kept for the extension.
            parts.append(name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 10] + name[-10:])
    return tuple(parts)


def tree_notes(tree: Tree) -> list[str]:
    """Return what a person should know of the files of an archive, one sentence each."""
    notes = []
    if tree.doubts:
        read = f"The names of the folders were read as {tree.encoding}"
        notes.append(f"{read}, but they may be {' or '.join(tree.doubts)}: save the zip archive with UTF-8 names.")
    elif tree.encoding not in (None, "utf-8"):
        notes.append(f"The names of the folders were read as {tree.encoding}.")
    if tree.splits:
        named = " and ".join(map(repr, tree.splits))
        notes.append(f"Folders such as {named} are no classes: their pictures were put together, and are split anew.")
    if tree.nested:
        shown = repr("/".join(tree.nested.path[-3:]))
        notes.append(f"Folders within those of the classes count with them, such as in {shown}.")
    if tree.loose:
        outside = f"{_pictures(tree.loose)} outside the folders of classes {_were(tree.loose)} left out"
        notes.append(f"{outside}, such as {shown_path(tree.loose[0])}.")
    if tree.unread:
        kinds = ", ".join(sorted({member.path[-1].rpartition(".")[2].upper() for member in tree.unread}))
        unread = f"{_pictures(tree.unread)} of a kind that cannot be read here {_were(tree.unread)} left out"
        notes.append(f"{unread} ({kinds}): save them as JPEG.")
    if tree.others:
        which = "file that is no" if len(tree.others) == 1 else "files that are no"
        left_out = f"{len(tree.others):,} {which} PNG, JPEG, TIFF, BMP, GIF, WebP or PGM picture {_were(tree.others)}"
        notes.append(f"{left_out} left out, such as {shown_path(tree.others[0])}.")
    return notes


def _pictures(members: list[Member]) -> str:
    return "1 picture" if len(members) == 1 else f"{len(members):,} pictures"


def _were(members: list[Member]) -> str:
    return "was" if len(members) == 1 else "were"


def shown_path(member: Member) -> str:
    """Return the end of a file's path, quoted."""
    return repr("/".join(member.path[-2:]))


def _is_link(info: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(info.external_attr >> 16)


def _is_junk(name: str) -> bool:
    return name.startswith(".") or name.lower() in _JUNK
