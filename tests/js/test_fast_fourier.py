"""FastFourier's maths and words in the page, against Python's and NumPy's."""

from __future__ import annotations

import numpy as np
import pytest

from convlib.widgets.fast_fourier import (
    MULTIPLICATIONS,
    ROWS,
    SIGNALS,
    FastFourier,
    N,
    arrow_of,
    complex_text,
    filled,
    head_of,
    layout,
    members,
    name_of,
    product,
    product_at,
    role,
    scale_of,
    stages,
)
from tests.js.node import node_call, node_calls

RNG = np.random.default_rng(8)
DRAWN = [RNG.uniform(-1, 1, N).round(digits).tolist() for digits in (1, 1, 1, 2, 3, 12) for _ in range(4)]
WIDGETS = [FastFourier(signal=name, done=done) for name in SIGNALS for done in (0, 1, 6, 10, 11, 12)] + [
    FastFourier(signal="drawn", x=x, done=int(RNG.integers(0, 13))) for x in [*DRAWN, [0] * N]
]
SLOTS = [(row, column) for row in range(ROWS - 1) for column in range(N)]
GROUPS = [(row, group) for row in range(ROWS) for group in range(2**row)]


def values_of(widget: FastFourier) -> list:
    """The tree as JavaScript has it."""
    return np.stack([widget.stages.real, widget.stages.imag], axis=-1).tolist()


def test_the_tree():
    """Each signal's samples, and all that is made of them; NumPy's spectrum on top."""
    found = node_calls(FastFourier, [("samplesOf", w.signal, list(w.x)) for w in WIDGETS])
    np.testing.assert_array_equal(found, [w.samples for w in WIDGETS])
    trees = np.array(node_calls(FastFourier, [("stagesOf", w.samples.tolist()) for w in WIDGETS])) @ [1, 1j]
    np.testing.assert_allclose(trees, [w.stages for w in WIDGETS], atol=1e-12)
    np.testing.assert_allclose(trees[:, 0], [np.fft.fft(w.samples) for w in WIDGETS], atol=1e-12)


def test_multiplications():
    """In the same order, of the same slots; what each has filled."""
    indices = range(MULTIPLICATIONS)
    found = node_calls(FastFourier, [("productOf", index) for index in indices])
    assert found == [product(index)._asdict() for index in indices]
    assert node_calls(FastFourier, [("productAt", *slot) for slot in SLOTS]) == [product_at(*slot) for slot in SLOTS]
    every = [(row, column) for row in range(ROWS) for column in range(N)]
    for done in range(MULTIPLICATIONS + 1):
        known = node_calls(FastFourier, [("isFilled", *slot, done) for slot in every])
        assert known == filled(done).ravel().tolist()


def test_groups():
    """Their samples, names, colours and heads at many widths."""
    assert node_call(FastFourier, "ORDER") == list(FastFourier().sample_order)
    found = node_calls(FastFourier, [("membersOf", *group) for group in GROUPS])
    assert found == [list(members(*group)) for group in GROUPS]
    every = [(row, column) for row in range(ROWS) for column in range(N)]
    assert node_calls(FastFourier, [("nameOf", *slot) for slot in every]) == [name_of(*slot) for slot in every]
    assert node_calls(FastFourier, [("roleOf", *slot) for slot in every]) == [role(*slot) for slot in every]
    heads = [
        (row, group, width, 4) for row, group in GROUPS for width in (30, 62.5, 76, 80.25, 130, 160, 218, 270, 330, 480)
    ]
    assert node_calls(FastFourier, [("headOf", *head) for head in heads]) == [head_of(*head) for head in heads]


def test_arrows():
    """Their scale and their length."""
    assert node_calls(FastFourier, [("scaleOf", values_of(w)) for w in WIDGETS]) == [w.scale for w in WIDGETS]
    assert [scale_of(stages(w.samples)) for w in WIDGETS] == [w.scale for w in WIDGETS]
    values = [*(RNG.normal(size=40) + 1j * RNG.normal(size=40)), 0, 1e-12, -2, 3j]
    found = node_calls(FastFourier, [("arrowOf", [np.real(z), np.imag(z)], 4) for z in values])
    np.testing.assert_allclose(np.array(found) @ [1, 1j], [arrow_of(z, 4) for z in values], atol=1e-12)


def test_words():
    """The sentence, letter by letter, and complex numbers in it, those at half a hundredth too."""
    found = node_calls(FastFourier, [("sentence", w.signal, values_of(w), w.done) for w in WIDGETS])
    assert found == [w.sentence() for w in WIDGETS]
    halves = [complex(re, im) / 8 for re in range(-9, 10) for im in range(-9, 10)]
    noisy = [0.125 - 1e-15, -1j, 1j, 1 - 1j, -1e-12 - 0.004j, 1e-17 + 0.995j]
    found = node_calls(FastFourier, [("complexText", [np.real(z), np.imag(z)]) for z in [*halves, *noisy]])
    assert found == [complex_text(complex(z)) for z in [*halves, *noisy]]


@pytest.mark.parametrize("widget", WIDGETS[::5], ids=repr)
def test_a_slot_in_words(widget):
    """Its formula, its value from NumPy, its partner; no value before it is computed."""
    said = node_calls(FastFourier, [("slotWords", *slot, values_of(widget), widget.done) for slot in SLOTS])
    for (row, column), words in zip(SLOTS, said, strict=True):
        made = product(product_at(row, column))
        sign, other = ("+", made.partner) if column == made.column else ("−", made.column)
        odd = name_of(row + 1, made.odd)
        group, j = divmod(column, N >> row)
        value = np.fft.fft(widget.samples[list(members(row, group))])[j]
        known = widget.filled[row, column]
        factor = ["", "ω·", "ω²·", "ω³·"][made.eighths]
        formula = f"{name_of(row, column)} = {name_of(row + 1, made.even)} {sign} {factor}{odd}"
        assert words.startswith(f"{formula} = {complex_text(complex(value))}: " if known else f"{formula}: ")
        assert (f"{odd}, {made.eighths}/8 turn clockwise" in words) == (made.eighths > 0)
        assert ("reversed" in words) == (sign == "−")
        assert words.endswith(f", {'gives' if known else 'will give'} {name_of(row, other)}.")


def test_words_by_hand():
    """Of slots, samples and groups."""
    values = values_of(FastFourier())
    calls = [
        ("slotWords", 0, 5, values, 12), ("slotWords", 0, 0, values, 12), ("slotWords", 2, 1, values, 12),
        ("slotWords", 1, 7, values, 3), ("sampleWords", 6, values), ("sampleWords", 1, values),
        ("groupWords", 0, 0), ("groupWords", 1, 1), ("groupWords", 2, 2),
    ]  # fmt: skip
    assert node_calls(FastFourier, calls) == [
        "x̂[5] = E[1] − ω·O[1] = 0.5 + 0.21i: O[1], 1/8 turn clockwise, then reversed; "
        "the same product, added, gives x̂[1].",
        "x̂[0] = E[0] + O[0] = 2: O[0] as it is; the same product, subtracted, gives x̂[4].",
        "EE[1] = x[0] − x[4] = 0.5: x[4] reversed; the same product, added, gives EE[0].",
        "O[3] = OE[1] − ω²·OO[1]: OO[1], 2/8 turn clockwise, then reversed; the same product, added, will give O[1].",
        "x[6] = −0.5 reaches 2, then 4, then all 8 values. Its way up, odd, odd, even, spells 6 in binary: 110.",
        "x[1] = 0.5 reaches 2, then 4, then all 8 values. Its way up, even, even, odd, spells 1 in binary: 001.",
        "x̂ is the DFT of all eight samples: 8 values for 12 multiplications, 64 by the definition.",
        "O is the DFT of x[1], x[3], x[5], x[7]: 4 values for 4 multiplications, 16 by the definition.",
        "OE is the DFT of x[1], x[5]: 2 values for 1 multiplication, 4 by the definition.",
    ]


def test_the_way_up_is_the_way_through_the_tree():
    """A sample that stands in the right half of its pair, and so on, is said to be odd there."""
    for n in range(N):
        column = FastFourier().sample_order.index(n)
        halves = ["odd" if column // (N >> row) % 2 else "even" for row in (3, 2, 1)]
        words = node_call(FastFourier, "sampleWords", n, values_of(FastFourier()))
        assert f"Its way up, {', '.join(halves)}, spells {n} in binary: {n:03b}." in words


def test_links():
    """What a link may ask to be looked at, and what is no such thing."""
    known = {
        "r0,5": {"kind": "slot", "row": 0, "column": 5},
        "x3": {"kind": "sample", "n": 3},
        "g2,3": {"kind": "group", "row": 2, "group": 3},
    }
    assert node_calls(FastFourier, [("readLook", value) for value in known]) == list(known.values())
    wrong = ["", "r3,0", "r0,8", "x8", "x", "g3,0", "g1,2", "r0,5 ", "5"]
    assert node_calls(FastFourier, [("readLook", value) for value in wrong]) == [None] * len(wrong)


def test_layout():
    """Everything stands where Python says."""
    widths = (254, 267, 299, 300, 337, 479, 480, 618, 620, 622, 626, 756, 788)
    for width, found in zip(widths, node_calls(FastFourier, [("layout", width) for width in widths]), strict=True):
        expected = layout(width)._asdict()
        assert found == expected | {"detail": list(expected["detail"])}
