"""Names in ZIP archives that do not say their encoding."""

import struct
import zipfile
import zlib

import pytest

from rag.limits import ReadLimits
from rag.readers.archive import archive_contents, archived_content

BODY = b"# A\n\nText.\n"


def packed(path, names, extra=lambda name: b""):
    """An archive whose names are these bytes and whose flags do not say UTF-8."""
    stands = {f"{number:03}".ljust(len(name), "x"): name for number, name in enumerate(names)}
    with zipfile.ZipFile(path, "w") as made:
        for stand, name in stands.items():
            info = zipfile.ZipInfo(stand)
            info.extra = extra(name)
            made.writestr(info, BODY)
    data = path.read_bytes()
    for stand, name in stands.items():
        data = data.replace(stand.encode(), name)
    path.write_bytes(data)
    return path


def read(path):
    return [item.path for item in archive_contents(path, "a.zip", ReadLimits())]


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        (["注意力机制/多头注意力.md", "优化器.md"], "gbk"),
        (["注意力機制/多頭注意力.md", "優化器.md", "讀書筆記（一）.md"], "big5"),
        (["筆記.md"], "big5"),
        (["许功盖.md", "笔记.md"], "gbk"),
        (["注意力.md"], "utf-8"),
        (["灯台のひかり.md", "第一章.md"], "shift_jis"),
        (["Prüfung.md", "Übung 2.md"], "cp437"),
        (["plain.md"], "ascii"),
    ],
)
def test_names_are_read_in_the_encoding_of_the_program_that_wrote_them(tmp_path, names, encoding):
    path = packed(tmp_path / "a.zip", [name.encode(encoding) for name in names])
    assert read(path) == [f"a.zip/{name}" for name in names]
    for name in names:  # a citation opens it
        assert archived_content(path, "a.zip", name, ReadLimits()).data == BODY


def test_a_name_in_utf8_beside_the_other_one_counts(tmp_path):
    def beside(name, of=None):
        body = b"\1" + struct.pack("<L", zlib.crc32(of or name)) + "残差连接.md".encode()
        return struct.pack("<HH", 0x7075, len(body)) + body

    name = b"\x82\x83\x84 ?.md"
    assert read(packed(tmp_path / "a.zip", [name], beside)) == ["a.zip/残差连接.md"]
    stale = read(packed(tmp_path / "b.zip", [name], lambda name: beside(name, b"other.md")))
    assert stale == ["a.zip/" + name.decode("cp437")]


@pytest.mark.parametrize("body", [b"", b"\1", b"\1\0\0\0\0\xff\xff", b"\2\0\0\0\0name.md"])
def test_damaged_extra_fields_lose_no_note(tmp_path, body):
    def damaged(name):
        field = body[:1] + struct.pack("<L", zlib.crc32(name)) + body[5:] if body[5:] else body
        return struct.pack("<HH", 0x7075, len(field)) + field

    assert read(packed(tmp_path / "a.zip", [b"note.md"], damaged)) == ["a.zip/note.md"]
