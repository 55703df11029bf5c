"""Every checker meets its wrong answers: those it knows, and those written here without looking at it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

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
    testing,
)

CHAPTERS = (chapter_01, chapter_02, chapter_03, chapter_04, chapter_05, chapter_06, chapter_07)
CHECKERS = [checker for chapter in CHAPTERS for checker in chapter.CHECKERS]


@pytest.mark.parametrize("checker", CHECKERS, ids=lambda checker: checker.title)
def test_mistakes_are_told_apart(checker):
    """The right answer passes; each known mistake, and each basic one, gets its own hint."""
    testing.assert_mistakes_are_told_apart(checker)


# Wrong answers as readers write them: other code than the checker's own, same misconception.


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


@pytest.mark.parametrize(
    ("check", "answer", "name"),
    [
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


def _sample_by_sample(system, length):
    return [system(np.eye(1, length)[0])[n] for n in range(length)]


def _integer_taps(x, w):
    y = np.zeros(len(x) + len(w) - 1, dtype=x.dtype)
    for k in range(len(w)):
        y[k : k + len(x)] += (w[k] * x).astype(x.dtype)
    return y


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("check", "answer", "name"),
    [
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
    ],
)
def test_answers_that_forget_a_corner(check, answer, name):
    """What once passed, because no problem reached the corner that it forgets."""
    verdict = check(answer, seed=1)  # with seed 0 an inverse from the end is unstable
    assert not verdict.passed
    assert verdict.name == name


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
    seed = int(wrong.message.rsplit(": ", 1)[1].rstrip(".)"))
    assert chapter_03.by_taps(lambda x, w: np.convolve(x, w) + x[0], seed=seed) == wrong


class Tensor:
    """A value that gives up its numbers only when it is detached, as a tensor that has gradients does."""

    def __init__(self, values):
        self.values = values

    def __array__(self, *_, **__):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")

    def detach(self):
        return self.values


@pytest.mark.parametrize(
    "answer",
    [
        lambda a, b: [Fraction(int(d)) for d in chapter_03._product(a, b)],
        lambda a, b: [Decimal(int(d)) for d in chapter_03._product(a, b)],
        lambda a, b: Tensor(chapter_03._product(a, b)),
    ],
)
def test_numbers_of_other_kinds_are_numbers(answer):
    """Fractions, decimals, and tensors that have gradients."""
    assert chapter_03.multiply(answer).passed


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
