"""Whole sets from a web server on this machine: read right; whatever breaks, one sentence and nothing half-written."""

from __future__ import annotations

import gzip
import hashlib
import io
import multiprocessing
import re
import socket
import subprocess
import sys
import tarfile
import threading
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from convlib import data
from convlib.data import downloads, formats, whole

ROOT = Path(__file__).parents[2]
SPAWN = multiprocessing.get_context("spawn")
PATIENCE = 120  # seconds until a test that waits for another process gives up; none of them takes as long

rng = np.random.default_rng(0)
DIGITS = rng.integers(0, 256, (10, 28, 28), dtype=np.uint8)
THINGS = rng.integers(0, 256, (6 * 2, 3, 32, 32), dtype=np.uint8)
CLASSES = rng.integers(0, 10, 12, dtype=np.uint8)


# ---- files of the true formats, small -------------------------------------------------------------------------------


def idx(array: np.ndarray) -> bytes:
    """Bytes of an IDX file, not packed: by the words of its description."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def idx_files(x: np.ndarray = DIGITS, y: np.ndarray = CLASSES[:10]) -> dict[str, bytes]:
    """MNIST in small: 6 pictures to learn from, the others for testing."""
    parts = x[:6], y[:6], x[6:], y[6:]
    return {name: gzip.compress(idx(part)) for name, part in zip(whole.MNIST.files, parts, strict=True)}


def records(x: np.ndarray, y: np.ndarray) -> bytes:
    """A batch of CIFAR-10's binary version."""
    return b"".join(bytes([label]) + picture.tobytes() for picture, label in zip(x, y, strict=True))


BATCHES = ["data_batch_4", "data_batch_1", "test_batch", "data_batch_5", "data_batch_2", "data_batch_3"]  # any order


def batches() -> dict[str, bytes]:
    """Two pictures in each batch, numbered as in the whole set; test_batch is the sixth."""
    places = {name: int(name[-1]) - 1 if name[-1].isdigit() else 5 for name in BATCHES}
    return {n: records(THINGS[2 * i : 2 * i + 2], CLASSES[2 * i : 2 * i + 2]) for n, i in places.items()}


def archive(contents: dict[str, bytes]) -> dict[str, bytes]:
    """CIFAR-10 in small."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in ({"batches.meta": b"airplane\n"} | contents).items():
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}.bin")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return {"cifar-10-binary.tar.gz": packed.getvalue()}


# ---- a server that may be told to spoil its answers -----------------------------------------------------------------


class Site:
    """Serves ``files``; ``answer`` is called with the request and the file's bytes."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.asked: list[str] = []
        self.answer = send
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.rpartition("/")[2]
                site.asked.append(name)
                site.answer(self, site.files[name])

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}).start()

    def source(self, like: downloads.Source = whole.MNIST) -> downloads.Source:
        """The files as they are now, with their checksums."""
        sums = {name: hashlib.sha256(content).hexdigest() for name, content in self.files.items()}
        return replace(like, urls=[self.url], files=sums)


def send(request: BaseHTTPRequestHandler, content: bytes, *, length: int | None = None, wait=None) -> None:
    """Answer with the content; another length may be announced, or, with 0, none; ``wait`` is called halfway."""
    request.send_response(200)
    if length != 0:
        request.send_header("Content-Length", str(length or len(content)))
    request.end_headers()
    half = len(content) // 2
    request.wfile.write(content[:half])
    request.wfile.flush()
    if wait is not None:
        wait()
    request.wfile.write(content[half:])


def cut(request: BaseHTTPRequestHandler, content: bytes) -> None:
    """Half of what was announced, then nothing more."""
    send(request, content[: len(content) // 2], length=len(content))


def cut_unannounced(request: BaseHTTPRequestHandler, content: bytes) -> None:
    """Half of it, where the end of the connection is the end of the file."""
    send(request, content[: len(content) // 2], length=0)


def another(request: BaseHTTPRequestHandler, content: bytes) -> None:
    """As long as the file, but one byte is another."""
    send(request, content[:-1] + bytes([content[-1] ^ 1]))


def not_found(request: BaseHTTPRequestHandler, _: bytes) -> None:
    request.send_error(404)


def hang_up(request: BaseHTTPRequestHandler, _: bytes) -> None:
    """No answer at all."""
    request.connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def serve(monkeypatch):
    """Start sites, and stop them in the end; a proxy of the machine's own stays out of it."""
    monkeypatch.setenv("NO_PROXY", "*")
    sites = []

    def start(files: dict[str, bytes]) -> Site:
        sites.append(Site(files))
        return sites[-1]

    yield start
    for site in sites:
        site.server.shutdown()
        site.server.server_close()


@pytest.fixture
def site(serve):
    return serve(idx_files())


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def stored(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def failure(fetch, *arguments, **options) -> str:
    """The error's message: one sentence, which ends with what there is without a network."""
    with pytest.raises(data.DownloadError) as caught:
        fetch(*arguments, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert not re.search(r"[.!?] [A-Z]|None", message), message
    assert message.endswith(", without a network")
    return message


def assert_is_small_mnist(split: data.Split) -> None:
    for x, y, part in ((split.x_train, split.y_train, slice(6)), (split.x_test, split.y_test, slice(6, 10))):
        assert x.dtype == np.float32
        assert y.dtype == np.int64
        np.testing.assert_array_equal(x, np.float32(DIGITS[part, None]) / np.float32(255))
        np.testing.assert_array_equal(y, CLASSES[part])


# ---- when all goes well ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("load", "like"), [(data.whole_mnist, whole.MNIST), (data.fashion_mnist, whole.FASHION_MNIST)])
def test_idx_sets(site, tmp_path, load, like):
    """Every picture with its class, in the files' order; the second time nothing is asked for, nor written."""
    source = site.source(like)
    assert_is_small_mnist(load(tmp_path, source=source))
    assert site.asked == list(like.files)
    folder = tmp_path / like.name
    assert stored(tmp_path) == stored(folder) == site.files
    before = folder.stat().st_mtime_ns
    assert_is_small_mnist(load(tmp_path, source=replace(source, urls=[f"http://127.0.0.1:{free_port()}"])))
    assert folder.stat().st_mtime_ns == before, "a folder that cannot be written to must do"


def test_cifar10(serve, tmp_path):
    """The batches in the order of their numbers, though the archive has another; each colour at its place."""
    site = serve(archive(batches()))
    split = data.cifar10(tmp_path, source=site.source(whole.CIFAR10))
    assert split.x_train.shape == (10, 3, 32, 32)
    assert (split.x_test.dtype, split.y_train.dtype) == (np.float32, np.int64)
    np.testing.assert_array_equal(np.concatenate([split.x_train, split.x_test]), np.float32(THINGS) / np.float32(255))
    np.testing.assert_array_equal(np.concatenate([split.y_train, split.y_test]), CLASSES)
    blue = batches()["data_batch_2"][1 + 2 * 1024 + 32 * 5 + 7]  # row 5, column 7 of the third picture
    assert split.x_train[2, 2, 5, 7] == np.float32(blue) / np.float32(255)
    assert stored(tmp_path) == site.files, "nothing is unpacked"


@given(array=hnp.arrays(np.uint8, hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5)))
def test_idx_files_are_read_as_written(tmp_path_factory, array):
    """Of any number of axes, empty ones too."""
    path = tmp_path_factory.getbasetemp() / "array.gz"
    path.write_bytes(gzip.compress(idx(array)))
    read = formats.read_idx(path, array.ndim)
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, array)


def test_where_downloads_are_kept(site, tmp_path, monkeypatch):
    """The argument before the environment variable before the system's place; ``~`` is one's home."""
    import pooch

    monkeypatch.delenv("CONVLIB_DATA", raising=False)
    assert downloads.downloads_folder() == Path(pooch.os_cache("convlib"))
    monkeypatch.setenv("CONVLIB_DATA", str(tmp_path / "named"))
    assert_is_small_mnist(data.whole_mnist(source=site.source()))
    assert (tmp_path / "named/MNIST/t10k-labels-idx1-ubyte.gz").exists()
    assert downloads.downloads_folder(tmp_path) == tmp_path
    monkeypatch.setenv("CONVLIB_DATA", "~/named")
    assert downloads.downloads_folder() == Path.home() / "named"
    assert downloads.downloads_folder("~/sets") == Path.home() / "sets"
    with pytest.raises(TypeError, match="folder must be a string or a path, got 3 of type int"):
        data.whole_mnist(3)


def test_others_may_read_what_is_kept(site, tmp_path):
    """One folder may serve a whole class."""
    data.whole_mnist(tmp_path, source=site.source())
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "MNIST").iterdir()} == {0o644}


def test_addresses_are_tried_in_order(serve, tmp_path):
    """The first that gives the true file; the others are not asked."""
    sites = [serve(idx_files()) for _ in range(4)]
    for site, answer in zip(sites, (not_found, another, send, send), strict=True):
        site.answer = answer
    source = replace(sites[0].source(), urls=[site.url for site in sites])
    assert_is_small_mnist(data.whole_mnist(tmp_path, source=source))
    assert [len(site.asked) for site in sites] == [4, 4, 4, 0]


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_for_terminals(site, tmp_path, monkeypatch, capfd, terminal):
    """A bar where there is a terminal; elsewhere, in a notebook above all, not a letter."""
    import pooch

    screen, notes = io.StringIO(), io.StringIO()
    screen.isatty = lambda: terminal
    monkeypatch.setattr(sys, "stderr", screen)
    (handler,) = pooch.get_logger().handlers
    monkeypatch.setattr(handler, "stream", notes)
    pooch.get_logger().info("before")
    data.whole_mnist(tmp_path, source=site.source())
    assert ("100%" in screen.getvalue()) == terminal
    assert bool(screen.getvalue()) == terminal
    pooch.get_logger().info("after")
    assert notes.getvalue() == "before\nafter\n"
    assert capfd.readouterr() == ("", "")


def test_published_sources():
    """SHA-256 sums, each of another file; two addresses, without a slash at the end; names as the readers want them."""
    sums = []
    for source in (whole.MNIST, whole.FASHION_MNIST, whole.CIFAR10):
        sums += source.files.values()
        assert len(set(source.urls)) == 2
        assert all(re.fullmatch(r"https?://[\w.~/-]+[^/]", url) for url in source.urls)
    assert len(set(sums)) == 9
    assert all(re.fullmatch(r"[0-9a-f]{64}", digits) for digits in sums)
    assert list(whole.MNIST.files) == list(whole.FASHION_MNIST.files) == list(idx_files())


# ---- when the network fails -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (cut, "the connection to {host} broke off"),
        (cut_unannounced, "what {host} sends does not have the published checksum"),
        (another, "what {host} sends does not have the published checksum"),
        (not_found, "{host} answers 404 Not Found"),
        (hang_up, "{host} cannot be reached"),
    ],
)
@pytest.mark.parametrize("position", [0, 2])
def test_a_failing_server(site, tmp_path, answer, reason, position):
    """One sentence; what was whole before stays; nothing else does; the next call gets the rest."""
    names = list(site.files)
    spoilt = site.files[names[position]]
    site.answer = lambda request, content: (answer if content == spoilt else send)(request, content)
    message = failure(data.whole_mnist, tmp_path, source=site.source())
    assert message.startswith(f"MNIST cannot be downloaded, for {reason.format(host=site.url[7:])}; data.mnist() has")
    assert stored(tmp_path) == {name: site.files[name] for name in names[:position]}
    site.answer = send
    assert_is_small_mnist(data.whole_mnist(tmp_path, source=site.source()))


def test_nobody_listens(site, tmp_path):
    """A connection refused, by each address."""
    hosts = [f"127.0.0.1:{free_port()}" for _ in range(2)]
    source = replace(site.source(whole.FASHION_MNIST), urls=[f"http://{host}" for host in hosts])
    message = failure(data.fashion_mnist, tmp_path, source=source)
    assert f"for {hosts[0]} cannot be reached and {hosts[1]} cannot be reached; data.mnist() has" in message
    assert stored(tmp_path) == {}


@pytest.mark.parametrize(
    ("load", "instead"),
    [
        (data.whole_mnist, r"data\.mnist\(\) has 5,000 of these digits"),
        (data.fashion_mnist, r"data\.mnist\(\) has 5,000 digits of the same size"),
        (data.cifar10, r"data\.shapes\(\) and data\.textures\(\) have colour pictures of the same size"),
    ],
)
def test_no_network(tmp_path, monkeypatch, load, instead):
    """No name can be looked up: the published addresses, and what there is instead."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    for proxy in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
        monkeypatch.delenv(proxy.lower(), raising=False)
    message = failure(load, tmp_path)
    assert message.count("cannot be reached") == 2
    assert re.search(f"; {instead}, without a network", message)
    assert stored(tmp_path) == {}


def test_an_address_that_is_none(site, tmp_path):
    """It is named."""
    message = failure(data.whole_mnist, tmp_path, source=replace(site.source(), urls=["ftp://files.example"]))
    assert "files.example gives no file (No connection adapters were found for" in message


# ---- when the folder fails ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"half", b"another file altogether"])
def test_a_broken_file_is_fetched_anew(site, tmp_path, content):
    """Whatever lies there under the file's name; the whole ones are kept."""
    source = site.source()
    data.whole_mnist(tmp_path, source=source)
    name = list(site.files)[2]
    content = site.files[name][: len(site.files[name]) // 2] if content == b"half" else content
    (tmp_path / "MNIST" / name).write_bytes(content)
    site.asked.clear()
    assert_is_small_mnist(data.whole_mnist(tmp_path, source=source))
    assert site.asked == [name]
    assert stored(tmp_path) == site.files


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/convlib"])
def test_a_folder_that_cannot_be_written(site, tmp_path, place):
    """A file lies in its place, or above it, or the system refuses, even to its administrator."""
    (tmp_path / "file").write_text("in the way")
    message = failure(data.whole_mnist, tmp_path / place, source=site.source())
    assert message.startswith(f"MNIST cannot be kept in {tmp_path / place / 'MNIST'} (")
    assert "): name another folder by folder= or the environment variable CONVLIB_DATA; data.mnist() has" in message
    assert stored(tmp_path) == {"file": b"in the way"}
    assert site.asked == []


def test_a_folder_in_the_place_of_the_file(site, tmp_path):
    """It is left alone."""
    (tmp_path / "MNIST" / next(iter(site.files))).mkdir(parents=True)
    assert "MNIST cannot be kept in" in failure(data.whole_mnist, tmp_path, source=site.source())


def test_killed_midway(site, tmp_path):
    """Half of a file was on its way: nothing lies under its name, and the next call gets it."""
    halfway, over = threading.Event(), threading.Event()

    def wait() -> None:
        halfway.set()
        over.wait(PATIENCE)

    site.answer = partial(send, wait=wait)
    source = site.source()
    process = SPAWN.Process(target=data.whole_mnist, args=(tmp_path,), kwargs={"source": source})
    process.start()
    try:
        assert halfway.wait(PATIENCE)
    finally:
        process.kill()
        process.join()
        over.set()
    assert not set(stored(tmp_path)) & set(site.files)
    site.answer = send
    assert_is_small_mnist(data.whole_mnist(tmp_path, source=source))


def test_two_processes_at_once(site, tmp_path):
    """Each is made to wait for the other in the middle of every file: both end right, and no half file is seen."""
    seen = []
    both = threading.Barrier(2, action=lambda: seen.append(set(stored(tmp_path)) & set(site.files)))
    site.answer = partial(send, wait=partial(both.wait, PATIENCE))
    source = site.source()
    with ProcessPoolExecutor(2, mp_context=SPAWN) as pool:
        for split in [pool.submit(data.whole_mnist, tmp_path, source=source) for _ in range(2)]:
            assert_is_small_mnist(split.result())
    names = list(site.files)
    assert seen == [set(names[:i]) for i in range(4)]
    assert sorted(site.asked) == sorted(2 * names)
    assert stored(tmp_path) == site.files


# ---- when a file is not what it should be, though its checksum is ---------------------------------------------------


packed = gzip.compress


def name_of(value: object) -> str:
    """A case is called by the message; the bytes change with the time that gzip writes into them."""
    return value if isinstance(value, str) else ""


SMALL = idx(DIGITS[:6])
LABELS = idx(CLASSES[:6])
GARBLED = packed(b"")[:10] + b"\xff" * 100  # what follows the header of a gzipped file makes no sense


@pytest.mark.parametrize(
    ("position", "content", "reason"),
    [
        (0, packed(SMALL)[:-200], "it cannot be unpacked (Compressed file ended before the end-of-stream marker"),
        (0, SMALL, "it cannot be unpacked (Not a gzipped file"),
        (0, GARBLED, "it cannot be unpacked (Error -3 while decompressing data"),
        (0, packed(LABELS), "its magic number must be 2051, got 2049"),
        (1, packed(SMALL), "its magic number must be 2049, got 2051"),
        (0, packed(SMALL[:-1]), "its sizes 6 × 28 × 28 need 4704 bytes, but there are 4703"),
        (1, packed(LABELS + b"0"), "its sizes 6 need 6 bytes, but there are 7"),
        (0, packed(SMALL[:10]), "it ends within its header, after 10 bytes"),
        (1, packed(b""), "its magic number must be 2049, got 0"),
        (2, packed(idx(DIGITS[:4, :, :14])), "its pictures must have 28 × 28 pixels, got 28 × 14"),
        (1, packed(idx(CLASSES[:5])), "there are 6 pictures, but 5 class numbers"),
        (3, packed(idx(CLASSES[:4] + np.uint8(10))), "class numbers must be from 0 to 9, got 1"),
    ],
    ids=name_of,
)
def test_idx_files_that_are_wrong(serve, tmp_path, position, content, reason):
    """One sentence that names the file and what is wrong with it."""
    files = idx_files()
    files[list(files)[position]] = content
    message = failure(data.whole_mnist, tmp_path, source=serve(files).source())
    assert re.match(rf"MNIST cannot be read from \S+-ubyte\.gz: {re.escape(reason)}.*; data\.mnist\(\) has", message)


def damaged(**changes: bytes | None) -> bytes:
    """The archive with some of its batches changed, or left out."""
    contents = {name: content for name, content in (batches() | changes).items() if content is not None}
    return next(iter(archive(contents).values()))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (damaged()[:-5000], "it cannot be unpacked (Compressed file ended before the end-of-stream marker"),
        (packed(b"no tar" * 400), "it cannot be unpacked (invalid header"),
        (GARBLED, "it cannot be unpacked ("),
        (b"<html>not here</html>", "it cannot be unpacked (not a gzip file"),
        (damaged(data_batch_3=None), "it does not hold cifar-10-batches-bin/data_batch_3.bin"),
        (damaged(test_batch=bytes(3072)), "test_batch.bin must hold records of 3073 bytes, got 3072 bytes"),
        (damaged(test_batch=b""), "test_batch.bin must hold records of 3073 bytes, got 0 bytes"),
        (damaged(data_batch_1=bytes([10]) + bytes(3072)), "class numbers must be from 0 to 9, got 10"),
    ],
    ids=name_of,
)
def test_archives_that_are_wrong(serve, tmp_path, content, reason):
    """The same of CIFAR-10."""
    site = serve({"cifar-10-binary.tar.gz": content})
    message = failure(data.cifar10, tmp_path, source=site.source(whole.CIFAR10))
    assert message.startswith(f"CIFAR-10 cannot be read from {tmp_path / 'CIFAR-10' / 'cifar-10-binary.tar.gz'}: ")
    assert reason in message
    assert stored(tmp_path) == site.files


def test_a_link_is_no_batch(tmp_path):
    """An archive cannot make its reader open another file."""
    path = tmp_path / "linked.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        link = tarfile.TarInfo("batch.bin")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        tar.addfile(link)
    with pytest.raises(ValueError, match=r"it does not hold batch\.bin"):
        formats.read_cifar(path, ["batch.bin"])


# ---- and without any of it ------------------------------------------------------------------------------------------


def test_offline_sets_open_no_socket():
    """Python's own audit hook hears of every socket and every name looked up, whoever asks."""
    code = """
import sys
heard = []
sys.addaudithook(lambda event, _: heard.append(event) if event.startswith("socket.") else None)
from convlib import data
for name in data.PHOTOGRAPHS | data.COLOR_PHOTOGRAPHS:
    data.photograph(name)
data.mnist(), data.digits(), data.faces(), data.shapes(train=2, test=1), data.textures(train=2, test=1)
print(heard)
import socket
socket.socket().close()
print(heard)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["[]", "['socket.__new__']"], done.stderr
