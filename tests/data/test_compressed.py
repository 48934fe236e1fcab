import gzip
import os
import zlib

import pytest

from mnist_gui.data.dataset import DatasetError
from mnist_gui.data.formats import limits
from mnist_gui.data.formats.compressed import ByteSource


@pytest.fixture
def source_of(tmp_path):
    opened = []

    def make(data, name="file.gz"):
        path = tmp_path / name
        path.write_bytes(data)
        opened.append(ByteSource(path).__enter__())
        return opened[-1]

    yield make
    for source in opened:
        source.__exit__(None, None, None)


CONTENT = bytes(range(256)) * 3000


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["raw", "gz"])
def test_that_bytes_come_out_whole_whatever_the_pieces(source_of, pack):
    source = source_of(pack(CONTENT))
    buffer = bytearray(300_000)
    assert source.readinto(memoryview(buffer)) == 300_000
    rest = source.read(1) + source.read(100) + source.read(10**7)
    assert bytes(buffer) + rest == CONTENT
    source.expect_end()


def test_that_gz_is_told_by_content_not_by_name(source_of):
    assert source_of(gzip.compress(b"digits"), "digits.bin").read(100) == b"digits"
    assert source_of(b"digits", "digits.gz").read(100) == b"digits"


def test_that_several_gz_streams_and_padding_are_one_file(source_of):
    source = source_of(gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two") + b"\0" * 600_000)
    assert source.read(100) == b"one two"
    source.expect_end()


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["raw", "gz"])
def test_that_lines_are_read_with_their_ends_and_cut_at_the_limit(source_of, pack):
    source = source_of(pack(b"first\n\n" + b"x" * 700_000 + b"\nlast"))
    assert [source.read_line(), source.read_line(), source.read_line(10)] == [b"first\n", b"\n", b"x" * 10]
    assert source.read_line() == b"x" * 699_990 + b"\n"
    assert [source.read_line(), source.read_line()] == [b"last", b""]


@pytest.mark.parametrize("keep", [2, 5, 10, 500, -1, -8, -9])
def test_that_a_truncated_gz_is_said_to_be_truncated(source_of, keep):
    source = source_of(gzip.compress(os.urandom(1000))[:keep])
    with pytest.raises(
        DatasetError, match=r"^file\.gz: expected a whole gz file, found one that ends .* truncated\.$"
    ):
        source.read(2000)


def test_that_a_wrong_checksum_is_damage(source_of):
    data = bytearray(gzip.compress(CONTENT))
    data[-6] ^= 1
    source = source_of(bytes(data))
    with pytest.raises(DatasetError, match="expected intact gz data, found damage"):
        source.read(len(CONTENT) + 1)


@pytest.mark.parametrize("rest", [b"x", b"\0\0\0x", gzip.compress(b"more", mtime=0)])
def test_that_trailing_bytes_are_an_error(source_of, rest):
    source = source_of(gzip.compress(b"digits") + rest)
    assert source.read(6) == b"digits"
    with pytest.raises(DatasetError, match="found trailing bytes"):
        source.expect_end()


def test_that_more_than_the_limit_is_refused_with_the_ratio(source_of, monkeypatch):
    monkeypatch.setattr(limits, "INFLATED_BYTES", 1_000_000)
    source = source_of(gzip.compress(b"\0" * 1_100_000))
    with pytest.raises(DatasetError, match=r"expected at most 1,000,000 bytes, found more \(\d+ times the size"):
        source.read(10**9)


def test_that_the_number_of_gz_streams_is_limited(source_of, monkeypatch):
    monkeypatch.setattr(limits, "GZ_MEMBERS", 5)
    assert source_of(gzip.compress(b"x") * 5).read(100) == b"xxxxx"
    with pytest.raises(DatasetError, match="expected at most 5 gz streams"):
        source_of(gzip.compress(b"x") * 6).read(100)


def test_that_a_too_large_file_is_not_opened(source_of, monkeypatch):
    monkeypatch.setattr(limits, "FILE_BYTES", 1000)
    with pytest.raises(DatasetError, match="expected at most 1,000 bytes, found 1,001"):
        source_of(bytes(1001))


def test_that_the_capacity_is_what_deflate_can_reach_at_most(source_of):
    data = gzip.compress(bytes(10_000_000), 9)
    assert len(data) * limits.DEFLATE_RATIO == source_of(data).capacity >= 10_000_000
    assert source_of(b"x" * 77).capacity == 77


@pytest.mark.skipif(os.name != "posix", reason="pipes with names are of POSIX")
def test_that_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DatasetError, match="expected a file, found a folder, a device or a pipe"):
        ByteSource(tmp_path / "pipe")


def test_that_a_failing_disk_is_reported_in_a_sentence(source_of):
    class Broken:
        def read(self, count):
            raise OSError(5, "Input/output error")

        def close(self):
            pass

    source = source_of(CONTENT)
    source._file.close()
    source._file = Broken()
    with pytest.raises(DatasetError, match=r"^file\.gz: could not be read; the system says: Input/output error\.$"):
        source.read(3)


def test_that_raw_deflate_and_zlib_streams_are_not_taken_for_gz(source_of):
    packed = zlib.compress(b"digits")
    assert source_of(packed).read(100) == packed
