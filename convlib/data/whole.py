"""Whole sets of pictures from the network, for those who have one, and time: MNIST, Fashion-MNIST and CIFAR-10.

They are downloaded when they are first asked for, and then kept; nothing else in this book needs them.  The checksums
are those of TensorFlow Datasets; MD5 sums of the same files stand in torchvision, in Fashion-MNIST's description and on
CIFAR-10's page.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from convlib.data.downloads import DownloadError, Source, fetch
from convlib.data.formats import read_cifar, read_idx
from convlib.data.split import Split

#: Names of the classes of Fashion-MNIST; a class's number is its place here.
FASHION_CLASSES = (
    "T-shirt/top",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)

#: Names of the classes of CIFAR-10; a class's number is its place here.
CIFAR10_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

#: Copies kept by PyTorch and by TensorFlow; the authors' own page no longer gives the files away.
MNIST = Source(
    name="MNIST",
    urls=("https://ossci-datasets.s3.amazonaws.com/mnist", "https://storage.googleapis.com/cvdf-datasets/mnist"),
    files={
        "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    },
    instead="data.mnist() has 5,000 of these digits, without a network",
)

#: The authors' own two copies.
FASHION_MNIST = Source(
    name="Fashion-MNIST",
    urls=(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
    ),
    files={
        "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    },
    instead="data.mnist() has 5,000 digits of the same size, without a network",
)

#: The author's page under its old and its new address.  The *binary* version: the other one holds pickles.
CIFAR10 = Source(
    name="CIFAR-10",
    urls=("https://www.cs.toronto.edu/~kriz", "https://cave.cs.toronto.edu/kriz"),
    files={"cifar-10-binary.tar.gz": "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"},
    instead="data.shapes() and data.textures() have colour pictures of the same size, without a network",
)

_BATCHES = [f"cifar-10-batches-bin/data_batch_{number}.bin" for number in range(1, 6)]
_BATCHES += ["cifar-10-batches-bin/test_batch.bin"]


def whole_mnist(folder: str | os.PathLike[str] | None = None, *, source: Source = MNIST) -> Split:
    """All 70,000 handwritten digits of MNIST, from the network: 11.6 MB, once.

    Parameters
    ----------
    folder : str or path, optional
        Where downloads are kept; see :func:`convlib.data.downloads.fetch`.
    source : Source
        Where the files lie, to take them from somewhere else.

    Returns
    -------
    Split
        60,000 and 10,000 pictures of 1 × 28 × 28, ink from 0, none, to 1, in the order of the files: the test set's
        writers wrote none of the training set.

    Raises
    ------
    TypeError
        If ``folder`` is neither a string nor a path.
    DownloadError
        If there is no network, or the files cannot be had or kept; the message says which.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-Based Learning Applied to Document Recognition",
    Proceedings of the IEEE 86 (1998).

    Examples
    --------
    ``digits = whole_mnist()`` is all there is to it.  Four files are fetched from the first of these that gives them:

    >>> len(MNIST.files), *MNIST.urls
    (4, 'https://ossci-datasets.s3.amazonaws.com/mnist', 'https://storage.googleapis.com/cvdf-datasets/mnist')
    """
    return _of_idx_files(source, folder)


def fashion_mnist(folder: str | os.PathLike[str] | None = None, *, source: Source = FASHION_MNIST) -> Split:
    """70,000 grey pictures of clothes, as large as MNIST's digits but harder to tell apart: 30.9 MB, once.

    Parameters
    ----------
    folder, source
        As for :func:`whole_mnist`.

    Returns
    -------
    Split
        60,000 and 10,000 pictures of 1 × 28 × 28, from 0, the background, to 1; :data:`FASHION_CLASSES` names the
        classes.

    Raises
    ------
    TypeError, DownloadError
        As for :func:`whole_mnist`.

    References
    ----------
    H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
    Algorithms" (2017).

    Examples
    --------
    ``clothes = fashion_mnist()``; then ``FASHION_CLASSES[clothes.y_train[0]]`` names the first.

    >>> len(FASHION_CLASSES), FASHION_CLASSES[9]
    (10, 'ankle boot')
    """
    return _of_idx_files(source, folder)


def cifar10(folder: str | os.PathLike[str] | None = None, *, source: Source = CIFAR10) -> Split:
    """60,000 small colour photographs of ten kinds of things, from the network: 170 MB, once.

    Parameters
    ----------
    folder, source
        As for :func:`whole_mnist`.

    Returns
    -------
    Split
        50,000 and 10,000 pictures of 3 × 32 × 32, red, green and blue from 0 to 1, 740 MB in all;
        :data:`CIFAR10_CLASSES` names the classes.

    Raises
    ------
    TypeError, DownloadError
        As for :func:`whole_mnist`.

    References
    ----------
    A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009).

    Examples
    --------
    ``things = cifar10()``; then ``CIFAR10_CLASSES[things.y_train[0]]`` names the first.

    >>> len(CIFAR10_CLASSES), CIFAR10_CLASSES[6]
    (10, 'frog')
    """
    (path,) = fetch(source, folder)
    *train, (x_test, y_test) = _read(source, path, read_cifar, _BATCHES)
    x_train, y_train = (np.concatenate(parts) for parts in zip(*train, strict=True))
    return _split(source, path, x_train, y_train, x_test, y_test)


def _of_idx_files(source: Source, folder: str | os.PathLike[str] | None) -> Split:
    """MNIST, or a set in files of the same names and sizes."""
    paths = fetch(source, folder)
    parts = [_read(source, path, read_idx, dimensions) for path, dimensions in zip(paths, (3, 1, 3, 1), strict=True)]
    for path, x in zip(paths[::2], parts[::2], strict=True):
        if x.shape[1:] != (28, 28):
            raise _unreadable(source, path, f"its pictures must have 28 × 28 pixels, got {x.shape[1]} × {x.shape[2]}")
    x_train, y_train, x_test, y_test = parts
    return _split(source, paths[0], x_train[:, None], y_train, x_test[:, None], y_test)


def _split(source: Source, path: Path, *parts: np.ndarray) -> Split:
    """Pictures and classes from bytes, once each picture has a class that there is."""
    for x, y in (parts[:2], parts[2:]):
        if len(x) != len(y):
            raise _unreadable(source, path, f"there are {len(x)} pictures, but {len(y)} class numbers")
        if y.max(initial=0) > 9:
            raise _unreadable(source, path, f"class numbers must be from 0 to 9, got {y.max()}")
    x_train, y_train, x_test, y_test = parts
    return Split(_from_0_to_1(x_train), y_train.astype(np.int64), _from_0_to_1(x_test), y_test.astype(np.int64))


def _from_0_to_1(x: np.ndarray) -> np.ndarray:
    """Bytes as 32-bit floats, without a second copy on the way: CIFAR-10 is large."""
    return np.divide(x, np.float32(255), dtype=np.float32)


def _read(source: Source, path: Path, reader: Callable, *arguments: object):
    """What the reader makes of the file; what it refuses is a DownloadError."""
    try:
        return reader(path, *arguments)
    except ValueError as error:
        raise _unreadable(source, path, error) from error


def _unreadable(source: Source, path: Path, reason: object) -> DownloadError:
    return DownloadError(f"{source.name} cannot be read from {path}: {reason}; {source.instead}")
