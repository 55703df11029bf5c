"""NetworkTrainer's Python side: its network against PyTorch's, its data, its traits, words and still pictures."""

from __future__ import annotations

import base64

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from convlib.data import digits
from convlib.widgets import NetworkTrainer
from convlib.widgets.network_trainer import MOST, PICTURES, layout, listed, loss_words, percent, rounded, turned_up
from convlib.widgets.small_network import (
    CLASSES,
    EVERY,
    FILTERS,
    HELD_OUT,
    LEARN,
    PROBE,
    Network,
    backward,
    cross_entropy,
    dead_filters,
    forward,
    mulberry32,
    shares,
    strokes,
    task,
    task_windows,
    train,
    unpacked,
    windows,
)

PANELS = ("filters", "loss", "pictures")
SETTINGS = st.tuples(
    st.sampled_from(list(CLASSES)), st.integers(10, LEARN), st.floats(0.001, 0.5), st.booleans(), st.integers(0, 15)
)


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    """Torch takes all cores for a network of a thousand numbers, and is the slower for it."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("traits", "error", "message"),
    [
        ({"data": "mnist"}, ValueError, r"NetworkTrainer\.data must be one of 'digits', .*, got 'mnist'"),
        ({"examples": 9}, ValueError, r"NetworkTrainer\.examples must be at least 10, got 9"),
        ({"examples": 1001}, ValueError, r"NetworkTrainer\.examples must be at most 1000, got 1001"),
        ({"examples": 20.0}, TypeError, r"NetworkTrainer\.examples must be a whole number"),
        ({"rate": 0}, ValueError, r"NetworkTrainer\.rate must be between 0\.001 and 10, got 0"),
        ({"rate": float("nan")}, ValueError, r"NetworkTrainer\.rate must be finite"),
        ({"steps": 1001}, ValueError, r"NetworkTrainer\.steps must be at most 1000, got 1001"),
        ({"steps": -1}, ValueError, r"NetworkTrainer\.steps must be at least 0, got -1"),
        ({"pictures": b"others"}, ValueError, r"NetworkTrainer\.pictures must be the digits that packed_digits\(\)"),
        ({"pictures": 3}, ValueError, r"NetworkTrainer\.pictures must be the digits that packed_digits\(\)"),
        ({"show": ["map"]}, ValueError, r"NetworkTrainer\.show must be one of"),
    ],
)
def test_impossible_traits_are_refused(traits, error, message):
    """The error names widget and trait."""
    with pytest.raises(error, match=message):
        NetworkTrainer(**traits)


# ---- the pictures ---------------------------------------------------------------------------------------------------


def test_the_generator_is_mulberry32():
    """Its author's ten lines, in Python's whole numbers, for every number of the first thousand."""

    def one_by_one(a, count):
        for _ in range(count):
            a = (a + 0x6D2B79F5) & 0xFFFFFFFF
            t = ((a ^ (a >> 15)) * (a | 1)) & 0xFFFFFFFF
            t ^= (t + ((t ^ (t >> 7)) * (t | 61))) & 0xFFFFFFFF
            yield (t ^ (t >> 14)) / 2**32

    for seed in (0, 1, 77, 2**32 - 1):
        assert mulberry32(seed, 1000).tolist() == list(one_by_one(seed, 1000))
    many = mulberry32(5, 100_000)
    assert many.min() >= 0
    assert many.max() < 1
    np.testing.assert_allclose(np.histogram(many, 10, (0, 1))[0], 10_000, rtol=0.04)


def test_the_digits_are_scikit_learns():
    """Each is one of the right side of the split, with its own label; each class in turn; none twice."""
    split, given = digits(), task("digits")
    assert np.array_equal(given.labels, np.arange(LEARN + HELD_OUT) % 10)
    for part, x, y in ((slice(LEARN), split.x_train, split.y_train), (slice(LEARN, None), split.x_test, split.y_test)):
        known = {
            np.minimum(np.rint(16 * one), 15).astype(int).tobytes(): label for one, label in zip(x, y, strict=True)
        }
        found = [known[picture.tobytes()] for picture in given.pictures[part]]
        assert np.array_equal(found, given.labels[part])
        assert len({picture.tobytes() for picture in given.pictures[part]}) == len(found)


def test_the_page_grows_by_less_than_60_kilobytes():
    """Pictures and labels, as they stand in a page: base64."""
    data = NetworkTrainer().get_state()["pictures"]
    assert len(base64.b64encode(bytes(data))) < 60_000
    assert np.array_equal(unpacked(bytes(data)).pictures, task("digits").pictures)
    widget = NetworkTrainer()
    widget.set_state({"pictures": memoryview(data)})  # as the page gives it back
    assert widget.pictures == data


def test_the_strokes_lie_anywhere():
    """Four or five dark pixels in a row in the class's direction, wherever so many fit."""
    pictures, labels = strokes()
    assert np.array_equal(labels, np.arange(LEARN + HELD_OUT) % 4)
    ways = [(0, 1), (1, 0), (-1, 1), (1, 1)]
    for picture, label in zip(pictures[:200], labels, strict=False):
        at = np.argwhere(picture > 7)
        assert len(at) in (4, 5)
        steps = {tuple(step) for step in np.diff(at[np.argsort(at @ ways[label])], axis=0).tolist()}
        assert steps == {ways[label]}
        assert picture[picture <= 7].max() <= 5
    reached = [int((pictures[labels == label] > 7).any(axis=0).sum()) for label in range(4)]
    assert reached == [64, 64, 52, 52]  # no diagonal of four fits into two of the corners


def test_shuffled_labels_are_drawn_at_random():
    """Those of the training pictures alone; they agree with the true ones as often as chance has it."""
    true, drawn = task("digits"), task("shuffled")
    assert np.array_equal(true.pictures, drawn.pictures)
    assert np.array_equal(true.labels[LEARN:], drawn.labels[LEARN:])
    assert np.mean(true.labels[:LEARN] == drawn.labels[:LEARN]) == pytest.approx(0.1, abs=0.03)
    assert np.bincount(drawn.labels[:LEARN]).min() > 70


# ---- the network ----------------------------------------------------------------------------------------------------


def torch_network(classes):
    """The same network of PyTorch's own layers."""
    model = nn.Sequential(
        nn.Conv2d(1, FILTERS, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, classes)
    ).double()
    start = Network.start(classes)
    shapes = [(FILTERS, 1, 3, 3), (FILTERS,), (classes, 128), (classes,)]
    with torch.no_grad():
        for own, part, shape in zip(model.parameters(), start, shapes, strict=True):
            own.copy_(torch.tensor(part.reshape(shape)))
    return model


def torch_run(data, examples, rate, momentum, steps):
    """All numbers after each step, the batches' losses, and the last slopes, by autograd and SGD."""
    model = torch_network(len(CLASSES[data]))
    sgd = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9 if momentum else 0)
    x = torch.tensor(task(data).pictures[:, None] / 15)
    labels = torch.tensor(task(data).labels)
    batch, losses = min(32, examples), []
    for n in range(steps):
        at = (n * batch + np.arange(batch)) % examples
        loss = nn.functional.cross_entropy(model(x[at]), labels[at])
        losses.append(loss.item())
        sgd.zero_grad()
        loss.backward()
        sgd.step()
    return model, np.array(losses)


def flat(model):
    return np.concatenate([part.detach().numpy().ravel() for part in model.parameters()])


@settings(max_examples=12, deadline=None)
@given(SETTINGS)
def test_training_is_torchs(settings_):
    """Every number after the last step, and every batch's loss: autograd, SGD, momentum."""
    model, losses = torch_run(*settings_)
    run = train(*settings_)
    np.testing.assert_allclose(run.network.flat, flat(model), rtol=0, atol=1e-9)
    np.testing.assert_allclose(run.losses, losses, rtol=0, atol=1e-9)
    assert run.losses.shape == (settings_[-1],)


@pytest.mark.parametrize("data", ["digits", "strokes"])
def test_slopes_are_autograds(data):
    """Of networks of random numbers, one picture and many."""
    rng = np.random.default_rng(2)
    classes = len(CLASSES[data])
    for count in (1, 7, 40):
        network = Network(*(rng.normal(0, 0.7, part.shape) for part in Network.start(classes)))
        at = rng.integers(0, LEARN, count)
        model = torch_network(classes)
        with torch.no_grad():
            for own, part in zip(model.parameters(), network, strict=True):
                own.copy_(torch.tensor(part.reshape(own.shape)))
        labels = task(data).labels[at]
        scores = model(torch.tensor(task(data).pictures[at][:, None] / 15))
        loss = nn.functional.cross_entropy(scores, torch.tensor(labels))
        loss.backward()
        found, slopes = backward(network, task_windows(data)[at], labels)
        assert found == pytest.approx(loss.item(), abs=1e-12)
        np.testing.assert_allclose(
            slopes.flat, np.concatenate([own.grad.numpy().ravel() for own in model.parameters()]), atol=1e-12
        )
        np.testing.assert_allclose(forward(network, task_windows(data)[at])[2], scores.detach(), atol=1e-12)


def test_windows_and_softmax():
    """Windows are a padded picture's; shares add up to one, however large the scores."""
    picture = np.random.default_rng(1).integers(0, 16, (1, 8, 8))
    given = windows(picture)[0].reshape(4, 4, 2, 2, 9).transpose(0, 2, 1, 3, 4).reshape(64, 9)
    unfolded = nn.functional.unfold(torch.tensor(picture[None] / 15), 3, padding=1)[0].T
    np.testing.assert_allclose(given, unfolded)
    scores = np.array([[1e4, 0, -1e4], [0.0, 1.0, 2.0]])
    np.testing.assert_allclose(shares(scores).sum(axis=1), 1)
    assert cross_entropy(scores, np.array([2, 0])) == pytest.approx(
        nn.functional.cross_entropy(torch.tensor(scores), torch.tensor([2, 0])).item()
    )


def test_where_a_network_starts():
    """Uniform between bounds that PyTorch's layers have, too."""
    for classes in (4, 10):
        start, layers = Network.start(classes), torch_network(classes)
        for part, bound in zip(start, (1 / 3, 1 / 3, 128**-0.5, 128**-0.5), strict=True):
            assert np.abs(part).max() <= bound
        assert np.abs(start.weights).max() > 0.99 * 128**-0.5
        assert [part.size for part in start] == [own.numel() for own in layers.parameters()]


def test_the_curve():
    """A row every ten steps, and one for the present; losses and right ones of the first 300 and of those held out."""
    widget = NetworkTrainer(steps=57, examples=400)
    assert widget.curve[:, 0].tolist() == [0, 10, 20, 30, 40, 50, 57]
    scores = forward(widget.network, task_windows("digits"))[2]
    right = scores.argmax(axis=1) == task("digits").labels
    row = widget.curve[-1]
    assert row[[2, 4]].tolist() == [right[:PROBE].sum(), right[LEARN:].sum()]
    assert row[3] == pytest.approx(cross_entropy(scores[LEARN:], task("digits").labels[LEARN:]))
    assert widget.accuracy == (right[:PROBE].mean(), right[LEARN:].mean())
    assert NetworkTrainer(steps=10 * EVERY, examples=10).curve[-1][2] <= 10
    assert np.array_equal(NetworkTrainer(steps=50, examples=400).curve, widget.curve[:-1])


def test_a_state_is_a_function_of_the_traits():
    """By way of other settings, or straight: the same numbers."""
    widget = NetworkTrainer(steps=7, data="strokes")
    widget.data, widget.steps = "digits", 30
    assert np.array_equal(widget.network.flat, NetworkTrainer(steps=30).network.flat)
    assert np.array_equal(NetworkTrainer(steps=0).network.flat, Network.start(10).flat)


def test_a_run_that_diverges_is_stopped():
    """At the first loss that is no number, or beyond a million; what was before it stays."""
    run = train("digits", 50, 1e5, True, 100)
    assert run.stopped < 100
    assert len(run.losses) == run.stopped
    assert np.isfinite(run.network.flat).all()
    assert run.curve[-1][0] == run.stopped
    assert np.array_equal(run.network.flat, train("digits", 50, 1e5, True, run.stopped).network.flat)


def test_dead_filters():
    """They are at most zero on every training picture, and no slope reaches them; the others are not."""
    widget = NetworkTrainer(rate=1.0, steps=200)
    dead = widget.dead
    assert dead == [0, 3]
    largest = forward(widget.network, task_windows("digits")[:LEARN])[0].max(axis=(0, 1, 2))
    assert np.array_equal(largest <= 0, np.isin(range(FILTERS), dead))
    slopes = backward(widget.network, task_windows("digits")[:LEARN], task("digits").labels[:LEARN])[1]
    assert not slopes.filters[dead].any()
    assert slopes.filters.any(axis=1).sum() == FILTERS - len(dead)
    # One picture more may bring a filter to life: it is asked of those alone that are learned from.
    few = dead_filters(widget.network, "digits", 10)
    assert set(few) >= set(dead)


def test_what_the_chapter_shows():
    """It learns; few pictures are learned by heart; random labels, too, but teach nothing; large steps kill."""
    assert NetworkTrainer().accuracy[1] > 0.85
    assert NetworkTrainer(steps=MOST).accuracy[1] > 0.95
    few = NetworkTrainer(examples=20, steps=MOST)
    assert few.accuracy[0] == 1 > few.accuracy[1] + 0.2
    assert turned_up(few.curve) is not None
    heart = NetworkTrainer(data="shuffled", examples=50, steps=MOST)
    assert heart.accuracy[0] == 1
    assert heart.accuracy[1] < 0.15
    assert len(NetworkTrainer(rate=3, steps=100).dead) == FILTERS
    assert NetworkTrainer(rate=0.001, steps=100).curve[-1][1] > 2.2
    assert NetworkTrainer(data="strokes", steps=600).accuracy[1] > 0.95


def test_filters_of_strokes_are_oriented():
    """What forms answers most to strokes of one direction: some filters to each but, maybe, one of the four."""
    widget = NetworkTrainer(data="strokes", steps=MOST)
    across = np.zeros((3, 3))
    across[1] = 1
    lines = [across, across.T, np.eye(3)[:, ::-1], np.eye(3)]
    contrast = [[float(np.sum(w * (one - one.mean()))) for one in lines] for w in widget.filters]
    assert len(set(np.argmax(contrast, axis=1).tolist())) >= 3


# ---- words and pictures ---------------------------------------------------------------------------------------------


def test_sentences():
    """What each state teaches, with its numbers."""
    said = {
        "the network guesses, and 3\u00a0% of the held-out digits": {"steps": 0},
        "After 1 step ": {"steps": 1},
        "Touch one, or a digit.": {},
        "Touch one, or a stroke.": {"data": "strokes", "steps": 400},
        "At rate 0.001 the steps are so small that 60 of them": {"rate": 0.001, "steps": 60},
        "Filters 0 and 3 are dead": {"rate": 1.0, "steps": 200},
        "All eight filters are dead: steps at rate 3 ": {"rate": 3.0, "steps": 60},
        "learns its 20 pictures by heart": {"examples": 20, "steps": 300},
        "Fewer pictures are soon": {"data": "shuffled", "steps": 60},
        "100\u00a0% of 50 training pictures are right, learned by heart": {
            "data": "shuffled",
            "examples": 50,
            "steps": 500,
        },
    }
    for words, traits in said.items():
        assert words in NetworkTrainer(**traits).sentence()


def test_words_at_the_edge():
    """Seven dead filters are not all; a held-out loss that has grown by a twentieth has not turned up."""
    widget = NetworkTrainer(rate=2.0, steps=20)
    assert len(widget.dead) == FILTERS - 1
    assert widget.sentence().startswith(f"Filters {listed(widget.dead)} are dead")
    for growth, turned in ((1.05, False), (1.15, True)):
        curve = np.array([[0, 2, 0, 2.0, 0], [10, 1, 0, 1.0, 0], [20, 0.5, 0, growth, 0]])
        assert (turned_up(curve) is not None) is turned
    curve[-1, 1] = 1.2  # the training loss has grown, too
    assert turned_up(curve) is None


@settings(max_examples=10, deadline=None)
@given(
    st.sampled_from(list(CLASSES)),
    st.sampled_from([10, 50, 1000]),
    st.sampled_from([0.001, 0.05, 0.3, 1, 4]),
    st.booleans(),
    st.integers(0, 150),
)
def test_a_sentence_is_true(data, examples, rate, momentum, steps):
    """Whatever it claims is so: deaths, growth, numbers of right ones."""
    widget = NetworkTrainer(data=data, examples=examples, rate=rate, momentum=momentum, steps=steps)
    words, (known, held) = widget.sentence(), widget.accuracy
    if "All eight" in words:
        x = task_windows(data)[:examples]
        assert np.ptp(forward(widget.network, x)[2], axis=0).max() == 0
    elif " dead" in words:
        assert listed(widget.dead) in words
        assert f"{percent(held)} of the held-out" in words
    elif "by heart" in words and data != "shuffled":
        curve = widget.curve
        assert curve[-1][3] > 1.09 * curve[:, 3].min()
        assert loss_words(curve[:, 3].min()) in words
    elif "drawn" in words:
        assert percent(known) in words
        assert percent(held) in words
    elif "so small" in words:
        assert widget.curve[-1][1] > 0.9 * widget.curve[0][1]
    else:
        assert f"{percent(held)} of the held-out" in words


@pytest.mark.parametrize("width", [230, 337, 559, 560, 620, 756, 786])
@pytest.mark.parametrize("shown", [PANELS, ("filters",), ("loss",), ("pictures",), ("filters", "loss"), ()])
def test_panels_fit(width, shown):
    """Nothing sticks out, and no two overlap."""
    placed = layout(width, list(shown))
    boxes = placed["boxes"]
    assert boxes.keys() == set(shown)
    for name, (left, top, wide, high) in boxes.items():
        assert left >= 0
        assert left + wide <= width
        assert top + high <= placed["height"]
        for other, (x, y, w, h) in boxes.items():
            apart = left + wide <= x or x + w <= left or top + high <= y or y + h <= top
            assert other == name or apart, (name, other)


def test_numbers_for_reading():
    """Halves go up; small losses keep a digit more; no zeros at a rate's end."""
    assert [percent(*given) for given in ((1, 200), (3, 200), (299, 300))] == ["1\u00a0%", "2\u00a0%", "100\u00a0%"]
    assert [loss_words(v) for v in (0, 0.0094, 0.0096, 9.456)] == ["0.000", "0.009", "0.01", "9.46"]
    assert [rounded(v) for v in (0.001, 0.2, 1.0, 10.0)] == ["0.001", "0.2", "1", "10"]


@pytest.mark.parametrize("traits", [{}, {"rate": 1.0, "steps": 200}, {"data": "strokes", "steps": 0}], ids=len)
def test_still_picture(traits):
    """Filters, losses, pictures with the answers; and words for who cannot see them."""
    widget = NetworkTrainer(**traits)
    figure = widget.still()
    sizes = [ax.images[0].get_array().shape if ax.images else None for ax in figure.axes]
    assert sizes == [(3, 3)] * FILTERS + [None] + [(8, 8)] * PICTURES
    np.testing.assert_allclose(figure.axes[5].images[0].get_array(), widget.filters[5])
    curves = [line.get_xydata() for line in figure.axes[8].lines if len(line.get_xydata()) == len(widget.curve)]
    assert any(np.allclose(points[:, 1], np.minimum(widget.curve[:, 3], 3)) for points in curves)
    written = [ax.texts[0].get_text()[-1] for ax in figure.axes[9:]]
    assert written == [CLASSES[widget.data][answer] for answer in widget.answers.argmax(axis=1)]
    hatched = [f for f in range(FILTERS) if any(patch.get_hatch() for patch in figure.axes[f].patches)]
    assert hatched == widget.dead
    plt.close(figure)
    alt, caption = widget.describe()
    assert loss_words(widget.curve[-1][3]) in alt
    assert widget.sentence() in caption
