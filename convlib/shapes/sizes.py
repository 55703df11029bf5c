"""How many samples go in and come out, along each axis: PyTorch's rules, and its refusals.

Every size is a whole number, which then holds along every axis, or a sequence with one for each axis: (rows, columns).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from convlib._validate import integer, one_of

#: A size along every axis, or one for each.
Sizes = int | Sequence[int]


def output_size(
    input_size: Sizes,
    kernel_size: Sizes,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    *,
    ceil_mode: bool = False,
) -> int | tuple[int, ...]:
    r"""Size of a convolution's output, ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1: how many places the kernel can take.

    Parameters
    ----------
    input_size : int or sequence of int
        n: the samples that come in.
    kernel_size : int or sequence of int
        k: the taps.
    stride : int or sequence of int
        s: from one place of the kernel to the next.
    padding : int or sequence of int, or {"same", "valid"}
        p: what is added at *each* end.  ``"same"`` adds what keeps the size, see :func:`same_padding`; ``"valid"``
        adds nothing.
    dilation : int or sequence of int
        d: from one tap to the next; 1 where they lie side by side.
    ceil_mode : bool
        Of pooling layers: a last window may hang over the right end, unless it would *start* in the padding there.
        A fraction is then rounded up rather than down.

    Returns
    -------
    int or tuple of int
        A tuple if any argument is a sequence.

    Raises
    ------
    TypeError
        If a size is not a whole number.
    ValueError
        Naming the argument, where PyTorch refuses, too: a size below 1, a negative padding, a kernel that reaches over
        more than the padded input, ``"same"`` with a stride, sequences of different lengths; with ``ceil_mode`` what
        :func:`pooled_size` refuses.

    Examples
    --------
    >>> output_size(28, 5), output_size(227, 11, stride=4), output_size((32, 100), 3, padding=(1, 0))
    (24, 55, (32, 98))

    What the fraction drops: with stride 2 the last of 6 samples enters no window of 3, unless it is rounded up.

    >>> output_size(6, 3, stride=2), output_size(6, 3, stride=2, ceil_mode=True)
    (2, 3)
    """
    sizes = {"input_size": input_size, "kernel_size": kernel_size, "stride": stride}
    if isinstance(padding, str):
        if one_of("padding", padding, ("same", "valid")) == "same":
            if ceil_mode:
                raise ValueError("padding must be a number with ceil_mode: pooling layers know no 'same'")
            return _each_axis(_kept, **sizes, dilation=dilation)
        padding = 0
    rule = partial(_pooled, ceil_mode=True) if ceil_mode else _convolved
    return _each_axis(rule, **sizes, padding=padding, dilation=dilation)


def pooled_size(
    input_size: Sizes,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    *,
    ceil_mode: bool = False,
) -> int | tuple[int, ...]:
    """Size of a pooling layer's output: as :func:`output_size`, but windows lie side by side unless a stride is given.

    Parameters
    ----------
    input_size, kernel_size, padding, dilation, ceil_mode
        As for :func:`output_size`.
    stride : int or sequence of int, optional
        That of the kernel's size if not given.

    Returns
    -------
    int or tuple of int

    Raises
    ------
    TypeError, ValueError
        As for :func:`output_size`; a padding above half the kernel, too: a window could lie in it altogether.  With
        ``ceil_mode`` a window may be larger than the padded input.

    Examples
    --------
    >>> pooled_size(55, 3, stride=2), pooled_size((24, 25), 2)
    (27, (12, 12))
    """
    sizes = {"input_size": input_size, "kernel_size": kernel_size, "stride": kernel_size if stride is None else stride}
    return _each_axis(partial(_pooled, ceil_mode=ceil_mode), **sizes, padding=padding, dilation=dilation)


def transposed_output_size(
    input_size: Sizes,
    kernel_size: Sizes,
    stride: Sizes = 1,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    *,
    output_padding: Sizes = 0,
) -> int | tuple[int, ...]:
    """Size of a transposed convolution's output, (n − 1)s − 2p + d(k − 1) + 1 + output_padding.

    It answers the question: an output of which size would the convolution with these settings turn into n samples?
    Where the stride drops some, several sizes would; ``output_padding`` chooses.

    Parameters
    ----------
    input_size, kernel_size, stride, dilation
        As for :func:`output_size`.
    padding : int or sequence of int
        p: what is *cut off* at each end.
    output_padding : int or sequence of int
        Samples more, at the right end only.

    Returns
    -------
    int or tuple of int

    Raises
    ------
    TypeError, ValueError
        Naming the argument, where PyTorch refuses, too: an ``output_padding`` that is not less than the larger of
        stride and dilation, or a padding that leaves nothing.

    Examples
    --------
    >>> transposed_output_size(4, 3, stride=2), transposed_output_size(4, 3, stride=2, output_padding=1)
    (9, 10)
    >>> output_size(9, 3, stride=2), output_size(10, 3, stride=2)
    (4, 4)
    """
    sizes = {"input_size": input_size, "kernel_size": kernel_size, "stride": stride, "padding": padding}
    return _each_axis(_transposed, **sizes, dilation=dilation, output_padding=output_padding)


def same_padding(
    kernel_size: Sizes,
    stride: Sizes = 1,
    dilation: Sizes = 1,
    input_size: Sizes | None = None,
    *,
    rule: str = "pytorch",
) -> tuple:
    """What to add on the left and on the right so that the output is as large as the input.

    With stride 1 both rules add d(k − 1) in all, half on each side; where that is odd, for an even kernel, the right
    side gets one more.

    Parameters
    ----------
    kernel_size, stride, dilation : int or sequence of int
        k, s and d.
    input_size : int or sequence of int, optional
        n; only TensorFlow's rule asks for it, and only where the stride is not 1.
    rule : {"pytorch", "tensorflow"}
        PyTorch's ``padding="same"`` refuses a stride.  TensorFlow's ``"SAME"`` makes ⌈n / s⌉ samples of n, which needs
        ``max((⌈n / s⌉ − 1)s + d(k − 1) + 1 − n, 0)``: it changes with n.

    Returns
    -------
    (int, int), or a tuple of them, one for each axis
        Before and after: left and right, or above and below.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if a size is below 1 or missing, PyTorch's rule gets a stride, or there is no such rule.

    Notes
    -----
    Keras refuses a stride together with a dilation; the formula does not need to.

    Examples
    --------
    >>> same_padding(3), same_padding(4), same_padding((4, 3))
    ((1, 1), (1, 2), ((1, 2), (1, 1)))

    With stride 2 and an even input TensorFlow adds on the right only, where PyTorch's usual ``padding=1`` adds on both
    sides: a network carried over from one to the other is shifted by a pixel.

    >>> same_padding(3, stride=2, input_size=224, rule="tensorflow")
    (0, 1)
    """
    sizes = {"kernel_size": kernel_size, "stride": stride, "dilation": dilation}
    if one_of("rule", rule, ("pytorch", "tensorflow")) == "pytorch":
        return _each_axis(_same_of_pytorch, **sizes)
    if input_size is None:
        return _each_axis(_same_of_tensorflow, **sizes)
    return _each_axis(_same_of_tensorflow, **sizes, input_size=input_size)


# ---- along one axis -------------------------------------------------------------------------------------------------


def _convolved(n: int, k: int, s: int, p: int, d: int) -> int:
    reach = d * (k - 1) + 1
    if reach > n + 2 * p:
        raise ValueError(
            f"kernel_size must fit into the padded input: {k} taps with dilation {d} reach over {reach} samples, "
            f"but there are {n} + 2 · {p} = {n + 2 * p}"
        )
    return (n + 2 * p - reach) // s + 1


def _pooled(n: int, k: int, s: int, p: int, d: int, ceil_mode: bool) -> int:
    if p > k // 2:
        raise ValueError(f"padding must be at most half of the kernel, {k // 2} for kernel_size {k}, got {p}")
    if not ceil_mode:
        return _convolved(n, k, s, p, d)
    count = -((d * (k - 1) + 1 - n - 2 * p) // s) + 1  # minus the floor of minus: rounded up
    if (count - 1) * s >= n + p:  # the last window would start in the padding on the right
        count -= 1
    if count < 1:
        raise ValueError(
            f"kernel_size must leave a window: {k} taps with dilation {d} and stride {s} leave none of {n}"
        )
    return count


def _transposed(n: int, k: int, s: int, p: int, d: int, output_padding: int) -> int:
    if output_padding >= max(s, d):
        raise ValueError(
            f"output_padding must be less than the larger of stride {s} and dilation {d}, got {output_padding}"
        )
    size = (n - 1) * s - 2 * p + d * (k - 1) + 1 + output_padding
    if size < 1:
        raise ValueError(f"padding must leave something: cutting {p} off each end leaves {size} of {size + 2 * p}")
    return size


def _same_of_pytorch(k: int, s: int, d: int) -> tuple[int, int]:
    if s != 1:
        raise ValueError(
            f"stride must be 1 with same padding, as PyTorch has it, got {s}: give the padding as a number, "
            "or choose rule='tensorflow'"
        )
    return _halves(d * (k - 1))


def _kept(n: int, k: int, s: int, d: int) -> int:
    """The input's own size, once it is known that same padding is possible."""
    _same_of_pytorch(k, s, d)
    return n


def _same_of_tensorflow(k: int, s: int, d: int, n: int | None = None) -> tuple[int, int]:
    if s == 1:
        return _halves(d * (k - 1))
    if n is None:
        raise ValueError(f"input_size must be given for TensorFlow's rule with stride {s}: the padding depends on it")
    outputs = -(-n // s)
    return _halves(max((outputs - 1) * s + d * (k - 1) + 1 - n, 0))


def _halves(total: int) -> tuple[int, int]:
    """Before and after; the odd one comes after."""
    return total // 2, total - total // 2


# ---- along every axis -----------------------------------------------------------------------------------------------


def _each_axis(rule: Callable, **sizes: Sizes):
    """Check the sizes and apply the rule axis by axis, to them in the order in which they are given."""
    lengths = {name: len(size) for name, size in sizes.items() if isinstance(size, tuple | list)}
    if len(set(lengths.values())) > 1:
        given = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ValueError(f"sizes must be whole numbers, or tuples with one for each axis, but {given}")
    axes = next(iter(lengths.values()), None)
    if axes == 0:
        raise ValueError(f"{next(iter(lengths))} is empty; give a size for each axis")
    results = []
    for axis in range(axes or 1):
        along = [_checked(name, size[axis] if name in lengths else size) for name, size in sizes.items()]
        results.append(rule(*along))
    return results[0] if axes is None else tuple(results)


def _checked(name: str, size: object) -> int:
    """A size is at least 1, a padding at least 0."""
    return integer(name, size, low=0 if name.endswith("padding") else 1)
