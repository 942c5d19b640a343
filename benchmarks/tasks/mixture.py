"""The log-likelihood of a mixture of Gaussians, each with a full covariance.

A precision matrix is RᵀR with R lower triangular, exp(q) on its diagonal, as in ADBench (Šrajer,
Kukelova & Fitzgibbon 2018).
"""

from typing import Any

import numpy as np

from tasks import Answer, Arrays, Task

D, K, N = 20, 25, 1000
PARAMETERS = ("alpha", "mu", "q", "R")

MODEL = f"""
T = tril(R, -1) + expand_dims(exp(q), 2) * eye({D})
Z = (X - expand_dims(mu, 1)) @ swapaxes(T, 1, 2)
parts = expand_dims(log_softmax(alpha) + sum(q, axis=1), 1) - 0.5 * sum(Z**2, axis=2)
L = sum(logsumexp(parts, axis=0)) - {N * D / 2} * log(2 * pi)
"""


def arrays() -> Arrays:
    draw = np.random.default_rng(0)
    return {
        "X": draw.standard_normal((N, D)),
        "alpha": draw.standard_normal(K),
        "mu": draw.standard_normal((K, D)),
        "q": 0.1 * draw.standard_normal((K, D)),
        "R": 0.1 * draw.standard_normal((K, D, D)),
    }


def by_hand(v: Arrays) -> Answer:
    X, alpha, mu, q, R = (v[name] for name in ("X", *PARAMETERS))
    diagonal = np.arange(D)
    scales = np.exp(q)
    T = np.tril(R, -1)
    T[:, diagonal, diagonal] = scales
    centred = X - mu[:, None]
    Z = centred @ T.swapaxes(1, 2)
    weights = np.exp(alpha - alpha.max())
    share = weights / weights.sum()
    parts = (np.log(share) + q.sum(1))[:, None] - 0.5 * np.einsum("knd,knd->kn", Z, Z)
    top = parts.max(0)
    parts -= top
    e = np.exp(parts, out=parts)
    total = e.sum(0)
    L = np.sum(top + np.log(total)) - N * D / 2 * np.log(2 * np.pi)

    e /= total
    mass = e.sum(1)
    Z *= -e[:, :, None]
    dT = Z.swapaxes(1, 2) @ centred
    gradients = {
        "alpha": mass - share * N,
        "mu": -(Z.sum(1)[:, None] @ T)[:, 0],
        "q": mass[:, None] + dT[:, diagonal, diagonal] * scales,
        "R": np.tril(dT, -1),
    }
    return float(L), gradients


def formula(np: Any, logsumexp: Any, v: Any) -> Any:
    T = np.tril(v["R"], -1) + np.exp(v["q"])[:, :, None] * np.eye(D)
    Z = np.matmul(v["X"] - v["mu"][:, None], np.swapaxes(T, 1, 2))
    shares = v["alpha"] - logsumexp(v["alpha"])
    parts = (shares + np.sum(v["q"], axis=1))[:, None] - 0.5 * np.sum(Z**2, axis=2)
    return np.sum(logsumexp(parts, axis=0)) - N * D / 2 * np.log(2 * np.pi)


def in_torch(torch: Any, v: Any) -> Any:
    T = torch.tril(v["R"], -1) + torch.diag_embed(torch.exp(v["q"]))
    Z = (v["X"] - v["mu"][:, None]) @ T.mT
    shares = torch.log_softmax(v["alpha"], 0)
    parts = (shares + v["q"].sum(1))[:, None] - 0.5 * (Z**2).sum(2)
    return torch.logsumexp(parts, 0).sum() - N * D / 2 * np.log(2 * np.pi)


def task() -> Task:
    title = "GMM log-likelihood, d 20, K 25, n 1000"
    return Task("mixture", title, arrays(), PARAMETERS, MODEL, by_hand, formula, in_torch)
