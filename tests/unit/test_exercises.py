"""Every checker meets its wrong answers: those it knows, and those written here without looking at it."""

from __future__ import annotations

import contextlib
import itertools
import math
import re
from decimal import Decimal
from fractions import Fraction
from functools import partial, reduce
from itertools import pairwise

import numpy as np
import pytest
import sympy
import torch
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage, signal, spatial
from skimage import feature
from torch import nn

from convlib import shapes
from convlib.exercises import (
    Checker,
    Mistake,
    chapter_01,
    chapter_02,
    chapter_03,
    chapter_04,
    chapter_05,
    chapter_06,
    chapter_07,
    chapter_08,
    chapter_09,
    chapter_10,
    chapter_11,
    chapter_12,
    chapter_13,
    chapter_14,
    chapter_15,
    chapter_16,
    testing,
)
from convlib.exercises._draw import told_apart
from convlib.models.lenet import C3_TABLE

CHAPTERS = (
    chapter_01,
    chapter_02,
    chapter_03,
    chapter_04,
    chapter_05,
    chapter_06,
    chapter_07,
    chapter_08,
    chapter_09,
    chapter_10,
    chapter_11,
    chapter_12,
    chapter_13,
    chapter_14,
    chapter_15,
    chapter_16,
)
CHECKERS = [checker for chapter in CHAPTERS for checker in chapter.CHECKERS]


@pytest.mark.parametrize("checker", CHECKERS, ids=lambda checker: checker.title)
def test_mistakes_are_told_apart(checker):
    """The right answer passes; each known mistake, and each basic one, gets its own hint."""
    testing.assert_mistakes_are_told_apart(checker)


# Wrong answers as readers write them: other code than the checker's own, same misconception.


def autograd_of(x, y, w, reduction):
    weight = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    made = nn.functional.conv2d(torch.tensor(x, dtype=torch.float64)[None], weight.flip(0, 1)[None, None])
    nn.functional.mse_loss(made, torch.tensor(y, dtype=torch.float64)[None], reduction=reduction).backward()
    return weight.grad.numpy()


def torch_layer(x, w, b, **options):
    bias = None if b is None else torch.tensor(b)
    return nn.functional.conv2d(torch.tensor(x, dtype=torch.float64), torch.tensor(w), bias, **options).numpy()


def padded(x, w):
    """As padding="same" does, without its warning."""
    left, right, above, below = [amount for side in reversed(w.shape[2:]) for amount in ((side - 1) // 2, side // 2)]
    return nn.ZeroPad2d((left, right, above, below))(torch.tensor(x)).numpy()


def counted(n, k, s, p, d, taken):
    """By asking PyTorch for each sample alone; with dilation ``taken``."""
    places = shapes.output_size(n, k, s, p, taken)
    eye = torch.nn.functional.pad(torch.eye(n)[:, None], (p, p))
    return nn.functional.conv1d(eye, torch.ones(1, 1, k), None, s, 0, taken)[..., :places].sum((1, 2)).numpy()


def transposed(y, w, s, more=0):
    y, w = (torch.tensor(values, dtype=torch.float64)[None, None] for values in (y, w))
    x = nn.functional.conv_transpose1d(y, w, stride=s)[0, 0].numpy()
    return np.append(x, np.zeros(more))


def layered(layers):
    field = shapes.closed_form(layers)
    return field.size, field.jump


def by_autograd(make, x, dy):
    """What x hears, if ``make`` makes a row of outputs of it."""
    leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    make(leaf[None, None]).backward(torch.tensor(dy, dtype=torch.float64)[None, None])
    return leaf.grad.numpy()


def heard_by_weights(x, dy, k, s):
    """By PyTorch's own formula: a dilated correlation, not cut."""
    x, dy = (torch.tensor(values)[None, None] for values in (x, dy))
    return nn.functional.conv1d(x, dy, dilation=s)[0, 0].numpy()


def towards(f, x, h):
    return np.array([(f(x + h * e) - f(x)) / h for e in np.eye(x.size).reshape(-1, *x.shape)]).reshape(x.shape)


def _counted_from_the_end(dy, w, n, s):
    """Right but where nothing is left over: a slice up to −0 is empty."""
    left = n - (len(dy) - 1) * s - len(w)
    dx = np.zeros(n)
    dx[:-left] = transposed(dy, w, s)
    return dx


def _folded_at_once(g, p):
    """Right but where a sample stands in both mirrors: there one addition overwrites the other."""
    dx = g[p : len(g) - p].copy()
    where = np.r_[np.arange(p, 0, -1), np.arange(len(dx) - 2, len(dx) - 2 - p, -1)]
    dx[where] += np.r_[g[:p], g[len(g) - p :]]
    return dx


def graded(scores, names, reduction):
    """What the scores hear, by PyTorch."""
    leaf = torch.tensor(scores, requires_grad=True)
    nn.functional.cross_entropy(leaf, torch.tensor(names), reduction=reduction).backward()
    return leaf.grad


def by_torch(w, gradients, **options):
    """The same gradients, given to PyTorch's own optimizer."""
    weight = torch.tensor(w, requires_grad=True)
    optimizer = torch.optim.SGD([weight], **options)
    for gradient in gradients:
        weight.grad = torch.tensor(gradient)
        optimizer.step()
    return weight


def spread_of(draw, channels, maps, taps):
    """As one would measure it: no formula, many draws."""
    torch.manual_seed(0)
    return float(draw(torch.empty(maps, channels, taps, taps)).std())


def laid(ink, top, left):
    return np.pad(ink, ((top, 28 - len(ink) - top), (left, 28 - len(ink[0]) - left)))


def ways(target, ink):
    return [round(target - mean) for mean in ndimage.center_of_mass(ink)]


def parameters(convs):
    return sum(p.numel() for conv in convs for p in conv.parameters())


def by_table(table, taps):
    return [nn.Conv2d(len(row), 1, taps) for row in table]


def each_map(x, weight, bias, stride=2):
    """The sum of 2 × 2, weight and bias, as a convolution with a group for each map."""
    kernels = torch.tensor(weight)[:, None, None, None].expand(-1, 1, 2, 2)
    return nn.functional.conv2d(torch.tensor(x), kernels, torch.tensor(bias), stride, groups=len(weight))


def changes(names):
    return names[np.append(True, np.diff(names) != 0)]


def spelt(names, seen):
    digits, before = [], None
    for name, sure in zip(names, seen, strict=True):
        if sure and name != before:
            digits.append(name)
        before = name if sure else None
    return digits


def map_by_map(a, n, k, alpha, beta, *, first=0, behind=None, combine=np.sum):
    b = np.empty(a.shape)
    for c in range(a.shape[1]):
        end = c + (n // 2 if behind is None else behind) + 1
        b[:, c] = a[:, c] / (k + alpha * combine(a[:, max(first, c - n // 2) : end] ** 2, axis=1)) ** beta
    return b


def around(a, *sides, mode="constant"):
    """Sums over sides[0] maps, sides[1] rows and sides[2] columns."""
    return math.prod(sides) * ndimage.uniform_filter(a, (1, *sides), mode=mode)


def cropped(picture, size, half=math.floor):
    top, left = (half((side - size) / 2) for side in picture.shape[1:])
    rows, columns = picture[:, :size], picture[:, -size:]
    middle = picture[:, top : top + size, left : left + size]
    return [rows[..., :size], rows[..., -size:], columns[..., :size], columns[..., -size:], middle]


def and_mirrored(crops):
    return [*crops, *map(partial(np.flip, axis=-1), crops)]


def moved(picture, vector):
    return np.moveaxis(np.moveaxis(picture, 0, -1) + vector, -1, 0)


def fitted(features, names):
    """By the pseudo-inverse: features and a 1, by class."""
    return np.linalg.pinv(np.c_[features, np.ones(len(features))]) @ (names[:, None] == np.arange(max(names) + 1))


def nearest_mean(features, names, new):
    means = [features[names == name].mean(0) for name in sorted(set(names.tolist()))]
    return spatial.KDTree(means).query(new)[1]


def column(plan, channels, kernel_size=3, bias=True, pooled=lambda maps: maps):
    """A plan's convolution layers, as PyTorch has them."""
    convs = []
    for step in plan:
        if step != "M":
            convs.append(nn.Conv2d(channels, step, kernel_size, bias=bias))
        channels = pooled(channels) if step == "M" else step
    return convs


def one_after_the_other(first, second):
    """The response to an impulse of each map, turned: what a layer that correlates would have as its weights."""
    side = first.shape[-1] + second.shape[-1] - 1
    impulses = torch.zeros(first.shape[1], first.shape[1], 2 * side - 1, 2 * side - 1, dtype=torch.float64)
    impulses[range(len(impulses)), range(len(impulses)), side - 1, side - 1] = 1
    first, second = (torch.tensor(w, dtype=torch.float64) for w in (first, second))
    seen = nn.functional.conv2d(nn.functional.conv2d(impulses, first), second)
    return seen.flip(2, 3).transpose(0, 1).numpy()


def half_turn(w):
    return torch.tensor(w).flip(2, 3).numpy()


def loud(channels, std, factor=lambda seen, made, std: 9 * seen * std**2 / 2):
    """Layer by layer."""
    squares = [1.0]
    for seen, made in pairwise(channels):
        squares.append(squares[-1] * factor(seen, made, std))
    return np.array(squares[1:]) ** 0.5


def fits(shallow, name, shape):
    return name in shallow and shallow[name].shape == tuple(shape)


def over(shallow, deep, fits=fits):
    return {
        name: np.array(shallow[name]) if fits(shallow, name, shape) else np.zeros(shape) for name, shape in deep.items()
    }


def shortened(x, channels, before=0, stride=2):
    """By PyTorch: a maximum over 1 × 1, every second, and a margin in the third axis from the end."""
    kept = nn.functional.max_pool2d(torch.tensor(x).double(), 1, stride)
    return nn.functional.pad(kept, (0, 0, 0, 0, before, channels - x.shape[1] - before))


def heard_before(x, branch, pull, dy, *, shortcut=True, seen=None):
    """The block's gradient with ReLU as PyTorch does it backwards; ``seen`` is what the ReLU is asked about."""
    before = torch.tensor(x + branch(x) if seen is None else seen, dtype=torch.float64, requires_grad=True)
    before.relu().backward(torch.tensor(dy))
    g = before.grad.numpy()
    return shortcut * g + pull(x, g)


def multiplied_out(blocks, factors):
    """The coefficients of a product of one polynomial for each block, all of degree 1."""
    return reduce(np.convolve, [factors[block] for block in blocks], np.ones(1, dtype=int))


PATHS = {"whole": [1, 1], "deleted": [1, 0], "cut": [0, 1]}


def fused(weight, gamma, beta, mean, variance, eps):
    """As PyTorch folds a layer in before it's deployed."""
    made = nn.utils.fusion.fuse_conv_bn_weights(
        *(torch.tensor(values).double() for values in (weight, np.zeros(len(weight)), mean, variance)),
        eps,
        *(torch.tensor(values).double() for values in (gamma, beta)),
    )
    return tuple(part.detach().numpy() for part in made)


def hidden(
    score, picture, size, fill, at=lambda row, column, size: (row, column), show=lambda whole, part: whole - part
):
    """With a mask for each place."""
    rows, columns = np.subtract(picture.shape[1:], size - 1)
    grid = np.indices(picture.shape[1:])
    made = np.empty((rows, columns))
    for row in range(rows):
        for column in range(columns):
            top, left = at(row, column, size)
            inside = (grid[0] >= top) & (grid[0] < top + size) & (grid[1] >= left) & (grid[1] < left + size)
            made[row, column] = show(score(picture), score(np.where(inside, fill, picture)))
    return made


def hidden_around(score, picture, size, fill):
    """A margin first, so that the squares around all pixels lie on the picture; it's cut off before the score."""
    half = size // 2

    def within(padded):
        return score(padded[:, half:-half, half:-half])

    return hidden(within, np.pad(picture, ((0, 0), (half, half), (half, half))), size, fill)


def hidden_for_good(score, picture, size, fill):
    """The same copy for all places."""
    changed, rows, columns = picture.copy(), *np.subtract(picture.shape[1:], size - 1)
    made = np.empty((rows, columns))
    for place in range(rows * columns):
        row, column = divmod(place, columns)
        changed[:, row : row + size, column : column + size] = fill
        made[row, column] = score(picture) - score(changed)
    return made


def mapped(maps, gradients, before=lambda g: g, after=nn.functional.relu):
    """By PyTorch: weights as pooling finds them, and a 1 × 1 convolution."""
    maps, gradients = torch.tensor(maps, dtype=torch.float64), torch.tensor(gradients)
    weights = nn.functional.adaptive_avg_pool2d(before(gradients), 1)
    return after(nn.functional.conv2d(maps[None], weights[None]))[0, 0].numpy()


def pushed(picture, push):
    return np.minimum(np.maximum(picture + push, 0), 1)


def spectrum(filters, side):
    """By the definition: each weight turns by its place."""
    frequencies = np.exp(-2j * np.pi * np.outer(np.arange(side), np.arange(filters.shape[1])) / side)
    return np.einsum("ik,fkl,jl->fij", frequencies, filters, frequencies)


def smoothed(x, axes=(2, 3), mode="wrap", w=(1, 2, 1)):
    for axis in axes:
        x = ndimage.correlate1d(np.asarray(x, dtype=float), np.array(w) / sum(w), axis, mode=mode)
    return x


def torch_counts(channels, maps, taps, side, groups):
    conv = nn.Conv2d(channels, maps, taps, groups=groups)
    return sum(p.numel() for p in conv.parameters()), conv.weight.numel() * side * side


def side_by_side(x, w, b, side):
    """As unfolding with a stride does."""
    windows = nn.functional.unfold(torch.tensor(x)[None], side, stride=side)[0].numpy()
    places = (np.array(x.shape[1:]) - side) // side + 1
    return (w @ windows + b[:, None]).reshape(len(w), *places)


def from_zero(x, w):
    """Zeros to begin with, and what is larger than what is there."""
    best = np.zeros(np.subtract(x.shape, w.shape) + 1)
    for turn in range(4):
        best = np.maximum(best, signal.correlate2d(x, np.rot90(w, turn), "valid"))
    return best


def flipped_index(x, w, n):
    total = 0
    for k, weight in enumerate(w):
        if n + k < len(x):
            total += weight * x[n + k]
    return total


def negative_index(x, w, n):
    return sum(w[k] * x[n - k] for k in range(min(len(w), len(x))))


def riemann_without_step(f, g, step):
    y = [0.0] * (len(f) + len(g) - 1)
    for i, a in enumerate(f):
        for j, b in enumerate(g):
            y[i + j] += a * b
    return y


def same_length(f, g, step):
    return np.convolve(f, g)[: f.size] * step


def correlated(f, g, step):
    return step * np.correlate(f, g, mode="full")


def plain_triangle(t, a, b):
    return np.where(abs(t) < (a + b) / 2, (a + b) / 2 - abs(t), 0.0)


def sums(x, length):
    return np.convolve(x, np.ones(length))[: len(x)]


def centred(x, length):
    return np.convolve(x, np.ones(length) / length, mode="same")


def subtract_delayed(y, delay, gain):
    x = np.array(y)
    for n in range(len(y)):
        if n >= delay:
            x[n] = y[n] - gain * y[n - delay]
    return x


def clean_in_place(y, delay, gain):
    for n in range(delay, len(y)):
        y[n] -= gain * y[n - delay]
    return y


def predicts_noise(system, size):
    x, impulse = np.sin(np.arange(size) ** 2.0), np.append(1.0, np.zeros(size - 1))
    return np.allclose(np.convolve(x, system(impulse))[:size], system(x))


def superposes(system, size):
    rng = np.random.default_rng(99)
    for scale in (1e-2, 1, 1e2):
        a, b = scale * rng.normal(size=(2, size))
        if not np.allclose(system(a + b), system(a) + system(b)) or not np.allclose(system(3 * a), 3 * system(a)):
            return False
    return True


def carry_in_passes(a, b):
    columns = [0] * (len(a) + len(b))
    for i, one in enumerate(a):
        for j, other in enumerate(b):
            columns[i + j] += int(one) * int(other)
    carries = [0] + [c // 10 for c in columns[:-1]]
    return [c % 10 + more for c, more in zip(columns, carries, strict=True)]


def rows_of_w(w, size):
    rows = np.zeros((size + len(w) - 1, size))
    for m in range(size):
        for k, weight in enumerate(reversed(w)):
            rows[m + k, m] = weight
    return rows


def wrapped_backwards(x, w):
    size = len(x)
    return [sum(w[k] * x[(n + k) % size] for k in range(len(w))) for n in range(size)]


def dft_with_plus(x):
    n = np.arange(len(x))
    return np.array([(x * np.exp(2j * np.pi * j * n / len(x))).sum() for j in n])


def without_room(x, w):
    w = np.pad(w, (0, len(x) - len(w)))
    return np.fft.irfft(np.fft.rfft(x) * np.fft.rfft(w), len(x))


def stamps_without_adding(x, w):
    y = np.zeros((x.shape[0] + w.shape[0] - 1, x.shape[1] + w.shape[1] - 1))
    for r in range(x.shape[0]):
        for c in range(x.shape[1]):
            for k in range(w.shape[0]):
                for l in range(w.shape[1]):  # noqa: E741
                    y[r + k, c + l] = x[r, c] * w[k, l]
    return y


def windows_by_columns(x, K, L):
    return [x[r : r + K, c : c + L].ravel() for c in range(x.shape[1] - L + 1) for r in range(x.shape[0] - K + 1)]


def box_from_a_bare_table(x, size):
    S = np.cumsum(np.cumsum(x, axis=0), axis=1)
    return (S[size:, size:] - S[:-size, size:] - S[size:, :-size] + S[:-size, :-size]) / size**2


def only_the_numerator(window, sigma_space, sigma_range):
    total, m = 0.0, len(window) // 2
    for r, row in enumerate(window):
        for c, value in enumerate(row):
            far, unlike = (r - m) ** 2 + (c - m) ** 2, (value - window[m, m]) ** 2
            total += value * np.exp(-far / (2 * sigma_space**2)) * np.exp(-unlike / (2 * sigma_range**2))
    return total


def only_the_blur(window, sigma_space, sigma_range):
    one = signal.windows.gaussian(len(window), sigma_space)
    kernel = np.outer(one, one)
    return (kernel * window).sum() / kernel.sum()


def grown_once(strength, low, high):
    return ndimage.binary_dilation(strength >= high, np.ones((3, 3))) & (strength >= low)


def without_corners(strength, low, high):
    labels, _ = ndimage.label(strength >= low)
    return np.isin(labels, np.unique(labels[strength >= high]))


def place_of_largest(image, template):
    return divmod(int(signal.correlate(image, template, "valid").argmax()), image.shape[1] - template.shape[1] + 1)


def downhill(energy):
    path = [int(np.argmin(energy[0]))]
    for row in energy[1:]:
        near = [c for c in (path[-1] - 1, path[-1], path[-1] + 1) if 0 <= c < len(row)]
        path.append(near[int(np.argmin(row[near]))])
    return path


SOBEL_AS_PRINTED = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


@pytest.mark.parametrize(
    ("check", "answer", "name"),
    [
        (chapter_05.stamps, signal.correlate2d, "turned"),
        (chapter_05.stamps, lambda x, w: signal.convolve2d(x, w, "same"), "same"),
        (chapter_05.stamps, lambda x, w: signal.convolve2d(x, np.flip(w, 0)), "upside down"),
        (chapter_05.stamps, lambda x, w: signal.convolve2d(x, np.flip(w, 1)), "mirrored"),
        (chapter_05.stamps, lambda x, w: signal.convolve2d(x.T, w.T), "result transposed"),
        (chapter_05.stamps, lambda x, w: signal.convolve2d(x, w, "valid"), "wrong shape"),
        (chapter_05.stamps, stamps_without_adding, "stamps overwritten"),
        (chapter_05.windows, windows_by_columns, "down the columns"),
        (
            chapter_05.windows,
            lambda x, K, L: np.transpose(sliding_window_view(x, (K, L)).reshape(-1, K * L)),
            "transposed",
        ),
        (
            chapter_05.windows,
            lambda x, K, L: sliding_window_view(x, (K, L))[..., ::-1, ::-1].reshape(-1, K * L),
            "flipped",
        ),
        (
            chapter_05.nearest_separable,
            lambda w: np.outer(np.linalg.svd(w)[0][:, 0], np.linalg.svd(w)[2][0]),
            "singular value forgotten",
        ),
        (chapter_05.nearest_separable, lambda w: w, "all terms"),
        (chapter_05.box_mean, box_from_a_bare_table, "no row of zeros"),
        (chapter_05.box_mean, lambda x, size: signal.convolve2d(x, np.ones((size, size)), "valid"), "sum"),
        (chapter_06.halves, lambda w: [(w + np.fliplr(w)) / 2, (w - np.fliplr(w)) / 2], "mirrored"),
        (chapter_06.halves, lambda w: [(w + w.T) / 2, (w - w.T) / 2], "transposed"),
        (chapter_06.halves, lambda w: (w + np.rot90(w, 2), w - np.rot90(w, 2)), "not halved"),
        (
            chapter_06.unsharp,
            lambda x, amount: x + amount * (x - ndimage.uniform_filter(x, 3, mode="nearest")),
            "border repeated",
        ),
        (chapter_06.unsharp, lambda x, amount: signal.convolve2d(x, np.full((3, 3), 1 / 9), "valid"), "blurred only"),
        (chapter_06.median3, lambda x: signal.medfilt2d(x, 3), "border of zeros"),
        (chapter_06.median3, lambda x: ndimage.median_filter(x, 3), "border repeated"),
        (chapter_06.median3, lambda x: ndimage.uniform_filter(x, 3)[1:-1, 1:-1], "mean"),
        (chapter_06.between, lambda x, row, column: x[int(row + 0.5)][int(column + 0.5)], "nearest"),
        (
            chapter_06.between,
            lambda x, row, column: ndimage.map_coordinates(x, [[column], [row]], order=1),
            "row and column exchanged",
        ),
        (chapter_06.bilateral_pixel, only_the_numerator, "not normalised"),
        (chapter_06.bilateral_pixel, only_the_blur, "space only"),
        (
            chapter_07.right_minus_left,
            lambda x: signal.convolve2d(x, SOBEL_AS_PRINTED, "valid"),
            "sign reversed, not scaled",
        ),
        (chapter_07.right_minus_left, lambda x: signal.convolve2d(x, SOBEL_AS_PRINTED / 8, "valid"), "sign reversed"),
        (chapter_07.right_minus_left, lambda x: signal.correlate2d(x, SOBEL_AS_PRINTED.T / 8, "valid"), "downwards"),
        (chapter_07.right_minus_left, lambda x: np.gradient(x, axis=1)[1:-1, 1:-1], "one row"),
        (chapter_07.right_minus_left, lambda x: ndimage.sobel(x, 1, mode="nearest") / 8, "border repeated"),
        (chapter_07.hysteresis, grown_once, "one step"),
        (chapter_07.hysteresis, without_corners, "four neighbours"),
        (
            chapter_07.harris,
            lambda gx, gy, k: np.linalg.det(np.cov(gx.ravel(), gy.ravel()) * (gx.size - 1)),
            "different",
        ),
        (
            chapter_07.harris,
            lambda gx, gy, k: np.sum(gx**2) * np.sum(gy**2) - k * np.sum(gx**2 + gy**2) ** 2,
            "mixed term forgotten",
        ),
        (chapter_07.best_match, place_of_largest, "plain correlation"),
        (chapter_07.best_match, lambda image, template: feature.match_template(image, template).argmax(), "one number"),
        (chapter_07.seam, downhill, "greedy"),
        (chapter_07.seam, lambda energy: [int(row.argmin()) for row in energy], "cheapest of each row"),
        (chapter_08.kernel_gradient, lambda x, y, w: autograd_of(x, y, w, "sum"), "sum, not mean"),
        (chapter_08.kernel_gradient, lambda x, y, w: -autograd_of(x, y, w, "mean"), "uphill"),
        (chapter_08.kernel_gradient, lambda x, y, w: autograd_of(x, y, w, "mean")[::-1, ::-1], "turned"),
        (
            chapter_08.kernel_gradient,
            lambda x, y, w: signal.convolve2d(x, signal.correlate2d(x, w, "valid") - y, "valid") * 2 / y.size,
            "different",
        ),
        (
            chapter_08.layer,
            lambda x, w, b: [[sum(map(partial(signal.convolve2d, mode="valid"), s, f)) for f in w] for s in x],
            "different",
        ),
        (
            chapter_08.layer,
            lambda x, w, b: [
                [sum(map(partial(signal.convolve2d, mode="valid"), s, f)) + a for f, a in zip(w, b, strict=True)]
                for s in x
            ],
            "convolved",
        ),
        (chapter_08.layer, lambda x, w, b: torch_layer(padded(x, w), w, b), "same size"),
        (chapter_08.layer, lambda x, w, b: torch_layer(x, w, None), "no bias"),
        (chapter_08.layer, lambda x, w, b: np.maximum(0, torch_layer(x, w, b)), "rectified"),
        (chapter_08.counts, lambda c, f, k, s, g: torch_counts(c, f, k, s, 1), "without groups"),
        (chapter_08.counts, lambda c, f, k, s, g: (torch_counts(c, f, k, s, g)[1] // s**2, 0), "different"),
        (
            chapter_08.slide,
            lambda x, w, b, side: torch_layer(x[None], w.reshape(len(w), -1, side, side), None)[0],
            "no bias",
        ),
        (chapter_08.slide, side_by_side, "side by side"),
        (
            chapter_08.separable,
            lambda x, w, mix: np.stack(list(map(partial(signal.correlate2d, mode="valid"), x, w))),
            "depthwise alone",
        ),
        (
            chapter_08.separable,
            lambda x, w, mix: np.tensordot(mix, list(map(partial(signal.convolve2d, mode="valid"), x, w)), 1),
            "turned",
        ),
        (chapter_08.turns, from_zero, "from zero"),
        (
            chapter_08.turns,
            lambda x, w: sum(signal.correlate2d(x, np.rot90(w, turn), "valid") for turn in range(4)),
            "sum",
        ),
        (
            chapter_08.turns,
            lambda x, w: np.maximum(*(signal.correlate2d(x, v, "valid") for v in (w, w[::-1, ::-1]))),
            "two turns",
        ),
        (chapter_09.places, lambda n, k, s, p, d: len(range(0, n + 2 * p - d * (k - 1), 1)), "no stride"),
        (chapter_09.seen, lambda n, k, s, p, d: counted(n, k, s, p, d, 1), "no dilation"),
        (chapter_09.seen, lambda n, k, s, p, d: (counted(n, k, s, p, d, d) > 0).astype(int), "whether"),
        (chapter_09.same, lambda n, k, s: [(k - 1) // 2, k // 2], "as with stride 1"),
        (
            chapter_09.same,
            lambda n, k, s: list(shapes.same_padding(k, s, 1, n, rule="tensorflow"))[::-1],
            "more on the left",
        ),
        (chapter_09.stamps, lambda y, w, s: transposed(y, w[::-1].copy(), s), "turned"),
        (chapter_09.stamps, lambda y, w, s: transposed(y, w, 1), "no stride"),
        (chapter_09.stamps, lambda y, w, s: transposed(y, w, s, s - 1), "too long"),
        (
            chapter_09.far,
            lambda layers: (1 + sum(k - 1 for k, _, _ in layers), math.prod(s for _, s, _ in layers)),
            "different",
        ),
        (chapter_09.far, lambda layers: list(layered(layers)[::-1]), "exchanged"),
        (chapter_09.paths, lambda layers: reduce(np.convolve, [np.ones(k) for k, _, _ in layers]), "wrong shape"),
        (chapter_10.bias_gradient, lambda dy: torch.tensor(dy).mean((0, 2, 3)), "mean"),
        (chapter_10.bias_gradient, lambda dy: np.array([sample.sum() for sample in dy]), "by sample of the batch"),
        (chapter_10.input_gradient, lambda dy, w, n, s: transposed(dy, w, s), "remainder forgotten"),
        (
            chapter_10.input_gradient,
            lambda dy, w, n, s: transposed(dy, w[::-1].copy(), s, n - (len(dy) - 1) * s - len(w)),
            "not flipped",
        ),
        (chapter_10.weight_gradient, heard_by_weights, "too many"),
        (chapter_10.weight_gradient, lambda x, dy, k, s: heard_by_weights(x, dy, k, s)[:k][::-1], "flipped"),
        (chapter_10.weight_gradient, lambda x, dy, k, s: np.correlate(x, dy, "valid")[:k], "no stride"),
        (
            chapter_10.max_backward,
            lambda x, dy, k, s: by_autograd(lambda row: nn.functional.avg_pool1d(row, k, s), x, dy),
            "average",
        ),
        (
            chapter_10.max_backward,
            lambda x, dy, k, s: by_autograd(lambda row: row.unfold(-1, k, s).amax(-1), x, dy),
            "shared among winners",
        ),
        (
            chapter_10.reflect_backward,
            lambda g, p: by_autograd(lambda row: nn.functional.pad(row, (p, p)), np.ones(len(g) - 2 * p), g),
            "thrown away",
        ),
        (
            chapter_10.reflect_backward,
            lambda g, p: by_autograd(
                lambda row: nn.functional.pad(row, (p, p), mode="circular"), np.ones(len(g) - 2 * p), g
            ),
            "around",
        ),
        (chapter_10.measured, lambda f, x: towards(f, x, 1e-4), "one-sided"),
        (chapter_10.measured, lambda f, x: -(towards(f, x, 1e-5) + towards(f, x, -1e-5)) / 2, "uphill from behind"),
        (chapter_11.probabilities, lambda scores: torch.softmax(torch.tensor(scores), 0), "columns"),
        (chapter_11.probabilities, lambda scores: torch.sigmoid(torch.tensor(scores)), "one against none"),
        (chapter_11.probabilities, lambda scores: torch.log_softmax(torch.tensor(scores), 1), "logarithms"),
        (chapter_11.score_gradient, lambda scores, names: graded(scores, names, "sum"), "sum"),
        (chapter_11.score_gradient, lambda scores, names: -graded(scores, names, "mean"), "uphill"),
        (chapter_11.steps, lambda w, g, rate, m: by_torch(w, g, lr=rate), "no memory"),
        (chapter_11.steps, lambda w, g, rate, m: by_torch(w, g, lr=rate, momentum=m, nesterov=True), "looking ahead"),
        (chapter_11.steps, lambda w, g, rate, m: by_torch(w, g, lr=rate, momentum=m, maximize=True), "uphill"),
        (
            chapter_11.normalised,
            lambda x, gamma, beta: nn.functional.instance_norm(
                torch.tensor(x), weight=torch.tensor(gamma), bias=torch.tensor(beta)
            ),
            "each picture",
        ),
        (
            chapter_11.normalised,
            lambda x, gamma, beta: nn.functional.batch_norm(torch.tensor(x), None, None, training=True),
            "no scale",
        ),
        (chapter_11.start, lambda c, f, k: spread_of(nn.init.xavier_normal_, c, f, k), "different"),
        (chapter_11.start, lambda c, f, k: 2 / nn.Conv2d(c, f, k).weight[0].numel(), "variance"),
        (chapter_11.dropped, lambda x, draws, p: x * (draws >= p), "not made larger"),
        (chapter_11.dropped, lambda x, draws, p: x * (draws < p) / (1 - p), "kept and divided by the rest"),
        (chapter_12.centred, lambda ink: laid(ink, *(14 - np.array(ink.shape) // 2)), "middle of the box"),
        (chapter_12.centred, lambda ink: laid(ink, *ways(14, np.sign(ink))), "all ink alike"),
        (chapter_12.centred, lambda ink: laid(ink, *ways(14, ink.T)), "exchanged"),
        (chapter_12.centred, lambda ink: laid(ink, *ways(13.5, ink)), "rounded down"),
        (chapter_12.centred, lambda ink: laid(ink / sum(map(sum, ink)), *ways(14, ink)), "sum 1"),
        (chapter_12.centred, lambda ink: laid(ink / max(map(max, ink)), *ways(14, ink)), "largest 1"),
        (chapter_12.centred, lambda ink: ndimage.shift(laid(ink, 0, 0), ways(14, ink), order=0).T, "different"),
        (chapter_12.trainable, lambda table, k: sum(c.weight.numel() for c in by_table(table, k)), "no biases"),
        (
            chapter_12.trainable,
            lambda table, k: parameters(nn.Conv2d(len(row), len(row), k, groups=len(row)) for row in table),
            "a bias for each kernel",
        ),
        (chapter_12.trainable, lambda table, k: parameters([nn.Conv2d(1, len(table), k)]), "one kernel a map"),
        (
            chapter_12.trainable,
            lambda table, k: parameters([nn.Conv2d(1 + max(map(max, table)), len(table), k)]),
            "all see all",
        ),
        (
            chapter_12.trainable,
            lambda table, k: parameters(nn.Conv1d(len(row), 1, k) for row in table),
            "one row of weights",
        ),
        (chapter_12.subsampled, lambda x, w, b: each_map(x, w, b) - 0.75 * each_map(x, w, 0 * b), "mean"),
        (
            chapter_12.subsampled,
            lambda x, w, b: nn.MaxPool2d(2)(torch.tensor(x)).numpy() * w[:, None, None] + b[:, None, None],
            "maximum",
        ),
        (chapter_12.subsampled, lambda x, w, b: each_map(x + (b / w)[:, None, None], w, 0 * b), "bias four times"),
        (chapter_12.subsampled, lambda x, w, b: each_map(x, w, w * b), "bias weighted"),
        (
            chapter_12.subsampled,
            lambda x, w, b: x.reshape(*x.shape[:2], x.shape[2] // 2, 2, -1, 2).sum((3, 5)) * w + b,
            "along the columns",
        ),
        (chapter_12.subsampled, lambda x, w, b: each_map(x, w, b, stride=1), "overlapping"),
        (chapter_12.named, lambda x, p: spatial.distance.cdist(x, p).argmax(1), "the furthest"),
        (chapter_12.named, lambda x, p: [np.dot(p, row).argmax() for row in x], "largest inner product"),
        (
            chapter_12.named,
            lambda x, p: spatial.distance.cdist(x, p, "cityblock").argmin(1),
            "differences not squared",
        ),
        (chapter_12.named, lambda x, p: spatial.KDTree(p).query(x)[0] ** 2, "the distance"),
        (chapter_12.named, lambda x, p: spatial.KDTree(x).query(p)[1], "the nearest point"),
        (chapter_12.named, lambda x, p: spatial.distance.cdist(x, p, "cosine").argmin(1), "different"),
        (chapter_12.read, lambda names, sure, least: np.delete(names, np.nonzero(sure < least)), "not merged"),
        (chapter_12.read, lambda names, sure, least: changes(names[~(sure < least)]), "across gaps"),
        (chapter_12.read, lambda names, sure, least: changes(names), "gaps read"),
        (
            chapter_12.read,
            lambda names, sure, least: sorted({*(kept := names[sure >= least].tolist())}, key=kept.index),
            "each once",
        ),
        (chapter_12.read, lambda names, sure, least: np.unique(names[sure >= least]), "a set"),
        (chapter_12.read, lambda names, sure, least: spelt(names, sure > least), "above only"),
        (
            chapter_13.normalised,
            lambda a, n, k, alpha, beta: nn.LocalResponseNorm(n, alpha, beta, k)(torch.tensor(a)),
            "divided by n",
        ),
        (chapter_13.normalised, partial(map_by_map, combine=np.mean), "mean"),
        (
            chapter_13.normalised,
            lambda a, n, k, alpha, beta: a / (k + alpha * around(a**2, 1, n, n)) ** beta,
            "neighbours in space",
        ),
        (
            chapter_13.normalised,
            lambda a, n, k, alpha, beta: a / (k + alpha * around(a, n, 1, 1)) ** beta,
            "no squares",
        ),
        (
            chapter_13.normalised,
            lambda a, n, k, alpha, beta: nn.functional.local_response_norm(torch.tensor(a), n, alpha * n, beta, 0),
            "no k",
        ),
        (chapter_13.normalised, partial(map_by_map, behind=0), "one-sided"),
        (
            chapter_13.normalised,
            lambda a, n, k, alpha, beta: map_by_map(a, n, k, alpha, beta, behind=n // 2 - 1),
            "one too few",
        ),
        (
            chapter_13.normalised,
            lambda a, n, k, alpha, beta: a / (k + alpha * around(a**2, n, 1, 1, mode="wrap")) ** beta,
            "around",
        ),
        (chapter_13.normalised, partial(map_by_map, first=-99), "negative start"),
        (
            chapter_13.normalised,
            lambda a, n, k, alpha, beta: a / (k + alpha * around(a**2, n, 1, 1)) / beta,
            "times beta",
        ),
        (
            chapter_13.normalised,
            lambda a, n, k, alpha, beta: a / (k + alpha * around(a**2, n, 1, 1) ** beta),
            "different",
        ),
        (
            chapter_13.dropped,
            lambda x, kept, p, learning: x * (kept / (1 - p) if learning else 1 - p),
            "divided while learning",
        ),
        (chapter_13.dropped, lambda x, kept, p, learning: x * kept / (1 - p) if learning else x, "as today"),
        (chapter_13.dropped, lambda x, kept, p, learning: x * kept if learning else x, "unchanged when asked"),
        (chapter_13.dropped, lambda x, kept, p, learning: x * (kept if learning else p), "times p"),
        (chapter_13.dropped, lambda x, kept, p, learning: x * kept if learning else x / (1 - p), "divided when asked"),
        (chapter_13.dropped, lambda x, kept, p, learning: x * kept, "mask when asked"),
        (
            chapter_13.dropped,
            lambda x, kept, p, learning: x * (kept < 0.5 if learning else 1 - p),
            "kept for dropped",
        ),
        (chapter_13.dropped, lambda x, kept, p, learning: x * kept * (1 - p), "different"),
        (
            chapter_13.ten,
            lambda picture, size: [*(five := cropped(picture, size)), *(crop[:, ::-1] for crop in five)],
            "upside down",
        ),
        (
            chapter_13.ten,
            lambda picture, size: [*(five := cropped(picture, size)), *(np.rot90(crop, 2, (1, 2)) for crop in five)],
            "turned",
        ),
        (
            chapter_13.ten,
            lambda picture, size: [v for crop in cropped(picture, size) for v in (crop, crop[..., ::-1])],
            "taken in turns",
        ),
        (
            chapter_13.ten,
            lambda picture, size: [c for view in (picture, np.flip(picture, 2)) for c in cropped(view, size)],
            "picture mirrored first",
        ),
        (chapter_13.ten, lambda picture, size: and_mirrored(cropped(picture, size, math.ceil)), "middle rounded up"),
        (
            chapter_13.ten,
            lambda picture, size: and_mirrored([c.swapaxes(1, 2) for c in cropped(picture.swapaxes(1, 2), size)]),
            "exchanged",
        ),
        (chapter_13.ten, lambda picture, size: 2 * cropped(picture, size), "not mirrored"),
        (chapter_13.ten, lambda picture, size: cropped(picture, size), "wrong shape"),
        (chapter_13.shifted, lambda x, v, axes, d: moved(x, (d * v) @ axes), "rows"),
        (chapter_13.shifted, lambda x, v, axes, d: moved(x, axes * v**0.5 @ d), "standard deviations"),
        (chapter_13.shifted, lambda x, v, axes, d: moved(x, (d * axes).sum(1)), "no variances"),
        (chapter_13.shifted, lambda x, v, axes, d: np.einsum("chw,ci,i,i->chw", x, axes, v, d), "multiplied"),
        (
            chapter_13.shifted,
            lambda x, v, axes, d: x + np.einsum("chw,ci,i,i->chw", x, axes, v, d),
            "multiplied by one more",
        ),
        (chapter_13.shifted, lambda x, v, axes, d: moved(x, d[0] * v[0] * axes[:, 0]), "first axis"),
        (chapter_13.shifted, lambda x, v, axes, d: moved(x, np.diag(v) @ d), "no axes"),
        (chapter_13.shifted, lambda x, v, axes, d: moved(x, -(axes * v @ d)), "subtracted"),
        (
            chapter_13.probe,
            lambda features, names, new: (
                torch.tensor(new)
                @ torch.linalg.lstsq(
                    torch.tensor(features), nn.functional.one_hot(torch.tensor(names)).double()
                ).solution
            ).argmax(1),
            "no bias",
        ),
        (
            chapter_13.probe,
            lambda features, names, new: (new @ fitted(features, names)[:-1]).argmax(1),
            "bias left out when asked",
        ),
        (
            chapter_13.probe,
            lambda features, names, new: np.round(
                names.mean() + (new - features.mean(0)) @ np.linalg.pinv(features - features.mean(0)) @ names
            ),
            "numbers of the classes",
        ),
        (chapter_13.probe, nearest_mean, "nearest mean"),
        (
            chapter_13.probe,
            lambda features, names, new: (np.c_[new, np.ones(len(new))] @ fitted(features, names)).argmax(0),
            "along the wrong axis",
        ),
        (
            chapter_13.probe,
            lambda features, names, new: np.c_[new, np.ones(len(new))] @ fitted(features, names),
            "scores",
        ),
        (chapter_14.counted, lambda plan, c: parameters(column(plan, c, bias=False)), "no biases"),
        (chapter_14.counted, lambda plan, c: sum(10 * maps for maps in plan if maps != "M"), "one map deep"),
        (
            chapter_14.counted,
            lambda plan, c: parameters(nn.Conv2d(c, maps, 3) for maps in plan if maps != "M"),
            "maps of the picture",
        ),
        (
            chapter_14.counted,
            lambda plan, c: sum(conv.weight[..., 0, 0].numel() * 10 for conv in column(plan, c)),
            "a bias for each slice",
        ),
        (
            chapter_14.counted,
            lambda plan, c: parameters(column(plan, c, pooled=lambda maps: maps // 2)),
            "pooling halves the maps",
        ),
        (chapter_14.counted, lambda plan, c: parameters(column(plan, c, 5)), "five by five"),
        (
            chapter_14.counted,
            lambda plan, c: parameters(nn.Conv2d(maps, maps, 3) for maps in plan if maps != "M"),
            "as many in as out",
        ),
        (chapter_14.counted, lambda plan, c: parameters(column(plan, c)[1:]), "different"),
        (chapter_14.merged, lambda a, b: one_after_the_other(half_turn(a), b), "first turned"),
        (chapter_14.merged, lambda a, b: one_after_the_other(a, half_turn(b)), "second turned"),
        (chapter_14.merged, lambda a, b: one_after_the_other(half_turn(a), half_turn(b)), "both turned"),
        (
            chapter_14.merged,
            lambda a, b: [
                [sum(signal.convolve2d(a[m, c], o[m], "same") for m in range(len(a))) for c in range(len(a[0]))]
                for o in b
            ],
            "middle only",
        ),
        (chapter_14.merged, lambda a, b: one_after_the_other(a[-1:], b[:, -1:]), "last map only"),
        (
            chapter_14.merged,
            lambda a, b: [[signal.convolve2d(a[o, c], b[o, o]) for c in range(len(a[0]))] for o in range(len(b))],
            "pair by pair",
        ),
        (
            chapter_14.merged,
            lambda a, b: [
                [signal.convolve2d(*pair) for pair in zip(*rows, strict=True)] for rows in zip(a, b, strict=True)
            ],
            "weight by weight",
        ),
        (chapter_14.merged, lambda a, b: one_after_the_other(b, a), "exchanged"),
        (
            chapter_14.merged,
            lambda a, b: np.transpose(one_after_the_other(a, b), (1, 0, 2, 3)),
            "in and out exchanged",
        ),
        (chapter_14.merged, np.add, "sum"),
        (chapter_14.merged, lambda a, b: np.einsum("omij,mcij->ocij", b, a), "wrong shape"),
        (chapter_14.growth, partial(loud, factor=lambda seen, made, std: 9 * seen * std**2), "no half"),
        (chapter_14.growth, partial(loud, factor=lambda seen, made, std: 4.5 * made * std**2), "maps that come out"),
        (chapter_14.growth, partial(loud, factor=lambda seen, made, std: seen * std**2 / 2), "no nine"),
        (chapter_14.growth, partial(loud, factor=lambda seen, made, std: 1.5 * seen * std**2), "three"),
        (chapter_14.growth, lambda channels, std: loud(channels, std) ** 2, "no root"),
        (
            chapter_14.growth,
            lambda channels, std: np.cumprod([3 * np.sqrt(c) * std / 2 for c in channels[:-1]]),
            "half of the root",
        ),
        (chapter_14.growth, lambda channels, std: loud(channels, std)[-1], "last only"),
        (chapter_14.growth, partial(loud, factor=lambda seen, made, std: 4.5 * seen * std), "std not squared"),
        (
            chapter_14.growth,
            lambda channels, std: [loud(pair, std)[0] for pair in pairwise(channels)],
            "each for itself",
        ),
        (chapter_14.growth, lambda channels, std: [1, *loud(channels, std)], "input, too"),
        (chapter_14.growth, lambda channels, std: loud(channels, std) * 2**0.5, "before the ReLU"),
        (chapter_14.growth, lambda channels, std: loud(channels, std)[::-1], "different"),
        (chapter_14.grown, lambda shallow, deep: {**shallow, **over(shallow, deep)}, "more names"),
        (chapter_14.grown, partial(over, fits=lambda shallow, name, shape: name in shallow), "other shapes"),
        (
            chapter_14.grown,
            lambda shallow, deep: {**{name: np.zeros(shape) for name, shape in deep.items()}, **shallow},
            "all of the shallow one",
        ),
        (
            chapter_14.grown,
            lambda shallow, deep: over(shallow, {n: shape for n, shape in deep.items() if fits(shallow, n, shape)}),
            "others left out",
        ),
        (chapter_14.grown, lambda shallow, deep: over({}, deep), "nothing taken over"),
        (
            chapter_14.grown,
            lambda shallow, deep: over(dict(zip(deep, shallow.values(), strict=False)), deep),
            "by order",
        ),
        (
            chapter_14.grown,
            lambda shallow, deep: over(shallow, deep) | {n: shallow[n] for n in deep if fits(shallow, n, deep[n])},
            "no copies",
        ),
        (
            chapter_14.grown,
            lambda shallow, deep: {n: shallow[n][...] if fits(shallow, n, s) else np.zeros(s) for n, s in deep.items()},
            "no copies",
        ),
        (chapter_14.grown, lambda shallow, deep: list(over(shallow, deep).values()), "not numbers"),
        (chapter_14.grown, lambda shallow, deep: {**over(shallow, deep), "more": 0}, "wrong names"),
        (chapter_15.shortcut, lambda x, c: shortened(x, c, before=c - x.shape[1]), "zeros before"),
        (chapter_15.shortcut, lambda x, c: shortened(x, c, before=(c - x.shape[1]) // 2), "zeros on both sides"),
        (
            chapter_15.shortcut,
            lambda x, c: shortened(nn.AvgPool2d(2)(torch.tensor(x)).numpy(), c, stride=1),
            "mean of four",
        ),
        (chapter_15.shortcut, lambda x, c: shortened(np.roll(x, -1, (2, 3)), c), "from the second on"),
        (chapter_15.shortcut, lambda x, c: np.concatenate([x, x], axis=1)[..., ::2, ::2], "maps repeated"),
        (chapter_15.shortcut, lambda x, c: shortened(x, c, stride=1), "not smaller"),
        (chapter_15.shortcut, lambda x, c: shortened(x, c, stride=(2, 1)), "rows only"),
        (chapter_15.shortcut, lambda x, c: shortened(x, x.shape[1]), "no zeros"),
        (chapter_15.shortcut, lambda x, c: shortened(x, c, stride=(1, 2)), "wrong shape"),
        (chapter_15.back, partial(heard_before, shortcut=False), "no shortcut"),
        (chapter_15.back, lambda x, branch, pull, dy: np.where(x > -branch(x), dy, 0), "no branch"),
        (
            chapter_15.back,
            lambda x, branch, pull, dy: dy + heard_before(x, branch, pull, dy, shortcut=False),
            "shortcut past the ReLU",
        ),
        (
            chapter_15.back,
            lambda x, branch, pull, dy: np.where(x > -branch(x), dy, 0) + pull(x, dy),
            "branch past the ReLU",
        ),
        (chapter_15.back, lambda x, branch, pull, dy: pull(x, dy) + dy, "no ReLU"),
        (chapter_15.back, lambda x, branch, pull, dy: heard_before(x, branch, pull, dy, seen=x), "mask of x"),
        (
            chapter_15.back,
            lambda x, branch, pull, dy: heard_before(x, branch, pull, dy, seen=branch(x)),
            "mask of the branch",
        ),
        (
            chapter_15.back,
            lambda x, branch, pull, dy: (g := np.where(x > -branch(x), dy, 0)) * pull(x, g),
            "product",
        ),
        (
            chapter_15.back,
            lambda x, branch, pull, dy: heard_before(x, branch, lambda x, g: pull(x + branch(x), g), dy),
            "pulled elsewhere",
        ),
        (chapter_15.lengths, lambda b: multiplied_out(b, PATHS | {"deleted": [0, 1], "cut": [1, 0]}), "exchanged"),
        (chapter_15.lengths, lambda b: multiplied_out(b, {kind: [1, 1] for kind in PATHS}), "all whole"),
        (chapter_15.lengths, lambda b: multiplied_out(b, PATHS).sum(), "all together"),
        (chapter_15.lengths, lambda b: np.poly1d(multiplied_out(b, PATHS)[::-1]).coef[::-1], "end left out"),
        (chapter_15.lengths, lambda b: [count for count in multiplied_out(b, PATHS) if count], "zeros left out"),
        (chapter_15.lengths, lambda b: multiplied_out(b, PATHS | {"cut": [1, 0]}), "cut as deleted"),
        (chapter_15.lengths, lambda b: multiplied_out(b, PATHS | {"deleted": [0, 1]}), "deleted as cut"),
        (chapter_15.lengths, lambda b: multiplied_out(b, PATHS | {"whole": [0.5, 0.5]}), "shares"),
        (
            chapter_15.folded,
            lambda w, g, b, m, v, eps: fused(w, g, b, m, (v + eps) ** 2, 0),
            "variance",
        ),
        (chapter_15.folded, lambda w, g, b, m, v, eps: fused(w, g, b, m, (v**0.5 + eps) ** 2, 0), "eps outside"),
        (chapter_15.folded, lambda w, g, b, m, v, eps: fused(w, g, b, m, v, 0), "no eps"),
        (chapter_15.folded, lambda w, g, b, m, v, eps: fused(w, g**0, b, m, v, eps), "no gamma"),
        (
            chapter_15.folded,
            lambda w, g, b, m, v, eps: ((g / (v + eps) ** 0.5)[:, None, None] * w, fused(w, g, b, m, v, eps)[1]),
            "along the inputs",
        ),
        (
            chapter_15.folded,
            lambda w, g, b, m, v, eps: (g / (v + eps) ** 0.5 * w, fused(w, g, b, m, v, eps)[1]),
            "along the columns",
        ),
        (chapter_15.folded, lambda w, g, b, m, v, eps: fused(w, g, b, 0 * m, v, eps), "mean forgotten"),
        (chapter_15.folded, lambda w, g, b, m, v, eps: fused(w, g, b, -m, v, eps), "mean added"),
        (chapter_15.folded, lambda w, g, b, m, v, eps: (fused(w, g, b, m, v, eps)[0], b - m), "mean not scaled"),
        (
            chapter_15.folded,
            lambda w, g, b, m, v, eps: fused(w, g, b * g / (v + eps) ** 0.5, m, v, eps),
            "beta scaled",
        ),
        (chapter_15.folded, lambda w, g, b, m, v, eps: fused(w, g, b, m, v, eps)[::-1], "wrong shape"),
        (chapter_15.folded, lambda w, g, b, m, v, eps: fused(w, g, b, m, v, eps)[0], "error"),
        (chapter_16.occluded, partial(hidden, show=lambda whole, part: part - whole), "sign"),
        (chapter_16.occluded, partial(hidden, show=lambda whole, part: part), "the score itself"),
        (chapter_16.occluded, hidden_for_good, "squares left in place"),
        (chapter_16.occluded, hidden_around, "centred"),
        (
            chapter_16.occluded,
            lambda score, x, size, fill: hidden(lambda first: score(np.r_[first, x[1:]]), x[:1], size, fill),
            "one channel",
        ),
        (
            chapter_16.occluded,
            lambda score, x, size, fill: np.array(hidden(score, x, size, fill))[::size, ::size],
            "side by side",
        ),
        (chapter_16.occluded, lambda score, x, size, fill: hidden(score, x, size, 0), "filled with 0"),
        (
            chapter_16.occluded,
            lambda score, x, size, fill: [row[:-1] for row in hidden(score, x, size, fill)][:-1],
            "last place left out",
        ),
        (
            chapter_16.occluded,
            lambda score, x, size, fill: hidden(score, x, size, fill, lambda row, column, size: (row - 1, column)),
            "different",
        ),
        (chapter_16.cam, partial(mapped, before=nn.functional.relu), "ReLU on the gradients"),
        (
            chapter_16.cam,
            lambda maps, gradients: np.maximum(np.tensordot(np.maximum(gradients.mean((1, 2)), 0), maps, axes=1), 0),
            "ReLU on the weights",
        ),
        (chapter_16.cam, partial(mapped, after=lambda seen: seen), "no ReLU"),
        (
            chapter_16.cam,
            lambda maps, gradients: sum(np.fmax(a * g.mean(), 0) for a, g in zip(maps, gradients, strict=True)),
            "ReLU on each map",
        ),
        (chapter_16.cam, lambda maps, gradients: np.einsum("kij,kij->ij", maps, gradients).clip(0), "place by place"),
        (
            chapter_16.cam,
            lambda maps, gradients: np.einsum("kij,kab->ij", maps, gradients).clip(0),
            "sum of the gradients",
        ),
        (
            chapter_16.cam,
            lambda maps, gradients: sum(np.fmax(a * gradients.mean(0), 0) for a in maps),
            "mean over the maps",
        ),
        (
            chapter_16.cam,
            lambda maps, gradients: sum(a * gradients.mean(0) for a in maps).clip(0),
            "mean over the maps, added",
        ),
        (
            chapter_16.cam,
            lambda maps, gradients: (gradients.mean((1, 2))[:, None, None] * maps).mean(0).clip(0),
            "mean of the maps",
        ),
        (chapter_16.cam, partial(mapped, after=lambda seen: seen.relu() / seen.max()), "largest is 1"),
        (chapter_16.cam, partial(mapped, after=torch.abs), "without signs"),
        (chapter_16.cam, lambda maps, gradients: mapped(maps, gradients)[None], "wrong shape"),
        (chapter_16.nudged, lambda x, g, step: pushed(x, -step * np.sign(g)), "downhill"),
        (chapter_16.nudged, lambda x, g, step: pushed(x, step * g), "no sign"),
        (chapter_16.nudged, lambda x, g, step: pushed(x, step * g / (g**2).sum() ** 0.5), "length 1"),
        (chapter_16.nudged, lambda x, g, step: pushed(x, step * g / max(g.max(), -g.min())), "largest 1"),
        (
            chapter_16.nudged,
            lambda x, g, step: pushed(x, step * nn.functional.hardtanh(torch.tensor(g)).numpy()),
            "gradient clipped",
        ),
        (chapter_16.nudged, lambda x, g, step: x + step * (g > 0) - step * (g < 0), "not clipped"),
        (chapter_16.nudged, lambda x, g, step: x + step * (g > 0), "push clipped"),
        (chapter_16.nudged, lambda x, g, step: pushed(x, step * (1 - 2 * (g < 0))), "zero pushed up"),
        (chapter_16.nudged, lambda x, g, step: pushed(x, step * (2 * (g > 0) - 1)), "zero pushed down"),
        (chapter_16.nudged, lambda x, g, step: torch.tensor(g).sign() * step, "the push alone"),
        (chapter_16.nudged, lambda x, g, step: pushed(x, np.sign(g)), "different"),
        (chapter_16.gain, lambda filters, side: np.abs(spectrum(filters, side)).sum(0), "no squares"),
        (
            chapter_16.gain,
            lambda filters, side: np.abs(spectrum(filters.sum(0)[None], side)[0]) ** 2,
            "square of the sum",
        ),
        (
            chapter_16.gain,
            lambda filters, side: np.roll((np.abs(spectrum(filters, side)) ** 2).sum(0), side // 2, (0, 1)),
            "shifted",
        ),
        (chapter_16.gain, lambda filters, side: (np.abs(spectrum(filters, side) / side) ** 2).sum(0), "divided"),
        (chapter_16.gain, lambda filters, side: (np.real(spectrum(filters, side)) ** 2).sum(0), "real part"),
        (
            chapter_16.gain,
            lambda filters, side: (
                np.abs(spectrum(np.kron(filters, np.ones((1, *[side // len(filters[0])] * 2))), side)) ** 2
            ).sum(0),
            "blown up",
        ),
        (
            chapter_16.gain,
            lambda filters, side: (np.abs(spectrum(filters, len(filters[0]))) ** 2).sum(0),
            "not padded",
        ),
        (chapter_16.gain, lambda filters, side: (np.abs(spectrum(filters, side)) ** 2).mean(0), "mean"),
        (chapter_16.gain, lambda filters, side: np.linalg.norm(spectrum(filters, side), axis=0), "root"),
        (chapter_16.gain, lambda filters, side: np.abs(spectrum(filters, side)) ** 2, "each filter"),
        (
            chapter_16.gain,
            lambda filters, side: (np.abs(np.fft.rfft2(filters, (side, side))) ** 2).sum(0),
            "wrong shape",
        ),
        (chapter_16.halved, lambda x: smoothed(x[..., ::2, ::2]), "subsampled first"),
        (chapter_16.halved, lambda x: nn.MaxPool2d(1, 2)(torch.tensor(x)), "no blur"),
        (chapter_16.halved, lambda x: smoothed(16 * x)[..., ::2, ::2], "sum 16"),
        (chapter_16.halved, lambda x: smoothed(4 * x)[..., ::2, ::2], "sum 4"),
        (chapter_16.halved, lambda x: nn.AvgPool2d(2)(torch.tensor(x)), "box of two"),
        (chapter_16.halved, lambda x: smoothed(x, w=(1, 1, 1))[..., ::2, ::2], "box of three"),
        (chapter_16.halved, lambda x: smoothed(x, mode="constant")[..., ::2, ::2], "zeros around"),
        (chapter_16.halved, lambda x: smoothed(x, mode="nearest")[..., ::2, ::2], "border repeated"),
        (chapter_16.halved, lambda x: smoothed(x, mode="mirror")[..., ::2, ::2], "mirrored"),
        (chapter_16.halved, lambda x: smoothed(x, (2,))[..., ::2, ::2], "down only"),
        (chapter_16.halved, lambda x: smoothed(x, (3,))[..., ::2, ::2], "across only"),
        (chapter_16.halved, lambda x: smoothed(x)[..., 1::2, 1::2], "from the second on"),
        (chapter_16.halved, smoothed, "not smaller"),
        (chapter_16.halved, lambda x: smoothed(x)[..., ::2, 1::2], "different"),
        (chapter_02.merged, lambda u, v: np.correlate(u, v, "full"), "not flipped"),
        (chapter_02.merged, lambda u, v: np.array([*u, *v]), "one after the other"),
        (chapter_02.further_blur, lambda done, wanted: wanted * wanted - done * done, "still a variance"),
        (chapter_02.further_blur, lambda done, wanted: np.hypot(done, wanted), "variances added"),
        (chapter_02.moments_of_convolution, lambda f, g: np.add(f, g), "areas added"),
        (chapter_02.moments_of_convolution, lambda f, g: f[0] * g[0], "wrong shape"),
        (chapter_02.average_slope, lambda x, length: np.diff(x, prepend=0), "average of no slope"),
        (chapter_02.average_slope, lambda x, length: np.diff(x, length) / length, "wrong shape"),
        (chapter_02.identify, lambda system, length: system([1.0] * length), "step response"),
        (chapter_02.is_convolution, predicts_noise, "one loudness"),
        (chapter_02.is_convolution, superposes, "linear only"),
        (chapter_03.by_taps, lambda x, w: np.correlate(x, w, "full"), "not flipped"),
        (chapter_03.by_taps, lambda x, w: np.convolve(x, w, "same"), "wrong shape"),
        (chapter_03.middle, lambda full, size, taps: full[taps // 2 :][:size], "half a kernel"),
        (chapter_03.multiply, carry_in_passes, "carried once"),
        (chapter_03.multiply, lambda a, b: np.append(np.convolve(a, b), 0), "nothing carried"),
        (chapter_03.matrix, rows_of_w, "not flipped"),
        (chapter_03.matrix, lambda w, size: np.eye(size), "wrong shape"),
        (chapter_03.round_the_clock, wrapped_backwards, "not flipped"),
        (chapter_03.undo, lambda y, w: np.array(y[: len(y) - len(w) + 1]) / w[0], "divided only"),
        (chapter_04.transform, dft_with_plus, "sign of the exponent"),
        (chapter_04.by_transforms, without_room, "no room for the tail"),
        (chapter_04.by_transforms, lambda x, w: np.convolve(x, w) + 0j, "complex"),
        (chapter_03.round_the_clock, lambda x, w: np.fft.ifft(np.fft.fft(x) * np.fft.fft(w, len(x))), "complex"),
        (chapter_04.unblur, lambda y, w: np.fft.ifft(np.fft.fft(y) / np.fft.fft(w, len(y))), "complex"),
        (chapter_04.gain, lambda w, f: abs(np.polyval(w[::-1], np.exp(-1j * f))), "two pi forgotten"),
        (chapter_04.heard_as, lambda frequency, rate: frequency - rate * (frequency // rate), "not mirrored"),
        (chapter_04.in_blocks, lambda x, w, fresh: np.convolve(x, w)[: x.size], "end cut off"),
        (chapter_04.unblur, lambda y, w: np.fft.ifft(np.fft.fft(y) * np.fft.fft(w, len(y))).real, "blurred again"),
        (chapter_01.one_point, flipped_index, "not flipped"),
        (chapter_01.one_point, negative_index, "wraps around"),
        (chapter_01.one_point, lambda x, w, n: np.convolve(x, w)[n - 1] if n else 0.0, "off by one"),
        (chapter_01.convolution_integral, riemann_without_step, "step forgotten"),
        (chapter_01.convolution_integral, same_length, "same length"),
        (chapter_01.convolution_integral, correlated, "not flipped"),
        (chapter_01.convolution_integral, lambda f, g, step: f, "wrong shape"),
        (chapter_01.trapezoid, plain_triangle, "no flat top"),
        (chapter_01.moving_average, sums, "not normalised"),
        (chapter_01.moving_average, centred, "centred"),
        (chapter_01.derivative_kernel, lambda step: [-1 / step, 1 / step], "wrong sign"),
        (chapter_01.derivative_kernel, lambda step: np.array([-1, 0, 1]) / (2 * step), "wrong sign"),
        (chapter_01.derivative_kernel, lambda step: [1, -1], "step forgotten"),
        (chapter_01.derivative_kernel, lambda step: [1 / step, 0, -1 / step], "two steps"),
        (chapter_01.derivative_kernel, lambda step: [0.5, 0.5], "an average"),
        (chapter_01.derivative_kernel, lambda step: 1 / step, "error"),
        (chapter_01.remove_echo, subtract_delayed, "subtracted once"),
        (chapter_01.remove_echo, clean_in_place, "in place"),
        (chapter_01.remove_echo, lambda y, delay, gain: y.tolist()[:-1], "wrong shape"),
    ],
)
def test_wrong_answers_of_readers(check, answer, name):
    """A misconception is recognised whoever wrote it down."""
    verdict = check(answer)
    assert not verdict.passed
    assert verdict.name == name


def _six_passes(a, b):
    digits = np.append(np.convolve(a, b), 0)
    for _ in range(6):
        digits = digits % 10 + np.append(0, digits[:-1] // 10)
    return digits


def _as_long_as_the_product(a, b):
    number = int("".join(map(str, a[::-1]))) * int("".join(map(str, b[::-1])))
    return [int(digit) for digit in reversed(str(number))]


def _tail_to_the_next_block_only(x, w, fresh):
    y, tail = np.zeros(len(x) + len(w) - 1), np.zeros(0)
    for start in range(0, len(x), fresh):
        raw = np.convolve(x[start : start + fresh], w)
        y[start : start + len(raw)] = raw
        y[start : start + len(tail)] += tail
        tail = raw[fresh : 2 * fresh]
    return y


def _counted_blocks(x, w, fresh):
    y = np.zeros(len(x) + len(w) - 1)
    for block in range(len(x) // fresh + 1):
        part = np.convolve(x[block * fresh : (block + 1) * fresh], w)
        y[block * fresh : block * fresh + len(part)] += part
    return y


def _of_half(x):
    half = np.fft.rfft(x.real)
    return np.concatenate([half, half[1 : (len(x) + 1) // 2].conj()[::-1]])


def _into_a_copy(y, delay, gain):
    x = np.zeros_like(y)
    for n in range(len(y)):
        x[n] = y[n] - (gain * x[n - delay] if n >= delay else 0)
    return x


def _folded_by_a_slice(x, w):
    full = np.convolve(x, w)
    tail = full[-(len(w) - 1) :]
    return full[: len(x)] + np.pad(tail, (0, len(x) - len(w) + 1))


def _from_the_end(y, w):
    size = len(y) - len(w) + 1
    x = np.zeros(size)
    for n in reversed(range(size)):
        known = sum(w[k] * x[n + len(w) - 1 - k] for k in range(len(w) - 1) if n + len(w) - 1 - k < size)
        x[n] = (y[n + len(w) - 1] - known) / w[-1]
    return x


def _trimmed(a, b):
    digits = chapter_03._product(a, b).tolist()
    while len(digits) > 1 and digits[-1] == 0:
        digits.pop()
    return digits


def _last_carry_only_if_there_is_one(a, b):
    digits, carry = [], 0
    for column in np.convolve(a, b).tolist():
        carry, digit = divmod(column + carry, 10)
        digits.append(digit)
    return [*digits, carry] if carry else digits


def _in_64_bits(a, b):
    one, other = ((digits * 10 ** np.arange(len(digits))).sum() for digits in (a, b))
    return [int(digit) for digit in reversed(str(one * other).zfill(len(a) + len(b)))]


def _columns_as_bytes(a, b):
    columns = np.append(np.convolve(a.astype(np.uint8), b.astype(np.uint8)), np.uint8(0))
    for n in range(len(columns) - 1):
        columns[n + 1] += columns[n] // 10
        columns[n] %= 10
    return columns


def _folded_by_a_slice_of_both(x, w):
    y = np.convolve(x, w)
    y[: len(w) - 1] += y[-(len(w) - 1) :].copy()
    return y[: len(x)]


def _even_and_odd(x, w, fresh):
    both = np.zeros((2, len(x) + len(w) - 1))
    for block, start in enumerate(range(0, len(x), fresh)):
        part = np.convolve(x[start : start + fresh], w)
        both[block % 2, start : start + len(part)] = part
    return both.sum(0)


def _four_blocks(x, w, fresh):
    y = np.zeros(len(x) + len(w) - 1)
    for start in range(0, min(len(x), 4 * fresh), fresh):
        part = np.convolve(x[start : start + fresh], w)
        y[start : start + len(part)] += part
    return y


def _before_the_tails(x, w, fresh):
    """All but the last len(w) − 1 of each part, which is none if w has one tap."""
    y, tail = [], np.zeros(len(w) - 1)
    for start in range(0, len(x), fresh):
        part = np.convolve(x[start : start + fresh], w)
        part[: len(tail)] += tail
        y.extend(part[: -(len(w) - 1)])
        tail = part[-(len(w) - 1) :]
    return np.append(y, tail)


def _little_by_little(y, w):
    x = y.copy()
    for _ in range(500):
        x = x + y - chapter_04._filtered(x, np.fft.rfft(w, len(y)))
    return x


def _in_the_type_of(n, function):
    """The result in the type of argument n."""
    return lambda *problem: np.asarray(function(*problem)).astype(problem[n].dtype)


def _sample_by_sample(system, length):
    return [system(np.eye(1, length)[0])[n] for n in range(length)]


def _integer_taps(x, w):
    y = np.zeros(len(x) + len(w) - 1, dtype=x.dtype)
    for k in range(len(w)):
        y[k : k + len(x)] += (w[k] * x).astype(x.dtype)
    return y


def _weights_as_plain_numbers(x, w):
    y = np.zeros(np.add(x.shape, w.shape) - 1)
    for k, row in enumerate(w.tolist()):
        for l, weight in enumerate(row):  # noqa: E741
            y[k : k + x.shape[0], l : l + x.shape[1]] += weight * x
    return y


def _taps_within_the_image(x, w):
    return np.pad(
        signal.convolve2d(x, w[: len(x), : x.shape[1]]),
        [(0, max(K - N, 0)) for K, N in zip(w.shape, x.shape, strict=True)],
    )


def _table_of_the_same_kind(x, size):
    S = np.zeros((x.shape[0] + 1, x.shape[1] + 1), dtype=x.dtype)
    S[1:, 1:] = np.cumsum(np.cumsum(x, axis=0), axis=1)
    return (S[size:, size:] - S[:-size, size:] - S[size:, :-size] + S[:-size, :-size]) / size**2


def _parts_of_the_same_kind(w):
    both = np.zeros((2, *w.shape), dtype=w.dtype)
    both[0], both[1] = (w + np.flip(w)) / 2, (w - np.flip(w)) / 2
    return both


def _parts_of_a_square(w):
    side = len(w)
    both = np.zeros((2, *w.shape))
    for k in range(side):
        for l in range(side):  # noqa: E741
            opposite = w[side - 1 - k, side - 1 - l]
            both[:, k, l] = (w[k, l] + opposite) / 2, (w[k, l] - opposite) / 2
    return both


def _nine_slices(x, amount):
    rows, columns = x.shape
    total = sum(x[k : k + rows - 2, c : c + columns - 2] for k in range(3) for c in range(3))
    return x[1:-1, 1:-1] + amount * (x[1:-1, 1:-1] - total / 9)


def _different_values(x):
    view = sliding_window_view(x, (3, 3))
    return [[np.median(np.unique(window)) for window in row] for row in view]


def _one_further(x, row, column):
    r, c = int(row), int(column)
    down, right = row - r, column - c
    above = (1 - right) * x[r, c] + right * x[r, c + 1]
    return (1 - down) * above + down * ((1 - right) * x[r + 1, c] + right * x[r + 1, c + 1])


def _floor_and_ceiling(x, row, column):
    total = 0.0
    for r, down in ((int(np.floor(row)), np.ceil(row) - row), (int(np.ceil(row)), row - np.floor(row))):
        for c, right in ((int(np.floor(column)), np.ceil(column) - column), (int(np.ceil(column)), column % 1)):
            total += down * right * x[r, c]
    return total


def _difference_of_bytes(window, sigma_space, sigma_range):
    m = len(window) // 2
    rows, columns = np.indices(window.shape) - m
    unlike = window - window[m, m]
    weights = np.exp(-(rows**2 + columns**2) / (2 * sigma_space**2) - unlike**2.0 / (2 * sigma_range**2))
    return (weights * window).sum() / weights.sum()


def _slope_of_bytes(x):
    slope = x[:, 2:] - x[:, :-2]
    return (slope[:-2] + 2.0 * slope[1:-1] + slope[2:]) / 8


def _ten_passes(strength, low, high):
    return (strength >= high) | ndimage.binary_dilation(
        strength >= high, np.ones((3, 3)), iterations=10, mask=strength >= low
    )


def _strictly_above(strength, low, high):
    labels, _ = ndimage.label(strength > low, np.ones((3, 3)))
    return np.isin(labels, np.unique(labels[strength > high]))


def _rolled(strength, low, high):
    edges = strength >= high
    for _ in range(strength.size):
        near = [np.roll(edges, (down, right), (0, 1)) for down in (-1, 0, 1) for right in (-1, 0, 1)]
        edges = (strength >= low) & np.any(near, axis=0)
    return edges


def _ratio_of_eigenvalues(gx, gy, k):
    small, large = np.linalg.eigvalsh([[(gx * gx).sum(), (gx * gy).sum()], [(gx * gy).sum(), (gy * gy).sum()]])
    return large**2 * (small / large - k * (1 + small / large) ** 2)


def _loops_that_stop_early(image, template):
    alike = feature.match_template(image, template)
    return _place(alike[: max(1, len(alike) - 1)])


def _place(alike):
    return np.unravel_index(alike.argmax(), alike.shape)


def _mean_as_a_byte(image, template):
    template = template - template.mean().astype(template.dtype)
    return _place(feature.match_template(image.astype(float), template.astype(float)))


def _padded_seam(energy, beyond, kind=float):
    cost = np.pad(energy.astype(kind), ((0, 0), (1, 1)), constant_values=beyond)
    for r in range(1, len(cost)):
        for c in range(1, cost.shape[1] - 1):
            cost[r, c] += min(cost[r - 1, c - 1 : c + 2])
    path = [int(cost[-1].argmin())]
    for row in cost[-2::-1]:
        path.append(path[-1] - 1 + int(row[path[-1] - 1 : path[-1] + 2].argmin()))
    return np.array(path[::-1]) - 1


def _without_the_ends(n, k, s, p, d):
    visits = np.zeros(n + 2 * p, dtype=int)
    for place in range(0, n + 2 * p - d * (k - 1), s):
        visits[place : place + d * (k - 1) + 1 : d] += 1
    return visits[p:-p]


def _of_the_same_kind(y, w, s):
    x = np.zeros((len(y) - 1) * s + len(w), dtype=y.dtype)
    for m, value in enumerate(y):
        x[m * s : m * s + len(w)] += (value * w).astype(y.dtype)
    return x


def _rolled_seam(energy):
    cost = energy.astype(float)
    for r in range(1, len(cost)):
        cost[r] += np.min([np.roll(cost[r - 1], step) for step in (-1, 0, 1)], axis=0)
    path = [int(cost[-1].argmin())]
    for row in cost[-2::-1]:
        near = [(path[-1] + step) % len(row) for step in (-1, 0, 1)]
        path.append(near[int(row[near].argmin())])
    return path[::-1]


def _in_two_halves(ink):
    """Right where the box has a middle between two pixels."""
    field, (top, left) = np.zeros((28, 28)), ways(14, ink)
    half = np.array(ink.shape) // 2
    field[top : top + 2 * half[0], left : left + 2 * half[1]] = ink
    return field


def _numbered_as_the_ink(ink):
    """Row and column numbers of the ink's own kind."""
    rows, columns = (np.arange(side, dtype=ink.dtype) for side in ink.shape)
    down, right = (ink * rows[:, None]).sum() / ink.sum(), (ink * columns).sum() / ink.sum()
    return laid(ink, round(14 - down), round(14 - right))


def _without_empty_rows(ink):
    """The centre of the box that just holds the ink, counted from that box's corner."""
    return laid(ink, *ways(14, ink[ndimage.find_objects((ink > 0).astype(int))[0]]))


def _ticked(table, taps):
    ticks = np.zeros((len(table), len(set().union(*table))))
    for i, row in enumerate(table):
        ticks[i, list(row)] = 1
    return ticks.sum() * taps**2 + len(table)


def _fours_of_the_same_kind(x, w, b):
    fours = x[..., ::2, ::2] + x[..., ::2, 1::2] + x[..., 1::2, ::2] + x[..., 1::2, 1::2]
    return w[:, None, None] * fours + b[:, None, None]


def _another_than_itself(x, pictures):
    distances = spatial.distance.cdist(x, pictures)
    return np.where(distances == 0, np.inf, distances).argmin(1)


def _told_at_the_end_of_each(names, sure, least):
    digits, before = [], None
    for name, seen in zip(names, sure >= least, strict=True):
        if before is not None and (not seen or name != before):
            digits.append(before)
        before = name if seen else None
    return digits


def _gaps_of_nought(names, sure, least):
    marked = changes(names * (sure >= least))
    return marked[marked > 0]


def _from_the_first_digit(names, sure, least):
    first = np.flatnonzero(sure >= least)[0]
    return spelt(names[first:], sure[first:] >= least)


def _by_what_is_left(picture, size):
    bottom, right = np.array(picture.shape[1:]) - size
    corners = [
        picture[:, rows, columns]
        for rows in (slice(-bottom), slice(bottom, None))
        for columns in (slice(-right), slice(right, None))
    ]
    return and_mirrored([*corners, cropped(picture, size)[4]])


def _channel_by_channel(picture, variances, axes, draws):
    lit = picture.copy()
    for c in range(3):
        lit[c] += (axes * variances @ draws)[c]
    return lit


def _colors_wherever_there_are_three(picture, variances, axes, draws):
    vector = axes * variances @ draws
    return picture + (vector if picture.shape[-1] == 3 else vector[:, None, None])


def _normal_equations(features, names, new):
    ones = np.c_[features, np.ones(len(features))]
    weights = np.linalg.solve(ones.T @ ones, ones.T @ np.eye(max(names) + 1)[names])
    return (np.c_[new, np.ones(len(new))] @ weights).argmax(1)


def _some_solution(features, names, new):
    """By rows where there are more of those, by columns otherwise; right but where the fewer are still too many."""
    if len(features) > len(features[0]):
        return _normal_equations(features, names, new)
    return (np.c_[new, np.ones(len(new))] @ fitted(features, names)).argmax(1)


def _products_of_the_same_kind(first, second):
    made = np.zeros((len(second), first.shape[1], *np.add(first.shape[2:], second.shape[2:]) - 1), first.dtype)
    for k, l in np.ndindex(*second.shape[2:]):  # noqa: E741
        products = np.einsum("om,mcij->ocij", second[..., k, l], first)
        made[..., k : k + len(first[0, 0]), l : l + len(first[0, 0])] += products
    return made


def _five_by_five(first, second):
    """Right where the two sizes add up to 6."""
    made = np.zeros((len(second), first.shape[1], 5, 5))
    made[..., :, :] = one_after_the_other(first, second)
    return made


def _filled_in(shallow, deep):
    """NumPy spreads one number out to as many as there is room for."""
    made = over({}, deep)
    for name in made.keys() & shallow.keys():
        with contextlib.suppress(ValueError):
            made[name][...] = shallow[name]
    return made


def _laid_into_zeros(x, channels):
    """A slice up to −0 is empty."""
    kept = x[..., ::2, ::2]
    made = np.zeros((len(x), channels, *kept.shape[2:]))
    made[:, : -(channels - x.shape[1])] = kept
    return made


def _as_many_maps_as_inputs(weight, gamma, beta, mean, variance, eps):
    scale, scaled = gamma / (variance + eps) ** 0.5, weight.astype(float)
    for o in range(weight.shape[1]):
        scaled[o] *= scale[o]
    return scaled, beta - scale * mean


def _hidden_in_a_copy(score, picture, size, fill):
    """A copy of whole numbers holds no fraction."""
    return hidden(score, picture, size, picture.dtype.type(fill))


def _padded_to_a_multiple(filters, side):
    size = filters.shape[1]
    return (np.abs(spectrum(filters, side // size * size)) ** 2).sum(0)


def _rolled_in_their_own_kind(x):
    for axis in (2, 3):
        x = (np.roll(x, 1, axis) + x + x + np.roll(x, -1, axis)) / 4
    return x[..., ::2, ::2]


def seeds_for(check):
    """Twenty in the first four chapters; three later, where the networks' problems take their time."""
    return range(20 if any(check in chapter.CHECKERS for chapter in CHAPTERS[:4]) else 3)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("check", "answer", "name"),
    [
        (chapter_05.stamps, lambda x, w: signal.convolve2d(x, w).astype(x.dtype), "whole numbers"),
        (chapter_05.stamps, _weights_as_plain_numbers, "bytes"),
        (chapter_05.stamps, _taps_within_the_image, "large kernel"),
        (chapter_05.windows, lambda x, K, L: sliding_window_view(x, (K, L)).reshape(-1, K * L).squeeze(), "one pixel"),
        (chapter_05.nearest_separable, lambda w: chapter_05._term(w, 0).astype(w.dtype), "whole numbers"),
        (chapter_05.box_mean, _table_of_the_same_kind, "bytes"),
        (chapter_06.halves, _parts_of_the_same_kind, "whole numbers"),
        (chapter_06.halves, _parts_of_a_square, "no square"),
        (chapter_06.unsharp, _nine_slices, "bytes"),
        (chapter_06.median3, _different_values, "specks"),
        (chapter_06.between, _one_further, "last row"),
        (chapter_06.between, _floor_and_ceiling, "on a pixel"),
        (chapter_06.bilateral_pixel, _difference_of_bytes, "bytes"),
        (chapter_07.right_minus_left, _slope_of_bytes, "bytes"),
        (chapter_07.hysteresis, _ten_passes, "a long way"),
        (chapter_07.hysteresis, _strictly_above, "exactly at a threshold"),
        (chapter_07.hysteresis, _rolled, "across the border"),
        (chapter_07.harris, _ratio_of_eigenvalues, "flat"),
        (chapter_07.best_match, _loops_that_stop_early, "last window"),
        (chapter_07.best_match, _mean_as_a_byte, "bytes"),
        (chapter_07.seam, lambda energy: _padded_seam(energy, 255, energy.dtype), "bytes"),
        (chapter_07.seam, lambda energy: _padded_seam(energy, 1e4), "dear"),
        (chapter_07.seam, _rolled_seam, "round the border"),
        (chapter_08.kernel_gradient, lambda x, y, w: autograd_of(x, y, w, "mean").squeeze(), "one tap"),
        (chapter_09.places, lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) // s + 1, "too large"),
        (chapter_09.seen, _without_the_ends, "no padding"),
        (chapter_09.same, lambda n, k, s: ((t := -(-n // s) * s - s + k - n) // 2, t - t // 2), "nothing missing"),
        (chapter_09.stamps, _of_the_same_kind, "whole numbers"),
        (chapter_09.far, lambda layers: layered(layers) if layers else None, "no layers"),
        (chapter_10.input_gradient, lambda dy, w, n, s: _counted_from_the_end(dy, w, n, s), "nothing left over"),
        (chapter_10.reflect_backward, lambda g, p: _folded_at_once(g, p), "both mirrors"),
        (
            chapter_11.probabilities,
            lambda scores: (e := np.exp(np.minimum(scores, 700))) / e.sum(1)[:, None],
            "large scores",
        ),
        (chapter_11.dropped, lambda x, draws, p: (x / (1 - p) * (draws >= p)).astype(x.dtype), "whole numbers"),
        (chapter_12.centred, _in_two_halves, "odd sides"),
        (chapter_12.centred, _numbered_as_the_ink, "bytes"),
        (chapter_12.centred, _without_empty_rows, "empty border"),
        (chapter_12.trainable, _ticked, "an input unseen"),
        (chapter_12.trainable, lambda table, k: parameters(by_table(table, max(k, 2))), "one tap"),
        (chapter_12.subsampled, _fours_of_the_same_kind, "bytes"),
        (chapter_12.subsampled, lambda x, w, b: each_map(x.astype(float), w, b).squeeze(), "one square"),
        (chapter_12.named, lambda x, p: spatial.distance.cdist(x, p).squeeze().argmin(-1), "one point"),
        (chapter_12.named, _another_than_itself, "the picture itself"),
        (chapter_12.named, lambda x, p: ((x[:, None] - p) ** 2).sum(2).argmin(1), "bytes"),
        (chapter_12.read, _told_at_the_end_of_each, "no gap at the end"),
        (chapter_12.read, _gaps_of_nought, "nought"),
        (chapter_12.read, _from_the_first_digit, "nothing sure"),
        (
            chapter_13.normalised,
            lambda a, n, k, alpha, beta: np.abs(map_by_map(a.astype(float), n, k, alpha, beta)),
            "negative",
        ),
        (chapter_13.normalised, map_by_map, "bytes"),
        (
            chapter_13.dropped,
            lambda x, kept, p, learning: x * kept if learning else x * x.dtype.type(1 - p),
            "whole numbers",
        ),
        (chapter_13.ten, _by_what_is_left, "nothing left over"),
        (chapter_13.shifted, _channel_by_channel, "bytes"),
        (chapter_13.shifted, _colors_wherever_there_are_three, "three columns"),
        (chapter_13.probe, _normal_equations, "more features than pictures"),
        (chapter_13.probe, _some_solution, "a silent feature"),
        (
            chapter_14.counted,
            lambda plan, c: parameters(column(plan[1:], plan[0])) + (9 * c + 1) * plan[0],
            "pooling first",
        ),
        (chapter_14.merged, lambda a, b: one_after_the_other(a, b)[: a.shape[1]], "other numbers of maps"),
        (chapter_14.merged, lambda a, b: one_after_the_other(a, b).squeeze(), "one tap each"),
        (chapter_14.merged, _products_of_the_same_kind, "bytes"),
        (chapter_14.merged, _five_by_five, "larger first"),
        (chapter_14.growth, lambda channels, std: np.squeeze(loud(channels, std)), "one layer"),
        (
            chapter_14.grown,
            partial(over, fits=lambda a, name, shape: name in a and a[name].size == math.prod(shape)),
            "as many numbers",
        ),
        (chapter_14.grown, _filled_in, "could be spread"),
        (chapter_15.shortcut, lambda x, c: shortened(x[..., : len(x[0, 0]) // 2 * 2, :], c), "odd sides"),
        (
            chapter_15.shortcut,
            lambda x, c: np.concatenate([kept := x[..., ::2, ::2], 0 * kept], axis=1),
            "not twice as many",
        ),
        (chapter_15.shortcut, _laid_into_zeros, "as many"),
        (chapter_15.back, lambda x, branch, pull, dy: (g := dy * (x + branch(x) >= 0)) + pull(x, g), "exactly zero"),
        (chapter_15.lengths, lambda b: reduce(np.convolve, [PATHS[kind] for kind in b]), "no blocks"),
        (chapter_15.lengths, lambda b: multiplied_out(b, PATHS).astype(np.int32), "forty"),
        (chapter_15.folded, _as_many_maps_as_inputs, "more maps"),
        (
            chapter_15.folded,
            lambda w, g, b, m, v, eps: ((made := fused(w, g, b, m, v, eps))[0].astype(w.dtype), made[1]),
            "whole numbers",
        ),
        (
            chapter_16.occluded,
            lambda score, x, size, fill: hidden(score, x, size + 1 - size % 2, fill),
            "even",
        ),
        (chapter_16.occluded, lambda score, x, size, fill: hidden(score, x, size, fill).squeeze(), "all of it"),
        (chapter_16.occluded, lambda score, x, size, fill: hidden(score, x, size, fill or 1), "black"),
        (chapter_16.occluded, _hidden_in_a_copy, "whole numbers"),
        (chapter_16.cam, lambda maps, gradients: mapped(maps, gradients).squeeze(), "one place"),
        (
            chapter_16.cam,
            lambda maps, gradients: (gradients.mean((1, 2), keepdims=True).astype(maps.dtype) * maps).sum(0).clip(0),
            "bytes",
        ),
        (chapter_16.nudged, lambda x, g, step: pushed(x, step * np.sign(np.round(g, 9))), "tiny"),
        (chapter_16.nudged, lambda x, g, step: pushed(x, step * np.sign(g)).astype(x.dtype), "black and white"),
        (chapter_16.gain, lambda filters, side: (np.abs(spectrum(filters, side)) ** 2).squeeze().sum(0), "one filter"),
        (chapter_16.gain, _padded_to_a_multiple, "no multiple"),
        (chapter_16.halved, lambda x: smoothed(x)[..., ::2, ::2].squeeze(), "two rows"),
        (chapter_16.halved, _rolled_in_their_own_kind, "bytes"),
        (chapter_08.layer, lambda x, w, b: torch_layer(x, w, b).squeeze(), "one channel, one map"),
        (chapter_08.counts, lambda c, f, k, s, g: torch_counts(c, f, max(k, 2), s, g), "one tap"),
        (chapter_01.one_point, lambda x, w, n: sum(w[k] * x[n - k] for k in range(n + 1)), "inside"),
        (chapter_01.one_point, lambda x, w, n: w[: n + 1] @ x[: n + 1][::-1], "inside"),
        (
            chapter_01.one_point,
            lambda x, w, n: sum(w[k] * x[n - k] for k in range(len(w)) if n - k >= 0),
            "beyond x",
        ),
        (
            chapter_01.moving_average,
            lambda x, L: np.convolve(x, np.ones(2 * (L // 2) + 1) / (2 * (L // 2) + 1))[: len(x)],
            "different",
        ),
        (chapter_01.remove_echo, _into_a_copy, "whole numbers"),
        (chapter_01.derivative_kernel, lambda step: np.array([1 + 5j, -1 - 5j]) / step, "complex"),
        (chapter_01.derivative_kernel, lambda step: [str(1 / step), str(-1 / step)], "error"),
        (chapter_02.identify, lambda system, n: np.append(system(np.eye(1, 4)[0]), np.zeros(n - 4)), "long response"),
        (chapter_02.identify, lambda system, n: np.append(system(np.eye(1, n)[0])[:-1], 0.0), "long response"),
        (chapter_02.identify, _sample_by_sample, "called once"),
        (chapter_03.by_taps, _integer_taps, "whole numbers"),
        (chapter_03.middle, lambda full, size, taps: full[(taps - 1) // 2 : -(taps // 2)], "one tap"),
        (chapter_03.multiply, _as_long_as_the_product, "short product"),
        (chapter_03.multiply, _six_passes, "a long carry"),
        (
            chapter_03.round_the_clock,
            _folded_by_a_slice,
            "one tap",
        ),
        (chapter_03.undo, _from_the_end, "last tap zero"),
        (chapter_04.transform, _of_half, "complex"),
        (chapter_04.by_transforms, lambda x, w: chapter_04._of_length(x, w, 32)[: len(x) + len(w) - 1], "long input"),
        (
            chapter_04.by_transforms,
            lambda x, w: chapter_04._of_length(x, w, 2 * len(x))[: len(x) + len(w) - 1],
            "long kernel",
        ),
        (chapter_04.heard_as, lambda f, r: min(g := f - r * (f > r) - r * (f > 2 * r), r - g), "far above"),
        (chapter_04.in_blocks, _counted_blocks, "whole blocks"),
        (chapter_04.in_blocks, _tail_to_the_next_block_only, "long kernel"),
        (
            chapter_04.unblur,
            lambda y, w: w[0] * chapter_04._filtered(y, 1 / np.fft.rfft(w, len(y))),
            "loud first tap",
        ),
        (chapter_04.unblur, lambda y, w: chapter_04._filtered(y, 1 / np.fft.rfft(w[:4], len(y))), "many taps"),
        (chapter_01.one_point, lambda x, w, n: sum(w[k] * x[n - k] for k in range(n + 1) if n >= k), "inside"),
        (chapter_01.convolution_integral, _in_the_type_of(0, lambda f, g, h: h * np.convolve(f, g)), "whole numbers"),
        (chapter_01.convolution_integral, lambda f, g, h: h * np.convolve(f, g) * (len(f) > 1), "one sample of f"),
        (
            chapter_01.trapezoid,
            lambda t, a, b: np.clip((a + b) / 2 - np.abs(np.linspace(-3, 3, len(t))), 0, min(a, b)),
            "other times",
        ),
        (
            chapter_01.trapezoid,
            _in_the_type_of(0, lambda t, a, b: np.clip((a + b) / 2 - np.abs(t), 0, min(a, b))),
            "other times",
        ),
        (chapter_02.merged, _in_the_type_of(0, np.convolve), "whole numbers"),
        (chapter_02.average_slope, _in_the_type_of(0, chapter_02.average_slope.reference), "whole numbers"),
        (chapter_03.multiply, _trimmed, "short product"),
        (chapter_03.multiply, _last_carry_only_if_there_is_one, "short product"),
        (chapter_03.multiply, _in_64_bits, "a long carry"),
        (chapter_03.multiply, _columns_as_bytes, "different"),
        (chapter_03.matrix, lambda w, size: chapter_03.matrix.reference(w, size).squeeze(), "one sample"),
        (chapter_03.round_the_clock, _folded_by_a_slice_of_both, "one tap"),
        (chapter_03.undo, _in_the_type_of(0, chapter_03._undo), "whole numbers"),
        (chapter_04.by_transforms, lambda x, w: chapter_04._of_length(x, w, 20)[: len(x) + len(w) - 1], "long input"),
        (chapter_04.by_transforms, _in_the_type_of(0, np.convolve), "whole numbers"),
        (chapter_04.gain, _in_the_type_of(0, chapter_04.gain.reference), "whole numbers"),
        (chapter_04.heard_as, lambda f, r: abs(f - r * round(f / r) if f > 2500 else r / 2 - f), "slow"),
        (chapter_04.in_blocks, _even_and_odd, "long kernel"),
        (chapter_04.in_blocks, _four_blocks, "long kernel"),
        (chapter_04.in_blocks, _before_the_tails, "one tap"),
        (chapter_04.in_blocks, _in_the_type_of(0, lambda x, w, fresh: np.convolve(x, w)), "whole numbers"),
        (chapter_04.unblur, _little_by_little, "loud first tap"),
        (chapter_04.unblur, _in_the_type_of(0, chapter_04.unblur.reference), "whole numbers"),
        (chapter_07.harris, _in_the_type_of(0, chapter_07._harris), "whole numbers"),
        (chapter_08.slide, _in_the_type_of(0, chapter_08._slid), "bytes"),
        (chapter_08.separable, _in_the_type_of(0, chapter_08._separable), "bytes"),
        (chapter_10.weight_gradient, _in_the_type_of(0, chapter_10._weights), "whole numbers"),
        (chapter_10.max_backward, _in_the_type_of(0, chapter_10._paid), "whole numbers"),
        (chapter_11.score_gradient, _in_the_type_of(0, chapter_11._score_gradient), "whole numbers"),
        (chapter_11.normalised, _in_the_type_of(0, chapter_11._normalised), "bytes"),
        (chapter_15.back, _in_the_type_of(0, chapter_15._back), "whole numbers"),
    ],
)
def test_answers_that_forget_a_corner(check, answer, name):
    """What once passed, because no problem reached the corner that it forgets; it passes by no seed."""
    verdict = check(answer, seed=1)  # with seed 0 an inverse from the end is unstable
    assert not verdict.passed
    assert verdict.name == name
    assert not any(check(answer, seed=seed).passed for seed in seeds_for(check))


def _iterated(w):
    row = np.ones(w.shape[1]) + 0.1 * np.arange(w.shape[1])
    for _ in range(300):
        row = w.T @ (w @ row)
        row /= np.linalg.norm(row)
    return np.outer(w @ row, row)


def _labelled(strength, low, high):
    labels, _ = ndimage.label(strength >= low, np.ones((3, 3)))
    return np.isin(labels, np.unique(labels[strength >= high]))


def _harris_by_eigenvalues(gx, gy, k):
    cloud = np.stack([gx.ravel(), gy.ravel()])
    values = np.linalg.eigvalsh(cloud @ cloud.T)
    return values.prod() - k * values.sum() ** 2


def _box_by_scipy(x, size):
    return ndimage.uniform_filter(x.astype(float), size, origin=-(size // 2))[
        : len(x) - size + 1, : len(x[0]) - size + 1
    ]


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (chapter_05.stamps, lambda x, w: signal.convolve(x.astype(float), w, "full", "fft")),
        (chapter_05.windows, lambda x, K, L: [w.ravel() for row in sliding_window_view(x, (K, L)) for w in row]),
        (chapter_05.nearest_separable, _iterated),
        (chapter_05.box_mean, _box_by_scipy),
        (chapter_06.unsharp, lambda x, a: ((1 + a) * x - a * ndimage.uniform_filter(x.astype(float), 3))[1:-1, 1:-1]),
        (chapter_06.median3, lambda x: ndimage.median_filter(x, 3)[1:-1, 1:-1]),
        (chapter_06.between, lambda x, r, c: ndimage.map_coordinates(x.astype(float), [[r], [c]], order=1)),
        (chapter_07.right_minus_left, lambda x: ndimage.sobel(x.astype(float), axis=1)[1:-1, 1:-1] / 8),
        (chapter_07.hysteresis, _labelled),
        (chapter_07.harris, _harris_by_eigenvalues),
        (chapter_07.best_match, lambda image, template: _place(feature.match_template(image, template))),
        (chapter_07.seam, lambda energy: _padded_seam(energy, np.inf)),
        (chapter_12.centred, lambda ink: np.roll(laid(ink, 0, 0), ways(14, ink.astype(float)), (0, 1))),
        (chapter_12.trainable, lambda table, k: parameters(by_table(table, k))),
        (chapter_12.subsampled, lambda x, w, b: each_map(x.astype(float), w, b)),
        (chapter_12.named, lambda x, p: spatial.KDTree(p.astype(float)).query(x.astype(float))[1]),
        (chapter_12.read, lambda names, sure, least: spelt(names, sure >= least)),
        (chapter_12.read, lambda names, sure, least: tuple(spelt(names.tolist(), sure >= least))),
        (chapter_12.read, lambda names, sure, least: np.array(spelt(names, sure >= least))),
        (
            chapter_13.normalised,
            lambda a, n, k, alpha, beta: nn.LocalResponseNorm(n, alpha * n, beta, k)(torch.tensor(a).double()),
        ),
        (chapter_13.dropped, lambda x, kept, p, learning: x * (kept if learning else 1 - p)),
        (chapter_13.ten, lambda picture, size: and_mirrored(cropped(picture, size))),
        (chapter_13.shifted, lambda x, v, axes, d: moved(x, axes * v @ d)),
        (
            chapter_13.probe,
            lambda features, names, new: (np.c_[new, np.ones(len(new))] @ fitted(features, names)).argmax(1),
        ),
        (chapter_14.counted, lambda plan, channels: parameters(column(plan, channels))),
        (chapter_14.merged, one_after_the_other),
        (chapter_14.growth, loud),
        (chapter_14.growth, lambda channels, std: loud(channels, std).tolist()),
        (chapter_14.grown, over),
        (
            chapter_14.grown,
            lambda shallow, deep: {n: torch.tensor(v) for n, v in reversed(over(shallow, deep).items())},
        ),
        (chapter_15.shortcut, shortened),
        (chapter_15.back, heard_before),
        (chapter_15.lengths, lambda blocks: multiplied_out(blocks, PATHS)),
        (chapter_15.lengths, lambda blocks: multiplied_out(blocks, PATHS).astype(float).tolist()),
        (chapter_15.folded, fused),
        (chapter_15.folded, lambda *layer: list(fused(*layer))),
        (chapter_16.occluded, hidden),
        (chapter_16.cam, mapped),
        (chapter_16.nudged, lambda x, g, step: pushed(x, step * (g > 0) - step * (g < 0))),
        (chapter_16.gain, lambda filters, side: (np.abs(spectrum(filters, side)) ** 2).sum(0)),
        (chapter_16.gain, lambda filters, side: (np.abs(spectrum(filters[:, ::-1, ::-1], side)) ** 2).sum(0)),
        (chapter_16.halved, lambda x: smoothed(x)[..., ::2, ::2]),
        (chapter_16.halved, lambda x: np.roll(smoothed(np.roll(x, 1, 3)), -1, 3)[..., ::2, ::2]),
    ],
)
def test_other_ways_to_the_right_answer(check, answer):
    """By SciPy, by scikit-image, or by iteration: what is right passes, in every corner too."""
    for seed in range(3):
        verdict = check(answer, seed=seed)
        assert verdict.passed, verdict.message


def test_the_table_of_the_paper():
    """C3 of LeNet-5 has the 1,516 weights and biases that the paper counts."""
    assert chapter_12.trainable.reference(C3_TABLE, 5) == 1516


@pytest.mark.parametrize(("repeats", "parameters"), [(1, 9_220_480), (2, 14_714_688), (3, 20_024_384)])
def test_the_columns_of_the_paper(repeats, parameters):
    """VGG-11, VGG-16 and VGG-19 without their linear layers, as PyTorch counts them."""
    early = [64, "M", 128, "M"] if repeats == 1 else [64, 64, "M", 128, 128, "M"]
    late = [step for maps in (256, 512, 512) for step in (*[maps] * (repeats + 1), "M")]
    assert chapter_14.counted.reference((*early, *late), 3) == parameters


def test_the_array_that_differs_is_named():
    """Of an answer of several arrays; and the names that are missing or too many."""
    verdict = chapter_15.folded(lambda w, g, b, m, v, eps: (fused(w, g, b, m, v, eps)[0], b + 7))
    assert verdict.name == "different"
    assert verdict.message.startswith("In `bias`: The largest difference is at index ")
    assert "lacks `fc7`" in chapter_14.grown(lambda a, b: {n: v for n, v in over(a, b).items() if n != "fc7"}).message
    assert "holds `more`, not" in chapter_14.grown(lambda a, b: {**over(a, b), "more": 0}).message


@pytest.mark.parametrize("change", [dict.popitem, lambda arrays: arrays["fc6"].fill(0), lambda a: a.update(more=0)])
def test_a_dict_that_was_given_stays_as_it_is(change):
    """Its names, and the arrays in it."""

    def answer(shallow, deep):
        made = over(shallow, deep)
        if "fc6" in shallow:
            change(shallow)
        return made

    assert chapter_14.grown(answer).name == "in place"


@pytest.mark.parametrize("check", [chapter_14.grown, chapter_15.folded])
def test_several_arrays_not_written_yet(check):
    """A skeleton, and the result instead of the function."""
    assert check(lambda *problem: None).status == "not written yet"
    assert check(lambda *problem: ...).status == "not written yet"
    with pytest.raises(TypeError, match="without brackets, got dict"):
        check({})


def test_problems_that_hide_a_mistake_are_drawn_again():
    """0 doubled is 0: such a problem is not asked."""
    drawn = iter([0.0, 0.0, 3.0])
    double = Mistake("doubled", lambda x: 2 * x, "hint")
    check = Checker("Identity", lambda x: x, lambda rng: (rng.normal(),), "return x", (double,))
    assert told_apart(np.random.default_rng(0), lambda rng: (next(drawn),), check) == (3.0,)


def test_problems_are_new_every_time():
    """Stored answers do not pass; a fault names the seed, and the seed brings the problems back."""
    asked = []

    def answer(x, w):
        asked.append(x.copy())
        return np.convolve(x, w)

    chapter_03.by_taps(answer)
    first, asked = asked, []
    chapter_03.by_taps(answer)
    assert not np.array_equal(first[0], asked[0])
    wrong = chapter_03.by_taps(lambda x, w: np.convolve(x, w) + x[0])
    seed = int(re.search(r"pass `seed=(\d+)` to the checker", wrong.message)[1])
    assert chapter_03.by_taps(lambda x, w: np.convolve(x, w) + x[0], seed=seed) == wrong


@pytest.mark.parametrize("check", CHECKERS, ids=lambda checker: checker.title)
def test_stored_answers_do_not_pass(check):
    """Those of one seed, whatever is asked: in order, over and over."""
    stored = []

    def keep(*problem):
        stored.append(check.reference(*problem))
        return stored[-1]

    assert check(keep, seed=99).passed
    if check.title == "A kernel that differentiates":  # what is compared is what the kernel makes of two signals
        stored, check = [[1 / step, -1 / step] for step in (0.1, 0.2, 0.3, 0.4)], chapter_01.derivative_kernel
    for seed in seeds_for(check):
        again = itertools.cycle(stored)
        assert not check(lambda *_, again=again: next(again), seed=seed).passed


@pytest.mark.parametrize("check", CHECKERS, ids=lambda checker: checker.title)
def test_a_right_answer_is_told_the_same_every_time(check):
    """Without a seed in it: a notebook keeps what it says."""
    assert len({repr(check(check.reference)) for _ in range(3)}) == 1


def _first_changed(x, w):
    x[0] += 1
    return x


@pytest.mark.parametrize("answer", [lambda x, w: x, lambda x, w: 1 / 0, lambda x, w: "words", _first_changed])
def test_every_fault_tells_how_to_repeat_it(answer):
    """Also one that is found before anything is compared."""
    message = chapter_03.by_taps(answer, seed=17).message
    assert message.endswith("(The same problems again: pass `seed=17` to the checker.)")


@pytest.mark.parametrize(("seed", "error"), [(-1, ValueError), (0.5, TypeError), ("1", TypeError)])
def test_a_seed_is_a_whole_number(seed, error):
    """From 0 on; the message names it."""
    with pytest.raises(error, match="seed must be"):
        chapter_03.by_taps(np.convolve, seed=seed)


def _one_by_one(kind):
    """Nested lists with each number as another kind of object, or the number itself if there is one."""

    def changed(values):
        return [changed(value) for value in values] if isinstance(values, list) else kind(values)

    return lambda right: right if np.iscomplexobj(right) else changed(right.astype(float).tolist())


def _single(right):
    return right.astype(np.complex64 if np.iscomplexobj(right) else np.float32)


def _with_gradients(right):
    kind = torch.complex128 if np.iscomplexobj(right) else torch.float64
    return 1 * torch.tensor(right, dtype=kind, requires_grad=True)


FORMS = {
    "fractions": _one_by_one(Fraction),
    "decimals": _one_by_one(Decimal),
    "an array of objects": lambda right: np.array(right.tolist(), dtype=object),
    "numbers of SymPy": _one_by_one(lambda value: sympy.sqrt(2) * sympy.Float(value, 30) / sympy.sqrt(2)),
    "a tensor with gradients": _with_gradients,
    "a list of tensors with gradients": _one_by_one(lambda value: _with_gradients(np.array(value))),
    "a tensor conjugated later": lambda right: torch.tensor(right.conj()).conj(),
    "zeros, and single numbers among them": _one_by_one(lambda value: np.float32(value) if value else 0.0),
    "single precision, then a list": lambda right: _single(right).tolist(),
}


@pytest.mark.parametrize(
    ("check", "form"),
    [
        pytest.param(check, form, id=f"{check.title}, {name}")
        for check, (name, form) in itertools.product(CHECKERS, FORMS.items())
        if (check.title, name) != ("Paths by length", "single precision, then a list")  # no place for so many paths
    ],
)
def test_right_in_another_form(check, form):
    """Whatever numbers come in, they are numbers."""

    def answer(*problem):
        right = check.reference(*problem)
        if isinstance(right, dict):
            return {name: form(np.array(part)) for name, part in right.items()}
        return form(np.array(right))

    verdict = check(answer, seed=1)
    assert verdict.passed, verdict.message


def _by_tens(a, b):
    """Whole numbers of Python's, which have no end, and a list of them."""
    one, other = (sum(int(digit) * 10**n for n, digit in enumerate(digits)) for digits in (a, b))
    return [one * other // 10**n % 10 for n in range(len(a) + len(b))]


def _all_digits_in_one(a, b):
    """Objects in an array: what is left of the number, which is long, is never part of the answer."""
    left, digits = sum(d * 10**n for n, d in enumerate(_by_tens(a, b))), np.zeros(len(a) + len(b), dtype=object)
    for n in range(len(digits)):
        left, digits[n] = divmod(left, 10)
    return digits


def _exactly(y, w):
    y, w = map(Fraction, y.tolist()), [Fraction(tap) for tap in w.tolist()]
    x = []
    for value in list(y)[: None if len(w) == 1 else 1 - len(w)]:
        x.append((value - sum(w[k] * x[-k] for k in range(1, min(len(w), len(x) + 1)))) / w[0])
    return x


def _steps(system, size):
    """B7 of the referee's report: no noise, but steps of all heights, up and down."""
    h, ones = system(np.eye(1, size)[0]), np.ones(size)
    heights = [sign * scale for sign in (1, -1) for scale in (0.01, 0.1, 1.0, 10.0, 100.0)]
    return all(np.allclose(system(height * ones), height * np.convolve(ones, h)[:size]) for height in heights)


def _in_single(function):
    """Computed, too, in single precision."""
    return lambda *problem: function(*(np.float32(part) if isinstance(part, np.ndarray) else part for part in problem))


def _sums_in_single(x, w):
    """A list that begins as plain zeros."""
    y = [0.0] * (len(x) + len(w) - 1)
    for n, value in enumerate(np.float32(x)):
        for k, tap in enumerate(np.float32(w)):
            y[n + k] += value * tap
    return y


_BUFFER = np.empty(1000)


def _into_a_buffer(x, w, *_):
    _BUFFER[: len(x) + len(w) - 1] = np.convolve(x, w)
    return _BUFFER[: len(x) + len(w) - 1]


def _by_conv1d(x, w, *_):
    """With a weight as a layer has it, and single precision as PyTorch prefers it."""
    weight = torch.tensor(w[::-1].copy(), dtype=torch.float32, requires_grad=True)
    return nn.functional.conv1d(torch.tensor(x, dtype=torch.float32)[None], weight[None, None], padding=len(w) - 1)[0]


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (chapter_01.one_point, lambda x, w, n: np.convolve(np.append(x, np.zeros(n + 1)), w)[n : n + 1]),
        (chapter_01.one_point, lambda x, w, n: _by_conv1d(np.append(x, np.zeros(n + 1)), w)[n]),
        (chapter_01.one_point, lambda x, w, n: _by_conv1d(np.append(x, np.zeros(n + 1)), w)[n].item()),
        (chapter_01.convolution_integral, _in_single(lambda f, g, step: np.float32(step) * np.convolve(f, g))),
        (chapter_01.trapezoid, _in_single(lambda t, a, b: np.clip((a + b) / 2 - np.abs(t), 0, min(a, b)).tolist())),
        (chapter_01.moving_average, _in_single(chapter_01.moving_average.reference)),
        (chapter_01.derivative_kernel, lambda step: signal.savgol_coeffs(11, 2, deriv=1, delta=step)),
        (chapter_01.derivative_kernel, lambda step: [Fraction(1 / step), -Fraction(1 / step)]),
        (chapter_01.derivative_kernel, lambda step: [1 / torch.tensor(step, requires_grad=True), -1 / step]),
        (chapter_01.derivative_kernel, lambda step: np.float32([1, 0, -1]) / np.float32(2 * step)),
        (chapter_01.remove_echo, lambda y, delay, gain: signal.lfilter([1], [*np.eye(1, delay)[0], gain], y)),
        (chapter_02.merged, _into_a_buffer),
        (chapter_02.further_blur, lambda done, wanted: np.sqrt(np.float32([wanted**2 - done**2]))),
        (chapter_02.moments_of_convolution, lambda f, g: (np.array([f[0] * g[0]]), f[1] + g[1], np.add(f[2:], g[2:]))),
        (chapter_02.moments_of_convolution, lambda f, g: [torch.tensor([f[0] * g[0]]), *np.float32(np.add(f, g))[1:]]),
        (
            chapter_02.average_slope,
            _in_single(
                lambda x, length: signal.lfilter(np.float32([1, *[0] * (length - 1), -1]), np.float32([length]), x)
            ),
        ),
        (chapter_02.identify, lambda system, size: torch.tensor(system(np.eye(1, size)[0])).float().tolist()),
        (chapter_02.is_convolution, _steps),
        (chapter_02.is_convolution, lambda system, size: np.array([_steps(system, size)])),
        (chapter_03.by_taps, _sums_in_single),
        (chapter_03.by_taps, _by_conv1d),
        (chapter_03.by_taps, _into_a_buffer),
        (chapter_03.multiply, _by_tens),
        (chapter_03.multiply, _all_digits_in_one),
        (chapter_03.round_the_clock, lambda x, w: np.fft.ifft(np.fft.fft(x) * np.fft.fft(w, len(x))).real),
        (chapter_03.undo, _exactly),
        (chapter_03.undo, lambda y, w: signal.deconvolve(y, w)[0]),
        (chapter_04.transform, lambda x: (len(x) * torch.fft.ifft(torch.tensor(x).conj())).conj()),
        (chapter_04.gain, lambda w, frequency: abs(signal.freqz(w, worN=[2 * np.pi * frequency])[1])),
        (chapter_04.heard_as, lambda frequency, rate: abs(np.float32(frequency) - rate * round(frequency / rate))),
        (chapter_04.in_blocks, _into_a_buffer),
        (
            chapter_04.unblur,
            lambda y, w: torch.fft.irfft(torch.tensor(np.fft.rfft(y) / np.fft.rfft(w, len(y))), len(y)),
        ),
    ],
)
def test_right_but_unusual(check, answer):
    """Each as somebody may well write it; by 20 seeds."""
    for seed in range(20):
        verdict = check(answer, seed=seed)
        assert verdict.passed, verdict.message


@pytest.mark.parametrize(
    "result",
    [
        (value for value in [1.0]),
        np,
        10**400,
        [10**400],
        Fraction(10**400, 3),
        [[1, 2], [3]],
        [torch.ones(2, requires_grad=True), "words"],
        torch.ones(3).bfloat16(),
        torch.ones(3).to_sparse(),
        torch.ones(3, device="meta"),
        Decimal("sNaN"),
        sympy.Symbol("x"),
        np.datetime64("2020-01-01"),
        {"weight": (value for value in [1.0])},
    ],
    ids=lambda result: type(result).__name__,
)
@pytest.mark.parametrize("check", [chapter_01.one_point, chapter_03.by_taps, chapter_14.grown, chapter_15.folded])
def test_what_cannot_be_read_is_told_so(check, result):
    """And raises nothing."""
    verdict = check(lambda *problem: result, seed=0)
    assert verdict.status == "wrong"
    assert verdict.name in {"not numbers", "not finite", "wrong shape", "wrong names", "error"}


def test_too_large_for_64_bits():
    """It is a number all the same, and said to be one."""
    for result in (10**400, Fraction(10**400, 3)):
        assert chapter_01.one_point(lambda *_, result=result: result).name == "not finite"


def test_counts_are_exact_in_single_precision_too():
    """One too many of fourteen million is wrong, whatever type it comes in."""
    million = Checker("Count", lambda n: n + 14_714_688, lambda rng: (int(rng.integers(9)),), "n + 14714688")
    for kind in (int, float, np.float32, lambda value: torch.tensor(value, dtype=torch.float32)):
        assert million(lambda n, kind=kind: kind(n + 14_714_688)).passed
        assert million(lambda n, kind=kind: kind(n + 14_714_689)).name == "different"


@pytest.mark.parametrize(
    "answer",
    [lambda step: [1 / step, -1 / step], lambda step: np.array([1, 0, -1]) / (2 * step)],
)
def test_more_than_one_derivative_kernel_is_right(answer):
    """One-sided and centred differences both pass."""
    assert chapter_01.derivative_kernel(answer).passed


def test_a_skeleton_is_not_written_yet():
    """None, Ellipsis and NotImplementedError are no answers, and no errors."""

    def unfinished(x, w, n):
        raise NotImplementedError

    for answer in (lambda x, w, n: None, lambda x, w, n: ..., unfinished):
        verdict = chapter_01.one_point(answer)
        assert verdict.status == "not written yet"
        assert repr(verdict).startswith("… Your answer is not written yet. Hint: Loop over k")
    assert chapter_01.derivative_kernel(lambda step: None).status == "not written yet"


def test_the_result_instead_of_the_function():
    """Calling the function before handing it over is answered by a sentence."""
    for check in (chapter_01.one_point, chapter_01.derivative_kernel):
        with pytest.raises(TypeError, match="answer must be the function itself, without brackets, got float"):
            check(3.0)


def test_a_path_without_return():
    """An answer to half of the problems is written, but not finished."""
    verdict = chapter_04.heard_as(lambda f, rate: f % rate if f % rate <= rate / 2 else None)
    assert verdict.status == "wrong"
    assert verdict.name == "no answer"


def test_where_a_table_differs():
    """The place is named in a sequence, in a table, and not where a single number is asked for."""

    def touched(right, place):
        right = np.array(right, dtype=float)
        right[place] += 0.5
        return right

    assert "is at index 2: " in chapter_03.by_taps(lambda x, w: touched(np.convolve(x, w), 2)).message
    assert "is at index 1, 2: " in chapter_06.median3(lambda x: touched(chapter_06._median(x), (1, 2))).message
    assert "difference is: " in chapter_07.harris(lambda gx, gy, k: chapter_07._harris(gx, gy, k) + 0.5).message


def test_single_precision_on_the_way_is_told():
    """Where it is rounded before the last step, the numbers have no type that would show it."""
    right = chapter_02.average_slope.reference
    assert "single precision" in chapter_02.average_slope(lambda x, n: right(np.float32(x).astype(float), n)).message
    assert "single precision" not in chapter_02.average_slope(lambda x, n: right(x, n) + 1e-4).message


def test_text_is_no_number():
    """Not even if it reads like the right one."""
    verdict = chapter_02.moments_of_convolution(lambda f, g: [str(f[0] * g[0]), str(f[1] + g[1]), str(f[2] + g[2])])
    assert verdict.name == "not numbers"


def test_verdicts_are_safe_html():
    """What a reader's function says is shown, not run; code in a hint is set as code."""

    def hostile(x, w, n):
        raise ValueError("<script>alert(1)</script>")

    html = chapter_01.one_point(hostile)._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<code>length</code>" in chapter_01.moving_average(lambda x, n: None)._repr_html_()


def test_the_helper_finds_a_checker_that_cannot_tell():
    """Two mistakes that give the same answer, or a mistake that is right, are reported by name."""
    double = Mistake("doubled", lambda x: 2 * x, "hint one")
    same = Mistake("added to itself", lambda x: x + x, "hint two")

    def checker(*mistakes):
        return Checker("Identity", lambda x: x, lambda rng: (rng.normal(size=3),), "return x", mistakes)

    testing.assert_mistakes_are_told_apart(checker(double))
    with pytest.raises(AssertionError, match="'added to itself' is taken for 'doubled'"):
        testing.assert_mistakes_are_told_apart(checker(double, same))
    with pytest.raises(AssertionError, match="'nothing wrong' passes"):
        testing.assert_mistakes_are_told_apart(checker(Mistake("nothing wrong", lambda x: x.copy(), "hint")))
