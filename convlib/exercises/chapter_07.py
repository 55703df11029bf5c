"""Checkers for chapter 7, edges, corners and blobs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convlib.exercises._draw import sides
from convlib.exercises.checker import Case, Checker, Mistake

Rng = np.random.Generator


# --- right minus left ---------------------------------------------------------------------------------------------


def _image_problem(rng: Rng) -> tuple[np.ndarray]:
    return (rng.normal(size=sides(rng, 5, 8)),)


def _slope(x: np.ndarray, across: tuple[float, float, float] = (0.25, 0.5, 0.25)) -> np.ndarray:
    """To the right, averaged over three rows with these weights."""
    x = x.astype(float)
    slope = (x[:, 2:] - x[:, :-2]) / 2
    return sliding_window_view(slope, 3, axis=0) @ np.array(across)


def _downwards(x: np.ndarray) -> np.ndarray:
    return _slope(x.T).T


right_minus_left = Checker(
    title="Right minus left",
    reference=_slope,
    problem=_image_problem,
    first_hint="A column of averages times a row of differences. Try your kernel on a ramp that rises by 1 a pixel.",
    cases=(
        Case("one window", lambda rng: (rng.normal(size=(3, 3)),), "But x may be 3 × 3, with a single window."),
        Case("one row of windows", lambda rng: (rng.normal(size=(3, 7)),), "But x may have only three rows."),
        Case("one column of windows", lambda rng: (rng.normal(size=(6, 3)),), "But x may have only three columns."),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-9, 10, (5, 7)),),
            "But x may hold whole numbers, and its slope is a fraction.",
        ),
        Case(
            "bytes",
            lambda rng: (rng.integers(0, 256, (6, 5), dtype=np.uint8),),
            "But x may hold bytes, and the difference of two bytes may be negative.",
        ),
    ),
    mistakes=(
        Mistake(
            "sign reversed",
            lambda x: -_slope(x),
            "Yours is left minus right. Which pixel does a convolution lay the kernel's first weight on?",
        ),
        Mistake(
            "downwards",
            _downwards,
            "That is the derivative downwards. Along which axis does the column index count?",
        ),
        Mistake(
            "upwards",
            lambda x: -_downwards(x),
            "That is the derivative upwards: another axis, and the sign reversed as well.",
        ),
        Mistake(
            "not scaled",
            lambda x: 8 * _slope(x),
            "With 1, 2, 1 and 1, 0, -1 a slope of 1 a pixel gives a good deal more than 1. Try it on a ramp.",
        ),
        Mistake(
            "sign reversed, not scaled",
            lambda x: -8 * _slope(x),
            "That is the kernel as it is often printed, for correlation: here the sign comes out reversed. "
            "Nor is it scaled.",
        ),
        Mistake(
            "two pixels apart",
            lambda x: 2 * _slope(x),
            "Twice too steep. How far apart are the two pixels whose difference you take?",
        ),
        Mistake(
            "Prewitt",
            lambda x: _slope(x, (1 / 3, 1 / 3, 1 / 3)),
            "Your three rows count alike: that is Prewitt's kernel.",
        ),
        Mistake(
            "Scharr",
            lambda x: _slope(x, (3 / 16, 10 / 16, 3 / 16)),
            "Your three rows count 3, 10, 3: that is Scharr's kernel.",
        ),
        Mistake(
            "one row",
            lambda x: _slope(x, (0, 1, 0)),
            "The difference is right, but one row is a poor witness. Sobel asks its neighbours too.",
        ),
        Mistake(
            "border of zeros",
            lambda x: _slope(np.pad(x, 1)),
            "The result is as large as x: at its border the window looks at zeros and sees edges that are none.",
        ),
        Mistake(
            "border repeated",
            lambda x: _slope(np.pad(x, 1, mode="edge")),
            "The result is as large as x: for its border you have made pixels up by repeating the last.",
        ),
        Mistake(
            "full",
            lambda x: _slope(np.pad(x, 2)),
            "The result is larger than x: that is 'full', which keeps what hangs over the edge.",
        ),
    ),
)


# --- connected edges ----------------------------------------------------------------------------------------------


def _strength_problem(rng: Rng) -> tuple[np.ndarray, float, float]:
    """About four in ten pixels are above low, so that some hang together and some do not; one sure one is alone."""
    strength = rng.random(sides(rng, 9, 13))
    row, column = (int(rng.integers(1, side - 1)) for side in strength.shape)
    strength[row - 1 : row + 2, column - 1 : column + 2] /= 2
    strength[row, column] = 1.0
    return strength, float(rng.uniform(0.55, 0.65)), float(rng.uniform(0.88, 0.93))


def _touched(mask: np.ndarray, corners: bool = True) -> np.ndarray:
    """The pixels of a mask and those beside them."""
    touched = mask.copy()
    touched[1:] |= mask[:-1]
    touched[:-1] |= mask[1:]
    beside = touched.copy() if corners else mask
    touched[:, 1:] |= beside[:, :-1]
    touched[:, :-1] |= beside[:, 1:]
    return touched


def _connected(
    strength: np.ndarray, low: float, high: float, corners: bool = True, border: str = "constant"
) -> np.ndarray:
    weak, edges = strength >= low, strength >= high
    while True:
        near = _touched(np.pad(edges, 1, mode=border), corners)[1:-1, 1:-1]
        if np.array_equal(weak & near, edges):
            return edges
        edges = weak & near


def _one_sweep(strength: np.ndarray, low: float, high: float) -> np.ndarray:
    edges = np.pad(strength >= high, 1)
    for row, column in np.argwhere(strength >= low):
        edges[row + 1, column + 1] = edges[row : row + 3, column : column + 3].any()
    return edges[1:-1, 1:-1]


def _without_loners(strength: np.ndarray, low: float, high: float) -> np.ndarray:
    edges = _connected(strength, low, high)
    count = sliding_window_view(np.pad(edges, 1).astype(int), (3, 3)).sum(axis=(2, 3))
    return edges & (count > 1)


def _winding(rng: Rng) -> tuple[np.ndarray, float, float]:
    """One line to and fro through the whole table, sure at its end only."""
    strength = np.zeros((17, 15))
    strength[::2] = 0.5
    strength[1::4, -1] = strength[3::4, 0] = 0.5
    strength[-1, -1] = 1.0
    return strength, 0.3, 0.8


def _across_the_border(rng: Rng) -> tuple[np.ndarray, float, float]:
    strength = np.zeros((5, 6))
    strength[2, 0], strength[2, -1], strength[0, 3], strength[-1, 3] = 1.0, 0.5, 1.0, 0.5
    return strength, 0.3, 0.8


hysteresis = Checker(
    title="Connected edges",
    reference=_connected,
    problem=_strength_problem,
    first_hint="Begin with the pixels of at least high. Who has at least low and touches one? Ask on.",
    cases=(
        Case("a long way", _winding, "But a connection may be long and wind to and fro. When is nobody left to ask?"),
        Case(
            "exactly at a threshold",
            lambda rng: (np.array([[0.5, 0.25, 0.0, 0.75, 0.25], [0.0, 0.0, 0.0, 0.5, 0.0]]), 0.25, 0.5),
            "But a strength may be exactly low or high. That is *at least* low, or high.",
        ),
        Case(
            "across the border",
            _across_the_border,
            "But opposite borders do not touch. What lies at index -1?",
        ),
        Case(
            "nothing sure",
            lambda rng: (0.4 + 0.3 * rng.random((4, 6)), 0.3, 0.8),
            "But there may be none of at least high.",
        ),
        Case(
            "everything",
            lambda rng: (np.pad([[1.0]], ((3, 1), (2, 4)), constant_values=0.5), 0.3, 0.8),
            "But all may be at least low.",
        ),
        Case(
            "one row",
            lambda rng: (np.array([[0.5, 0.9, 0.4, 0.2, 0.6, 0.1]]), 0.3, 0.8),
            "But the table may have a single row.",
        ),
    ),
    mistakes=(
        Mistake(
            "four neighbours",
            lambda strength, low, high: _connected(strength, low, high, corners=False),
            "Your edges break where they run diagonally. Who counts as connected?",
        ),
        Mistake(
            "one step",
            lambda strength, low, high: (strength >= low) & _touched(strength >= high),
            "You ask once who touches a sure pixel. The newly found have neighbours too.",
        ),
        Mistake(
            "one sweep",
            _one_sweep,
            "A single sweep carries connections downwards and to the right, but hardly upwards or to the left.",
        ),
        Mistake(
            "across the border",
            lambda strength, low, high: _connected(strength, low, high, border="wrap"),
            "Your connections leave on one side and come in on the other: a picture is no ring.",
        ),
        Mistake(
            "sure ones only",
            lambda strength, low, high: strength >= high,
            "Those are the pixels of at least high. What is `low` for?",
        ),
        Mistake(
            "unsure ones too",
            lambda strength, low, high: strength >= low,
            "Those are all pixels of at least low. Some of them hang on to nothing sure.",
        ),
        Mistake(
            "loners dropped",
            _without_loners,
            "You drop sure pixels that have no neighbours. Must a sure pixel be connected with another one?",
        ),
        Mistake(
            "sure ones left out",
            lambda strength, low, high: _connected(strength, low, high) & (strength <= high),
            "The connected ones are there, but those they are connected with are gone.",
        ),
        Mistake(
            "strengths",
            lambda strength, low, high: np.where(_connected(strength, low, high), strength, 0.0),
            "The right pixels, with their strengths. A mask says only yes or no.",
        ),
        Mistake(
            "reversed",
            lambda strength, low, high: ~_connected(strength, low, high),
            "Your mask is the reverse: true where there is no edge.",
        ),
    ),
)


# --- Harris' number -----------------------------------------------------------------------------------------------


def _gradients_problem(rng: Rng) -> tuple[np.ndarray, np.ndarray, float]:
    gx, other = rng.normal(size=(2, *sides(rng, 3, 6))) + rng.uniform(0.5, 1.5)
    return gx, rng.uniform(0.4, 1.2) * gx + other, float(rng.uniform(0.06, 0.2))


def _tensor(gx: np.ndarray, gy: np.ndarray) -> tuple[float, float, float]:
    return float((gx * gx).sum()), float((gx * gy).sum()), float((gy * gy).sum())


def _harris(gx: np.ndarray, gy: np.ndarray, k: float) -> float:
    xx, xy, yy = _tensor(gx, gy)
    return xx * yy - xy**2 - k * (xx + yy) ** 2


def _of_tensor(number: Callable[[float, float, float, float], float]) -> Callable[..., float]:
    return lambda gx, gy, k: number(*_tensor(gx, gy), k)


def _pixel_by_pixel(gx: np.ndarray, gy: np.ndarray, k: float) -> float:
    return float((-k * (gx**2 + gy**2) ** 2).sum())


def _summed_first(gx: np.ndarray, gy: np.ndarray, k: float) -> float:
    return float(-k * (gx.sum() ** 2 + gy.sum() ** 2) ** 2)


harris = Checker(
    title="Harris' number",
    reference=_harris,
    problem=_gradients_problem,
    first_hint="M has three different entries, and each is a sum over all pixels of the window. Sum first.",
    cases=(
        Case(
            "an edge",
            lambda rng: (gx := rng.normal(size=(4, 5)), 2 * gx, 0.05),
            "But all gradients may lie on a line: then one eigenvalue is 0, and the number negative.",
        ),
        Case("flat", lambda rng: (np.zeros((3, 4)), np.zeros((3, 4)), 0.05), "But the window may be flat."),
        Case("one pixel", lambda rng: (*rng.normal(size=(2, 1, 1)), 0.05), "But the window may be a single pixel."),
        Case("k = 0", lambda rng: (*rng.normal(size=(2, 3, 4)), 0.0), "But k may be 0: the determinant is left."),
        Case(
            "whole numbers",
            lambda rng: (*rng.integers(-9, 10, (2, 3, 4)), float(rng.uniform(0.04, 0.06))),
            "But the gradients may be whole numbers; R is none.",
        ),
    ),
    mistakes=(
        Mistake(
            "mixed term forgotten",
            _of_tensor(lambda xx, xy, yy, k: xx * yy - k * (xx + yy) ** 2),
            "Your determinant is the product of the diagonal. An edge at 45° would pass for a corner.",
        ),
        Mistake(
            "mixed term not squared",
            _of_tensor(lambda xx, xy, yy, k: xx * yy - xy - k * (xx + yy) ** 2),
            "In your determinant the mixed sum comes once. How often does it stand in M?",
        ),
        Mistake(
            "mixed term added",
            _of_tensor(lambda xx, xy, yy, k: xx * yy + xy**2 - k * (xx + yy) ** 2),
            "You add the product of the mixed sums. Which sign has it in a determinant?",
        ),
        Mistake(
            "trace not squared",
            _of_tensor(lambda xx, xy, yy, k: xx * yy - xy**2 - k * (xx + yy)),
            "Your trace is not squared. A picture twice as bright should keep its corners: do both terms grow alike?",
        ),
        Mistake(
            "sign of k",
            _of_tensor(lambda xx, xy, yy, k: xx * yy - xy**2 + k * (xx + yy) ** 2),
            "You add the trace's part, so that R is never negative. What should an edge give?",
        ),
        Mistake(
            "determinant only",
            _of_tensor(lambda xx, xy, yy, k: xx * yy - xy**2),
            "That is the determinant. What is `k` for?",
        ),
        Mistake(
            "k fixed",
            lambda gx, gy, k: _harris(gx, gy, 0.05),
            "You compute with k = 0.05 whatever you are given.",
        ),
        Mistake(
            "pixel by pixel",
            _pixel_by_pixel,
            "You take R of each pixel and add those up, but the determinant of a single pixel is 0. What is summed?",
        ),
        Mistake(
            "gradients summed",
            _summed_first,
            "You add up the gradients, and multiply the sums. In M the *products* are added up.",
        ),
        Mistake(
            "means",
            lambda gx, gy, k: _harris(gx, gy, k) / gx.size**2,
            "Your M holds means. The exercise wants sums over the window.",
        ),
        Mistake(
            "means taken away",
            lambda gx, gy, k: _harris(gx - gx.mean(), gy - gy.mean(), k),
            "You move the cloud to the middle first, as for a covariance. How far from *zero* does it reach?",
        ),
    ),
)


# --- where is it? -------------------------------------------------------------------------------------------------


def _unlike_means(image: np.ndarray, template: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Windows and template, their means taken away."""
    windows = sliding_window_view(image.astype(float), template.shape)
    return windows - windows.mean(axis=(2, 3), keepdims=True), template - template.mean()


def _dots(windows: np.ndarray, template: np.ndarray) -> np.ndarray:
    return (windows * template).sum(axis=(2, 3))


def _cosines(windows: np.ndarray, template: np.ndarray) -> np.ndarray:
    return _dots(windows, template) / np.sqrt((windows**2).sum(axis=(2, 3)) * (template**2).sum())


def _best(answers: np.ndarray) -> np.ndarray:
    return np.array(np.unravel_index(answers.argmax(), answers.shape))


def _match(image: np.ndarray, template: np.ndarray) -> np.ndarray:
    return _best(_cosines(*_unlike_means(image, template)))


def _correlated(image: np.ndarray, template: np.ndarray) -> np.ndarray:
    return _best(_dots(sliding_window_view(image, template.shape), template))


def _means_kept(image: np.ndarray, template: np.ndarray) -> np.ndarray:
    return _best(_cosines(sliding_window_view(image, template.shape), template))


def _not_divided(image: np.ndarray, template: np.ndarray) -> np.ndarray:
    return _best(_dots(*_unlike_means(image, template)))


def _least_difference(image: np.ndarray, template: np.ndarray) -> np.ndarray:
    return _best(-((sliding_window_view(image, template.shape) - template) ** 2).sum(axis=(2, 3)))


def _least_alike(image: np.ndarray, template: np.ndarray) -> np.ndarray:
    return _best(-_cosines(*_unlike_means(image, template)))


def _largest_in_size(image: np.ndarray, template: np.ndarray) -> np.ndarray:
    return _best(np.abs(_cosines(*_unlike_means(image, template))))


def _turned(image: np.ndarray, template: np.ndarray) -> np.ndarray:
    return _match(image, template[::-1, ::-1])


_SHORTCUTS = (_correlated, _means_kept, _not_divided, _least_difference, _least_alike, _turned)


def _scene(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """An image, calm above and wild below, and a window from between in a brighter, duller light."""
    image = 6 + np.repeat([0.2, 0.7, 2.5], 4)[:, None] * rng.normal(size=(12, 14))
    height, width = sides(rng, 3, 4)
    row, column = int(rng.integers(4, 9 - height)), int(rng.integers(0, 15 - width))
    window = image[row : row + height, column : column + width]
    # Its negative stands below: sometimes it resembles the template more than the window does, but for the sign.
    blemish = rng.choice([0, 0.3])
    place = np.s_[8 : 8 + height, (left := int(rng.integers(0, 15 - width))) : left + width]
    image[place] = 12 - window + blemish * rng.normal(size=window.shape)
    template = rng.uniform(0.3, 0.6) * window + rng.uniform(5, 8)
    window += 0.02 * rng.normal(size=window.shape)
    return (image, template) if rng.random() < 0.5 else (image.T.copy(), template.T.copy())


def _scenes(rng: Rng) -> list[tuple[np.ndarray, np.ndarray]]:
    """Such as no shortcut solves: with a single one, now and then, chance would help."""
    scenes: list[tuple[np.ndarray, np.ndarray]] = []
    while len(scenes) < 8:
        scene = _scene(rng)
        right = _match(*scene)
        if not any(np.array_equal(shortcut(*scene), right) for shortcut in _SHORTCUTS):
            scenes.append(scene)
    return scenes


def _cut_out(row: int, column: int, height: int, width: int) -> Callable[[Rng], tuple[np.ndarray, np.ndarray]]:
    """A window of an image of 7 × 9 pixels, in another light."""

    def problem(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
        image = rng.normal(size=(7, 9))
        return image, 1.7 * image[row : row + height, column : column + width] + 0.4

    return problem


def _bytes(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    image = rng.integers(0, 256, (8, 9), dtype=np.uint8)
    return image, 255 - (255 - image[3:6, 2:6]) // 2  # brighter, with half of the contrast


best_match = Checker(
    title="Where is it?",
    reference=_match,
    problem=lambda rng: _scenes(rng)[0],
    draw=_scenes,
    first_hint="All windows at once, each without its mean. Then the cosine with the template: where is it largest?",
    cases=(
        Case("first window", _cut_out(0, 0, 3, 4), "But the thing may stand in the upper left corner."),
        Case(
            "last window",
            _cut_out(4, 5, 3, 4),
            "But the thing may stand in the lower right corner. How many windows are there along each axis?",
        ),
        Case("as large as the image", _cut_out(0, 0, 7, 9), "But the template may be as large as the image."),
        Case("one row", _cut_out(3, 2, 1, 5), "But the template may have a single row."),
        Case("bytes", _bytes, "But image and template may hold bytes, and a product of bytes fits into none."),
    ),
    mistakes=(
        Mistake(
            "plain correlation",
            _correlated,
            "A bright patch of anything beats a dim copy of the thing in yours. Light must not matter.",
        ),
        Mistake(
            "means kept",
            _means_kept,
            "You divide by lengths, but without taking the means away. Any two bright patches point the same way.",
        ),
        Mistake(
            "lengths forgotten",
            _not_divided,
            "Without their means, well; but a window of strong contrast still wins by its contrast.",
        ),
        Mistake(
            "least difference",
            _least_difference,
            "You look for the smallest difference, which a change of brightness or contrast makes large.",
        ),
        Mistake("turned", _turned, "You have found the thing upside down: who convolves turns the template."),
        Mistake(
            "largest in size",
            _largest_in_size,
            "You have found the negative. A cosine of -1 says that two are as unlike as can be.",
        ),
        Mistake("least alike", _least_alike, "You have found the window that is *least* alike. Which cosine is best?"),
        Mistake(
            "exchanged",
            lambda image, template: _match(image, template)[::-1],
            "Column and row: in which order are they asked for?",
        ),
        Mistake(
            "middle",
            lambda image, template: _match(image, template) + np.array(template.shape) // 2,
            "That is the middle of the right window. Its upper left corner is asked for.",
        ),
        Mistake(
            "lower right corner",
            lambda image, template: _match(image, template) + np.array(template.shape) - 1,
            "That is the lower right corner of the right window: do you read a place in the full result?",
        ),
        Mistake(
            "one number",
            lambda image, template: _cosines(*_unlike_means(image, template)).argmax(),
            "argmax counts all windows in one row. Which row and column is that number?",
        ),
        Mistake(
            "the cosine",
            lambda image, template: _cosines(*_unlike_means(image, template)).max(),
            "That is how alike the best window is. Where is it?",
        ),
    ),
)


# --- a seam -------------------------------------------------------------------------------------------------------


def _costs(energy: np.ndarray, ways: tuple[int, ...] = (-1, 0, 1)) -> np.ndarray:
    """The cheapest way to each cell, from above by these steps to the side."""
    columns = energy.shape[1]
    cost = np.full((len(energy), columns + 2), np.inf)
    cost[:, 1:-1] = energy
    for row in range(1, len(cost)):
        above = [cost[row - 1, 1 + step : 1 + step + columns] for step in ways]
        cost[row, 1:-1] += np.minimum.reduce(above)
    return cost[:, 1:-1]


def _upwards(cost: np.ndarray, last: int, ways: tuple[int, ...] = (-1, 0, 1)) -> np.ndarray:
    """From a column of the last row, in each row to the cheapest that can be reached."""
    path = [last]
    for row in range(len(cost) - 2, -1, -1):
        reached = [path[-1] + step for step in ways if 0 <= path[-1] + step < cost.shape[1]]
        path.append(min(reached, key=lambda column, row=row: cost[row, column]))
    return np.array(path[::-1])


def _seam(energy: np.ndarray) -> np.ndarray:
    cost = _costs(energy)
    return _upwards(cost, int(cost[-1].argmin()))


def _two_ways(energy: np.ndarray, ways: tuple[int, int]) -> np.ndarray:
    cost = _costs(energy, ways)
    return _upwards(cost, int(cost[-1].argmin()), ways)


def _on_a_ring(energy: np.ndarray) -> np.ndarray:
    cost, columns = energy.copy(), energy.shape[1]
    for row in range(1, len(cost)):
        cost[row] += np.min([np.roll(cost[row - 1], step) for step in (-1, 0, 1)], axis=0)
    path = [int(cost[-1].argmin())]
    for row in cost[-2::-1]:
        near = [(path[-1] + step) % columns for step in (-1, 0, 1)]
        path.append(near[int(row[near].argmin())])
    return np.array(path[::-1])


def _greedy(energy: np.ndarray) -> np.ndarray:
    return _upwards(energy[::-1], int(energy[0].argmin()))[::-1]


def _back_by_energy(energy: np.ndarray) -> np.ndarray:
    return _upwards(energy, int(_costs(energy)[-1].argmin()))


def _energies(rng: Rng) -> list[tuple[np.ndarray]]:
    """Such as going back by energy does not solve, wherever it starts: it solves every second table by chance."""
    tables: list[tuple[np.ndarray]] = []
    while len(tables) < 8:
        energy = rng.random(sides(rng, 7, 10))
        ends_cheaply = energy[-1].argmin() == _costs(energy)[-1].argmin()
        if not ends_cheaply and not np.array_equal(_back_by_energy(energy), _seam(energy)):
            tables.append((energy,))
    return tables


def _byte_energy(rng: Rng) -> tuple[np.ndarray]:
    """A costly table with one cheap way through, whose sum fits into no byte."""
    energy = rng.integers(200, 256, (8, 6), dtype=np.uint8)
    energy[np.arange(8), [1, 2, 3, 3, 2, 3, 4, 5]] = 60
    return (energy,)


def _round_the_border(rng: Rng) -> tuple[np.ndarray]:
    """Cheap at the left border above, at the right one below."""
    energy = 1 + 0.1 * rng.random((8, 6))
    energy[:4, 0] = energy[4:, -1] = 0.01
    return (energy,)


seam = Checker(
    title="A seam",
    reference=_seam,
    problem=lambda rng: _energies(rng)[0],
    draw=_energies,
    first_hint="A cell costs its own energy and the cheapest of the costs above it. Then follow the cheapest way back.",
    cases=(
        Case(
            "round the border",
            _round_the_border,
            "But a seam cannot leave the picture on one side and come in on the other. What lies at index -1?",
        ),
        Case(
            "bytes",
            _byte_energy,
            "But the energies may be bytes, and what it costs to cross a picture does not fit into one.",
        ),
        Case("one row", lambda rng: (rng.random((1, 6)),), "But the table may have a single row."),
        Case("one column", lambda rng: (rng.random((5, 1)),), "But the table may have a single column."),
        Case("two columns", lambda rng: (rng.random((6, 2)),), "But the table may have two columns."),
        Case(
            "dear",
            lambda rng: (1e6 * (1 + rng.random((6, 5))),),
            "But energies may be of any size: how dear is it to step out of the table?",
        ),
    ),
    mistakes=(
        Mistake(
            "greedy",
            _greedy,
            "Your seam goes to the cheapest neighbour each time, and cannot see a wall that stands further down.",
        ),
        Mistake(
            "greedy upwards",
            lambda energy: _upwards(energy, int(energy[-1].argmin())),
            "Your seam goes up to the cheapest neighbour each time: what has become of the table of costs?",
        ),
        Mistake(
            "cheapest of each row",
            lambda energy: energy.argmin(axis=1),
            "The cheapest pixel of each row, but they do not hang together: one column a row, at most.",
        ),
        Mistake(
            "cheapest cost of each row",
            lambda energy: _costs(energy).argmin(axis=1),
            "The table of costs is right. But its cheapest cells lie on different ways: how was the last one reached?",
        ),
        Mistake(
            "back by energy",
            _back_by_energy,
            "The last pixel is right. On the way back you follow the energies; what did the way here cost?",
        ),
        Mistake(
            "straight",
            lambda energy: np.full(len(energy), energy.sum(axis=0).argmin()),
            "That is the cheapest column. A seam may bend.",
        ),
        Mistake(
            "bottom first",
            lambda energy: _seam(energy)[::-1],
            "The right seam, from the bottom to the top.",
        ),
        Mistake(
            "sideways",
            lambda energy: _seam(energy.T),
            "Your seam runs from left to right: it has one entry for every column.",
        ),
        Mistake(
            "dearest",
            lambda energy: _seam(-energy),
            "That is the dearest seam: it runs through everything one would like to keep.",
        ),
        Mistake(
            "never to the right",
            lambda energy: _two_ways(energy, (0, 1)),
            "Going down, your seam never moves to the right. range and slices stop before their end.",
        ),
        Mistake(
            "never to the left",
            lambda energy: _two_ways(energy, (-1, 0)),
            "Going down, your seam never moves to the left. There are three cells above.",
        ),
        Mistake(
            "round the border",
            _on_a_ring,
            "Your seam leaves the picture on one side and comes in on the other: left of the first column is nothing.",
        ),
        Mistake(
            "what it costs",
            lambda energy: _costs(energy)[-1].min(),
            "That is what the cheapest seam costs. Which way does it go?",
        ),
    ),
)

#: Every checker of the chapter, for the tests.
CHECKERS = (right_minus_left, hysteresis, harris, best_match, seam)
