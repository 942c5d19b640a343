"""A second corpus of claims, written when the diagnosis was there, and not looked at for it.

Like `claims` in form and in the way its truth was settled. What the engine makes of it is
closer to what a stranger's file would see.
"""

from __future__ import annotations

from cases.corpus import Corpus

CASES = Corpus()
_model = CASES.model


_model(
    """
N0 = 120.0
lam = 0.35
t = 2.2
N = N0 * exp(-lam * t)
activity = lam * N
L = activity
""",
    """
    dN/dt == -activity
    dL/dlam == N * (1 - lam * t)
    """,
    ("dL/dlam == N", "missing-path missing-factor"),
    ("dL/dlam == N * (1 + lam * t)", "path-sign sign edit"),
    ("dN/dN0 == N", "missing-factor wrong-weight"),
    ("dL/dt == lam**2 * N", "sign"),
)

_model(
    """
f1 = 0.25
d1 = 0.6
i = 1 / (1 / f1 - 1 / d1)      # thin lens
mag = i / d1
L = mag
""",
    """
    i == f1 * d1 / (d1 - f1)
    di/df1 == (i / f1)**2
    dmag/df1 == (i / f1)**2 / d1
    """,
    ("di/dd1 == (i / d1)**2", "sign"),
    ("dmag/dd1 == -i / d1**2", "missing-path partial-total"),
    ("di/df1 == i / f1**2", "missing-factor edit"),
)

_model(
    """
Cd = 0.47
rho = 1.2
A = 0.05
v = 14.0
m = 0.8
drag = Cd * rho * A * v**2 / 2
weight = m * 9.81
L = (weight - drag) / m
""",
    """
    dL/dv == -Cd * rho * A * v / m
    dL/dm == drag / m**2
    dL/dA == -drag / (A * m)
    """,
    ("dL/dv == Cd * rho * A * v / m", "sign"),
    ("dL/dm == 9.81 / m", "missing-path"),
    ("dL/dv == -Cd * rho * A * v / (2 * m)", "factor"),
    ("dL/dm == -(weight - drag) / m**2", "missing-path partial-total"),
    ("dL/dA == -Cd * rho * v**2 / m", "factor"),
)

_model(
    """
Vs = 5.0
R = 220.0
C = 0.0047
t = 0.8
tau = R * C
V = Vs * (1 - exp(-t / tau))
I = (Vs - V) / R
L = V * I
""",
    """
    dV/dt == I / C
    dI/dV == -1 / R
    dV/dtau == -Vs * t / tau**2 * exp(-t / tau)
    dL/dV == I - V / R
    """,
    ("dV/dR == -Vs * t / tau**2 * exp(-t / tau)", "missing-factor other-name"),
    ("dL/dV == I", "missing-path partial-total"),
    ("dL/dV == I + V / R", "path-sign sign"),
    ("dV/dt == Vs / tau * exp(t / tau)", "edit sign missing-factor wrong-weight"),
    ("dI/dV == 1 / R", "sign"),
)

_model(
    """
x = 0.3
y = -1.7
a = x + 2 * y - 7
b = 2 * x + y - 5
L = a**2 + b**2            # Booth
""",
    """
    dL/dx == 2 * a + 4 * b
    dL/dy == 4 * a + 2 * b
    """,
    ("dL/dy == 2 * a + 2 * b", "wrong-weight factor edit missing-factor"),
    ("dL/dx == 2 * a + 2 * b", "wrong-weight factor edit missing-factor"),
    ("dL/dx == 4 * a + 2 * b", "other-name"),
    ("dL/dx == 2 * a", "missing-path other-name"),
    ("dL/dy == 4 * a - 2 * b", "path-sign sign"),
)

_model(
    """
x = 1.1
y = 0.4
r2 = x**2 + y**2
s = sin(sqrt(r2))
q = 1 + 0.001 * r2
L = 0.5 + (s**2 - 0.5) / q**2       # Schaffer
""",
    """
    ds/dr2 == cos(sqrt(r2)) / (2 * sqrt(r2))
    dL/ds == 2 * s / q**2
    dL/dx == 2 * x * dL/dr2
    """,
    ("ds/dr2 == cos(sqrt(r2))", "missing-factor"),
    ("ds/dr2 == -cos(sqrt(r2)) / (2 * sqrt(r2))", "sign"),
    ("dL/dq == -2 * (s**2 - 0.5) / q**2", "missing-factor edit wrong-weight"),
    ("dL/dr2 == dL/ds * ds/dr2", "missing-path"),
    ("dL/dx == 2 * y * dL/dr2", "other-name edit"),
)

_model(
    """
th = [0.6, -0.4]
X = [[1.0, 0.2], [0.5, -1.1], [0.3, 0.9]]
y = [2, 0, 3]
eta = X @ th
mu = exp(eta)
L = sum(mu - y * eta)      # Poisson regression
""",
    """
    dL/deta == mu - y
    dL/dth == X.T @ (mu - y)
    dmu/dth == diag(mu) @ X
    """,
    ("dL/dth == X.T @ (y - mu)", "sign"),
    ("dL/dth == X.T @ mu", "missing-path"),
    ("dL/deta == eta - y", "edit wrong-weight other-name"),
    ("dL/dth == mu @ X + y @ X", "path-sign sign edit"),
    ("dmu/dth == X", "missing-factor other-name"),
)

_model(
    """
a = 2.2
b = 3.1
x = 0.35
L = (a - 1) * log(x) + (b - 1) * log(1 - x) - lgamma(a) - lgamma(b) + lgamma(a + b)
""",
    """
    dL/dx == (a - 1) / x - (b - 1) / (1 - x)
    dL/da == log(x) - digamma(a) + digamma(a + b)
    """,
    ("dL/dx == (a - 1) / x + (b - 1) / (1 - x)", "path-sign sign edit"),
    ("dL/da == log(x) - digamma(a) + digamma(b)", "edit"),
    ("dL/dx == a / x - b / (1 - x)", "edit wrong-weight missing-path"),
    ("dL/db == log(x) - digamma(b) + digamma(a + b)", "edit"),
)

_model(
    """
x = [0.3, 1.4, -0.8]
mu = 0.2
tau = 1.7
nu = 4.5
z = (x - mu) * sqrt(tau)
L = -(nu + 1) / 2 * sum(log1p(z**2 / nu))        # Student's t
""",
    """
    dL/dz == -(nu + 1) * z / (nu + z**2)
    dL/dmu == sum((nu + 1) * z * sqrt(tau) / (nu + z**2))
    dz/dmu == -sqrt(tau) * ones(3)
    """,
    ("dL/dz == -(nu + 1) * z / (1 + z**2)", "edit missing-factor wrong-weight"),
    ("dL/dmu == (nu + 1) * z * sqrt(tau) / (nu + z**2)", "missing-sum"),
    ("dL/dmu == -sum((nu + 1) * z * sqrt(tau) / (nu + z**2))", "sign"),
    ("dL/dmu == sum((nu + 1) * z / (nu + z**2))", "missing-factor"),
    ("dL/dz == -(nu + 1) / 2 * z / (nu + z**2)", "factor"),
)

_model(
    """
pi1 = 0.3
p = 0.8
q = 0.15
post = pi1 * p / (pi1 * p + (1 - pi1) * q)       # Bayes
L = post
""",
    """
    dL/dp == post * (1 - post) / p
    dL/dq == -post * (1 - post) / q
    dL/dpi1 == post * (1 - post) / (pi1 * (1 - pi1))
    """,
    ("dL/dp == post / p", "missing-path missing-factor"),
    ("dL/dpi1 == post * (1 - post) / pi1", "missing-factor"),
    ("dL/dq == post * (1 - post) / q", "sign"),
    ("dL/dp == post * (1 + post) / p", "edit sign wrong-weight"),
)

_model(
    """
W = [[0.2, -0.7, 0.4], [0.5, 0.1, -0.3]]
x = [0.9, -0.5, 1.2]
c = [0.1, -0.2]
y = [0.3, 0.8]
u = W @ x + c
s = sigmoid(u)
e = s - y
L = mean(e**2)
""",
    """
    dL/ds == e
    dL/du == e * s * (1 - s)
    dL/dW == outer(e * s * (1 - s), x)
    dL/dx == W.T @ dL/du
    """,
    ("dL/ds == 2 * e", "factor"),
    ("dL/du == e", "missing-factor other-name"),
    ("dL/dW == outer(x, e * s * (1 - s))", "transposed shape"),
    ("dL/dx == W.T @ (e * (1 - s))", "missing-factor"),
    ("dL/dc == outer(e * s * (1 - s), x)", "shape other-name missing-sum"),
    ("dL/dx == W.T @ e", "missing-factor"),
    ("dL/du == e * s * s", "edit wrong-weight missing-factor"),
)

_model(
    """
X = [[0.4, -1.0, 0.3], [0.7, 0.2, -0.6]]
g = [1.3, 0.8, -0.5]
b = [0.2, 0.0, 0.1]
D = [[0.5, -0.4, 0.9], [0.1, 0.6, -0.2]]
Y = g * X + b
L = sum(D * Y)
""",
    """
    dL/dg == sum(D * X, axis=0)
    dL/db == sum(D, axis=0)
    dL/dX == D * g
    """,
    ("dL/dg == D * X", "missing-sum"),
    ("dL/db == D", "missing-sum other-name"),
    ("dL/dg == sum(D * Y, axis=0)", "edit"),
    ("dL/dX == D", "missing-factor other-name"),
    ("dL/dg == mean(D * X, axis=0)", "factor edit"),
)

_model(
    """
h = [0.4, -0.7]
U = [[0.3, 0.5], [-0.2, 0.8]]
z = U @ h
n = tanh(z)
k = n * h
L = sum(k)
""",
    """
    dL/dn == h
    ∂L/∂k == ones(2)
    dk/dh == diag(n) + diag(h * (1 - n**2)) @ U
    dL/dh == n + U.T @ (h * (1 - n**2))
    """,
    ("dL/dh == U.T @ (h * (1 - n**2))", "missing-path"),
    ("dL/dh == n", "missing-path partial-total other-name"),
    ("dL/dh == n + U @ (h * (1 - n**2))", "edit transposed wrong-weight"),
    ("dL/dh == n + U.T @ h", "missing-factor wrong-weight"),
    ("dL/dh == n + U.T @ (h * (1 - z**2))", "edit wrong-weight"),
    ("dL/dU == outer(h, h * (1 - n**2))", "transposed"),
)

_model(
    """
v = [0.7, -0.4, 1.1]
w = [0.3, 0.9, -0.2]
t = 0.6
m = dot(v, w)
L = log(1 + exp(-t * m))
""",
    """
    dL/dm == -t * sigmoid(-t * m)
    dL/dv == -t * sigmoid(-t * m) * w
    dL/dt == -m / (1 + exp(t * m))
    L == softplus(-t * m)
    """,
    ("dL/dm == -t * sigmoid(t * m)", "edit sign"),
    ("dL/dv == -t * sigmoid(-t * m) * v", "other-name edit"),
    ("dL/dm == t * sigmoid(-t * m)", "sign"),
    ("dL/dm == -sigmoid(-t * m)", "missing-factor"),
)

_model(
    """
q = [0.6, -0.2]
k1 = [0.5, 0.9]
k2 = [-0.3, 0.4]
s1 = dot(q, k1)
s2 = dot(q, k2)
a1 = exp(s1) / (exp(s1) + exp(s2))
a2 = 1 - a1
o = 2.0 * a1 + 0.5 * a2
L = o
""",
    """
    da1/ds1 == a1 * a2
    da1/dq == a1 * a2 * (k1 - k2)
    dL/dk2 == -1.5 * a1 * a2 * q
    dL/da1 == 1.5
    """,
    ("da1/ds2 == a1 * a2", "sign other-name"),
    ("da1/dq == a1 * a2 * k1", "missing-path other-name"),
    ("dL/dk2 == 0.5 * a1 * a2 * q", "missing-path factor other-name"),
    ("da1/dq == a1 * a2 * (k1 + k2)", "path-sign sign edit"),
    ("da1/ds1 == a1", "missing-factor missing-path"),
)

_model(
    """
A = [[2.0, 0.3, -0.5], [0.1, 1.4, 0.6], [-0.2, 0.8, 1.9]]
x = [0.5, -1.2, 0.7]
num = x @ A @ x
den = dot(x, x)
L = num / den              # Rayleigh quotient
""",
    """
    dL/dx == ((A + A.T) @ x - 2 * L * x) / den
    dden/dx == 2 * x
    dL/dA == outer(x, x) / den
    dot(x, dL/dx) == 0
    """,
    ("dL/dx == 2 * (A @ x - L * x) / den", "assumption edit transposed wrong-weight double-path"),
    ("dL/dx == (A + A.T) @ x / den", "missing-path"),
    ("dL/dx == ((A + A.T) @ x - L * x) / den", "wrong-weight factor edit"),
    ("dL/dx == ((A + A.T) @ x + 2 * L * x) / den", "path-sign sign edit"),
    ("dL/dA == outer(x, x)", "missing-factor wrong-weight other-name"),
)

_model(
    """
A = [[0.6, -1.1], [0.8, 0.4]]
B = [[1.3, 0.2], [-0.7, 0.9]]
C = A @ B - B @ A
L = sum(C**2) / 2
""",
    """
    trace(C) == 0
    dL/dC == C
    dL/dA == C @ B.T - B.T @ C
    """,
    ("dL/dA == C @ B.T", "missing-path"),
    ("dL/dA == C @ B.T + B.T @ C", "path-sign sign edit"),
    ("dL/dB == C @ B.T - B.T @ C", "other-name edit"),
    ("dL/dA == C @ B - B @ C", "edit transposed wrong-weight"),
)

_model(
    """
P = [[0.9, 0.1], [0.3, 0.7]]
r = [1.0, -0.5]
g = 0.9
v0 = [0.2, 0.4]
v1 = r + g * P @ v0
v2 = r + g * P @ v1
L = v2[0]
""",
    """
    dv2/dv0 == g**2 * P @ P
    dL/dr == [1, 0] + g * P[0]
    ∂v2/∂g == P @ v1
    dv2/dg == P @ v1 + g * P @ P @ v0
    """,
    ("dv2/dv0 == g * P @ P", "missing-factor edit"),
    ("dv2/dr == g * P", "missing-path other-name"),
    ("dv2/dg == P @ v1", "partial-total missing-path"),
    ("dv2/dv0 == g**2 * (P @ P).T", "transposed"),
    ("dL/dr == g * P[0]", "missing-path other-name"),
)

_model(
    """
x = 2.3
lo = -1.0
hi = 1.5
y = clip(x, lo, hi)
L = y**2 + x
""",
    """
    dL/dx == where(x > hi, 0, where(x < lo, 0, 2 * x)) + 1
    dL/dy == 2 * y
    """,
    ("dL/dx == 2 * y + 1", "missing-factor wrong-weight wrong-branch"),
    ("dL/dhi == 2 * y", "wrong-branch"),
)

_model(
    """
x = -0.8
a = 1.2
y = where(x > 0, x, a * (exp(x) - 1))
L = y * 3
""",
    """
    y == elu(x, 1.2) + where(x > 0, 0, (a - 1.2) * (exp(x) - 1))
    dy/dx == where(x > 0, 1, y + a)
    dL/da == where(x > 0, 0, 3 * (exp(x) - 1))
    """,
    ("dy/dx == y + a", "wrong-branch"),
    ("dy/dx == where(x > 0, 1, y)", "edit missing-path offset"),
    ("dL/da == 3 * (exp(x) - 1)", "wrong-branch"),
    ("dL/da == where(x > 0, 0, exp(x) - 1)", "factor other-name"),
)

_model(
    """
p = [0.9, -0.4]
q = [0.3, 1.1]
d = p - q
n1 = sum(abs(d))
n2 = sqrt(sum(d**2))
L = n1 + n2
""",
    """
    dn1/dp == sign(d)
    dL/dp == sign(d) + d / n2
    dL/dq == -dL/dp
    """,
    ("dn2/dp == d", "missing-factor wrong-weight"),
    ("dL/dq == sign(d) + d / n2", "sign other-name"),
    ("dL/dp == sign(p) + d / n2", "edit wrong-branch"),
    ("dL/dp == d / n2", "missing-path other-name"),
    ("dL/dp == sign(d) - d / n2", "path-sign sign edit"),
)

_model(
    """
margin = 1.0                # positive
w = [0.5, -0.3]
x = [0.8, 1.4]
s = dot(w, x)
L = relu(margin - s)**2
""",
    """
    dL/ds == -2 * relu(margin - s)
    dL/dw == -2 * maximum(0, margin - s) * x
    """,
    ("dL/ds == -2 * (margin - s)", "wrong-branch"),
    ("dL/ds == 2 * relu(margin - s)", "sign other-name"),
    ("dL/dw == -2 * relu(margin - s) * w", "other-name edit"),
    ("dL/dw == -relu(margin - s) * x", "factor"),
)

_model(
    """
softsign(z) = z / (1 + abs(z))
gate(u, v) = softsign(u) * sigmoid(v)
a = 0.9
b = -0.6
c = gate(a, b)
L = gate(c, a) + b
""",
    """
    dc/da == sigmoid(b) / (1 + abs(a))**2
    dc/db == c * (1 - sigmoid(b))
    dL/da == ∂L/∂a + ∂L/∂c * dc/da
    ∂L/∂a == softsign(c) * sigmoid(a) * (1 - sigmoid(a))
    """,
    ("dc/da == sigmoid(b) / (1 + a)**2", "wrong-branch edit"),
    ("dc/da == sigmoid(b) / (1 + abs(a))", "missing-factor edit"),
    ("dL/da == softsign(c) * sigmoid(a) * (1 - sigmoid(a))", "partial-total missing-path"),
    ("dL/db == dL/dc * dc/db", "offset missing-path"),
    ("dc/db == c * (1 - sigmoid(a))", "edit wrong-weight"),
)

_model(
    """
a = 1.3
b = a * 2
c = a + b
d = b * c
k = c - d
L = d * k
""",
    """
    dL/dd == k - d
    dL/dc == d + b * (k - d)
    dd/da == 12 * a
    dL/db == dL/dc + c * (k - d)
    """,
    ("dL/dd == k", "missing-path partial-total"),
    ("dL/dc == b * (k - d)", "missing-path"),
    ("dL/dc == d + b * k", "missing-path"),
    ("dL/db == dL/dc * 2 + c * (k - d)", "double-path wrong-weight factor edit"),
    ("dL/db == dL/dc - c * (k - d)", "path-sign sign edit"),
    ("dL/da == 2 * dL/db", "missing-path"),
)

_model(
    """
s = 0.4
u = exp(s)
v = log(1 + u)
w = u * v
L = w - s
""",
    """
    dv/ds == sigmoid(s)
    dw/du == v + u / (1 + u)
    dL/ds == u * dw/du - 1
    """,
    ("dv/ds == 1 / (1 + u)", "missing-factor other-name"),
    ("dw/du == v", "partial-total missing-path"),
    ("dL/ds == u * dw/du", "offset missing-path other-name"),
    ("dw/ds == u * v + u * u / (1 - u)", "edit sign"),
    ("dL/ds == u * dw/du + 1", "path-sign offset sign"),
)

_model(
    """
x = 0.7
y = sin(x)**2
z = cos(x)**2
L = y - z
""",
    """
    L == -cos(2 * x)
    dL/dx == 2 * sin(2 * x)
    dy/dx == sin(2 * x) == -dz/dx
    y + z == 1
    """,
    ("dz/dx == sin(2 * x)", "sign other-name"),
    ("dL/dx == 2 * cos(2 * x)", "edit"),
    ("dy/dx == 2 * sin(x)", "missing-factor"),
    ("dL/dx == sin(2 * x)", "factor missing-path other-name"),
)

_model(
    """
x = 1.9
L = atanh(1 / x)
""",
    """
    dL/dx == 1 / (1 - x**2)
    L == log((x + 1) / (x - 1)) / 2
    """,
    ("dL/dx == -1 / (1 - x**2)", "sign"),
    ("dL/dx == x**2 / (x**2 - 1)", "missing-factor wrong-weight"),
    ("dL/dx == 1 / (1 + x**2)", "edit sign wrong-weight"),
)

_model(
    """
t = 0.8
x = 3 * cos(t) + 1
y = 2 * sin(t)
L = hypot(x, y)
""",
    """
    dL/dt == (x * dx/dt + y * dy/dt) / L
    dx/dt == -1.5 * y
    dy/dt == 2 / 3 * (x - 1)
    """,
    ("dx/dt == -y", "factor"),
    ("dL/dt == x / L * dx/dt", "missing-path"),
    ("dL/dt == (x * dx/dt - y * dy/dt) / L", "path-sign sign edit"),
    ("dL/dt == (x * dx/dt + y * dy/dt)", "missing-factor wrong-weight"),
    ("dy/dt == 0.6666667 * (x - 1)", "factor edit"),
)

_model(
    """
z = [0.2, -0.9, 0.5, 1.4]
y = [0.1, 0.2, 0.3, 0.4]
m = max(z)
e1 = exp(z - m)
p = e1 / sum(e1)
L = sum((p - y)**2) / 2
""",
    """
    p == softmax(z)
    dL/dp == p - y
    dL/dz == p * (p - y - sum(p * (p - y)))
    dL/dz == (diag(p) - outer(p, p)) @ (p - y)
    """,
    ("dL/dz == p * (p - y)", "missing-path"),
    ("dL/dz == p - y", "missing-factor other-name"),
    ("dL/dz == p * (1 - p) * (p - y)", "wrong-weight missing-path missing-factor edit"),
    ("dL/dz == p * (y - p - sum(p * (y - p)))", "sign"),
    ("p == exp(z)", "missing-factor wrong-weight edit"),
)

_model(
    """
a = [0.4, -0.8, 1.5]
b = [1.2, 0.3, -0.6]
c = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
L = dot(c, [1.0, 2.0, -0.5])
""",
    """
    dL/da[0] == 2 * -b[2] + -0.5 * b[1]
    dot(a, c) == 0
    dc/da == [[0, b[2], -b[1]], [-b[2], 0, b[0]], [b[1], -b[0], 0]]
    """,
    ("dc/da == [[0, -b[2], b[1]], [b[2], 0, -b[0]], [-b[1], b[0], 0]]", "sign transposed"),
    ("dL/da[0] == -2 * b[2]", "missing-path"),
    ("dL/da[0] == 2 * b[2] - 0.5 * b[1]", "path-sign sign"),
    ("dc/db == [[0, b[2], -b[1]], [-b[2], 0, b[0]], [b[1], -b[0], 0]]", "other-name edit"),
)

_model(
    """
S = 3.0
K = 0.5
x = 0.8
n = 2.0
th = (x / K)**n
L = S * th / (1 + th)       # Hill
""",
    """
    dth/dx == n * th / x
    dL/dx == n * L * (1 - L / S) / x
    dL/dn == L / (1 + th) * log(x / K)
    """,
    ("dL/dth == S / (1 + th)", "missing-path missing-factor edit"),
    ("dL/dx == 2 * L * (1 - L / S) / x", "edit missing-factor"),
    ("dL/dn == L / (1 + th) * log(K / x)", "sign"),
    ("dth/dx == n * (x / K)**(n - 1)", "missing-factor"),
    ("dth/dn == n * (x / K)**(n - 1)", "edit missing-factor"),
)

_CELL = """
x = 0.7
w1 = -0.9
w2 = 1.4
w3 = 0.6
t = 0.2
z1 = w1 * x
h1 = softplus(z1)
z2 = w2 * h1
h2 = tanh(z2)
y = w3 * h2
L = (y - t)**2 / 2
"""

_model(
    _CELL,
    """
    dL/dy == y - t
    dL/dw3 == (y - t) * h2
    dL/dz2 == (y - t) * w3 * (1 - h2**2)
    dL/dx == dL/dz2 * w2 * sigmoid(z1) * w1
    dh1/dz1 == 1 - exp(-h1)
    """,
    ("dL/dz2 == (y - t) * (1 - h2**2)", "missing-factor"),
    ("dL/dx == dL/dz2 * w2 * sigmoid(z1)", "missing-factor other-name"),
    ("dL/dx == dL/dz2 * w2 * h1 * w1", "wrong-weight edit"),
    ("dL/dx == dL/dz2 * w1 * sigmoid(z1) * w1", "edit wrong-weight"),
    ("dL/dw1 == dL/dz1", "missing-factor other-name"),
    ("dL/dw2 == dL/dz2 * z1", "edit wrong-weight"),
    ("dL/dz2 == (y - t) * w3 * (1 - h2)**2", "edit wrong-weight"),
    ("dL/dz2 == (y - t) * w3 * (1 - tanh(h2)**2)", "edit wrong-weight"),
    ("dL/dz2 == 2 * (y - t) * w3 * (1 - h2**2)", "factor"),
    ("dL/dz2 == w3 * (1 - h2**2)", "missing-factor other-name"),
    ("dL/dz1 == dL/dz2 * w2 * (1 - sigmoid(z1))", "wrong-weight edit"),
    ("dL/dz1 == dL/dz2 / w2 * sigmoid(z1)", "wrong-weight edit"),
    ("dL/dh1 == dL/dz2 * w2 * 0.9999999", "factor"),
)

_model(
    _CELL
    + """
gy = y - t
dL/dy == gy
gz2 = gy * w3
dL/dz2 == gz2
gz1 = gz2 * w2 * sigmoid(z1)
""",
    """
    dL/dh2 == gz2
    """,
    ("dL/dz1 == gz1", "follows missing-factor"),
    ("dL/dw2 == gz2 * h1", "follows missing-factor"),
    ("dL/dw1 == gz1 * x", "follows missing-factor"),
    ("dL/dw3 == gy * y", "edit wrong-weight missing-factor"),
)
