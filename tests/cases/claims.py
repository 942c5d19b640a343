"""Claims as data: models, what is claimed of them, whether it is true, and what is wrong if not.

The models and their claims were written before there was anything that judges claims, and no
model was changed to suit it. Every truth was settled by tests/claims/peer.py, which shares
nothing with the engine: it reads the text with Python's own grammar, differentiates with
PyTorch, and compares the two sides at random points near the file's own and far from it
(tests/claims/test_peer.py does so again where PyTorch is installed). It also computes which
simple explanations fit (a ratio or a difference that is constant, a transposition, the
derivative by another name), and the codes given here agree with that.

``diagnosis`` holds the codes that count as right, the best first; it is empty for true claims.
Where one mistake has two names, both are right: a term's wrong sign is that of a path, and L
where L/x is meant leaves out 1/x, or has the wrong weight. ``# positive`` behind a leaf is a
word to the peer, which else would try thresholds below 0; the engine sees a comment.
"""

from __future__ import annotations

from cases.corpus import Corpus

CASES = Corpus()
_model = CASES.model


# ── physics and engineering ──────────────────────────────────────────────────────────

_model(
    """
m = 2.0
v = 3.0
L = m * v**2 / 2
""",
    """
    dL/dv == m * v
    v * dL/dv == 2 * L
    dL/dm == 4.5
    """,
    ("dL/dv == 2 * m * v", "factor"),
    ("dL/dv == m * v**2", "edit missing-factor wrong-weight"),
    ("dL/dm == m * v", "other-name"),
    ("dL/dv == -6", "sign"),
)

_model(
    """
g = 9.81
l = 0.7
L = 2 * pi * sqrt(l / g)     # the period of a pendulum
""",
    """
    dL/dl == pi / sqrt(l * g)
    dL/dg == -L / (2 * g)
    close(dL/dl, 1.2, 0.01)
    """,
    ("dL/dg == L / (2 * g)", "sign"),
    ("dL/dl == L / l", "factor"),
    ("dL/dg == -pi * sqrt(l / g)", "missing-factor wrong-weight"),
    ("dL/dl == 3.1415927 / sqrt(l * g)", "factor edit"),
)

_model(
    """
n = 1.2
R = 8.314
T = 300.0
V = 0.025
p = n * R * T / V
L = p
""",
    """
    dp/dV == -p / V
    V * dL/dV == -T * dL/dT
    """,
    ("dL/dV == n * R * T / V**2", "sign"),
    ("dL/dT == n / V", "missing-factor"),
    ("dL/dn == n * R / V", "other-name edit missing-factor wrong-weight"),
)

_model(
    """
h = 0.66
nu = 1.4
k = 1.38
T = 0.9
x = h * nu / (k * T)
L = nu**3 / (exp(x) - 1)     # Planck, up to constants
""",
    """
    dL/dx == -nu**3 * exp(x) / (exp(x) - 1)**2
    dL/dT == dL/dx * dx/dT == nu**3 * exp(x) / (exp(x) - 1)**2 * x / T
    dL/dnu == ∂L/∂nu + ∂L/∂x * dx/dnu
    L == nu**3 * exp(-x) / (1 - exp(-x))
    """,
    ("dL/dnu == 3 * nu**2 / (exp(x) - 1)", "missing-path partial-total"),
    ("dL/dnu == ∂L/∂nu", "partial-total missing-path"),
    ("∂L/∂nu == dL/dnu", "partial-total double-path"),
    ("dL/dT == -dL/dx * dx/dT", "sign"),
    ("dL/dk == dL/dx * dx/dT", "other-name"),
    ("dL/dx == -nu**3 * exp(x) / (exp(x) - 1)", "missing-factor edit"),
)

_model(
    """
m = 1.5
v = 0.6
c = 1.0
gamma = 1 / sqrt(1 - v**2 / c**2)
L = m * c**2 * gamma
""",
    """
    dL/dv == m * v * gamma**3
    1 / gamma**2 == (1 - v / c) * (1 + v / c)
    dL/dm == c**2 * gamma
    """,
    ("dL/dv == m * v", "missing-factor"),
    ("dgamma/dv == v * gamma**3", "missing-factor wrong-weight"),
    ("dL/dv == m * v * gamma**2", "missing-factor edit"),
    ("dL/dc == 2 * m * c * gamma", "partial-total missing-path"),
    ("dL/dm == gamma", "missing-factor"),
)

_model(
    """
R1 = 4.7
R2 = 3.3
G = 1 / R1 + 1 / R2
L = 1 / G
""",
    """
    L == R1 * R2 / (R1 + R2)
    dL/dR1 == (L / R1)**2
    dL/dR1 == R2**2 / (R1 + R2)**2
    """,
    ("dL/dR1 == R1**2 / (R1 + R2)**2", "other-name"),
    ("dL/dR1 == -1 / R1**2", "missing-factor other-name"),
    ("dL/dG == -L", "missing-factor edit wrong-weight"),
    ("dL/dR1 == -(L / R1)**2", "sign"),
)

_model(
    """
G = 6.7
M = 5.0
x = 1.2
y = -0.9
r = hypot(x, y)
L = -G * M / r
""",
    """
    dL/dx == G * M * x / r**3
    dr/dx == x / r
    (dr/dx)**2 + (dr/dy)**2 == 1
    x * dL/dx + y * dL/dy == -L
    """,
    ("dL/dx == G * M * x / r**2", "edit missing-factor wrong-weight"),
    ("dL/dx == G * M / r**2", "missing-factor other-name"),
    ("dL/dy == -G * M * y / r**3", "sign"),
)

_model(
    """
A = 3.0
E = 2.2
R = 0.8
T = 1.7
u = -E / (R * T)
L = A * exp(u)              # Arrhenius
""",
    """
    dL/dT == L * E / (R * T**2)
    dL/dA == exp(u)
    dL/dE == ∂L/∂u * ∂u/∂E
    """,
    ("dL/dT == -L * E / (R * T**2)", "sign"),
    ("dL/dT == L * E / R * T**2", "edit wrong-weight missing-factor"),
    ("dL/dE == L / (R * T)", "sign"),
    ("dL/dA == u", "missing-factor wrong-weight edit"),
)

_model(
    """
R = 0.082
T = 310.0
a = 3.6
b = 0.043
V = 0.9
push = R * T / (V - b)
pull = a / V**2
L = push - pull             # van der Waals
""",
    """
    dL/dV == -R * T / (V - b)**2 + 2 * a / V**3
    dL/db == push / (V - b)
    dL/da == -1 / V**2
    """,
    ("dL/dV == -R * T / (V - b)**2 - 2 * a / V**3", "path-sign sign"),
    ("dL/dV == -push / (V - b)", "missing-path other-name"),
    ("dL/dV == -push / (V - b) + 2 * pull", "missing-factor wrong-weight edit"),
    ("dL/dV == -push / (V - b) + 2 * a / V**2", "edit wrong-weight missing-factor"),
)

_model(
    """
eps = 0.8
s = 1.1
r = 1.3
q = (s / r)**6
L = 4 * eps * (q**2 - q)    # Lennard-Jones
""",
    """
    dq/dr == -6 * q / r
    dL/dr == 24 * eps / r * (q - 2 * q**2)
    s * dL/ds == -r * dL/dr
    """,
    ("dL/dr == 24 * eps / r * (2 * q**2 - q)", "sign"),
    ("dq/dr == 6 * q / r", "sign"),
    ("dL/dr == 24 * eps / r * (q - q**2)", "edit wrong-weight missing-factor factor"),
    ("dL/dq == 4 * eps * (2 * q - q)", "edit wrong-weight"),
    ("dq/dr == 6 * (s / r)**5", "missing-factor"),
)

_model(
    """
Vm = 2.4
K = 0.7
S = 1.9
L = Vm * S / (K + S)        # Michaelis and Menten
""",
    """
    dL/dS == Vm * K / (K + S)**2
    S * dL/dS == L * (1 - L / Vm)
    1 / L == 1 / Vm + K / (Vm * S)
    """,
    ("dL/dS == Vm * S / (K + S)**2", "edit other-name missing-factor"),
    ("dL/dS == Vm / (K + S)", "missing-path partial-total missing-factor"),
    ("dL/dK == Vm * S / (K + S)**2", "sign"),
)

_model(
    """
q = 0.4
p = 1.3
m = 2.0
k = 3.5
kinetic = p**2 / (2 * m)
potential = k * q**2 / 2
H = kinetic + potential
L = kinetic - potential
""",
    """
    dH/dp == p / m
    dH/dq == k * q
    dL/dq == -dH/dq
    H + L == 2 * kinetic
    """,
    ("dL/dq == k * q", "sign other-name"),
    ("dL/dq == dH/dq", "sign other-name path-sign"),
    ("dH/dp == p / (2 * m)", "factor"),
)

_model(
    """
k1 = 0.9
k2 = 0.4
t = 1.5
a = exp(-k1 * t)
b = k1 / (k2 - k1) * (exp(-k1 * t) - exp(-k2 * t))
L = 1 - a - b               # decay in two steps
""",
    """
    da/dt == -k1 * a
    db/dt == k1 * a - k2 * b
    dL/dt == k2 * b
    """,
    ("da/dt == k1 * a", "sign"),
    ("db/dt == k1 * a", "missing-path missing-factor"),
    ("db/dt == k1 * a + k2 * b", "path-sign edit sign"),
    ("dL/dt == k1 * a - k2 * b", "other-name edit missing-factor"),
)

# ── optimisation test functions ──────────────────────────────────────────────────────

_model(
    """
x = -1.2
y = 0.8
u = 1 - x
w = y - x**2
L = u**2 + 100 * w**2       # Rosenbrock
""",
    """
    dL/dx == -2 * (1 - x) - 400 * x * (y - x**2)
    dL/dy == 200 * w
    dL/dx == -2 * u - 2 * x * dL/dy
    """,
    ("dL/dx == -2 * u + 400 * x * w", "path-sign sign"),
    ("dL/dx == -400 * x * w", "missing-path"),
    ("dL/dx == -2 * u - 200 * x * w", "wrong-weight edit factor"),
    ("dL/dx == -2 * u - 800 * x * w", "double-path wrong-weight edit factor"),
    ("dL/dy == 200 * (y - x)**2", "edit wrong-weight"),
)

_model(
    """
x = 2.6
y = 1.1
a = x**2 + y - 11
b = x + y**2 - 7
L = a**2 + b**2             # Himmelblau
""",
    """
    dL/dx == 4 * x * a + 2 * b
    dL/dy == 2 * a + 4 * y * b
    dL/da == 2 * a
    """,
    ("dL/dy == 4 * x * a + 2 * b", "other-name"),
    ("dL/dy == 4 * y * b", "missing-path"),
    ("dL/dx == 2 * x * a + b", "factor"),
    ("dL/dx == 4 * x * a - 2 * b", "path-sign sign"),
    ("dL/dx == 4 * x * a + 2 * b * y", "wrong-weight missing-factor edit"),
)

_model(
    """
x = 1.4
y = 0.3
a = 1.5 - x + x * y
b = 2.25 - x + x * y**2
c = 2.625 - x + x * y**3
L = a**2 + b**2 + c**2      # Beale
""",
    """
    dL/dx == 2 * a * (y - 1) + 2 * b * (y**2 - 1) + 2 * c * (y**3 - 1)
    dL/dy == 2 * x * (a + 2 * b * y + 3 * c * y**2)
    """,
    ("dL/dy == 2 * a * x + 4 * b * x * y", "missing-path"),
    ("dL/dy == 2 * a * x + 4 * b * x * y + 6 * c * x * y", "edit wrong-weight"),
    ("dL/dx == 2 * a * (y - 1) + 2 * b * (y**2 - 1) + 2 * c * (1 - y**3)", "path-sign sign"),
    (
        "dL/dx == 2 * a * (y - 1) + 4 * b * (y**2 - 1) + 2 * c * (y**3 - 1)",
        "double-path wrong-weight edit factor",
    ),
)

_model(
    """
x = [0.4, -1.3, 2.2]
L = 30 + sum(x**2 - 10 * cos(2 * pi * x))      # Rastrigin
""",
    """
    dL/dx == 2 * x + 20 * pi * sin(2 * pi * x)
    dL/dx[1] == 2 * x[1] + 20 * pi * sin(2 * pi * x[1])
    """,
    ("dL/dx == 2 * x - 20 * pi * sin(2 * pi * x)", "edit path-sign sign"),
    ("dL/dx == 2 * x + 10 * sin(2 * pi * x)", "missing-factor edit wrong-weight"),
    ("dL/dx[1] == 2 * x[1] + 20 * pi * sin(2 * pi * x[2])", "edit"),
)

# ── statistics ───────────────────────────────────────────────────────────────────────

_model(
    """
x = [1.1, 0.4, 2.3, 1.7]
mu = 1.2
s = 0.8
n = 4
Q = sum((x - mu)**2)
L = -Q / (2 * s**2) - n * log(s) - n * log(2 * pi) / 2
""",
    """
    dL/dmu == sum(x - mu) / s**2
    dL/dmu == n * (mean(x) - mu) / s**2
    dL/ds == Q / s**3 - n / s
    L == sum(log(exp(-(x - mu)**2 / (2 * s**2)) / (s * sqrt(2 * pi))))
    """,
    ("dL/dmu == sum(mu - x) / s**2", "sign"),
    ("dL/ds == Q / s**3 - 1 / s", "wrong-weight missing-factor edit"),
    ("dL/ds == Q / s**3", "missing-path"),
    ("dL/dmu == (x - mu) / s**2", "missing-sum"),
    ("dL/dmu == mean(x - mu) / s**2", "factor"),
    ("L == -Q / (2 * s**2) - n * log(s)", "offset missing-path"),
)

_model(
    """
w = 0.8
x = 1.6
b = -0.3
y = 0.25
z = w * x + b
p = sigmoid(z)
L = -(y * log(p) + (1 - y) * log(1 - p))
""",
    """
    dL/dz == p - y
    dL/dp == (p - y) / (p * (1 - p))
    dL/dw == (p - y) * x
    L == softplus(z) - y * z
    dp/dz == exp(-z) / (1 + exp(-z))**2
    """,
    ("dL/dz == y - p", "sign"),
    ("dL/dw == p - y", "missing-factor other-name"),
    ("dL/dz == (p - y) * p * (1 - p)", "wrong-weight missing-factor"),
    ("dL/dp == p - y", "missing-factor other-name"),
    ("dp/dz == p * (1 + p)", "wrong-weight edit sign"),
    ("dL/dx == (p - y) * x", "other-name edit"),
)

_model(
    """
k = 3.0
rate = 2.2
L = k * log(rate) - rate - lgamma(k + 1)       # Poisson
""",
    """
    dL/drate == k / rate - 1
    dL/dk == log(rate) - digamma(k + 1)
    dL/dk == log(rate) - digamma(k) - 1 / k
    """,
    ("dL/drate == k / rate", "offset missing-path"),
    ("dL/dk == log(rate) - digamma(k)", "edit wrong-weight missing-path"),
    ("dL/dk == log(rate)", "missing-path"),
    ("dL/drate == 1 - k / rate", "sign"),
)

_model(
    """
a = 2.5
b = 1.7
k = 3.0
m = 8.0
top = lgamma(k + a) + lgamma(m - k + b) - lgamma(m + a + b)
bottom = lgamma(a) + lgamma(b) - lgamma(a + b)
L = top - bottom            # beta-binomial
""",
    """
    dtop/da == digamma(k + a) - digamma(m + a + b)
    dL/da == digamma(k + a) - digamma(m + a + b) - digamma(a) + digamma(a + b)
    """,
    ("dL/da == digamma(k + a) - digamma(m + a + b)", "missing-path other-name"),
    ("dL/db == digamma(k + a) - digamma(m + a + b) - digamma(a) + digamma(a + b)", "other-name"),
    ("dL/da == dtop/da + dbottom/da", "path-sign edit sign"),
    (
        "dL/db == digamma(m - k + b) - digamma(m + a + b) - digamma(b)",
        "missing-path missing-factor",
    ),
)

_model(
    """
p = [0.2, 0.5, 0.3]
L = -sum(p * log(p))        # entropy
""",
    """
    dL/dp == -log(p) - 1
    dL/dp == log(1 / (e * p))
    L == dot(p, -log(p))
    """,
    ("dL/dp == -log(p)", "offset missing-path"),
    ("dL/dp == log(p) + 1", "sign"),
    ("dL/dp == -log(p) - p", "edit wrong-weight missing-factor"),
)

_model(
    """
p = [0.2, 0.5, 0.3]
z = [0.4, -0.2, 0.9]
q = softmax(z)
L = sum(p * (log(p) - log(q)))      # Kullback and Leibler
""",
    """
    dL/dq == -p / q
    dL/dz == q - p
    L == sum(p * log(p)) + logsumexp(z) - dot(p, z)
    """,
    ("dL/dz == p - q", "sign"),
    ("dL/dz == -p / q", "other-name missing-factor"),
    ("dL/dq == p / q", "sign"),
    ("dL/dz == q", "missing-path"),
)

_model(
    """
x = [0.5, 1.9, 0.7, 2.4, 1.2]
n = 5
m = mean(x)
v = var(x)
L = v / m
""",
    """
    dm/dx == ones(5) / n
    dv/dx == 2 * (x - m) / n
    v == mean(x**2) - m**2
    dL/dx == dv/dx / m - v / m**2 * dm/dx
    """,
    ("dv/dx == 2 * (x - m) / (n - 1)", "factor edit"),
    ("dL/dx == 2 * (x - m) / (n * m)", "missing-path"),
    ("dv/dx == 2 * x / n", "missing-path edit"),
    ("dL/dx == dv/dx / m + v / m**2 * dm/dx", "path-sign sign"),
    ("v == mean(x**2) - m", "edit"),
)

_model(
    """
x = 0.9
m1 = -0.4
m2 = 1.5
w = 0.3
a = w * exp(-(x - m1)**2 / 2)
b = (1 - w) * exp(-(x - m2)**2 / 2)
r = a / (a + b)             # the first one's responsibility
L = log(a + b)
""",
    """
    dL/dm1 == r * (x - m1)
    dL/dm2 == (1 - r) * (x - m2)
    dL/dx == -r * (x - m1) - (1 - r) * (x - m2)
    dL/dw == r / w - (1 - r) / (1 - w)
    """,
    ("dL/dm1 == x - m1", "missing-factor"),
    ("dL/dm2 == r * (x - m2)", "edit wrong-weight missing-factor"),
    ("dL/dx == -r * (x - m1)", "missing-path"),
    ("dL/dw == r / w + (1 - r) / (1 - w)", "path-sign edit sign"),
    ("dL/dm1 == r * (m1 - x)", "sign"),
)

# ── neural networks ──────────────────────────────────────────────────────────────────

_model(
    """
z = [0.3, -1.1, 0.8]
y = [0, 1, 0]
a = logsumexp(z)
b = dot(y, z)
L = a - b
""",
    """
    dL/dz == softmax(z) - y
    dL/dz[0] == exp(z[0]) / sum(exp(z)) - y[0]
    da/dz == exp(z - a)
    L == -log(sum(y * softmax(z)))
    """,
    ("dL/dz == y - softmax(z)", "sign"),
    ("dL/dz == softmax(z)", "missing-path other-name"),
    ("dL/dz == softmax(z) + y", "path-sign sign"),
    ("dL/dz[0] == exp(z[0]) / sum(exp(z)) - y[1]", "edit offset"),
    ("dL/dz == exp(z) - y", "missing-factor wrong-weight edit"),
)

_model(
    """
W = [[0.5, -0.3], [0.2, 0.9], [-0.7, 0.4]]
x = [1.2, -0.6]
b = [0.1, -0.2, 0.3]
z = W @ x + b
h = tanh(z)
L = sum(h**2) / 2
""",
    """
    dL/dW == outer(h * (1 - h**2), x)
    dL/db == h * (1 - h**2)
    dL/dx == W.T @ (h / cosh(z)**2)
    dh/dz == diag(1 - h**2)
    """,
    ("dL/dW == outer(x, h * (1 - h**2))", "transposed shape"),
    ("dL/db == h", "missing-factor other-name"),
    ("dL/dx == W.T @ h", "missing-factor"),
    ("dL/dW == outer(h * (1 + h**2), x)", "wrong-weight edit sign"),
    ("dL/dz == 2 * h * (1 - h**2)", "factor"),
    ("dh/dz == 1 - h**2", "shape missing-factor"),
)

_model(
    """
X = [[0.5, -1.2], [1.1, 0.4], [-0.6, 0.9]]
W = [[0.4, -0.2], [-0.5, 0.3]]
b = [0.1, 0.2]
G = [[0.3, -0.8], [0.5, 0.2], [-0.4, 0.6]]
Z = X @ W + b
H = sigmoid(Z)
L = sum(G * H)
""",
    """
    dL/dZ == G * H * (1 - H)
    dL/dW == X.T @ (G * H * (1 - H))
    dL/db == sum(dL/dZ, axis=0)
    dL/dX == dL/dZ @ W.T
    """,
    ("dL/db == G * H * (1 - H)", "missing-sum other-name"),
    ("dL/db == dL/dZ", "missing-sum other-name"),
    ("dL/db == mean(dL/dZ, axis=0)", "factor"),
    ("dL/dX == dL/dZ @ W", "edit transposed"),
    ("dL/dW == (X.T @ dL/dZ).T", "transposed"),
    ("dL/dZ == G", "missing-factor other-name"),
)

_model(
    """
x = [0.8, 1.3]
W = [[0.6, 0.5], [0.9, -0.2]]
g = [1.1, -0.7]
z = W @ x
L = dot(g, relu(z))
""",
    """
    dL/dz == g * (z > 0)
    dL/dz == where(z > 0, g, 0)
    dL/dW == outer(where(z > 0, g, 0), x)
    """,
    ("dL/dz == g + 0 * z", "wrong-branch missing-factor"),
    ("dL/dW == outer(g, x)", "wrong-branch missing-factor"),
    ("dL/dx == W.T @ g", "wrong-branch missing-factor"),
    ("dL/dz == where(z > 0, 0, g)", "edit wrong-weight wrong-branch"),
)

_model(
    """
x = [0.9, -0.4, 1.6]
w = [0.7, -1.2, 0.9]
mu = mean(x)
xc = x - mu
s = sqrt(mean(xc**2) + 0.1)
u = xc / s
L = dot(w, u)
""",
    """
    dL/dx == (w - mean(w) - u * mean(w * u)) / s
    ds/dxc == xc / (3 * s)
    du/dxc == eye(3) / s - outer(xc, xc) / (3 * s**3)
    dL/dxc == ∂L/∂u @ (∂u/∂xc + outer(∂u/∂s, ∂s/∂xc))
    """,
    ("dL/dx == (w - u * mean(w * u)) / s", "missing-path other-name"),
    ("dL/dx == (w - mean(w)) / s", "missing-path"),
    ("dL/dxc == w / s", "missing-path partial-total"),
    ("dL/dx == (w - mean(w) + u * mean(w * u)) / s", "path-sign sign"),
    ("ds/dxc == xc / s", "factor"),
)

_model(
    """
Q = [[0.5, -0.3], [0.8, 0.2]]
K = [[0.1, 0.7], [-0.6, 0.4]]
V = [[1.0, -0.2], [0.3, 0.8]]
G = [[0.4, -0.9], [0.2, 0.6]]
k = 2
S = Q @ K.T / sqrt(k)
A = softmax(S, axis=1)
O = A @ V
L = sum(G * O)
""",
    """
    dL/dV == A.T @ G
    dL/dA == G @ V.T
    dL/dS == A * (dL/dA - sum(A * dL/dA, axis=1, keepdims=True))
    dL/dQ == dL/dS @ K / sqrt(k)
    """,
    ("dL/dV == A @ G", "edit transposed"),
    ("dL/dK == dL/dS @ Q / sqrt(k)", "edit transposed"),
    ("dL/dQ == dL/dS @ K", "factor missing-factor"),
    ("dL/dS == A * dL/dA", "missing-path wrong-weight"),
    ("dL/dS == A * (1 - A) * dL/dA", "wrong-weight missing-path missing-factor"),
    ("dL/dK == dL/dS.T @ Q / k", "factor edit missing-factor"),
)

_model(
    """
x = [0.4, -0.9, 1.3, 0.6, -0.2]
k = [0.5, -1.1, 0.8]
y = k[0] * x[:3] + k[1] * x[1:4] + k[2] * x[2:]      # a convolution
L = sum(y**2) / 2
""",
    """
    dL/dk == [dot(y, x[:3]), dot(y, x[1:4]), dot(y, x[2:])]
    dL/dx[0] == k[0] * y[0]
    dL/dx[1] == k[0] * y[1] + k[1] * y[0]
    dL/dx[2] == k[0] * y[2] + k[1] * y[1] + k[2] * y[0]
    """,
    ("dL/dk == [dot(y, x[:3]), dot(y, x[1:4]), dot(y, x[1:4])]", "edit"),
    ("dL/dx[1] == k[0] * y[1]", "missing-path missing-factor"),
    ("dL/dx[1] == k[0] * y[1] + k[1] * y[1]", "edit"),
    ("dL/dk[0] == dot(y, x[1:4])", "edit other-name"),
)

_model(
    """
x = [0.7, -0.5]
A = [[0.4, -0.6], [0.3, 0.8]]
B = [[-0.2, 0.9], [0.5, 0.1]]
t = [1.0, 0.2]
h = tanh(A @ x)
y = x + B @ h               # a residual block
L = sum((y - t)**2)
""",
    """
    dy/dx == eye(2) + B @ diag(1 - h**2) @ A
    dL/dx == 2 * (y - t) + A.T @ ((B.T @ (2 * (y - t))) * (1 - h**2))
    dL/dB == outer(2 * (y - t), h)
    """,
    ("dL/dx == A.T @ ((B.T @ (2 * (y - t))) * (1 - h**2))", "missing-path"),
    ("dL/dx == 2 * (y - t)", "missing-path other-name"),
    ("dL/dB == outer(h, 2 * (y - t))", "transposed"),
    ("dL/dx == 2 * (y - t) + A.T @ (B.T @ (2 * (y - t)))", "missing-factor wrong-weight"),
    ("dy/dx == B @ diag(1 - h**2) @ A", "missing-path"),
)

_model(
    """
v = [0.6, -1.2, 0.9]
g = 1.7
G = [0.3, 0.8, -0.5]
s = norm(v)
w = g * v / s               # weight normalisation
L = dot(G, w)
""",
    """
    dL/dg == dot(G, v) / s
    dL/dv == g / s * (G - v * dot(v, G) / s**2)
    dot(v, dL/dv) == 0
    ∂w/∂v == g / s * eye(3)
    """,
    ("dL/dv == g / s * G", "missing-path"),
    ("dL/dv == g / s * (G + v * dot(v, G) / s**2)", "path-sign sign"),
    ("dw/dv == g / s * eye(3)", "partial-total missing-path"),
    ("dL/dg == dot(G, v)", "missing-factor wrong-weight"),
    ("dL/dv == g / s * (G - v * dot(v, G))", "missing-factor wrong-weight"),
)

_model(
    """
w = 0.9
x1 = 0.4
x2 = -0.7
x3 = 1.1
h1 = tanh(w * 0.5 + x1)
h2 = tanh(w * h1 + x2)
h3 = tanh(w * h2 + x3)
L = h3**2
""",
    """
    dh3/dh1 == w**2 * (1 - h3**2) * (1 - h2**2)
    dh3/dx1 == dh3/dh2 * dh2/dh1 * dh1/dx1
    dh3/dw == (1 - h3**2) * (h2 + w * dh2/dw)
    """,
    ("dh3/dw == (1 - h3**2) * h2", "partial-total missing-path"),
    ("dL/dw == 2 * h3 * (∂h3/∂w + dh3/dh2 * ∂h2/∂w)", "missing-path"),
    ("dh3/dh1 == w * (1 - h3**2) * (1 - h2**2)", "missing-factor edit other-name"),
    ("dL/dh2 == 2 * h3 * w", "missing-factor"),
)

_model(
    """
h0 = 0.6
x = -0.8
a = 1.1
b = 0.7
r = sigmoid(a * x)
c = tanh(b * x)
h = (1 - r) * c + r * h0    # a gated unit
L = h**2
""",
    """
    dh/dr == h0 - c
    dh/dx == (h0 - c) * r * (1 - r) * a + (1 - r) * (1 - c**2) * b
    dL/dh0 == 2 * h * r
    """,
    ("dh/dr == c - h0", "sign"),
    ("dh/dx == (1 - r) * (1 - c**2) * b", "missing-path"),
    ("dL/dh0 == r", "missing-factor other-name"),
    ("dh/dx == (h0 - c) * r * (1 - r) + (1 - r) * (1 - c**2) * b", "missing-factor wrong-weight"),
)

# ── matrix calculus ──────────────────────────────────────────────────────────────────

_model(
    """
A = [[1.2, 0.5], [-0.3, 0.8]]
x = [0.7, -1.4]
y = A @ x
L = dot(x, y)
""",
    """
    dL/dx == (A + A.T) @ x
    dL/dA == outer(x, x)
    ∂L/∂x == A @ x
    dL/dx == ∂L/∂x + A.T @ ∂L/∂y
    """,
    ("dL/dx == 2 * A @ x", "assumption wrong-weight transposed double-path missing-path edit"),
    ("dL/dx == A @ x", "missing-path partial-total"),
    ("dL/dx == (A - A.T) @ x", "path-sign edit sign"),
    ("dL/dA == outer(x, y)", "edit other-name"),
)

_model(
    """
C = [[2.0, 0.4], [0.4, 1.1]]        # symmetric
x = [0.7, -1.4]
b = [0.5, 0.3]
L = x @ C @ x / 2 - dot(b, x)
""",
    """
    dL/dx == C @ x - b
    dL/dx == (C + C.T) @ x / 2 - b
    """,
    ("dL/dx == 2 * C @ x - b", "edit wrong-weight double-path"),
    ("dL/dx == b - C @ x", "sign"),
    ("dL/dx == C @ x", "missing-path"),
    ("dL/dC == outer(x, x)", "factor"),
)

_model(
    """
X = [[1, 0.5], [1, -1.2], [1, 0.9], [1, 2.1]]
y = [0.4, -1.1, 0.8, 1.7]
w = [0.3, 0.7]
n = 4
lam = 0.05
r = X @ w - y
fit = sum(r**2) / n
decay = lam * sum(w**2)
L = fit + decay
""",
    """
    dL/dw == 2 / n * X.T @ r + 2 * lam * w
    dfit/dw == 2 * X.T @ (X @ w - y) / n
    dr/dw == X
    dL/dy == -2 * r / n
    """,
    ("dL/dw == 2 / n * X.T @ r", "missing-path other-name"),
    ("dfit/dw == 2 * X.T @ r", "factor missing-factor wrong-weight"),
    ("dL/dy == 2 * r / n", "sign other-name"),
    ("dL/dw == 2 / n * X.T @ r + lam * w", "wrong-weight edit factor"),
    ("dr/dw == X.T", "transposed shape"),
    ("dL/dw == 2 / n * X.T @ r - 2 * lam * w", "path-sign sign"),
)

_model(
    """
A = [[1.1, 0.3, -0.5], [-0.4, 0.8, 0.2]]
B = [[-0.6, 0.9], [0.2, -1.3]]
X = [[0.5, -1.2], [0.7, 1.4], [0.3, -0.8]]
L = trace(A @ X @ B)
""",
    """
    dL/dX == A.T @ B.T
    L == trace(B @ A @ X) == sum((B @ A).T * X)
    dL/dB == (A @ X).T
    """,
    ("dL/dX == B @ A", "transposed shape"),
    ("dL/dB == A @ X", "transposed"),
    ("dL/dA == (X @ B).T * 2", "factor"),
    ("dL/dX == A.T @ B", "edit transposed"),
)

_model(
    """
X = [[0.5, -1.2], [0.7, 1.4]]
s = sum(X**2)
L = sqrt(s)
""",
    """
    L == norm(X)
    dL/dX == X / L
    ds/dX == 2 * X
    L**2 == trace(X.T @ X)
    """,
    ("dL/dX == X", "missing-factor wrong-weight"),
    ("dL/dX == X.T / L", "transposed"),
    ("dL/dX == 2 * X / L", "factor"),
    ("dL/ds == 2 * L", "wrong-weight edit"),
    ("dL/dX == X / s", "edit missing-factor"),
)

_model(
    """
u = [0.8, -0.3, 1.1]
v = [-0.5, 0.9, 0.4]
a = norm(u)
b = norm(v)
t = dot(u, v)
L = t / (a * b)             # cosine similarity
""",
    """
    dL/du == v / (a * b) - L * u / a**2
    dot(u, dL/du) == 0
    dL/dv == (u / a - L * v / b) / b
    """,
    ("dL/du == v / (a * b)", "missing-path"),
    ("dL/du == v / (a * b) + L * u / a**2", "path-sign sign"),
    ("dL/du == v / (a * b) - L * u / a", "edit missing-factor wrong-weight"),
    ("dL/du == (u / a - L * v / b) / b", "other-name"),
)

_model(
    """
A = [[0.4, 1.2, -0.3], [0.9, -0.5, 0.7]]
x = [1.3, -0.6]
z = [0.2, 0.8, -1.1]
L = x @ A @ z
""",
    """
    dL/dA == outer(x, z)
    dL/dx == A @ z
    dL/dz == A.T @ x
    dot(x, dL/dx) == dot(z, dL/dz)
    """,
    ("dL/dA == outer(z, x)", "transposed shape"),
    ("dL/dA == -outer(x, z)", "sign"),
    ("dL/dz == 2 * A.T @ x", "factor"),
)

_model(
    """
a = 1.4
b = -0.6
c = 0.8
d = 2.1
M = [[a, b], [c, d]]
det = a * d - b * c
inv = [[d, -b], [-c, a]] / det
x = inv @ [0.5, 1.2]
L = dot(x, x)
""",
    """
    M @ inv == eye(2)
    ddet/dM == zeros(2, 2)
    ddet/da == d
    dL/dx == 2 * x
    """,
    ("ddet/db == c", "sign"),
    ("ddet/da == a", "edit other-name"),
    ("inv == [[d, -c], [-b, a]] / det", "transposed"),
)

_model(
    """
S = [[1.0, 0.2], [0.2, 2.0]]
P = eye(2)
x = [0.4, -0.9]
y = P @ x
L = y @ S @ y
""",
    """
    y == x
    dL/dy == 2 * S @ y
    dL/dx == 2 * S @ x
    """,
    ("dL/dx == S @ x", "factor"),
    ("dL/dx == -2 * S @ x", "sign"),
)

# ── where there are branches ─────────────────────────────────────────────────────────

_model(
    """
err = 0.4
k = 1.0                     # positive
L = where(abs(err) <= k, err**2 / 2, k * (abs(err) - k / 2))     # Huber
""",
    """
    dL/derr == clip(err, -k, k)
    dL/derr == where(abs(err) <= k, err, k * sign(err))
    """,
    ("dL/derr == err", "wrong-branch"),
    ("dL/derr == where(abs(err) <= k, err, k)", "wrong-branch missing-factor"),
    ("dL/derr == where(abs(err) <= k, err, sign(err))", "wrong-branch missing-factor edit"),
    ("dL/derr == -clip(err, -k, k)", "sign"),
)

_model(
    """
x = 1.6
L = abs(x)**3
""",
    """
    dL/dx == 3 * x * abs(x)
    dL/dx == 3 * x**2 * sign(x)
    """,
    ("dL/dx == 3 * x**2", "wrong-branch missing-factor"),
    ("dL/dx == 3 * abs(x)", "missing-factor"),
)

_model(
    """
a = 0.8
b = 0.3
m = maximum(a, b)
L = m**2 + a
""",
    """
    dL/da == where(a > b, 2 * a, 0) + 1
    m == (a + b + abs(a - b)) / 2
    dL/dm == 2 * m
    """,
    ("dL/da == 2 * a + 1", "wrong-branch"),
    ("dL/da == where(a > b, 2 * a, 0)", "offset missing-path other-name"),
    ("dL/db == where(a > b, 2 * b, 0)", "edit"),
)

_model(
    """
z = 0.9
w = 1.3
y = leaky_relu(w * z, 0.1)
L = y**2
""",
    """
    dL/dz == 2 * y * w * where(w * z > 0, 1, 0.1)
    y == maximum(w * z, 0.1 * w * z)
    """,
    ("dL/dz == 2 * y * w", "wrong-branch missing-factor"),
    ("dL/dz == 2 * y * where(w * z > 0, 1, 0.1)", "missing-factor other-name"),
)

_model(
    """
x = [0.4, 1.1, 2.3, -0.9]
t = 0.5                     # positive
L = sum(sign(x) * maximum(abs(x) - t, 0))       # soft thresholding
""",
    """
    dL/dx == where(abs(x) > t, 1, 0)
    dL/dt == -sum(sign(x) * (abs(x) > t))
    """,
    ("dL/dx == where(x > t, 1, 0)", "edit wrong-weight"),
    ("dL/dx == sign(x) * where(abs(x) > t, 1, 0)", "wrong-weight missing-factor edit"),
    ("dL/dt == sum(sign(x) * (abs(x) > t))", "sign offset"),
)

_model(
    """
x = [0.4, 1.7, -0.8]
L = max(x)**2
""",
    """
    dL/dx == 2 * max(x) * (x == max(x))
    dL/dx == where(x == max(x), 2 * x, 0)
    """,
    ("dL/dx == 2 * x", "missing-factor wrong-weight"),
    ("dL/dx == max(x) * (x == max(x))", "factor"),
    ("dL/dx[1] == 2 * x[1]", "wrong-branch"),
)

# ── functions, chains, and the rest ──────────────────────────────────────────────────

_model(
    """
f(z) = z * sigmoid(z)
x = 0.7
L = f(x)**2
""",
    """
    dL/dx == 2 * f(x) * (f(x) + sigmoid(x) * (1 - f(x)))
    f(x) == silu(x)
    f(x) + f(-x) == x * tanh(x / 2)
    """,
    ("dL/dx == 2 * f(x) * sigmoid(x)", "missing-path missing-factor"),
    ("dL/dx == f(x) + sigmoid(x) * (1 - f(x))", "missing-factor"),
    ("dL/dx == 2 * f(x) * (f(x) + sigmoid(x) * (1 + f(x)))", "edit wrong-weight sign"),
)

_model(
    """
Phi(t) = (1 + erf(t / sqrt(2))) / 2
phi(t) = exp(-t**2 / 2) / sqrt(2 * pi)
x = 0.8
u = Phi(x)
L = x * u                   # gelu
""",
    """
    L == gelu(x)
    dL/dx == Phi(x) + x * phi(x)
    du/dx == phi(x)
    """,
    ("dL/dx == Phi(x)", "missing-path partial-total"),
    ("du/dx == exp(-x**2 / 2)", "factor"),
    ("dL/dx == Phi(x) - x * phi(x)", "path-sign edit sign"),
    ("du/dx == exp(-x**2 / 2) / 2.5066283", "factor edit"),
)

_model(
    """
g(u, v) = u * v / (u + v)
a = 1.3
b = 2.4
c = g(a, b)
L = c * g(c, a)
""",
    """
    ∂c/∂a == (b / (a + b))**2
    dc/db == (c / b)**2
    dL/da == ∂L/∂a + ∂L/∂c * ∂c/∂a
    """,
    ("dL/da == ∂L/∂a", "partial-total missing-path"),
    ("dL/da == ∂L/∂c * ∂c/∂a", "missing-path"),
    ("dL/db == dc/db", "missing-factor other-name"),
    ("dL/da == ∂L/∂a + 2 * ∂L/∂c * ∂c/∂a", "double-path"),
)

_model(
    """
a = 0.6
b = a**2
c = sin(a)
d = b * c
e1 = exp(-d) + b
L = log(e1) + c
""",
    """
    dd/da == 2 * a * c + b * cos(a)
    dL/da == dL/db * db/da + dL/dc * dc/da
    dL/db == (1 - c * exp(-d)) / e1
    dL/dc == 1 - b * exp(-d) / e1
    """,
    ("dL/da == dL/db * db/da", "missing-path"),
    ("dL/db == 1 / e1", "missing-path partial-total other-name"),
    ("dL/dc == -b * exp(-d) / e1", "offset missing-path"),
    ("dL/da == dL/db * db/da + dL/dc * dc/da + dL/dd * dd/da", "double-path"),
    ("dL/db == (1 + c * exp(-d)) / e1", "path-sign edit sign"),
    ("dL/da == dL/db * db/da - dL/dc * dc/da", "path-sign sign"),
    ("dL/dc == 1 - b / e1", "missing-factor wrong-weight"),
)

_model(
    """
a = 0.9
b = 0.4
p = a * b
q = a + b
r = p / q
s = p - q
L = r * s
""",
    """
    dL/dp == s / q + r
    dL/dq == -r * s / q - r
    dL/da == dL/dp * b + dL/dq
    """,
    ("dL/dp == s / q", "missing-path"),
    ("dL/dq == -r * s / q + r", "path-sign sign"),
    ("dL/da == dL/dp * a + dL/dq", "edit wrong-weight other-name"),
    ("dL/da == dL/dp * b", "missing-path"),
    ("dL/dr == r", "other-name edit"),
)

_model(
    """
x = 1.7
y = 2.3
L = x**y
""",
    """
    dL/dx == y * L / x
    dL/dy == L * log(x)
    L == exp(y * log(x))
    """,
    ("dL/dx == y * x**y", "edit missing-factor wrong-weight"),
    ("dL/dy == y * x**(y - 1)", "other-name"),
    ("dL/dy == L * log10(x)", "factor edit"),
    ("dL/dy == L", "missing-factor wrong-weight"),
)

_model(
    """
a = 0.7
b = 0.4
L = sin(a) * cos(b)
""",
    """
    dL/da == (cos(a + b) + cos(a - b)) / 2
    L == (sin(a + b) + sin(a - b)) / 2
    dL/db == -sin(a) * sin(b)
    """,
    ("dL/db == sin(a) * sin(b)", "sign"),
    ("dL/da == (cos(a + b) - cos(a - b)) / 2", "edit other-name"),
    ("dL/da == -cos(a) * cos(b)", "sign"),
)

_model(
    """
x = 0.6
u = tan(x)
L = u**2
""",
    """
    du/dx == 1 / cos(x)**2 == 1 + u**2
    dL/dx == 2 * sin(x) / cos(x)**3
    """,
    ("du/dx == 1 - u**2", "edit wrong-weight sign"),
    ("dL/dx == 2 * u", "missing-factor other-name"),
    ("du/dx == cos(x)**2", "wrong-weight edit"),
)

_model(
    """
x = 0.8
L = log(cosh(x))
""",
    """
    dL/dx == tanh(x)
    dL/dx == 1 - 2 / (exp(2 * x) + 1)
    cosh(x)**2 - sinh(x)**2 == 1
    """,
    ("dL/dx == tan(x)", "edit"),
    ("dL/dx == 1 / cosh(x)", "missing-factor"),
    ("dL/dx == 1.0000001 * tanh(x)", "factor"),
)

_model(
    """
x = [1.2, 0.7, 2.1]
L = prod(x)
""",
    """
    dL/dx == L / x
    dL/dx[0] == x[1] * x[2]
    """,
    ("dL/dx[0] == x[0] * x[2]", "edit"),
    ("dL/dx[0] == prod(x)", "missing-factor"),
)

_model(
    """
u = [0.3, 0.9, -0.4, 1.2]
h = 0.1
s = u[1:] - u[:-1]
L = sum(s**2) / h
""",
    """
    dL/du[0] == -2 * s[0] / h
    dL/du[1] == 2 * (s[0] - s[1]) / h
    dL/dh == -L / h
    """,
    ("dL/du[1] == 2 * s[0] / h", "missing-path missing-factor"),
    ("dL/du[0] == 2 * s[0] / h", "sign"),
    ("dL/dh == -L", "missing-factor wrong-weight"),
    ("dL/du[3] == 2 * s[1] / h", "edit"),
)

_model(
    """
P = 100.0
r = 0.05
m = 12.0
t = 2.5
L = P * (1 + r / m)**(m * t)        # compound interest
""",
    """
    dL/dt == L * m * log(1 + r / m)
    dL/dr == t * L / (1 + r / m)
    L == P * exp(m * t * log1p(r / m))
    """,
    ("dL/dr == m * t * P * (1 + r / m)**(m * t - 1)", "missing-factor wrong-weight"),
    ("dL/dP == L", "missing-factor wrong-weight"),
    ("dL/dt == L * r", "edit wrong-weight missing-factor"),
)

_model(
    """
x = 1.3
y = -0.8
r = sqrt(x**2 + y**2)
angle = atan2(y, x)
L = r * angle
""",
    """
    dangle/dx == -y / r**2
    x * dangle/dy - y * dangle/dx == 1
    dL/dx == angle * x / r - y / r
    """,
    ("dangle/dx == y / r**2", "sign"),
    ("dangle/dx == -x / r**2", "edit other-name"),
    ("dL/dx == angle * x / r", "missing-path"),
)

_model(
    """
a = 5.0
x0 = 1.0
x1 = (x0 + a / x0) / 2
x2 = (x1 + a / x1) / 2
L = x2                      # Heron's square root
""",
    """
    dx1/dx0 == (1 - a / x0**2) / 2
    dx1/da == 1 / 2
    dx2/da == 1 / (2 * x1) + dx2/dx1 * dx1/da
    x2**2 - a == ((x1**2 - a) / (2 * x1))**2
    """,
    ("dx1/dx0 == (1 - a) / 2", "missing-factor edit"),
    ("dx1/da == x0 / 2", "edit missing-factor wrong-weight"),
    ("dx2/da == 1 / (2 * x1)", "partial-total missing-path"),
)

_model(
    """
z = [1.5, -0.2, 0.4]
t = 0.5
p = softmax(z / t)
L = dot(p, z)
""",
    """
    dp/dz == (diag(p) - outer(p, p)) / t
    dL/dz == p + p * (z - L) / t
    p == exp(z / t - logsumexp(z / t))
    sum(dp/dz, axis=0) == zeros(3)
    """,
    ("dp/dz == diag(p) - outer(p, p)", "missing-factor wrong-weight"),
    ("dL/dz == p", "missing-path partial-total"),
    ("dp/dz == diag(p * (1 - p)) / t", "missing-path wrong-weight edit"),
    ("dp/dz == (diag(p) + outer(p, p)) / t", "edit path-sign wrong-weight sign"),
    ("dL/dt == sum(p * (z - L) * z) / t**2", "sign"),
)

# ── backward passes with names: the first wrong step, and what follows from it ───────

_CHAIN = """
x = [0.6, -0.9]
y = [0, 1]
W1 = [[0.3, -0.5], [0.8, 0.2]]
W2 = [[0.5, -0.3], [-0.6, 0.4]]
z1 = W1 @ x
h = tanh(z1)
z2 = W2 @ h
p = softmax(z2)
L = -dot(y, log(p))
"""

_model(
    _CHAIN
    + """
g2 = p - y
dL/dz2 == g2
g1 = (W2.T @ g2) * (1 - h**2)
""",
    """
    dL/dz1 == g1
    dL/dW1 == outer(g1, x)
    dL/dW2 == outer(g2, h)
    """,
    ("dL/dW2 == outer(h, g2)", "transposed"),
    ("dL/dW1 == outer(g1, h)", "edit"),
    ("dL/dx == W1 @ g1", "edit transposed"),
    ("dL/dW1 == outer(g2, x)", "edit missing-factor"),
)

_model(
    _CHAIN
    + """
g2 = p - y
dL/dz2 == g2
g1 = W2.T @ g2
dL/dz1 == g1
""",
    """
    dL/dh == g1
    """,
    ("dL/dW1 == outer(g1, x)", "follows missing-factor"),
    ("dL/dx == W1.T @ g1", "follows missing-factor"),
    ("dL/dz1 == g1 * (1 + h**2)", "wrong-weight edit sign"),
)

_model(
    """
w = 0.7
x = 1.3
b = -0.2
t = 0.4
z = w * x + b
a = sigmoid(z)
L = (a - t)**2
ga = a - t
dL/da == ga
gz = ga * a * (1 - a)
""",
    """
    dL/da == 2 * ga
    """,
    ("dL/dz == gz", "follows factor"),
    ("dL/dw == gz * x", "factor follows"),
    ("dL/db == -2 * gz", "sign"),
)
