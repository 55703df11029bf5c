"""How wrong a network's answers are, in one number, and in which direction they would be less so."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from convlib._validate import real_array
from convlib.layers.base import batch


def softmax_cross_entropy(scores: ArrayLike, labels: ArrayLike) -> tuple[float, np.ndarray]:
    r"""The mean over a batch of -log p(label), where the probabilities p come from the scores by softmax.

    .. math:: p_k = \frac{e^{s_k}}{\sum_j e^{s_j}}, \qquad \frac{\partial L}{\partial s_k} = \frac{p_k - [k = label]}{N}

    The largest score of each sample is subtracted first.  That changes no probability, and no exponential overflows.

    Parameters
    ----------
    scores : array_like, shape (N, K)
        s, for each sample a score for each class, as a network's last layer returns them.
    labels : array_like of int, shape (N,)
        The right class of each, from 0 to K - 1.

    Returns
    -------
    (loss, dscores) : float, and numpy.ndarray of shape (N, K)
        L in nats, and dL/dscores in the type of the scores, to go back with.

    Raises
    ------
    TypeError
        If the scores are no real numbers, or the labels no integers.
    ValueError
        If shapes do not fit, there is no sample, or a label is out of range.

    Examples
    --------
    Two classes with equal scores: the loss is log 2, and both scores are pulled by half.

    >>> loss, dscores = softmax_cross_entropy([[3, 3]], [0])
    >>> round(loss, 4), dscores
    (0.6931, array([[-0.5,  0.5]]))

    Sure of the wrong class: no overflow, and a loss as large as the scores are apart.

    >>> softmax_cross_entropy([[1000, -1000]], [1])
    (2000.0, array([[ 1., -1.]]))
    """
    scores = batch("scores", scores)  # (N, K)
    if scores.ndim != 2:
        raise ValueError(f"scores must have shape (N, K), a row for each sample, got {scores.shape}")
    each, labels = np.arange(len(scores)), _labels(labels, scores.shape)  # (N,)
    shifted = scores - scores.max(axis=1, keepdims=True)  # (N, K), at most 0
    log_sums = np.log(np.exp(shifted).sum(axis=1, keepdims=True))  # (N, 1)
    log_p = shifted - log_sums  # (N, K)
    dscores = np.exp(log_p)  # (N, K)
    dscores[each, labels] -= 1
    return float(-log_p[each, labels].mean()), dscores / len(scores)


def _labels(labels: ArrayLike, shape: tuple[int, int]) -> np.ndarray:
    """One class for each sample."""
    labels, (samples, classes) = real_array("labels", labels), shape
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels must be whole numbers, the indices of classes, got dtype {labels.dtype}")
    if labels.shape != (samples,):
        raise ValueError(f"labels must have shape ({samples},), one for each row of scores, got {labels.shape}")
    wrong = np.flatnonzero((labels < 0) | (labels >= classes))
    if len(wrong):
        index = wrong[0]
        raise ValueError(f"labels must be between 0 and {classes - 1}, got {labels[index]} at index {index}")
    return labels
