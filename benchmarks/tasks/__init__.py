"""What `gradients.py` times: one module for each task, each with the same task in every program."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np

Arrays: TypeAlias = dict[str, np.ndarray]
Answer: TypeAlias = tuple[float, Arrays]


class Task(NamedTuple):
    """One output and its gradient, in every program.

    Attributes
    ----------
    name    : what it is asked for by
    title   : what it is, in a few words
    values  : every array, by the model's names
    wrt     : the names to differentiate by
    model   : gradpath's text
    by_hand : what one would write in NumPy who knows the derivatives
    formula : ``(numpy, logsumexp, arrays)`` -> output, in autograd's NumPy or JAX's
    torch   : ``(torch, arrays)`` -> output
    jax     : ``(jax, arrays)`` -> output, where JAX has a better way to say it than ``formula``
    """

    name: str
    title: str
    values: Arrays
    wrt: tuple[str, ...]
    model: str
    by_hand: Callable[[Arrays], Answer]
    formula: Callable[[Any, Any, Any], Any]
    torch: Callable[[Any, Any], Any]
    jax: Callable[[Any, Any], Any] | None = None
