"""Ten digits of 7 × 12 pixels, the codes that LeNet-5 of 1998 compares its answer with.

The paper shows such pictures of all printable characters in its figure 3, and publishes no list of their pixels: these
are drawn after the figure, not copied from it.  They share its purpose: digits that look alike have codes that lie near
each other.
"""

from __future__ import annotations

_DRAWN = """
....... ....... ....... ....... ....... ....... ....... ....... ....... .......
..###.. ...##.. ..####. ..####. ....##. .###### ..###.. .###### ..####. ..####.
.##.##. ..###.. .##..## .##..## ...###. .##.... .##.... .....## .##..## .##..##
##...## .####.. .....## .....## ...###. .##.... ##..... ....##. .##..## .##..##
##...## ...##.. .....## .....## ..#.##. .#####. ##.###. ....##. .##..## .##..##
##...## ...##.. ....##. ..####. ..#.##. .##..## ###..## ...##.. ..####. ..#####
##...## ...##.. ...##.. .....## .#..##. .....## ##...## ...##.. .##..## .....##
##...## ...##.. ..##... .....## .###### .....## ##...## ..##... .##..## .....##
.##.##. ...##.. .##.... .##..## ....##. .##..## .##..## ..##... .##..## ....##.
..###.. .###### .###### ..####. ....##. ..####. ..####. .##.... ..####. ..###..
....... ....... ....... ....... ....... ....... ....... ....... ....... .......
....... ....... ....... ....... ....... ....... ....... ....... ....... .......
"""


def bitmaps() -> list[list[int]]:
    """The ten digits, row by row: 1 where there is ink, -1 where there is none.

    Returns
    -------
    list of list of int, 10 × 84

    Examples
    --------
    >>> one = bitmaps()[1]
    >>> for row in range(1, 5):
    ...     print("".join("#" if pixel > 0 else "·" for pixel in one[7 * row : 7 * row + 7]))
    ···##··
    ··###··
    ·####··
    ···##··
    """
    rows = [line.split() for line in _DRAWN.strip().splitlines()]
    return [[1 if pixel == "#" else -1 for row in rows for pixel in row[digit]] for digit in range(10)]
