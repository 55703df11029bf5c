"""Exercises by hand: every number in the files against the package and NumPy, and files that are refused."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
import scipy.signal
import torch
from torch import nn

from convlib import convolution_matrix, shapes, signals
from convlib.convolution import convolve, correlate
from convlib.models import Bottleneck, LeNet5, LeNet5Original
from convlib.models.lenet import SparseConv2d
from convlib.widgets import answer
from convlib.widgets.answer import Answer, check_entry

CHAPTER = "01_convolution_integral"
RULES, SEQUENCES, WAVES = "02_algebraic_properties", "03_discrete_convolution", "04_convolution_theorem"
LAYERS, SHAPES = "08_from_filters_to_layers", "09_shape_arithmetic"
BACK, TRAINING = "10_backpropagation", "11_training_a_cnn"
LENET, ALEXNET = "12_lenet", "13_alexnet"
VGGS, RESNETS, INSIDE = "14_vgg", "15_resnet", "16_comparing_networks"
PLANE, DARKROOM, DETECTORS = "05_two_dimensional_convolution", "06_filtering_and_warping", "07_edges_corners_blobs"
FAIR, LOADED = np.full(6, 1 / 6), np.array([1, 1, 1, 1, 1, 2]) / 7
TIMES = (np.arange(-400, 400) + 0.5) * 0.01


def boxes(t: float, first: float = 0.5, second: float = 0.5) -> float:
    """Two boxes of height 1, given by half their widths, convolved at one time."""
    return float(signals.box_with_box(t, (-first, first), (-second, second)))


def length(first: float, second: float) -> float:
    """How long the convolution of two boxes is not zero, seen on a fine grid."""
    return 0.01 * np.count_nonzero(signals.box_with_box(TIMES, (-first, first), (-second, second)) > 1e-9)


WINDOW, TURNED = np.array([[1, 0, 2], [3, 1, 0], [0, 2, 1]]), np.array([[3, 0, 0], [0, 1, 0], [0, 2, 1]])
CROSS = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
NEARBY = np.array([[0, 0.5, 0], [0.3, 0.5, 0.5], [0, 0.5, 0]])
SLOPE = np.array([[1, 1, 3], [1, 2, 5], [2, 2, 6]])
#: 3 × 3 twice, a pooling, 3 × 3 twice, a pooling, 3 × 3; and two maps of 2 × 2.
SIX_LAYERS = [(3, 1, 1), (3, 1, 1), (2, 2, 1), (3, 1, 1), (3, 1, 1), (2, 2, 1), (3, 1, 1)]
MAPS = np.array([[[1, 0], [3, 2]], [[2, 4], [1, 0]]])
ALONG = np.array([2, 5, 9, 4, 1, 6, 5, 3, 8])


def sobel(window: np.ndarray) -> float:
    """Right minus left, rows weighted 1, 2, 1."""
    return float(np.array([1, 2, 1]) @ (window[:, 2] - window[:, 0])) / 8


def connected(strength: np.ndarray, low: float, high: float) -> list[int]:
    """Runs of at least low that hold something of at least high."""
    runs = np.split(np.arange(len(strength)), np.flatnonzero(strength < low))
    kept = [n for run in runs if (strength[run] >= high).any() for n in run if strength[n] >= low]
    return [int(n in kept) for n in range(len(strength))]


def moments() -> list[float]:
    """Mean and standard deviation of a sum, from the convolution of two densities."""
    times = np.arange(-60, 80, 0.05)
    density = np.convolve(signals.gaussian(times, 2, 3), signals.gaussian(times, 6, 4)) * 0.05
    at = 2 * times[0] + 0.05 * np.arange(len(density))
    mean = 0.05 * density @ at
    return [mean, np.sqrt(0.05 * density @ (at - mean) ** 2)]


#: Totals 3 and −2, means 4 and 1.
ABOUT_FOUR, ABOUT_ONE = np.array([0, 0, 0, 1, 1, 1]), np.array([-1, 0, -1])


def centre(sequence: np.ndarray) -> float:
    """Its mean, the first sample at 0."""
    return float(sequence @ np.arange(len(sequence)) / sequence.sum())


def around(x: list[float], w: list[float]) -> np.ndarray:
    """Circular convolution, by its matrix."""
    return convolution_matrix(w, len(x), mode="circular") @ x


def first_zero(kernel: np.ndarray) -> float:
    """The lowest frequency, in cycles per sample, at which a kernel lets nothing through, on a fine grid."""
    gains = np.abs(np.fft.rfft(kernel, 40_000))
    return float(np.flatnonzero(gains < 1e-9)[0] / 40_000)


def multiplications(samples: int) -> int:
    """Of the fast transform: half as many as samples, and those of both halves."""
    return samples // 2 + 2 * multiplications(samples // 2) if samples > 1 else 0


def kernel_gradient(x: list[float], y: list[float]) -> list[float]:
    """Of the mean squared error of a correlation with two weights that are 0, by PyTorch."""
    weight = torch.zeros(1, 1, 2, requires_grad=True)
    made = nn.functional.conv1d(torch.tensor([[x]], dtype=torch.float32), weight)
    nn.functional.mse_loss(made, torch.tensor([[y]], dtype=torch.float32)).backward()
    return weight.grad.flatten().tolist()


def counts(layer: nn.Conv2d, side: int) -> list[int]:
    """Parameters, and MACs for one sample."""
    found = shapes.summary(layer, (layer.in_channels, side, side))
    return [found.parameters, found.macs]


def unseen_at_the_end(samples: int, taps: int, stride: int) -> int:
    """Samples behind the last one that has a gradient."""
    x = torch.zeros(1, 1, samples, requires_grad=True)
    nn.functional.conv1d(x, torch.ones(1, 1, taps), stride=stride).sum().backward()
    return samples - 1 - int(x.grad.nonzero()[:, -1].max())


def reached(*layers: nn.Conv1d) -> list[int]:
    """How many samples reach a unit, from the first to the last, and how much further the next one's begin."""
    starts, sizes = [], []
    for unit in (3, 4):
        x = torch.zeros(1, 1, 80, requires_grad=True)
        nn.Sequential(*layers)(x)[0, 0, unit].backward()
        places = x.grad.nonzero()[:, -1]
        starts.append(int(places.min()))
        sizes.append(int(places.max() - places.min() + 1))
    return [sizes[0], starts[1] - starts[0]]


def size(layer: nn.Module) -> int:
    """Its parameters."""
    return sum(weight.numel() for weight in layer.parameters())


def heard(make: Callable[[torch.Tensor], torch.Tensor], x: list[float], dy: list[float]) -> list[float]:
    """What a row hears, by PyTorch."""
    leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    make(leaf[None, None]).backward(torch.tensor(dy, dtype=torch.float64)[None, None])
    return leaf.grad.tolist()


def correlated(x: torch.Tensor, taps: tuple[float, ...] = (3, 1), **options: int) -> torch.Tensor:
    """A layer with these taps."""
    return nn.functional.conv1d(x, torch.tensor(taps, dtype=torch.float64)[None, None], **options)


def unheard(samples: int, taps: int, stride: int) -> int:
    """Samples whose gradient is zero."""
    outputs = shapes.output_size(samples, taps, stride)
    gradient = heard(lambda x: correlated(x, (1,) * taps, stride=stride), [1] * samples, [1] * outputs)
    return samples - np.count_nonzero(gradient)


def won(x: torch.Tensor) -> torch.Tensor:
    """Max pooling, three wide, in steps of one."""
    return nn.functional.max_pool1d(x, 3, stride=1)


def moves(momentum: float, rate: float, count: int) -> list[float]:
    """How far each step goes if the gradient is always 1, by PyTorch's own optimizer."""
    weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer, places = torch.optim.SGD([weight], rate, momentum), [0.0]
    for _ in range(count):
        weight.grad = torch.ones(1, dtype=torch.float64)
        optimizer.step()
        places.append(weight.item())
    return np.abs(np.diff(places)).tolist()


ROW, SENT, TIED, PAID = [4, 0, 1, 2], [1, 0, 2], [3, 5, 5, 1, 4], [1, 2, 4]

ANSWERS = {
    f"{CHAPTER}/two-dice": lambda: [convolve(FAIR, FAIR)[5 - 2]],
    f"{CHAPTER}/loaded-dice": lambda: [convolve(LOADED, FAIR)[7 - 2]],
    f"{CHAPTER}/two-boxes": lambda: [boxes(0.3)],
    f"{CHAPTER}/rc-pulse": lambda: [float(signals.box_with_exponential(3 / 2, 0, 3 / 2))],
    f"{CHAPTER}/flip-or-not": lambda: convolve([1, 2, 3], [0, 1, 0.5]),
    f"{CHAPTER}/areas": lambda: [convolve(2 * FAIR, 3 * FAIR).sum()],
    f"{CHAPTER}/trapezoid-height": lambda: [boxes(0, 0.5, 1)],
    f"{CHAPTER}/trapezoid-length": lambda: [length(0.5, 1)],
    f"{CHAPTER}/full-length": lambda: [len(np.convolve(np.ones(10), np.ones(3)))],
    f"{CHAPTER}/mean-of-a-sum": lambda: moments(),
    f"{RULES}/width-of-sum": lambda: [np.sqrt(8 * 2)],
    f"{RULES}/merge": lambda: convolve([0.5, 0.5], [1, -1]),
    f"{RULES}/predict": lambda: convolve([1, 0, 3], [2, 1])[:3],
    f"{RULES}/further-blur": lambda: [np.sqrt(13**2 - 5**2)],
    f"{RULES}/totals": lambda: [centre(convolve(ABOUT_FOUR, ABOUT_ONE))],
    f"{SEQUENCES}/three-by-two": lambda: convolve([2, 0, 1], [1, 3]),
    f"{SEQUENCES}/columns": lambda: convolve([8, 5], [4, 3]),
    f"{SEQUENCES}/lengths": lambda: [
        convolve(np.ones(12), np.ones(4), mode).size for mode in ("full", "same", "valid")
    ],
    f"{SEQUENCES}/transpose": lambda: convolution_matrix([2, 1], 3).T @ [1, 3, 0, 4],
    f"{SEQUENCES}/around": lambda: around([1, 2, 0, 3], [1, 0, 0, 2]),
    f"{SEQUENCES}/undo": lambda: scipy.signal.deconvolve([2, 7, 1, -1], [2, 1])[0],
    f"{WAVES}/four-samples": lambda: np.fft.fft([1, 0, -1, 0]).real,
    f"{WAVES}/product": lambda: np.fft.fft(around(np.fft.ifft([6, 0, 2, 0]).real, [0.5, 0.5, 0, 0])).real,
    f"{WAVES}/first-zero": lambda: [first_zero(np.full(40, 1 / 40)) * 8000],
    f"{WAVES}/wheel": lambda: [24 * np.angle(np.exp(2j * np.pi * 20 / 24)) / (2 * np.pi)],
    f"{WAVES}/multiplications": lambda: [multiplications(16)],
    f"{PLANE}/one-window": lambda: [(WINDOW * TURNED).sum()],
    f"{PLANE}/valid-size": lambda: np.subtract((1080, 1920), (7, 5)) + 1,
    f"{PLANE}/im2col-size": lambda: [
        np.lib.stride_tricks.sliding_window_view(np.zeros((100, 100)), (5, 5)).size,
    ],
    f"{PLANE}/separable-cost": lambda: [31 + 31],
    f"{PLANE}/reflect": lambda: np.pad([5, 8, 2, 7], (0, 3), mode="reflect")[4:],
    f"{PLANE}/stamps": lambda: (
        np.kron([[1, 0], [0, 0]], [[1, 2], [3, 4]])[:3, :3] + np.pad(2 * np.array([[1, 2], [3, 4]]), ((1, 0), (1, 0)))
    ),
    f"{PLANE}/rank-one": lambda: [4 * 3 / 2],
    f"{DARKROOM}/brightness": lambda: [0.4 * (5.5 - CROSS.sum())],
    f"{DARKROOM}/sharpen-pixel": lambda: [5 * 0.5 - (NEARBY * CROSS).sum()],
    f"{DARKROOM}/antisymmetric-part": lambda: (np.array([1, 4, 3]) - np.array([3, 4, 1])) / 2,
    f"{DARKROOM}/median": lambda: [np.median([3, 9, 4, 5, 0, 6, 4, 255, 5])],
    f"{DARKROOM}/bilinear": lambda: [np.array([0.5, 0.5]) @ [[10, 20], [30, 80]] @ [0.75, 0.25]],
    f"{DETECTORS}/sobel-by-hand": lambda: [sobel(SLOPE)],
    f"{DETECTORS}/hysteresis": lambda: connected(ALONG, 4, 7),
    f"{DETECTORS}/blob-size": lambda: [5 * np.sqrt(2)],
    f"{LAYERS}/gradient": lambda: kernel_gradient([1, 2, 0], [1, 2]),
    f"{LAYERS}/weights": lambda: [np.count_nonzero(convolution_matrix(np.ones((3, 3)), (10, 10), mode="valid"))],
    f"{LAYERS}/macs": lambda: counts(nn.Conv2d(16, 32, 3, padding=1), 28),
    f"{LAYERS}/depthwise": lambda: [
        nn.Conv2d(100, 100, 3, groups=100).weight.numel() + nn.Conv2d(100, 100, 1).weight.numel()
    ],
    f"{SHAPES}/size": lambda: [nn.Conv1d(1, 1, 5, stride=2, padding=2)(torch.zeros(1, 1, 32)).shape[-1]],
    f"{SHAPES}/dropped": lambda: [unseen_at_the_end(30, 4, 3)],
    f"{SHAPES}/transposed": lambda: [nn.ConvTranspose1d(1, 1, 4, stride=2, padding=1)(torch.zeros(1, 1, 16)).shape[-1]],
    f"{SHAPES}/field": lambda: reached(nn.Conv1d(1, 1, 7, 2), nn.Conv1d(1, 1, 3, 2), nn.Conv1d(1, 1, 3)),
    f"{BACK}/by-hand": lambda: heard(correlated, ROW, SENT),
    f"{BACK}/remainder": lambda: [unheard(12, 2, 3)],
    f"{BACK}/cost": lambda: [3 * 30],
    f"{BACK}/pool": lambda: heard(won, TIED, PAID),
    f"{TRAINING}/start": lambda: [round(float(nn.functional.cross_entropy(torch.zeros(1, 4), torch.tensor([2]))), 4)],
    f"{TRAINING}/momentum": lambda: [round(moves(0.8, 0.1, 200)[-1], 9)],
    f"{TRAINING}/epochs": lambda: [10 * len(torch.arange(500).split(32))],
    f"{TRAINING}/he": lambda: [round(np.sqrt(2 / nn.Conv2d(32, 1, 3).weight.numel()), 4)],
    f"{LENET}/c3": lambda: [size(LeNet5().c3)],
    f"{LENET}/table": lambda: [size(SparseConv2d([(0, 1), (1, 2), (2, 3), range(5)], 3))],
    f"{LENET}/connections": lambda: [size(nn.Conv2d(3, 8, 5)) * nn.Conv2d(3, 1, 5)(torch.zeros(1, 3, 32, 32)).numel()],
    f"{LENET}/strip": lambda: [LeNet5().scores(torch.zeros(1, 1, 32, 92)).shape[-1]],
    f"{ALEXNET}/first": lambda: [size(nn.Linear(256, 4096))],
    f"{ALEXNET}/groups": lambda: [nn.Conv2d(64, 128, 3, groups=4).weight.numel()],
    f"{ALEXNET}/crops": lambda: [2 * len(list(product(range(256 - 224 + 1), repeat=2)))],
    f"{ALEXNET}/dropout": lambda: [6 * (1 - 0.25)],
    f"{VGGS}/pair": lambda: [2 * nn.Conv2d(64, 64, 3).weight.numel()],
    f"{VGGS}/sees": lambda: [shapes.receptive_field(SIX_LAYERS).size],
    f"{VGGS}/first-linear": lambda: [torch.empty(4096, 512 * 7 * 7, device="meta").numel()],
    f"{VGGS}/loud": lambda: [9 * 64 * 0.1**2 / 2],
    f"{RESNETS}/layers": lambda: [2 * sum([2, 2, 2, 2]) + 2],
    f"{RESNETS}/bottleneck": lambda: [
        sum(layer.weight.numel() for layer in Bottleneck(256, 64).modules() if isinstance(layer, nn.Conv2d))
    ],
    f"{RESNETS}/lengths": lambda: np.convolve(np.convolve([1, 1], [1, 1]), np.convolve([1, 0], [0, 1])),
    f"{RESNETS}/share": lambda: [1 / sum([1] + 15 * [1])],
    f"{INSIDE}/flops": lambda: [2 * 4.1],
    f"{INSIDE}/places": lambda: [len(range(0, 32 - 8 + 1, 4)) ** 2],
    f"{INSIDE}/cam": lambda: np.maximum(2 * MAPS[0] - MAPS[1], 0),
    f"{INSIDE}/pushes": lambda: [3 * 32 * 32 * 0.01 * 0.02],
    f"{DETECTORS}/harris-number": lambda: [np.linalg.det(np.diag([8, 1])) - 0.05 * np.trace(np.diag([8, 1])) ** 2],
}


@pytest.mark.parametrize("name", answer.names())
def test_answers_are_right(name):
    """Computed, not copied."""
    np.testing.assert_allclose(answer.load(name)["answer"], ANSWERS[name](), rtol=1e-7)


WRONG = {
    f"{CHAPTER}/two-dice": [2 / 36, 2 / 21, 1 / 11, 5 / 36, 4],
    f"{CHAPTER}/loaded-dice": [6 / 42, 8 / 42, 7 / 36, LOADED[5], convolve(LOADED, FAIR)[12 - 2]],
    f"{CHAPTER}/two-boxes": [0.3, 1, boxes(0.3) ** 2, 0.5 - 0.3, 1 - 2 * 0.3, 1 - 0.3 / 2],
    f"{CHAPTER}/rc-pulse": [2 * (1 - np.exp(-1.5)), 1 - np.exp(-3), np.exp(-1.5), 1 - np.exp(-2 / 3), 1, 3 / 2],
    f"{CHAPTER}/flip-or-not": [
        correlate([1, 2, 3], [0, 1, 0.5]),
        correlate([0, 1, 0.5], [1, 2, 3]),
        np.multiply([1, 2, 3], [0, 1, 0.5]),
        np.convolve([1, 2, 3], [0, 1, 0.5], mode="same"),
        np.convolve([1, 2, 3], [1, 0.5]),
        np.convolve([1, 2, 3], [0, 1, 0.5], mode="valid"),
    ],
    f"{CHAPTER}/full-length": [10 + 3, 10, len(np.convolve(np.ones(10), np.ones(3), mode="valid")), 10 * 3],
    f"{CHAPTER}/mean-of-a-sum": [[8, 3 + 4], [8, 9 + 16], [8, 3 * 4], [8, (3 + 4) / 2], [2 * 6, 5], [(2 + 6) / 2, 5]],
    f"{RULES}/width-of-sum": [8 * 2, 8 * np.sqrt(2), np.sqrt(2), 8 * 3, 8**2 * 2],
    f"{RULES}/merge": [
        np.multiply([0.5, 0.5], [1, -1]),
        np.add([0.5, 0.5], [1, -1]),
        convolve([0.5, 0.5], [-1, 1]),
        convolve([0.5, 0.5], [1, 1]),
        convolve([1, 1], [1, -1]),
    ],
    f"{RULES}/predict": [
        np.add([2, 1, 0], [0, 0, 3]),
        np.multiply(2, [1, 0, 3]),
        np.add([2, 1, 0], np.multiply(3, [2, 1, 0])),
        np.multiply([1, 0, 3], [2, 1, 0]),
        convolve([3, 0, 1], [2, 1])[:3],
    ],
    f"{RULES}/further-blur": [13 - 5, 13**2 - 5**2, np.hypot(13, 5), 13 + 5],
    f"{RULES}/totals": [centre(ABOUT_FOUR), centre(ABOUT_ONE), 4 - 1, 3 * 4 - 2 * 1, 3 * -2, (4 + 1) / 2],
    f"{SEQUENCES}/three-by-two": [
        convolve([2, 0, 1], [3, 1]),
        np.multiply([2, 0], [1, 3]),
        convolve([2, 0, 1], [1, 3], "same"),
        convolve([2, 0, 1], [1, 3], "valid"),
        convolve([2, 0, 1], [1, 3])[::-1],
    ],
    f"{SEQUENCES}/columns": [
        [58 * 34],
        [int(digit) for digit in str(58 * 34)[::-1]],
        convolve([8, 5], [4, 3])[::-1],
        np.multiply([8, 5], [4, 3]),
        [8 * 4, 5 * 4, 8 * 3, 5 * 3],
        convolve([8, 5], [3, 4]),
        convolve([5, 8], [4, 3]),
    ],
    f"{SEQUENCES}/lengths": [
        [12 + 4, 12, 12 - 4],
        [12 + 4 - 1, 12, 12 - 4],
        [12 + 4 - 1, 4, 12 - 4 + 1],
        [12 + 4, 12, 12 - 4 + 1],
        [12 - 4 + 1, 12, 12 + 4 - 1],
    ],
    f"{SEQUENCES}/transpose": [
        convolve([1, 3, 0, 4], [2, 1], "valid"),
        np.correlate([1, 3, 0, 4], [2, 1], "full"),
        np.correlate([1, 3, 0, 4], [2, 1], "full")[1:],
        convolve([1, 3, 0, 4], [2, 1]),
    ],
    f"{SEQUENCES}/around": [
        convolve([1, 2, 0, 3], [1, 0, 0, 2])[:4],
        convolve([1, 2, 0, 3], [1, 0, 0, 2]),
        around([1, 2, 0, 3], [1, 2, 0, 0]),
        np.multiply([1, 2, 0, 3], [1, 0, 0, 2]),
        convolve([1, 2, 0, 3], [1, 0, 0, 2])[:4] + np.r_[0, convolve([1, 2, 0, 3], [1, 0, 0, 2])[4:]],
    ],
    f"{SEQUENCES}/undo": [
        2 * np.array([1, 3, -1]),
        np.divide([2, 7, 1], 2),
        [2, 7 - 2, 1 - 5],
        [1, (7 + 1) / 2, (1 + 4) / 2],
        [1, 3, -1, 0],
    ],
    f"{WAVES}/four-samples": [
        np.fft.fft([1, 0, -1, 0]).real * [1, 1, 1, 0],
        np.fft.fft([1, 0, -1, 0]).real / 2,
        2 * np.fft.fft([1, 0, -1, 0]).real * [1, 1, 1, 0],
        [1, 0, -1, 0],
        [0, 0, 2, 0],
    ],
    f"{WAVES}/product": [
        np.multiply([6, 0, 2, 0], [0.5, 0.5, 0, 0]),
        np.multiply([6, 0, 2, 0], 0.5),
        [6, 0, 2, 0],
        [6, 0, 2 * 0.5, 0],
        [6 + 1, 0, 2 + 0, 0],
        [6 / 4, 0, 0, 0],
    ],
    f"{WAVES}/first-zero": [8000 / 40 / 2, 40, 1 / 40, 2 * 8000 / 40, 8000 / 2],
    f"{WAVES}/wheel": [24 - 20, 20, -20, 24 + 20, 20 - 12],
    f"{WAVES}/multiplications": [16 * 4, 16**2, 16 // 2 * 5, 16 // 2 * 3, 16 // 2],
    f"{PLANE}/one-window": [
        (WINDOW * TURNED[::-1, ::-1]).sum(),
        (WINDOW * TURNED[::-1]).sum(),
        (WINDOW * TURNED[:, ::-1]).sum(),
        WINDOW.sum() * TURNED.sum(),
    ],
    f"{PLANE}/valid-size": [
        np.subtract((1080, 1920), (7, 5)),
        np.add((1080, 1920), (7, 5)) - 1,
        (1080, 1920),
        np.subtract((1080, 1920), (3, 2)),
        np.subtract((1080, 1920), (5, 7)) + 1,
    ],
    f"{PLANE}/im2col-size": [100**2 * 25, 96**2, 100**2, 95**2 * 25],
    f"{PLANE}/separable-cost": [31 * 31, 31, 2 * 31 * 31],
    f"{PLANE}/reflect": [np.pad([5, 8, 2, 7], (0, 3), mode=m)[4:] for m in ("symmetric", "edge", "wrap", "constant")],
    f"{DARKROOM}/brightness": [0.4, 0.4 * 5.5, 0, 5.5 - 4],
    f"{DARKROOM}/sharpen-pixel": [(NEARBY * CROSS).sum() / 4, 0.5 - 0.2, 0.5, 5 * 0.5 - 3 * 0.5],
    f"{DARKROOM}/median": [0, np.mean([3, 9, 4, 5, 0, 6, 4, 255, 5]), 4, (4 + 5) / 2],
    f"{DARKROOM}/bilinear": [
        np.mean([10, 20, 30, 80]),
        np.array([0.75, 0.25]) @ [[10, 20], [30, 80]] @ [0.5, 0.5],
        10,
        30,
        np.mean([10, 30]),
        30 + 0.25 * 50,
    ],
    f"{DETECTORS}/sobel-by-hand": [
        -sobel(SLOPE),
        8 * sobel(SLOPE),
        2 * sobel(SLOPE),
        sobel(SLOPE.T),
        (SLOPE[:, 2] - SLOPE[:, 0]).sum() / 6,
    ],
    f"{DETECTORS}/hysteresis": [ALONG >= 4, ALONG >= 7, connected(ALONG, 5, 7)],
    f"{LAYERS}/gradient": [
        np.negative(kernel_gradient([1, 2, 0], [1, 2])),
        kernel_gradient([1, 2, 0], [1, 2])[::-1],
        np.divide(kernel_gradient([1, 2, 0], [1, 2]), 2),
        np.multiply(kernel_gradient([1, 2, 0], [1, 2]), 2),
        np.multiply([-1, -2], [1, 2]),
    ],
    f"{LAYERS}/weights": [3 * 3, 100 * 64, 100 * 9, 8 * 8],
    f"{LAYERS}/macs": [
        counts(nn.Conv2d(16, 32, 3, padding=1, bias=False), 28),
        np.multiply(counts(nn.Conv2d(16, 32, 3, padding=1), 28), [1, 2]),
        [4640, 4640 * 28 * 28],
        counts(nn.Conv2d(1, 32, 3, padding=1), 28),
        [4640, 16 * 32 * 9],
        [16 * 32 * (9 + 1), 4608 * 28 * 28],
    ],
    f"{LAYERS}/depthwise": [
        nn.Conv2d(100, 100, 3).weight.numel(),
        nn.Conv2d(100, 100, 3).weight.numel() + 100 * 9,
        nn.Conv2d(100, 100, 3).weight.numel() + 100 * 100,
        nn.Conv2d(100, 100, 3, groups=100).weight.numel(),
        100 * 100,
        100 * 9 * 100 * 100,
        100**3,
    ],
    f"{SHAPES}/size": [
        (32 + 4 - 5) // 2,
        -(-(32 + 4 - 5) // 2) + 1,
        shapes.output_size(32, 5, 2),
        (32 + 4 - 5) / 2,
        (32 + 4 - 5) / 2 + 1,
        shapes.output_size(32, 5, 1, 2),
    ],
    f"{BACK}/by-hand": [
        heard(lambda x: correlated(x, (1, 3)), ROW, SENT),
        correlate(ROW, SENT, "valid"),
        np.multiply(heard(correlated, ROW, SENT), ROW),
        np.multiply(3, SENT),
        convolve(SENT, [3, 1], "valid"),
    ],
    f"{BACK}/remainder": [(12 - 2) % 3, 3, 0, 12 - unheard(12, 2, 3), 2],
    f"{BACK}/cost": [2 * 30, 30, 4 * 30],
    f"{BACK}/pool": [
        [0, 2, 4, 0, 0],
        heard(lambda x: x.flip(-1).unfold(-1, 3, 1).max(-1)[0].flip(-1), TIED, PAID),
        [0, 1 + 2, 1 + 2 + 4, 0, 0],
        heard(lambda x: x.unfold(-1, 3, 1).amax(-1), TIED, PAID),
        np.multiply(heard(won, TIED, PAID), TIED),
        PAID,
    ],
    f"{TRAINING}/start": [round(np.log(10), 3), 1 / 4, np.log2(4), round(np.log10(4), 3), -1.3863, 3 / 4],
    f"{TRAINING}/momentum": [*np.round([moves(0.8, 0.1, 1)[0], 0.5 / 0.1, moves(0.8, 0.1, 2)[1]], 9), 0.08, -0.5],
    f"{TRAINING}/epochs": [10 * (500 // 32), 5000 // 32, 5000 / 32, -(-5000 // 32), 16, 5000],
    f"{TRAINING}/he": [float(f"{v:.3g}") for v in (2 / 288, *np.sqrt([1 / 288, 2 / 32, 2 / 9, 2 / 96]))],
    f"{SHAPES}/dropped": [30 % 3, 29 - 28, 3, 30 - 24, 30 - 4],
    f"{SHAPES}/transposed": [
        shapes.transposed_output_size(16, 4, 2),
        shapes.transposed_output_size(16, 4, 2) - 1,
        shapes.transposed_output_size(16, 4, 2) + 2,
        shapes.output_size(16, 4, 2, 1),
        15 * 2 + 1,
    ],
    f"{SHAPES}/field": [
        [1 + 6 + 2 + 2, 4],
        [((1 + 6) * 2 + 2) * 2 + 2, 4],
        [1 + 6 * 2 + 2 * 4 + 2 * 4, 4],
        [19, 1],
        [19 - 1, 4],
        [7 + 3 + 3, 4],
    ],
    f"{LENET}/c3": [16 * 6 * 25, 16 * 26, 16 * 25, 16 * 6 * 26, 16 * 6 * 25 + 6, size(LeNet5Original().c3), 2416 * 100],
    f"{LENET}/table": [11 * 9, 11 * 10, 4 * (5 * 9 + 1), 4 * 5 * 9, 4 * (9 + 1), 11 * 9 + 5, 3 * 2 + 5],
    f"{LENET}/connections": [
        75 * 8 * 28**2,
        size(nn.Conv2d(3, 8, 5)),
        608 * 32**2,
        size(nn.Conv2d(1, 8, 5)) * 28**2,
        76 * 28**2,
        25 * 8 * 28**2,
    ],
    f"{LENET}/strip": [(92 - 32) // 4, 92 - 32 + 1, 92 // 32, (92 - 32) // 2 + 1, 92 // 4, -(-92 // 32)],
    f"{ALEXNET}/first": [256 * 4096, size(nn.Linear(36 * 256, 4096)), 256 * 4096 + 256, 256 + 4096, 4096],
    f"{ALEXNET}/groups": [64 * 128 * 9, 16 * 32 * 9, 18432 + 128, 4 * 64 * 128 * 9, 32 * 128 * 9, 128 * 9, 16 * 128],
    f"{ALEXNET}/crops": [2 * 32 * 32, 33 * 33, 32 * 32, 2 * 33, 10, 4 * 33 * 33],
    f"{ALEXNET}/dropout": [6, 6 * 0.25, 6 / 0.75, 0, 6 * 0.5],
    f"{VGGS}/pair": [9 * 64**2, 18 * 64, 2 * 9 * 64**2 + 2 * 64, 81 * 64**2, 2 * 25 * 64**2],
    f"{VGGS}/sees": [
        1 + 5 * 2 + 2 * 1,  # jumps of 1 everywhere
        shapes.receptive_field([*SIX_LAYERS[:-1], (1, 1, 1)]).size + 4,
        shapes.receptive_field([*SIX_LAYERS[:2], (1, 2, 1), *SIX_LAYERS[3:5], (1, 2, 1), (3, 1, 1)]).size,
        shapes.receptive_field(SIX_LAYERS[:6]).size * 2,
        shapes.receptive_field(SIX_LAYERS[:6]).size,
        shapes.receptive_field(SIX_LAYERS).size - 1,
    ],
    f"{VGGS}/first-linear": [
        512 * 4096,
        512 * 7 * 4096,
        4096 * (512 * 49 + 1),
        512 * 14**2 * 4096,
        256 * 36 * 4096,
    ],
    f"{VGGS}/loud": [9 * 64 * 0.01, np.sqrt(2.88), 9 * 64 * 0.01**2 / 2, 9 * 64 * 0.1 / 2, 64 * 0.01 / 2, 1],
    f"{RESNETS}/layers": [2 * 8, 3 * 8 + 2, 2 * 8 + 2 + 3, 8 + 2, 3 * 50 + 2],
    f"{RESNETS}/bottleneck": [
        2 * 9 * 64**2,
        2 * 9 * 256**2,
        256 * 64 + 9 * 64**2,
        9 * (2 * 256 * 64 + 64**2),
        69632 + 64 + 64 + 256,
    ],
    f"{RESNETS}/lengths": [
        [1, 4, 6, 4, 1],
        [1, 2, 1, 0, 0],
        [0, 0, 1, 2, 1],
        np.convolve([0, 1], [1, 3, 3, 1]),
        [*np.convolve([1, 2, 1], [1, 1]), 0],
        [1, 2, 1],
    ],
    f"{RESNETS}/share": [1 / 15, 1 / 2, np.sqrt(1 / 16), 1 / 2**15, 16],
    f"{INSIDE}/flops": [4.1, 4.1 / 2, 4.1**2],
    f"{INSIDE}/places": [7, 6**2, (32 // 4) ** 2, 25**2, (32 // 8) ** 2],
    f"{INSIDE}/cam": [
        2 * MAPS[0] - MAPS[1],
        2 * MAPS[0],
        2 * MAPS[0] + MAPS[1],
        MAPS[0] + MAPS[1],
        np.maximum(-MAPS[0] + 2 * MAPS[1], 0),
    ],
    f"{INSIDE}/pushes": [0.01 * 0.02, 3072 * 0.02, 1024 * 0.01 * 0.02, np.sqrt(3072) * 0.0002, 3072 * 0.01],
    f"{DETECTORS}/harris-number": [8 - 0.05 * 9, 8 - 0.05 * (64 + 1), 8, 0.05 * 81 - 8],
}


@pytest.mark.parametrize("name", WRONG)
def test_known_mistakes_are_what_they_are_called(name):
    """Each wrong answer comes from the mistake that its sentence describes."""
    slips = [slip["value"] for slip in answer.load(name)["wrong"]]
    assert len(slips) == len(WRONG[name])
    for slip, made in zip(slips, WRONG[name], strict=True):
        np.testing.assert_allclose(slip, np.atleast_1d(made), rtol=1e-7)


@pytest.mark.parametrize(("name", "rounded"), [("two-dice", 0.11), ("loaded-dice", 0.17)])
def test_two_decimals_suffice(name, rounded):
    """A chance rounded to per cents is right, and no mistake passes, not even rounded."""
    entry = answer.load(f"{CHAPTER}/{name}")
    right, tolerance = entry["answer"][0], entry["tolerance"]
    assert abs(rounded - right) <= tolerance
    slips = [slip["value"][0] for slip in entry["wrong"]]
    assert all(abs(slip - right) > 2 * tolerance for slip in slips)
    assert all(abs(round(slip, 2) - right) > tolerance for slip in slips)
    # Nor are two mistakes taken for each other when they are written exactly: within a 20th, see answer.js.
    assert min(np.diff(sorted(slips))) > 2 * tolerance / 20


GOOD = {"name": "x", "kind": "number", "prompt": "How many?", "answer": 2, "solution": "Two."}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "word"}, "kind of answer 'x' must be one of 'number', 'sequence', 'matrix', got 'word'"),
        ({"answer": [2]}, "answer 'x': answer must be a number, got"),
        ({"kind": "sequence"}, "answer 'x': answer must be a sequence, got 2"),
        ({"kind": "matrix", "answer": [[1, 2], [3]]}, "answer 'x': answer must be numbers|must be a matrix"),
        ({"answer": "two"}, "answer 'x': answer must be numbers, got 'two'"),
        ({"tolerance": -1}, "answer 'x': tolerance must be at least 0, got -1"),
        ({"wrong": [{"value": 2, "says": "no"}]}, r"answer 'x': the wrong \[2.0\] cannot be told from the answer"),
        (
            {"tolerance": 0.3, "wrong": [{"value": 2.5, "says": "no"}]},
            r"the wrong \[2.5\] cannot be told from the answer",
        ),
        ({"wrong": [{"value": 3, "says": "a"}, {"value": "6/2", "says": "b"}]}, "cannot be told from the wrong"),
        ({"wrong": [{"value": 3, "says": "a"}, {"value": 4, "says": "a "}]}, "must have a sentence of its own"),
        ({"wrong": [{"value": 3, "says": " "}]}, "must have a sentence of its own"),
        ({"wrong": [{"value": [3], "says": "no"}]}, "a wrong one must be a number"),
        ({"hints": "?"}, r"answer 'x': missing are \[\], unknown are \['hints'\]"),
    ],
)
def test_bad_entries_are_refused(change, message):
    """The message names the exercise and what is wrong."""
    with pytest.raises(ValueError, match=message):
        check_entry(GOOD | change)


def test_good_entries():
    """Fractions are read; the tolerance is half a per cent, or nothing for whole numbers."""
    assert check_entry(GOOD)["answer"] == [2.0]
    assert check_entry(GOOD)["tolerance"] == pytest.approx(2e-9)
    sixth = check_entry(GOOD | {"kind": "sequence", "answer": ["1/6", 2.5]})
    assert sixth["answer"] == [1 / 6, 2.5]
    assert sixth["tolerance"] == pytest.approx(0.0125)
    assert check_entry(GOOD | {"kind": "matrix", "answer": [[1, 2], [3, 4]]})["answer"] == [[1, 2], [3, 4]]
    missing = {key: value for key, value in GOOD.items() if key != "solution"}
    with pytest.raises(ValueError, match=r"missing are \['solution'\]"):
        check_entry(missing)


def test_unknown_names():
    """The error lists those there are."""
    with pytest.raises(ValueError, match=r"name must be one of '01_convolution.*/two-dice', .*, got 'three-dice'"):
        Answer("three-dice")


def test_names_are_unique():
    """Nobody gets another exercise than was asked for."""
    assert len(set(answer.names())) == len(answer.names())


def test_on_paper():
    """The exercise and a line to write on; the solution is not given away."""
    widget = Answer(f"{CHAPTER}/rc-pulse")
    data = widget.fallback()
    assert "<i>" not in widget.question["prompt"]
    assert "<em>RC</em> = 2 s" in data["text/html"]
    assert "Answer: " in data["text/html"]
    assert "0.777" not in data["text/html"]
    assert "Answer: ________ V" in data["text/markdown"]
    assert "<sup>−1.5</sup>" in widget.question["solution"]
    assert repr(widget) == "Answer('01_convolution_integral/rc-pulse')"
