"""Checkers for chapter 4, the convolution theorem."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convlib.exercises.checker import Case, Checker, Mistake

Rng = np.random.Generator


# --- the transform ------------------------------------------------------------------------------------------------


def _transform_problem(rng: Rng) -> tuple[np.ndarray]:
    return (rng.normal(size=int(rng.integers(5, 12))),)


def _frequencies_from_one(x: np.ndarray) -> np.ndarray:
    return np.roll(np.fft.fft(x), -1)


def _samples_from_one(x: np.ndarray) -> np.ndarray:
    return np.fft.fft(x) * np.exp(-2j * np.pi * np.arange(len(x)) / len(x))


def _two_pi_forgotten(x: np.ndarray) -> np.ndarray:
    n = np.arange(len(x))
    return np.exp(-1j * np.outer(n, n) / len(x)) @ x


def _not_divided(x: np.ndarray) -> np.ndarray:
    return x.sum() + 0j * x  # exp(-2 pi i j n) is 1 for whole j and n


transform = Checker(
    title="The transform",
    reference=np.fft.fft,
    problem=_transform_problem,
    first_hint="Row j of a matrix of waves, exp(-2πi j n / N) over n, times x. np.outer(n, n) makes all products j n.",
    cases=(
        Case(
            "complex",
            lambda rng: (rng.normal(size=7) + 1j * rng.normal(size=7),),
            "But x may be complex: then the second half is no mirror image of the first.",
        ),
        Case("one sample", lambda rng: (rng.normal(size=1),), "But x may have a single sample."),
    ),
    mistakes=(
        Mistake(
            "sign of the exponent",
            lambda x: np.fft.fft(x).conj(),
            "The exponent has the other sign: exp(-2πi …). With + the waves turn the other way, as in the inverse.",
        ),
        Mistake(
            "divided by the length",
            lambda x: np.fft.fft(x) / len(x),
            "You divide by N. In this book's convention (and NumPy's) that is done by the inverse.",
        ),
        Mistake(
            "divided by the root",
            lambda x: np.fft.fft(x) / np.sqrt(len(x)),
            "You divide by the root of N: a convention that has its friends, but not the definition above.",
        ),
        Mistake(
            "the half for real sequences",
            lambda x: np.fft.rfft(x),
            "That is the half that suffices for real x. The definition has N values.",
        ),
        Mistake(
            "real part only",
            lambda x: np.fft.fft(x).real,
            "Only the real part: you have used cosines alone. Each wave has a sine as well.",
        ),
        Mistake(
            "sizes only",
            lambda x: np.abs(np.fft.fft(x)),
            "Those are the sizes. The angles belong to the transform too.",
        ),
        Mistake("two pi forgotten", _two_pi_forgotten, "The factor 2π is missing: a full turn is 2π, not 1."),
        Mistake(
            "not divided by N in the exponent",
            _not_divided,
            "All your values are the sum of x: without / N in the exponent every wave is 1 at every sample.",
        ),
        Mistake("frequencies from one", _frequencies_from_one, "Your first value is that of j = 1. Count j from 0."),
        Mistake("samples from one", _samples_from_one, "You count the samples from 1: n runs from 0 to N - 1."),
        Mistake(
            "centred",
            lambda x: np.fft.fftshift(np.fft.fft(x)),
            "The right values with frequency 0 in the middle. The definition starts with it.",
        ),
    ),
)


# --- convolve by transforms ---------------------------------------------------------------------------------------


def _sequences_problem(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(size=int(rng.integers(8, 14))), rng.normal(size=int(rng.integers(3, 7)))


def _of_length(x: np.ndarray, w: np.ndarray, size: int) -> np.ndarray:
    return np.fft.ifft(np.fft.fft(x, size) * np.fft.fft(w, size)).real


by_transforms = Checker(
    title="Convolve by transforms",
    reference=np.convolve,
    problem=_sequences_problem,
    first_hint="Pad both to the length of the full result: np.fft.rfft(x, size). Tell irfft the size as well.",
    cases=(
        Case(
            "long input",
            lambda rng: (rng.normal(size=int(rng.integers(100, 200))), rng.normal(size=9)),
            "But x may be long: the length of the transform depends on it.",
        ),
        Case("long kernel", lambda rng: (rng.normal(size=4), rng.normal(size=20)), "But w may be longer than x."),
        Case("one tap", lambda rng: (rng.normal(size=7), rng.normal(size=1)), "But w may have a single tap."),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-9, 10, 8), rng.normal(size=3)),
            "But x may hold whole numbers while w does not: the result must hold fractions.",
        ),
    ),
    mistakes=(
        Mistake(
            "no room for the tail",
            lambda x, w: _of_length(x, w, len(x)),
            "The tail has come round: transforms of len(x) convolve in a circle. Pad to the length of the full result.",
        ),
        Mistake(
            "padded afterwards",
            lambda x, w: np.append(_of_length(x, w, len(x)), np.zeros(len(w) - 1)),
            "The length is right, but the zeros came too late: pad before transforming, or the tail goes round.",
        ),
        Mistake(
            "not cut",
            lambda x, w: np.append(np.convolve(x, w), 0.0),
            "One sample too many: N + K of them, the last a rounding error. The full result has N + K - 1.",
        ),
        Mistake(
            "correlation",
            lambda x, w: np.fft.irfft(
                np.fft.rfft(x, len(x) + len(w) - 1) * np.fft.rfft(w, len(x) + len(w) - 1).conj(), len(x) + len(w) - 1
            ),
            "One of the spectra is conjugated: that is a circular cross-correlation.",
        ),
        Mistake(
            "spectra added",
            lambda x, w: np.pad(x, (0, len(w) - 1)) + np.pad(w, (0, len(x) - 1)),
            "You add the spectra, which adds the sequences. The theorem multiplies.",
        ),
        Mistake(
            "normalised twice",
            lambda x, w: np.convolve(x, w) / (len(x) + len(w) - 1),
            "Too small by the length of the transform: the inverse divides by it already.",
        ),
        Mistake(
            "sizes multiplied",
            lambda x, w: np.fft.irfft(
                np.abs(np.fft.rfft(x, len(x) + len(w) - 1)) * np.abs(np.fft.rfft(w, len(x) + len(w) - 1)),
                len(x) + len(w) - 1,
            ),
            "You multiply the sizes of the spectra. The angles hold the delays: multiply the complex numbers.",
        ),
    ),
)


# --- the gain -----------------------------------------------------------------------------------------------------


def _gain_problem(rng: Rng) -> tuple[np.ndarray, float]:
    return rng.normal(size=int(rng.integers(3, 8))), float(rng.uniform(0.05, 0.45))


def _response(w: np.ndarray, turns: float) -> complex:
    return complex((w * np.exp(-1j * turns * np.arange(len(w)))).sum())


gain = Checker(
    title="The gain",
    reference=lambda w, frequency: abs(_response(w, 2 * np.pi * frequency)),
    problem=_gain_problem,
    first_hint="The frequency response is the sum of w[k] exp(-2πi frequency k). The gain is its size.",
    cases=(
        Case("frequency 0", lambda rng: (rng.normal(size=4), 0.0), "But the frequency may be 0."),
        Case("fastest wave", lambda rng: (rng.normal(size=4), 0.5), "But the frequency may be one half."),
        Case("one tap", lambda rng: (rng.normal(size=1), 0.2), "But w may have a single tap."),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(1, 10, 4), 0.15),
            "But the taps may be whole numbers: what you write your terms into must hold more.",
        ),
    ),
    mistakes=(
        Mistake(
            "two pi forgotten",
            lambda w, frequency: abs(_response(w, frequency)),
            "One cycle is a turn by 2π: the frequency is given in cycles per sample.",
        ),
        Mistake(
            "half the angle",
            lambda w, frequency: abs(_response(w, np.pi * frequency)),
            "Your angle is half of what it should be: 2π a cycle.",
        ),
        Mistake(
            "real part",
            lambda w, frequency: _response(w, 2 * np.pi * frequency).real,
            "That is the real part. The size also counts the part that comes out as a sine.",
        ),
        Mistake(
            "squared",
            lambda w, frequency: abs(_response(w, 2 * np.pi * frequency)) ** 2,
            "That is the gain in *power*, the square. Amplitudes are asked for.",
        ),
        Mistake(
            "not the size",
            lambda w, frequency: _response(w, 2 * np.pi * frequency),
            "The response itself is complex. Its size is the gain, its angle the phase.",
        ),
        Mistake(
            "sum of the taps",
            lambda w, frequency: abs(w.sum()),
            "That is the gain at frequency 0. Turn each tap before adding.",
        ),
        Mistake(
            "sizes added",
            lambda w, frequency: np.abs(w).sum(),
            "You add the sizes of the taps, so that nothing can cancel. Add first, then take the size.",
        ),
        Mistake(
            "in decibels",
            lambda w, frequency: 20 * np.log10(abs(_response(w, 2 * np.pi * frequency))),
            "That is the gain in decibels. A plain factor is asked for.",
        ),
    ),
)


# --- what will be heard -------------------------------------------------------------------------------------------


def _heard(frequency: float, rate: float) -> float:
    rest = frequency % rate
    return min(rest, rate - rest)


def _alias_problem(rng: Rng) -> tuple[float, float]:
    rate = float(rng.choice([8000, 16000, 44100]))
    return float(rng.choice([0.3, 0.7, 1.2, 1.8, 2.4, 2.9])) * rate + float(rng.uniform(-0.05, 0.05)) * rate, rate


heard_as = Checker(
    title="What will be heard?",
    reference=_heard,
    problem=_alias_problem,
    problems=30,
    first_hint="Whole multiples of the rate are not seen. Of what is left, the upper half is mirrored.",
    cases=(
        Case(
            "far above",
            lambda rng: (float(rng.uniform(5.1, 5.4)) * 8000, 8000.0),
            "But more than two turns may have to come off.",
        ),
        Case("half the rate", lambda rng: (4000.0, 8000.0), "But the frequency may be half the rate."),
        Case("the rate itself", lambda rng: (16000.0, 8000.0), "But the frequency may be a multiple of the rate."),
        Case("slow", lambda rng: (float(rng.uniform(10, 2000)), 8000.0), "But a slow tone is heard as it is."),
        Case("frequency 0", lambda rng: (0.0, 8000.0), "But the frequency may be 0."),
    ),
    mistakes=(
        Mistake(
            "not mirrored",
            lambda frequency, rate: frequency % rate,
            "You remove whole turns, but the result may lie above rate / 2. Up there, nu sounds like rate - nu.",
        ),
        Mistake(
            "folded once",
            lambda frequency, rate: abs(frequency - rate) if frequency > rate / 2 else frequency,
            "Right up to one and a half times the rate. Beyond that, more than one turn has to come off.",
        ),
        Mistake(
            "clipped",
            lambda frequency, rate: min(frequency, rate / 2),
            "High tones do not stop at rate / 2: they come back down.",
        ),
        Mistake(
            "modulo half the rate",
            lambda frequency, rate: frequency % (rate / 2),
            "Taking the rest by rate / 2 makes the tone jump to 0 at rate / 2. It turns round there.",
        ),
        Mistake(
            "unchanged",
            lambda frequency, rate: frequency,
            "Not every tone survives sampling: above rate / 2 it cannot be told from a lower one.",
        ),
        Mistake(
            "negative",
            lambda frequency, rate: frequency - rate * round(frequency / rate),
            "The nearest multiple comes off, but a frequency is heard without its sign.",
        ),
    ),
)


# --- in blocks ----------------------------------------------------------------------------------------------------


def _blocks_problem(rng: Rng) -> tuple[np.ndarray, np.ndarray, int]:
    fresh, taps = int(rng.integers(4, 8)), int(rng.integers(3, 5))
    return rng.normal(size=3 * fresh + int(rng.integers(1, 4))), rng.normal(size=taps), fresh


def _tails_dropped(x: np.ndarray, w: np.ndarray, fresh: int) -> np.ndarray:
    y = np.zeros(len(x) + len(w) - 1)
    for start in range(0, len(x), fresh):
        block = x[start : start + fresh]
        y[start : start + len(block)] = np.convolve(block, w)[: len(block)]
    return y


def _tails_overwritten(x: np.ndarray, w: np.ndarray, fresh: int) -> np.ndarray:
    y = np.zeros(len(x) + len(w) - 1)
    for start in range(0, len(x), fresh):
        part = np.convolve(x[start : start + fresh], w)
        y[start : start + len(part)] = part
    return y


def _side_by_side(x: np.ndarray, w: np.ndarray, fresh: int) -> np.ndarray:
    return np.concatenate([np.convolve(x[start : start + fresh], w) for start in range(0, len(x), fresh)])


def _last_block_lost(x: np.ndarray, w: np.ndarray, fresh: int) -> np.ndarray:
    whole = len(x) // fresh * fresh
    return np.append(np.convolve(x[:whole], w), np.zeros(len(x) - whole))


in_blocks = Checker(
    title="In blocks",
    reference=lambda x, w, fresh: np.convolve(x, w),
    problem=_blocks_problem,
    first_hint="The convolution of a block is len(w) - 1 samples longer than the block. Add it where the block began.",
    cases=(
        Case(
            "whole blocks",
            lambda rng: (rng.normal(size=20), rng.normal(size=3), 5),
            "But the blocks may fit exactly: then there is no shorter one at the end.",
        ),
        Case(
            "long kernel",
            lambda rng: (rng.normal(size=23), rng.normal(size=12), 4),
            "But a tail may reach over more than one block.",
        ),
        Case(
            "many blocks",
            lambda rng: (rng.normal(size=61), rng.normal(size=4), 3),
            "But there may be many blocks.",
        ),
        Case(
            "one block",
            lambda rng: (rng.normal(size=6), rng.normal(size=3), 50),
            "But one block may hold all of x.",
        ),
        Case(
            "one tap",
            lambda rng: (rng.normal(size=11), rng.normal(size=1), 4),
            "But w may have a single tap: then there are no tails.",
        ),
        Case(
            "single samples",
            lambda rng: (rng.normal(size=7), rng.normal(size=3), 1),
            "But a block may be a single sample.",
        ),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-9, 10, 11), rng.normal(size=3), 4),
            "But x may hold whole numbers while w does not: what you add into must hold fractions.",
        ),
    ),
    mistakes=(
        Mistake(
            "tails dropped",
            _tails_dropped,
            "Each block's tail is cut off. It belongs to the samples that follow: add it there.",
        ),
        Mistake(
            "tails overwritten",
            _tails_overwritten,
            "A block overwrites the tail that the one before has left. Add: += in place of =.",
        ),
        Mistake(
            "side by side",
            _side_by_side,
            "You have put the parts behind each other. They overlap: each starts where its block started.",
        ),
        Mistake(
            "last block lost",
            _last_block_lost,
            "The last block, which is shorter, is missing. Let the loop run to len(x).",
        ),
        Mistake(
            "end cut off",
            lambda x, w, fresh: np.convolve(x, w)[: len(x)],
            "The end is missing: the last tail reaches beyond x.",
        ),
    ),
)


# --- unblur -------------------------------------------------------------------------------------------------------


def _unblur_problem(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    w = np.append(1.0, 0.25 * rng.uniform(-1, 1, 3))  # the first tap outweighs the others: no zeros
    return _blurred(w)(rng)


def _blurred(w: np.ndarray) -> Callable[[Rng], tuple[np.ndarray, np.ndarray]]:
    """Problems with this kernel, one of whose taps outweighs the others."""

    def problem(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
        size = int(rng.integers(12, 18))
        return np.fft.irfft(np.fft.rfft(rng.normal(size=size)) * np.fft.rfft(w, size), size), w

    return problem


def _blurred_by_as_many(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    w = np.append(3.0, rng.uniform(-0.3, 0.3, 7))
    return np.fft.irfft(np.fft.rfft(rng.normal(size=8)) * np.fft.rfft(w), 8), w


def _halves(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """All is whole but x, which are halves."""
    doubled = np.append(3, rng.integers(-9, 10, 8))
    return 2 * doubled + np.roll(doubled, 1), np.array([4, 2])


def _filtered(y: np.ndarray, response: np.ndarray) -> np.ndarray:
    return np.fft.irfft(np.fft.rfft(y) * response, len(y))


unblur = Checker(
    title="Unblur",
    reference=lambda y, w: _filtered(y, 1 / np.fft.rfft(w, len(y))),
    problem=_unblur_problem,
    first_hint="The theorem read backwards: the spectrum of x is a quotient.",
    cases=(
        Case("loud first tap", _blurred(np.array([3.0, 0.5, -0.4])), "But w[0] need not be 1."),
        Case(
            "many taps",
            _blurred(np.array([0.2, 0.1, -0.15, 2.0, 0.1, 0.3, -0.2])),
            "But w may have many taps, and the largest need not be the first.",
        ),
        Case("one tap", _blurred(np.array([-0.5])), "But w may have a single tap."),
        Case("as long as y", _blurred_by_as_many, "But w may be as long as y."),
        Case("whole numbers", _halves, "But y and w may hold whole numbers, and x fractions."),
    ),
    mistakes=(
        Mistake(
            "blurred again",
            lambda y, w: _filtered(y, np.fft.rfft(w, len(y))),
            "You multiply, and blur once more. Which operation undoes a multiplication?",
        ),
        Mistake(
            "correlated",
            lambda y, w: _filtered(y, np.fft.rfft(w, len(y)).conj()),
            "Multiplying by the conjugate turns the angles back, but not the sizes.",
        ),
        Mistake(
            "sizes only",
            lambda y, w: _filtered(y, 1 / np.abs(np.fft.rfft(w, len(y)))),
            "You divide by the size of the response. Its angle has to be undone too.",
        ),
        Mistake(
            "zeros behind y",
            lambda y, w: np.fft.irfft(
                np.fft.rfft(y, len(y) + len(w) - 1) / np.fft.rfft(w, len(y) + len(w) - 1), len(y) + len(w) - 1
            )[: len(y)],
            "You pad with zeros, as for a linear convolution. This one went round in a circle of len(y).",
        ),
        Mistake("unchanged", lambda y, w: y, "That is y as it was."),
    ),
)

#: Every checker of the chapter, for the tests.
CHECKERS = (transform, by_transforms, gain, heard_as, in_blocks, unblur)
