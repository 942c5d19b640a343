"""A third corpus of claims, from many fields, as one would write them to find a judge's faults.

Written without a look at the engine or at the other corpora. The truth of every claim was settled
by a script of its own (PyTorch, at random points); tests/claims/test_peer.py settles it once more.
Leaves of 0, 1 and 2, equal leaves, symmetric matrices and lengths that hide a mistake at the
file's point are meant to be so.

A code was added where the engine's answer was found just as right as the one expected (the
derivative by phi, where the factor w is left out), and no code was dropped.
"""

# ruff: noqa: E501  # a claim is one line, as long as people write them

from __future__ import annotations

from cases.corpus import Corpus

CASES = Corpus()
_model = CASES.model
DIGITS = ("x = 1e-5", "eps = 1e-12")  # how models start that float64 is not enough for


_model(
    """
x = 1.7
u = x**2 + 1
v = sin(x) + 2
L = u / v
""",
    """
    dL/dx == (2*x*v - u*cos(x)) / v**2
    dL/dv == -u/v^2
    """,
    ("dL/dx == (2*x*v + u*cos(x)) / v**2", "sign path-sign"),
    ("dL/dx == (u*cos(x) - 2*x*v) / v**2", "sign path-sign edit"),
    ("dL/dx == (2*x*v - u*cos(x)) / v", "edit wrong-weight missing-factor"),
    ("dL/dx == 2*x*v / v**2", "missing-path edit wrong-weight"),
    ("dL/dv == -u/v", "edit wrong-weight sign missing-factor"),
)

_model(
    """
x = 0.8
L = exp(sin(x**3))
""",
    """
    dL/dx == 3*x**2*cos(x^3)*exp(sin(x^3))
    dL/dx == L * cos(x**3) * 3 * x * x
    """,
    ("dL/dx == cos(x^3)*exp(sin(x^3))", "missing-factor"),
    ("dL/dx == 3*x**2*exp(sin(x^3))", "missing-factor"),
    ("dL/dx == -3*x**2*cos(x^3)*exp(sin(x^3))", "sign"),
    ("dL/dx == 3*x**2*sin(x^3)*exp(sin(x^3))", "edit"),
    ("dL/dx == 3*x*cos(x^3)*exp(sin(x^3))", "edit missing-factor factor"),
    ("dL/dx == 2*x**2*cos(x^3)*exp(sin(x^3))", "edit factor"),
)

_model(
    """
x = 2
L = x**2 + 3
""",
    """
    dL/dx == 2*x
    dL/dx == 4
    L == 7
    """,
    ("dL/dx == x**2", "edit wrong-weight missing-factor factor"),
    ("dL/dx == x + 2", "edit"),
    ("dL/dx == 2*x + 3", "edit offset"),
    ("dL/dx == 2", "edit factor offset"),
)

_model(
    """
t = 0.6
w = 3.0
A = 1.5
phi = 0.2
y = A * sin(w*t + phi)
v = A * w * cos(w*t + phi)
L = y**2 + (v/w)**2
""",
    """
    dy/dt == v
    dL/dt == 0
    L == A**2
    dL/dA == 2*A
    dy/dt == w * A * (cos(w*t)*cos(phi) - sin(w*t)*sin(phi))
    dv/dt == -w**2 * y
    dv/dw == A*cos(w*t + phi) - t*w*y
    ∂L/∂w == -2*v**2/w**3
    """,
    ("dy/dt == A*cos(w*t + phi)", "missing-factor other-name"),
    ("dv/dt == w**2 * y", "sign edit wrong-weight"),
    ("dv/dw == A*cos(w*t + phi)", "missing-path"),
    ("dv/dw == A*cos(w*t + phi) - t*y", "missing-factor"),
    ("dL/dw == -2*v**2/w**3", "partial-total"),
)

_model(
    """
x = 0.4
L = tan(x)
""",
    """
    dL/dx == 1/cos(x)**2
    dL/dx == 1 + tan(x)^2
    """,
    ("dL/dx == 1 - tan(x)^2", "sign wrong-weight"),
    ("dL/dx == 1/cos(x)", "edit wrong-weight"),
    ("dL/dx == 1/sin(x)**2", "sign edit"),
)

_model(
    """
x = 2.5
y = 3.5
L = log(x*y) + sqrt(x**2)
""",
    """
    L == log(x) + log(y) + x
    dL/dx == 1/x + 1
    """,
    ("dL/dx == 1/(x*y) + 1", "wrong-weight edit missing-factor factor"),
    ("dL/dy == 1/(x*y)", "missing-path missing-factor"),
    ("dL/dx == 1/x", "missing-path missing-factor"),
)

_model(
    """
x = -2.5
L = sqrt(x**2) + x**3
""",
    """
    dL/dx == sign(x) + 3*x**2
    dL/dx == abs(x)/x + 3*x^2
    """,
    ("dL/dx == 1 + 3*x**2", "wrong-branch sign path-sign edit"),
)

_model(
    """
x = 1.3
y = 0.7
L = x**y
""",
    """
    dL/dx == y*x**(y-1)
    dL/dy == L*log(x)
    """,
    ("dL/dy == y*x**(y-1)", "edit wrong-weight missing-factor other-name"),
    ("dL/dx == y*x**y", "edit missing-factor wrong-weight"),
    ("dL/dy == x**y", "missing-factor"),
    ("dL/dx == L*log(x)", "other-name"),
)

_model(
    """
x = 1.9
L = x**x
""",
    """
    dL/dx == x**x*(1 + log(x))
    """,
    ("dL/dx == x**x*log(x)", "missing-path missing-factor edit"),
    ("dL/dx == x*x**(x-1)", "missing-path missing-factor edit"),
)

_model(
    """
x = 0.6
y = sqrt(1 - x**2)
L = x * y
""",
    """
    dy/dx == -x/y
    dL/dx == y - x**2/y
    dL/dx == (1 - 2*x^2)/sqrt(1-x^2)
    ∂L/∂x == y
    """,
    ("dy/dx == x/y", "sign"),
    ("dL/dx == y", "partial-total missing-path"),
    ("dy/dx == -2*x/y", "factor"),
    ("dy/dx == -y/x", "edit wrong-weight"),
    ("dy/dx == -x/(2*y)", "factor"),
)

_model(
    """
x = 1.0
f = x**2
g = sin(x)
h = exp(-x)
L = f*g*h
""",
    """
    dL/dx == 2*x*g*h + f*cos(x)*h - L
    dL/df == g*h
    """,
    ("dL/dx == 2*x*g*h + f*cos(x)*h + L", "path-sign sign"),
    ("dL/dx == 2*x*g*h + f*cos(x)*h", "missing-path"),
    ("dL/dx == 2*x*g*h - f*g*h", "missing-path"),
    ("dL/dx == 2*x*g*h + cos(x)*h - f*g*h", "wrong-weight missing-factor edit"),
    ("dL/dx == 2*x*cos(x)*-exp(-x)", "missing-path edit wrong-weight"),
    ("dL/df == g", "missing-factor wrong-weight"),
)

_model(
    """
a = 1
b = 1
c = 1
d = a*b
L = d*c + a
""",
    """
    dL/da == b*c + 1
    """,
    ("dL/da == b + 1", "missing-factor wrong-weight edit"),
    ("dL/da == 1", "missing-path partial-total"),
    ("dL/da == b*c", "missing-path missing-factor"),
    ("dL/db == b*c", "other-name edit"),
    ("dL/da == 2*b*c + 1", "double-path"),
    ("dL/da == b*c + 2", "double-path edit offset"),
    ("dL/da == b + c", "edit"),
)

_model(
    """
x = 0
y = 0.5
L = x*y + y**2 + sin(x)
""",
    """
    dL/dx == y + cos(x)
    dL/dy == x + 2*y
    dL/dx == y + sqrt(1 - sin(x)^2)
    """,
    ("dL/dy == 2*y", "missing-path"),
    ("dL/dx == y + 1", "missing-factor missing-path edit wrong-weight"),
)

_model(
    """
m = 2.0
v = 3.0
k = 10.0
x = 0.4
g = 9.81
T = 0.5*m*v**2
V = 0.5*k*x**2 + m*g*x
L = T - V
""",
    """
    dL/dv == m*v
    dL/dx == -k*x - m*g
    dL/dm == v**2/2 - g*x
    dL/dk == -x**2/2
    dL/dg == -m*x
    """,
    ("dL/dx == -k*x + m*g", "path-sign sign"),
    ("dL/dx == k*x + m*g", "sign path-sign"),
    ("dL/dm == v**2/2", "missing-path"),
    ("dL/dv == 2*m*v", "factor wrong-weight"),
    ("dL/dv == 0.5*m*v", "factor"),
    ("dL/dv == 1.0000001*m*v", "factor"),
    ("dL/dx == m*v", "other-name"),
    ("dL/dg == -x", "missing-factor"),
    ("dL/dx == -k*x/2 - m*g", "factor missing-path edit double-path wrong-weight"),
    ("dL/dg == -m*x + 1e-7", "offset edit"),
)

_model(
    """
th = 0.3
l = 1.2
g = 9.81
T = 2*pi*sqrt(l/g)*(1 + th**2/16)
""",
    """
    dT/dl == T/(2*l)
    dT/dg == -T/(2*g)
    dT/dl == pi*(1+th^2/16)/sqrt(l*g)
    dT/dth == pi*sqrt(l/g)*th/4
    """,
    ("dT/dg == T/(2*g)", "sign"),
    ("dT/dl == T/l", "factor"),
    ("dT/dth == 2*pi*sqrt(l/g)*th/16", "factor edit wrong-weight"),
    ("dT/dth == 3.14159*sqrt(l/g)*th/4", "edit factor"),
    ("dT/dth == pi*sqrt(l)*th/4", "missing-factor factor"),
)

_model(
    """
n1 = 1.0
n2 = 1.5
R1 = 0.2
R2 = -0.3
P = (n2/n1 - 1)*(1/R1 - 1/R2)
f = 1/P
""",
    """
    df/dn2 == -f**2/n1*(1/R1 - 1/R2)
    df/dR1 == f**2*(n2/n1 - 1)/R1**2
    dP/dn1 == -n2/n1**2*(1/R1-1/R2)
    dP/dR2 == (n2/n1-1)/R2**2
    """,
    ("df/dR1 == -f**2*(n2/n1-1)/R1**2", "sign path-sign"),
    ("df/dn2 == -f**2*(1/R1 - 1/R2)", "missing-factor"),
    ("dP/dn1 == -n2/n1*(1/R1-1/R2)", "missing-factor"),
    ("df/dR1 == f**2/R1**2", "missing-factor"),
    ("dP/dR2 == -(n2/n1-1)/R2**2", "sign edit wrong-weight other-name"),
)

_model(
    """
n1 = 1.0
n2 = 1.33
t1 = 0.5
t2 = asin(n1*sin(t1)/n2)
""",
    """
    dt2/dt1 == n1*cos(t1)/(n2*cos(t2))
    n1*sin(t1) == n2*sin(t2)
    dt2/dn2 == -tan(t2)/n2
    """,
    ("dt2/dt1 == n1*cos(t2)/(n2*cos(t1))", "edit wrong-weight"),
    ("dt2/dn2 == tan(t2)/n2", "sign"),
    ("dt2/dt1 == cos(t1)/(n2*cos(t2))", "missing-factor"),
)

_model(
    """
n = 2
R = 8.314
T = 300
V = 0.05
a = 0.137
b = 3.87e-5
p = n*R*T/(V - n*b) - a*n**2/V**2
""",
    """
    dp/dT == n*R/(V - n*b)
    dp/dV == -n*R*T/(V-n*b)**2 + 2*a*n**2/V**3
    dp/dn == R*T/(V-n*b) + n*b*R*T/(V-n*b)^2 - 2*a*n/V^2
    """,
    ("dp/dn == R*T/(V-n*b) - 2*a*n/V^2", "missing-path"),
    ("dp/dV == -n*R*T/(V-n*b)**2 - 2*a*n**2/V**3", "path-sign sign"),
    ("dp/dV == -n*R*T/(V-b)**2 + 2*a*n**2/V**3", "edit missing-factor wrong-weight"),
    ("dp/dV == -n*R*T/(V-n*b)**2 + 2*a*n**2/V**2", "edit missing-factor wrong-weight"),
    ("dp/da == n**2/V**2", "edit factor sign"),
)

_model(
    """
q1 = 1e12
q2 = 3e-12
r = 1e-6
F = q1*q2/r**2
""",
    """
    dF/dr == -2*F/r
    dF/dq1 == q2/r^2
    """,
    ("dF/dr == -F/r", "factor"),
    ("dF/dr == 2*F/r", "sign"),
    ("dF/dr == -2*F/r**2", "edit wrong-weight missing-factor"),
    ("dF/dq1 == q1/r^2", "other-name"),
)

_model(
    """
eps = 1e-12
x = 1.0
L = log(x + eps)
""",
    """
    dL/dx == 1/(x+eps)
    close(dL/dx, 1/x, 1e-9)
    """,
    ("dL/dx == 1/x", "edit missing-path missing-factor"),
    ("close(dL/dx, 2/x, 1e-3)", "factor"),
)

_model(
    """
x = 1e-5
L = (1 - cos(x))/x**2
""",
    """
    dL/dx == (x*sin(x) - 2*(1-cos(x)))/x**3
    L == 2*sin(x/2)**2/x**2
    L == 0.5
    """,
    ("dL/dx == (x*sin(x) + 2*(1-cos(x)))/x**3", "sign path-sign"),
    ("dL/dx == sin(x)/x**2", "missing-path"),
)

_model(
    """
A = 1.2
K = 4.0
N = 3.0
al = 0.3
Y = A*K**al*N**(1-al)
""",
    """
    dY/dK == al*Y/K
    dY/dN == (1-al)*Y/N
    dY/dal == Y*log(K/N)
    K*dY/dK + N*dY/dN == Y
    """,
    ("dY/dN == al*Y/N", "other-name edit wrong-weight"),
    ("dY/dal == Y*log(K)", "missing-path"),
    ("dY/dal == Y*(log(K)+log(N))", "path-sign sign edit"),
    ("dY/dK == Y/K", "missing-factor"),
    ("dY/dK == al*A*K**(al-1)", "missing-factor"),
    ("dY/dK == al*A*K**al*N**(1-al)", "edit missing-factor wrong-weight"),
)

_model(
    """
K = 2.0
N = 3.0
s = 0.4
r = 0.5
C = s*K**r + (1-s)*N**r
Y = C**(1/r)
""",
    """
    dY/dK == s*(Y/K)**(1-r)
    dY/dK == Y**(1-r)*s*K**(r-1)
    dY/ds == (1/r)*Y/C*(K**r - N**r)
    dY/dr == Y*(-log(C)/r**2 + (s*K**r*log(K) + (1-s)*N**r*log(N))/(r*C))
    """,
    ("dY/dr == -Y*log(C)/r**2", "missing-path partial-total"),
    ("dY/dr == Y*(s*K**r*log(K) + (1-s)*N**r*log(N))/(r*C)", "missing-path"),
    ("dY/dr == Y*(log(C)/r**2 + (s*K**r*log(K) + (1-s)*N**r*log(N))/(r*C))", "path-sign sign"),
    ("dY/dK == (1-s)*(Y/K)**(1-r)", "edit other-name wrong-weight missing-factor"),
    ("dY/dK == s*(K/Y)**(1-r)", "edit wrong-weight"),
    ("dY/ds == Y/C*(K**r - N**r)", "missing-factor"),
    ("dY/ds == (1/r)*Y/C*(K**r + N**r)", "sign path-sign"),
)

_model(
    """
c1 = 2.0
c2 = 1.5
beta = 0.95
sigma = 2.0
R = 1.03
U = c1**(1-sigma)/(1-sigma) + beta*c2**(1-sigma)/(1-sigma)
""",
    """
    dU/dc1 == c1**-sigma
    dU/dc2 == beta*c2**(-sigma)
    dU/dR == 0
    """,
    ("dU/dc2 == c2**(-sigma)", "missing-factor"),
    ("dU/dc1 == c1**sigma", "sign edit wrong-weight"),
    ("dU/dc1 == (1-sigma)*c1**(-sigma)", "edit sign factor wrong-weight missing-factor"),
)

_model(
    """
x = [0.3, -1.2, 0.7, 2.2]
mu = 0.1
sigma = 1.4
n = 4
L = n*log(sigma) + n/2*log(2*pi) + sum((x-mu)**2)/(2*sigma**2)
""",
    """
    dL/dmu == -sum(x-mu)/sigma**2
    dL/dmu == (n*mu - sum(x))/sigma**2
    dL/dsigma == n/sigma - sum((x-mu)**2)/sigma**3
    """,
    ("dL/dmu == sum(x-mu)/sigma**2", "sign"),
    (
        "dL/dsigma == n/sigma - sum((x-mu)**2)/(2*sigma**3)",
        "edit factor wrong-weight missing-factor",
    ),
    ("dL/dsigma == n/sigma", "missing-path"),
    ("dL/dsigma == n/sigma - sum((x-mu)**2)/sigma**2", "edit missing-factor wrong-weight"),
    ("dL/dmu == -mean(x-mu)/sigma**2", "factor edit"),
    ("dL/dsigma == n/sigma + sum((x-mu)**2)/sigma**3", "path-sign sign"),
    ("dL/dsigma == 1/sigma - sum((x-mu)**2)/sigma**3", "missing-factor edit wrong-weight"),
    ("dL/dmu == -(x-mu)/sigma**2", "shape missing-sum"),
)

_model(
    """
x = [0.5, 1.5, 2.5]
k = 2.0
th = 0.8
n = 3
L = (k-1)*sum(log(x)) - sum(x)/th - n*k*log(th) - n*lgamma(k)
""",
    """
    dL/dk == sum(log(x)) - n*log(th) - n*digamma(k)
    dL/dth == sum(x)/th**2 - n*k/th
    """,
    ("dL/dk == sum(log(x)) - n*log(th) - digamma(k)", "missing-factor factor wrong-weight edit"),
    ("dL/dk == sum(log(x)) - n*log(th) - n*lgamma(k)", "edit"),
    ("dL/dth == -sum(x)/th**2 - n*k/th", "path-sign sign"),
    ("dL/dth == sum(x)/th**2", "missing-path"),
    ("dL/dk == sum(log(x)) - n*digamma(k) + n*log(th)", "sign missing-path edit path-sign"),
)

_model(
    """
y = [2, 0, 3]
X = [[1, 0.5], [1, -1.0], [1, 2.0]]
b = [0.1, 0.4]
eta = X @ b
L = sum(y*eta - exp(eta))
""",
    """
    dL/db == X.T @ (y - exp(eta))
    dL/deta == y - exp(eta)
    """,
    ("dL/db == X.T @ (exp(eta) - y)", "sign"),
    ("dL/db == X.T @ y", "missing-path"),
    ("dL/db == X.T @ (y - eta)", "missing-path edit missing-factor"),
    ("dL/db == X @ (y - exp(eta))", "shape missing-factor transposed"),
    ("dL/db == y - exp(eta)", "missing-factor shape"),
)

_model(
    """
X = [[0.5, 1.2], [-0.3, 0.8], [1.1, -0.6]]
y = [1, 0, 1]
w = [0.4, -0.2]
b = 0.1
lam = 0.01
z = X @ w + b
p = sigmoid(z)
L = -mean(y*log(p) + (1-y)*log(1-p)) + lam/2*sum(w**2)
""",
    """
    dL/dw == X.T @ (p-y)/3 + lam*w
    dL/db == mean(p-y)
    dL/dz == (p-y)/3
    dp/dz == diag(p*(1-p))
    """,
    ("dL/dw == X.T @ (p-y)/3", "missing-path"),
    ("dL/dw == X.T @ (p-y) + lam*w", "factor missing-factor wrong-weight"),
    ("dL/db == sum(p-y)", "factor"),
    ("dL/dw == X.T @ (p-y)/3 - lam*w", "path-sign sign"),
    ("dL/dw == X.T @ (p-y)/3 + 2*lam*w", "wrong-weight factor edit path-sign double-path"),
    ("dL/dz == (p-y)/2", "edit factor missing-factor other-name"),
    ("dL/dw == X.T @ (y-p)/3 + lam*w", "sign path-sign"),
    ("dL/dz == (p-y)*p*(1-p)/3", "missing-factor edit wrong-weight"),
    ("dp/dz == p*(1-p)", "shape missing-factor edit"),
    ("dL/dw == X @ (p-y)/3 + lam*w", "shape edit transposed"),
)

_model(
    """
p = [0.2, 0.3, 0.5]
H = -sum(p*log(p))
""",
    """
    dH/dp == -log(p) - 1
    dH/dp[1] == -1 - log(p[1])
    """,
    ("dH/dp == -log(p)", "missing-path offset edit"),
    ("dH/dp == log(p) + 1", "sign"),
    ("dH/dp == 1 - log(p)", "sign offset path-sign"),
    ("dH/dp == -p*log(p) - 1", "edit missing-factor"),
)

_model(
    """
p = [0.2, 0.3, 0.5]
q = [0.4, 0.4, 0.2]
D = sum(p*log(p/q))
""",
    """
    dD/dq == -p/q
    dD/dp == log(p/q) + 1
    sum(q*dD/dq) == -1
    """,
    ("dD/dq == p/q", "sign"),
    ("dD/dp == log(p/q)", "missing-path offset"),
    ("dD/dq == -q/p", "edit wrong-weight"),
    ("dD/dp == log(q/p) + 1", "edit sign"),
    ("dD/dq == -1/q", "missing-factor"),
)

_model(
    """
mu = [0.3, -0.5]
s = [-0.2, 0.4]
K = -0.5*sum(1 + s - mu**2 - exp(s))
""",
    """
    dK/dmu == mu
    dK/ds == 0.5*(exp(s) - 1)
    """,
    ("dK/dmu == 2*mu", "factor"),
    ("dK/ds == exp(s) - 1", "factor"),
    ("dK/ds == 0.5*exp(s)", "missing-path offset"),
    ("dK/ds == 0.5*(1 - exp(s))", "sign"),
    ("dK/ds == 0.5*(exp(s) + 1)", "sign path-sign"),
    ("dK/dmu == -mu", "sign"),
)

_model(
    """
X = [[0.5, -1.0], [0.2, 0.8], [-0.7, 0.3], [1.1, 0.4]]
W = [[0.1, 0.4, -0.3], [0.6, -0.2, 0.5]]
b = [0.05, -0.1, 0.2]
Y = [[1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 1]]
Z = X @ W + b
P = softmax(Z)
L = -sum(Y*log(P))/4
""",
    """
    dL/dZ == (P - Y)/4
    dL/dW == X.T @ (P-Y)/4
    dL/db == sum(P-Y, axis=0)/4
    dL/dX == (P-Y) @ W.T/4
    sum(P, axis=1) == [1, 1, 1, 1]
    """,
    ("dL/dZ == P - Y", "factor"),
    ("dL/dW == X.T @ (P-Y)/3", "factor edit missing-factor wrong-weight"),
    ("dL/dW == (P-Y).T @ X/4", "transposed"),
    ("dL/db == (P-Y)/4", "missing-sum shape"),
    ("dL/db == sum(P-Y, axis=1)/4", "edit missing-sum missing-factor shape"),
    ("dL/dW == X.T @ (Y-P)/4", "sign"),
    ("dL/db == sum(P-Y, axis=0)", "factor missing-factor"),
    ("dL/dX == (P-Y) @ W/4", "shape transposed"),
    ("dL/dZ == P/4", "missing-path edit missing-factor"),
    ("dL/dZ == -Y/P/4", "wrong-weight edit missing-path missing-factor"),
)

_model(
    """
X = [[0.5, -1.0, 0.3], [0.2, 0.8, -0.6]]
Y = [[0.3], [-0.4]]
W1 = [[0.1, 0.4], [0.6, -0.2], [-0.5, 0.7]]
b1 = [0.05, 0.1]
W2 = [[0.8], [-0.9]]
b2 = [0.2]
A = X @ W1 + b1
H = relu(A)
O = H @ W2 + b2
L = mean((O - Y)**2)
""",
    """
    dL/dO == (O-Y)
    dL/dO == 2*(O-Y)/2
    dL/dW2 == H.T @ (O-Y)
    dL/dH == (O-Y) @ W2.T
    dL/dA == ((O-Y) @ W2.T) * (A > 0)
    dL/dW1 == X.T @ (((O-Y) @ W2.T) * (H > 0))
    dL/db1 == sum(((O-Y) @ W2.T) * (A > 0), axis=0)
    dL/db2 == sum(O-Y, 0)
    """,
    ("dL/dW1 == X.T @ ((O-Y) @ W2.T)", "missing-factor wrong-weight"),
    ("dL/dA == (O-Y) @ W2.T", "missing-factor other-name"),
    ("dL/dO == 2*(O-Y)", "factor"),
    ("dL/dA == ((O-Y) @ W2.T) * (A < 0)", "edit sign wrong-weight"),
    ("dL/dA == ((O-Y) @ W2.T) * A", "missing-factor wrong-weight edit"),
    ("dL/db1 == ((O-Y) @ W2.T) * (A > 0)", "missing-sum shape"),
    ("dL/dW2 == A.T @ (O-Y)", "edit wrong-weight"),
    ("dL/dW2 == (O-Y).T @ H", "transposed shape"),
)

_model(
    """
x = [0.5, -0.8, 1.1, 0.4]
m = [1, 0, 1, 1]
w = [0.3, 0.7, -0.4, 0.9]
q = 0.75
h = x*m/q
y = sum(h*w)
L = (y - 1)**2
""",
    """
    dL/dx == 2*(y-1)*w*m/q
    dL/dw == 2*(y-1)*h
    """,
    ("dL/dx == 2*(y-1)*w*m", "missing-factor"),
    ("dL/dx == 2*(y-1)*w/q", "missing-factor"),
    ("dL/dx == (y-1)*w*m/q", "factor"),
    ("dL/dw == 2*(y-1)*x", "edit wrong-weight missing-factor"),
    ("dL/dx == 2*(y-1)*w*m*q", "edit wrong-weight missing-factor"),
)

_model(
    """
X = [[1.0, -0.5], [0.3, 0.8], [-1.2, 0.4], [0.6, 1.5]]
gamma = [1, 1]
beta = [0, 0]
T = [[0.2, 0.1], [-0.3, 0.5], [0.7, 0.9], [0.4, -0.6]]
n = 4
mu = mean(X, axis=0)
v = mean((X - mu)**2, axis=0)
s = sqrt(v + 1e-5)
Xh = (X - mu)/s
O = gamma*Xh + beta
L = sum((O - T)**2)/2
G = O - T
""",
    """
    dL/dO == G
    dL/dgamma == sum(G*Xh, axis=0)
    dL/dbeta == sum(G, axis=0)
    dL/dXh == G*gamma
    dL/dX == gamma/(n*s)*(n*G - sum(G, 0) - Xh*sum(G*Xh, 0))
    dL/dX == (G*gamma - mean(G*gamma, 0) - Xh*mean(G*gamma*Xh, 0))/s
    dL/dv == sum(dL/dXh*(X - mu), axis=0) * -1/2 * (v+1e-5)**(-1.5)
    dL/dmu == sum(-dL/dXh/s, axis=0) + dL/dv * mean(-2*(X-mu), axis=0)
    """,
    ("dL/dX == G*gamma/s", "missing-path missing-factor wrong-weight"),
    ("dL/dX == (G*gamma - mean(G*gamma, 0))/s", "missing-path missing-factor wrong-weight"),
    ("dL/dgamma == sum(G*X, axis=0)", "edit missing-factor"),
    ("dL/dbeta == G", "missing-sum shape"),
    ("dL/dX == G*gamma - mean(G*gamma, 0) - Xh*mean(G*gamma*Xh, 0)", "missing-factor"),
    ("dL/dX == (G*gamma - mean(G*gamma, 1) - Xh*mean(G*gamma*Xh, 0))/s", "edit"),
    ("dL/dv == -sum(dL/dXh*(X - mu), axis=0) * (v+1e-5)**(-1.5)", "factor"),
    ("dL/dX == (G*gamma - mean(G*gamma, 0) + Xh*mean(G*gamma*Xh, 0))/s", "path-sign sign"),
)

_model(
    """
x = [0.5, -1.2, 0.9, 2.0]
g = [1.1, 0.9, 1.3, 0.8]
b = [0.1, 0.0, -0.2, 0.3]
c = [0.7, -0.4, 0.2, 1.0]
n = 4
m = mean(x)
s = std(x)
xh = (x - m)/s
y = g*xh + b
L = sum(c*y)
d = c*g
""",
    """
    dL/dx == (d - mean(d) - xh*mean(d*xh))/s
    ds/dx == xh/n
    dL/ds == -sum(d*xh)/s
    dm/dx == [0.25, 0.25, 0.25, 0.25]
    dL/dg == c*xh
    """,
    ("dL/dx == (d - xh*mean(d*xh))/s", "missing-path"),
    ("dL/dx == (d - mean(d))/s", "missing-path"),
    ("dL/dx == d/s", "missing-path"),
    ("ds/dx == xh", "factor"),
    ("ds/dx == xh/(n-1)", "factor edit"),
    ("dL/ds == sum(d*xh)/s", "sign"),
    ("dL/dx == (c - mean(c) - xh*mean(c*xh))/s", "edit missing-factor"),
)

_model(
    """
x = [0.5, -1.2, 0.9, 2.0]
t = [0.1, 0.4, -0.2, 0.3]
X = reshape(x, 2, 2)
M = mean(X, axis=1, keepdims=True)
S = sqrt(mean((X-M)**2, axis=1, keepdims=True) + 1e-3)
Y = reshape((X - M)/S, 4)
L = sum(Y*t)
D = reshape(t, 2, 2)
N = reshape(Y, 2, 2)
""",
    """
    dL/dX == (D - mean(D, 1, keepdims=True) - N*mean(D*N, 1, keepdims=True))/S
    dL/dx == reshape((D - mean(D, 1, keepdims=True) - N*mean(D*N, 1, keepdims=True))/S, 4)
    """,
    ("dL/dX == (D - N*mean(D*N, 1, keepdims=True))/S", "missing-path"),
    ("dL/dX == (D - mean(D, 0, keepdims=True) - N*mean(D*N, 1, keepdims=True))/S", "edit"),
    ("dL/dx == (D - mean(D, 1, keepdims=True) - N*mean(D*N, 1, keepdims=True))/S", "shape"),
)

_model(
    """
X = [[0.5, -0.2], [0.1, 0.9], [-0.4, 0.3]]
Wq = [[0.3, 0.1], [-0.2, 0.6]]
Wk = [[0.4, -0.5], [0.2, 0.7]]
Wv = [[0.9, 0.2], [-0.1, 0.5]]
T = [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]]
Q = X @ Wq
K = X @ Wk
V = X @ Wv
S = Q @ K.T/sqrt(2)
A = softmax(S)
O = A @ V
L = sum(O*T)
""",
    """
    dL/dV == A.T @ T
    dL/dA == T @ V.T
    dL/dS == A*(T @ V.T - sum(A*(T @ V.T), axis=1, keepdims=True))
    dL/dQ == dL/dS @ K/sqrt(2)
    dL/dK == dL/dS.T @ Q/sqrt(2)
    dL/dWq == X.T @ dL/dQ
    dL/dX == dL/dQ @ Wq.T + dL/dK @ Wk.T + dL/dV @ Wv.T
    """,
    ("dL/dQ == dL/dS @ K", "missing-factor factor"),
    ("dL/dK == dL/dS @ Q/sqrt(2)", "transposed"),
    ("dL/dV == A @ T", "transposed"),
    ("dL/dX == dL/dQ @ Wq.T + dL/dK @ Wk.T", "missing-path"),
    ("dL/dS == A*(T @ V.T)", "missing-path wrong-weight"),
    ("dL/dX == dL/dQ @ Wq + dL/dK @ Wk.T + dL/dV @ Wv.T", "transposed"),
    ("dL/dS == A*(T @ V.T - sum(A*(T @ V.T), axis=0, keepdims=True))", "edit"),
    ("dL/dQ == dL/dS @ K/2", "edit missing-factor factor"),
    ("dL/dS == T @ V.T - sum(A*(T @ V.T), axis=1, keepdims=True)", "missing-factor"),
    ("dL/dX == dL/dQ @ Wq.T + dL/dK @ Wk.T - dL/dV @ Wv.T", "path-sign"),
)

_model(
    """
x = 0.5
h0 = 0.2
c0 = -0.3
wi = 0.4
wf = 0.7
wo = -0.5
wg = 0.9
ui = 0.3
uf = -0.2
uo = 0.6
ug = 0.8
i = sigmoid(wi*x + ui*h0)
f = sigmoid(wf*x + uf*h0 + 1)
o = sigmoid(wo*x + uo*h0)
g = tanh(wg*x + ug*h0)
c = f*c0 + i*g
h = o*tanh(c)
L = (h - 0.1)**2
""",
    """
    dL/dh == 2*(h - 0.1)
    dL/dc == dL/dh*o*(1 - tanh(c)**2)
    dL/do == dL/dh*tanh(c)
    dL/dc0 == dL/dc*f
    dL/dwf == dL/dc*c0*f*(1-f)*x
    dL/dug == dL/dc*i*(1-g**2)*h0
    dL/dwo == dL/do*o*(1-o)*x
    dh/dc0 == o*(1 - tanh(c)**2)*f
    dL/dh0 == dL/dc*(c0*f*(1-f)*uf + i*(1-g**2)*ug + g*i*(1-i)*ui) + dL/do*o*(1-o)*uo
    """,
    ("dL/dwf == dL/dc*c0*x", "missing-factor"),
    ("dL/dug == dL/dc*i*(1-g)*h0", "edit missing-factor wrong-weight"),
    ("dL/dug == dL/dc*i*(1-g**2)*x", "edit wrong-weight other-name"),
    ("dL/dc == dL/dh*o*(1 - c**2)", "edit wrong-weight missing-factor"),
    ("dL/dc == dL/dh*o*(1 + tanh(c)**2)", "sign wrong-weight edit"),
    ("dL/dwf == dL/dc*g*f*(1-f)*x", "wrong-weight edit"),
    ("dh/dc0 == f", "partial-total missing-path other-name missing-factor wrong-weight"),
    ("dL/dh0 == dL/dc*(c0*f*(1-f)*uf + i*(1-g**2)*ug + g*i*(1-i)*ui)", "missing-path"),
)

_model(
    """
x = [0.4, -0.6]
h = [0.1, 0.5]
Wz = [[0.2, -0.3], [0.5, 0.1]]
Wn = [[-0.4, 0.6], [0.3, 0.8]]
Un = [[0.7, 0.2], [-0.1, 0.9]]
z = sigmoid(Wz @ x)
n = tanh(Wn @ x + Un @ h)
k = (1 - z)*n + z*h
L = sum(k**2)
""",
    """
    dL/dz == 2*k*(h - n)
    dL/dn == 2*k*(1 - z)
    dL/dWz == outer(2*k*(h-n)*z*(1-z), x)
    dL/dh == 2*k*z + Un.T @ (2*k*(1-z)*(1-n**2))
    """,
    ("dL/dz == 2*k*(n - h)", "sign"),
    ("dL/dh == 2*k*z", "missing-path partial-total"),
    ("dL/dh == 2*k*z + Un @ (2*k*(1-z)*(1-n**2))", "transposed"),
    ("dL/dWz == outer(x, 2*k*(h-n)*z*(1-z))", "transposed"),
    ("dL/dn == 2*k*z", "edit wrong-weight"),
    ("dL/dz == 2*k*h", "missing-path"),
    ("dL/dWz == outer(2*k*(h-n), x)", "missing-factor"),
)

_model(
    """
E = [[0.1, 0.2], [0.3, -0.4], [-0.5, 0.6]]
H = [[0, 1, 0], [1, 0, 0], [0, 1, 0]]
v = [0.7, -0.9]
X = H @ E
s = X @ v
L = sum(s**2)/2
""",
    """
    dL/dE == H.T @ outer(s, v)
    dL/dE[2] == [0, 0]
    dL/dE[1] == (s[0] + s[2])*v
    dL/dv == X.T @ s
    """,
    ("dL/dE == H @ outer(s, v)", "transposed"),
    ("dL/dE[1] == s[0]*v", "missing-path edit factor"),
    ("dL/dv == 2*X.T @ s", "factor"),
    ("dL/dE == outer(s, v)", "other-name missing-factor"),
)

_model(
    """
x = [0.3, -0.7]
W = [[0.5, -0.2], [0.1, 0.4]]
y = x + tanh(W @ x)
L = sum(y)
""",
    """
    dL/dx == 1 + W.T @ (1 - tanh(W @ x)**2)
    dy/dx == eye(2) + diag(1 - tanh(W @ x)**2) @ W
    """,
    ("dL/dx == W.T @ (1 - tanh(W @ x)**2)", "missing-path offset"),
    ("dL/dx == 1 + W @ (1 - tanh(W @ x)**2)", "transposed"),
    ("dy/dx == diag(1 - tanh(W @ x)**2) @ W", "missing-path offset"),
    ("dy/dx == eye(2) + W @ diag(1 - tanh(W @ x)**2)", "edit wrong-weight transposed"),
    ("dy/dx == (eye(2) + diag(1 - tanh(W @ x)**2) @ W).T", "transposed"),
)

_model(
    """
x = [0.5, -0.3, 0.8, 1.2, -0.7]
k = [0.2, 0.6, -0.4]
y = k[0]*x[0:3] + k[1]*x[1:4] + k[2]*x[2:5]
t = [0.1, 0.3, -0.2]
L = sum((y - t)**2)/2
d = y - t
""",
    """
    dL/dk == [sum(d*x[0:3]), sum(d*x[1:4]), sum(d*x[2:5])]
    dL/dk[1] == d @ x[1:4]
    dL/dx == concat([k[0]*d, zeros(2)]) + concat([zeros(1), k[1]*d, zeros(1)]) + concat([zeros(2), k[2]*d])
    """,
    ("dL/dk[1] == d @ x[0:3]", "edit"),
    ("dL/dx == concat([k[0]*d, zeros(2)]) + concat([zeros(1), k[1]*d, zeros(1)])", "missing-path"),
    ("dL/dk == [sum(d*x[2:5]), sum(d*x[1:4]), sum(d*x[0:3])]", "edit other-name"),
    (
        "dL/dx == concat([k[2]*d, zeros(2)]) + concat([zeros(1), k[1]*d, zeros(1)]) + concat([zeros(2), k[0]*d])",
        "edit other-name",
    ),
    ("dL/dx[0] == d[0]", "missing-factor edit wrong-weight"),
    ("dL/dk[1] == -d @ x[1:4]", "sign"),
)

_model(
    """
X = [[1, 2], [0.5, -1], [2, 0.3]]
y = [1, -0.5, 2]
w = [0.3, 0.4]
lam = 0.1
r = X @ w - y
L = r @ r + lam*w @ w
""",
    """
    dL/dw == 2*X.T @ (X @ w - y) + 2*lam*w
    dL/dw == 2*(X.T @ X + lam*eye(2)) @ w - 2*X.T @ y
    dL/dX == 2*outer(r, w)
    """,
    ("dL/dw == X.T @ r + lam*w", "factor missing-factor"),
    ("dL/dw == 2*X.T @ r + lam*w", "missing-factor wrong-weight factor path-sign"),
    ("dL/dX == 2*outer(w, r)", "transposed"),
    ("dL/dw == 2*X.T @ (y - X @ w) + 2*lam*w", "sign path-sign"),
    ("dL/dw == 2*X @ r + 2*lam*w", "shape transposed"),
)

_model(
    """
A = [[2, 1], [1, 3]]
x = [1, 2]
L = x @ A @ x / 2
""",
    """
    dL/dx == A @ x
    dL/dA == outer(x, x)/2
    """,
    ("dL/dx == 2*A @ x", "factor assumption"),
    ("dL/dA == outer(x, x)", "factor"),
    ("dL/dx == x", "missing-factor"),
    ("dL/dx == A @ x / 2", "edit missing-factor factor missing-path"),
)

_model(
    """
A = [[2, 1], [0.5, 3]]
x = [1, 2]
L = x @ A @ x
""",
    """
    dL/dx == (A + A.T) @ x
    dL/dx == A @ x + x @ A
    dL/dA == outer(x, x)
    """,
    ("dL/dx == 2*A @ x", "missing-path edit transposed double-path wrong-weight assumption"),
    ("dL/dx == A @ x", "missing-path"),
    ("dL/dx == A.T @ x", "missing-path transposed"),
)

_model(
    """
A = [[1, 2, 0.5], [0.3, -1, 2]]
B = [[0.5, 1], [-1, 0.2], [2, 0.7]]
C = A @ B
L = trace(C)
""",
    """
    dL/dA == B.T
    dL/dB == A.T
    L == sum(A*B.T)
    dL/dC == eye(2)
    """,
    ("dL/dA == B", "transposed"),
    ("dL/dA == A", "other-name edit"),
    ("dL/dB == A", "transposed"),
    ("dL/dC == ones(2, 2)", "edit factor offset missing-sum"),
)

_model(
    """
A = [[1, 2], [0.3, -1]]
B = [[0.5, 1], [-1, 0.2]]
X = [[0.7, -0.4], [0.9, 0.1]]
R = A @ X @ B - X
L = norm(R)**2
""",
    """
    dL/dX == 2*(A.T @ R @ B.T - R)
    L == trace(R.T @ R)
    """,
    ("dL/dX == 2*(A.T @ R @ B - R)", "transposed"),
    ("dL/dX == 2*(A @ R @ B.T - R)", "transposed"),
    ("dL/dX == A.T @ R @ B.T - R", "factor"),
    ("dL/dX == 2*A.T @ R @ B.T", "missing-path"),
    ("dL/dX == 2*(A.T @ R @ B.T + R)", "path-sign sign"),
    ("dL/dX == 2*(B.T @ R @ A.T - R)", "edit"),
    ("dL/dX == 2*A.T @ R @ B.T - R", "factor missing-factor wrong-weight"),
)

_model(
    """
x = [3, 4]
L = norm(x)
""",
    """
    dL/dx == x/norm(x)
    dL/dx == [0.6, 0.8]
    """,
    ("dL/dx == x", "missing-factor"),
    ("dL/dx == x/norm(x)**2", "edit wrong-weight missing-factor"),
    ("dL/dx == 2*x/norm(x)", "factor"),
    ("dL/dx == x/5", "transposed edit offset factor"),
)

_model(
    """
v = [0.6, 0.8]
a = [1.0, 2.0]
u = v/norm(v)
L = a @ u
""",
    """
    dL/dv == (a - u*(u @ a))/norm(v)
    du/dv == (eye(2) - outer(u, u))/norm(v)
    """,
    ("du/dv == eye(2) - outer(u, u)", "missing-factor"),
    ("dL/dv == a/norm(v)", "missing-path"),
    ("dL/dv == (a + u*(u @ a))/norm(v)", "path-sign sign"),
    ("dL/dv == (a - u)/norm(v)", "missing-factor edit"),
)

_model(
    """
t1 = 0.5
t2 = 0.8
l1 = 1.0
l2 = 0.7
x = l1*cos(t1) + l2*cos(t1 + t2)
y = l1*sin(t1) + l2*sin(t1 + t2)
L = (x - 1)**2 + (y - 1)**2
""",
    """
    dx/dt1 == -y
    dy/dt1 == x
    dx/dt2 == -l2*sin(t1+t2)
    dL/dt1 == 2*(x - 1)*-y + 2*(y-1)*x
    dL/dt1 == 2*(y - x)
    """,
    ("dx/dt1 == y", "sign"),
    ("dx/dt1 == -l1*sin(t1)", "missing-path"),
    ("dx/dt1 == -l2*sin(t1+t2)", "other-name"),
    ("dL/dt1 == -2*(x-1)*y", "missing-path"),
    ("dL/dt1 == 2*(x-1)*y + 2*(y-1)*x", "path-sign"),
    ("dx/dt2 == -l2*sin(t2)", "edit wrong-weight missing-factor"),
    ("dx/dt2 == -l1*sin(t1+t2)", "edit"),
    ("dx/dt2 == -l2*cos(t1+t2)", "edit"),
)

_model(
    """
th = 0.7
p = [1.0, 2.0]
R = [[cos(th), -sin(th)], [sin(th), cos(th)]]
q = R @ p
L = q @ [0.5, -0.3]
""",
    """
    dL/dp == R.T @ [0.5, -0.3]
    dR/dth == [[-sin(th), -cos(th)], [cos(th), -sin(th)]]
    R @ R.T == eye(2)
    dR/dth == R @ [[0, -1], [1, 0]]
    """,
    ("dL/dp == R @ [0.5, -0.3]", "transposed"),
    ("dR/dth == R @ [[0, 1], [-1, 0]]", "transposed sign"),
    ("dR/dth == [[-sin(th), cos(th)], [cos(th), -sin(th)]]", "sign"),
)

_model(
    """
x = 1.5
a = 2.0
f = x**2 - a
fp = 2*x
xn = x - f/fp
L = xn**2
""",
    """
    xn == (x + a/x)/2
    dxn/dx == 1 - 1 + f*2/fp**2
    dxn/dx == (1 - a/x**2)/2
    dxn/da == 1/(2*x)
    """,
    ("dxn/dx == 1 - fp/fp", "missing-path partial-total"),
    ("dxn/da == -1/(2*x)", "sign"),
    ("dxn/dx == (1 + a/x**2)/2", "sign path-sign"),
    ("dxn/dx == 1 - a/x**2", "factor"),
    ("dxn/da == 1/(2*a)", "edit"),
)

_model(
    """
x = 0.7
a = 0.2
L = where(x > 0, x, a*x)
""",
    """
    dL/dx == where(x > 0, 1, a)
    dL/dx == 1
    dL/da == where(x > 0, 0, x)
    dL/da == 0
    L == relu(x) - a*relu(-x)
    """,
    ("L == x", "wrong-branch"),
    ("dL/dx == where(x > 0, a, 1)", "edit wrong-branch"),
    ("L == relu(x) + a*relu(-x)", "sign wrong-branch edit"),
)

_model(
    """
x = [0.7, -0.5, 0.3]
w = [0.4, 0.6, -0.9]
y = leaky_relu(x, 0.1)
L = sum(w*y)
""",
    """
    dL/dx == w*where(x > 0, 1, 0.1)
    """,
    ("dL/dx == w", "wrong-branch missing-factor"),
    ("dL/dx == w*where(x > 0, 1, 0)", "wrong-branch edit"),
    ("dL/dx == w*where(x > 0, 1, 0.01)", "edit"),
    ("dL/dx == w*(x > 0)", "edit wrong-branch"),
    ("dL/dx == w*where(x < 0, 1, 0.1)", "edit wrong-branch"),
)

_model(
    """
x = 2.5
t = 0.3
d = 1.0  # positive
r = x - t
L = where(abs(r) <= d, 0.5*r**2, d*(abs(r) - 0.5*d))
""",
    """
    dL/dx == clip(r, -d, d)
    dL/dx == where(abs(r) <= d, r, d*sign(r))
    dL/dt == -clip(r, -d, d)
    dL/dd == where(abs(r) <= d, 0, abs(r) - d)
    """,
    ("dL/dx == d", "wrong-branch"),
    ("dL/dx == d*sign(r)", "wrong-branch"),
    ("dL/dx == where(abs(r) <= d, r, d)", "wrong-branch edit"),
    ("dL/dx == where(abs(r) <= d, 2*r, d*sign(r))", "edit wrong-branch"),
    ("dL/dt == clip(r, -d, d)", "sign"),
    ("dL/dx == r", "wrong-branch edit wrong-weight"),
)

_model(
    """
w = [0.5, -0.3]
x = [1.2, 0.7]
y = -1
m = y*(w @ x)
L = maximum(0, 1 - m) + 0.05*sum(w**2)
""",
    """
    dL/dw == where(m < 1, -y*x, 0) + 0.1*w
    """,
    ("dL/dw == -y*x + 0.1*w", "wrong-branch"),
    ("dL/dw == where(m < 1, -y*x, 0)", "missing-path"),
    ("dL/dw == where(m < 1, y*x, 0) + 0.1*w", "sign path-sign"),
    ("dL/dw == where(m < 1, -x, 0) + 0.1*w", "missing-factor edit"),
    ("dL/dw == where(m < 1, -y*x, 0) + 0.05*w", "factor wrong-weight"),
    ("dL/dw == where(m > 1, -y*x, 0) + 0.1*w", "edit wrong-branch"),
)

_model(
    """
x = 1.7
L = clip(x, -1, 1)*x + floor(x)*x
""",
    """
    dL/dx == clip(x, -1, 1) + x*(x > -1)*(x < 1) + floor(x)
    dL/dx == 2
    """,
    ("dL/dx == 1 + floor(x)", "wrong-branch"),
    ("dL/dx == clip(x, -1, 1) + x*(x < 1) + floor(x)", "wrong-branch edit"),
)

_model(
    """
a = 0.4
b = -0.9
L = maximum(a, b) + abs(a - b)
""",
    """
    dL/da == (a > b) + sign(a - b)
    dL/da == 2
    L == (a + b)/2 + 1.5*abs(a-b)
    dL/db == -1
    dL/da + dL/db == 1
    """,
    ("dL/da == sign(a - b)", "missing-path"),
)

_model(
    """
x = [0.3, 1.2, -0.5, 0.8]
w = [0.6, -0.7]
p = [maximum(x[0], x[1]), maximum(x[2], x[3])]
L = p @ w
""",
    """
    dL/dx[0] == w[0]*(x[0] > x[1])
    """,
    ("dL/dx == [0, w[0], 0, w[1]]", "wrong-branch"),
    ("dL/dx[1] == w[0]", "wrong-branch"),
    ("dL/dx[1] == w[0]*(x[1] < x[0])", "edit wrong-branch sign"),
    ("dL/dx[1] == w[1]*(x[1] > x[0])", "other-name edit"),
)

_model(
    """
f(z) = z/(1 + abs(z))
g(u, v) = u*exp(-v)
x = 0.6
y = -0.4
h = f(x)
L = g(h, y) + f(y)
""",
    """
    dh/dx == 1/(1 + abs(x))**2
    dL/dx == exp(-y)/(1+abs(x))^2
    dL/dy == -g(h, y) + 1/(1 + abs(y))**2
    """,
    ("dL/dy == -g(h, y)", "missing-path"),
    ("dL/dy == g(h, y) + 1/(1 + abs(y))**2", "sign path-sign"),
    ("dh/dx == 1/(1 + x)**2", "wrong-branch"),
    ("dL/dx == 1/(1+abs(x))^2", "missing-factor"),
    ("dh/dx == 1/(1 + abs(x))", "edit missing-factor wrong-weight"),
)

_model(
    """
x = 0.5
w = 1.2
h = tanh(w*x)
z = h**2 + x
L = exp(-z)
""",
    """
    dz/dh == 2*h
    dz/dx == 2*h*(1-h**2)*w + 1
    ∂z/∂x == 1
    dL/dx == -L*dz/dx
    dL/dw == dL/dz * ∂z/∂h * ∂h/∂w
    dL/dz == -L == -exp(-z)
    """,
    ("∂z/∂x == 2*h*(1-h**2)*w + 1", "partial-total"),
    ("dz/dx == 1", "partial-total missing-path"),
    ("dL/dx == L*dz/dx", "sign"),
    ("dL/dx == -L*∂z/∂x", "partial-total missing-path"),
    ("dL/dw == dL/dz * ∂h/∂w", "missing-factor"),
    ("dL/dw == dL/dz * ∂z/∂h * ∂h/∂x", "edit wrong-weight other-name"),
    ("dL/dz == L", "sign"),
)

_model(
    """
r = 2.0
th = 0.6
ph = 1.1
P = [r*sin(th)*cos(ph), r*sin(th)*sin(ph), r*cos(th)]
L = P[2]
""",
    """
    dP/dr == P/r
    dP/dth == [r*cos(th)*cos(ph), r*cos(th)*sin(ph), -r*sin(th)]
    dP/dph == [-P[1], P[0], 0]
    """,
    ("dP/dth == [r*cos(th)*cos(ph), r*cos(th)*sin(ph), r*sin(th)]", "sign edit"),
    ("dP/dph == [P[1], P[0], 0]", "sign edit path-sign"),
    ("dP/dth == [cos(th)*cos(ph), cos(th)*sin(ph), -sin(th)]", "missing-factor"),
    ("dP/dph == [r*cos(th)*cos(ph), r*cos(th)*sin(ph), -r*sin(th)]", "other-name"),
)

_model(
    """
x = [0.5, 1.5]
W = [[1, 2], [3, -1], [0.5, 0.7]]
y = W @ x
z = y**2
L = sum(z)
""",
    """
    dy/dx == W
    dz/dx == 2*diag(y) @ W
    """,
    ("dy/dx == W.T", "transposed shape"),
    ("dz/dx == diag(y) @ W", "factor"),
    ("dz/dx == 2*W.T @ diag(y)", "transposed shape"),
    ("dz/dx == W", "missing-factor"),
    ("dz/dx == 2*W", "missing-factor"),
)

_model(
    """
z = [0.2, -0.5, 0.9]
p = softmax(z)
l = log_softmax(z)
L = p[0]
""",
    """
    dp/dz == diag(p) - outer(p, p)
    dl/dz == eye(3) - outer(ones(3), p)
    dL/dz == p[0]*([1, 0, 0] - p)
    """,
    ("dl/dz == eye(3) - outer(p, ones(3))", "transposed"),
    ("dp/dz == diag(p)", "missing-path"),
    ("dp/dz == diag(p) + outer(p, p)", "path-sign sign"),
    ("dp/dz == diag(p*(1-p))", "missing-path edit wrong-branch wrong-weight"),
    ("dL/dz == [1, 0, 0] - p", "missing-factor edit"),
)

_model(
    """
v = [0.3, -0.4]
g = 2.0
x = [1.0, 0.5]
w = g*v/norm(v)
L = (w @ x)**2
""",
    """
    dL/dg == 2*(w @ x)*(v @ x)/norm(v)
    dL/dw == 2*(w @ x)*x
    dL/dv == g/norm(v)*dL/dw - g*dL/dg/norm(v)**2*v
    """,
    ("dL/dv == g/norm(v)*dL/dw", "missing-path"),
    ("dL/dw == 2*x", "missing-factor factor"),
    ("dL/dv == g/norm(v)*dL/dw - dL/dg/norm(v)**2*v", "missing-factor edit wrong-weight"),
    ("dL/dw == (w @ x)*x", "factor"),
)

_model(
    """
α = 0.3
β = 1.2
θ = α*β + sin(β)
Λ = θ**2
""",
    """
    dΛ/dα == 2*θ*β
    dΛ/dβ == 2*θ*(α + cos(β))
    """,
    ("dΛ/dβ == 2*θ*α", "missing-path"),
    ("dΛ/dα == θ*β", "factor"),
    ("dΛ/dα == 2*θ*α", "other-name edit"),
    ("dΛ/dβ == 2*θ*(α - cos(β))", "sign path-sign"),
)

_model(
    """
x = 0.1
L = x**(1/3) + 0.1*x**3
""",
    """
    dL/dx == x**(-2/3)/3 + 0.3*x**2
    """,
    ("dL/dx == 0.333*x**(-2/3) + 0.3*x**2", "edit factor offset"),
    ("dL/dx == x**(-2/3)/3 + 0.1*x**2", "edit factor"),
    ("dL/dx == x**(2/3)/3 + 0.3*x**2", "edit sign"),
    ("dL/dx == x**(-2/3)/3", "missing-path"),
    ("dL/dx == x**(-2/3)/3 + 3*x**3", "edit"),
)

_model(
    """
A = [[2, 0.5], [0.5, 1]]
x = [1, 1]
q = (x @ A @ x)/(x @ x)
""",
    """
    dq/dx == 2*(A @ x - q*x)/(x @ x)
    """,
    ("dq/dx == 2*A @ x/(x @ x)", "missing-path"),
    ("dq/dx == 2*(A @ x - q*x)", "missing-factor factor"),
    ("dq/dx == (A @ x - q*x)/(x @ x)", "factor"),
    ("dq/dx == 2*(A @ x - x)/(x @ x)", "edit missing-factor"),
    ("dq/dx == 2*(q*x - A @ x)/(x @ x)", "sign"),
)

_model(
    """
p = 0.7
g = 2
L = -(1-p)**g*log(p)
""",
    """
    dL/dp == g*(1-p)**(g-1)*log(p) - (1-p)**g/p
    """,
    ("dL/dp == -g*(1-p)**(g-1)*log(p) - (1-p)**g/p", "sign path-sign"),
    ("dL/dp == -(1-p)**g/p", "missing-path"),
    ("dL/dp == (1-p)**(g-1)*log(p) - (1-p)**g/p", "missing-factor"),
    ("dL/dp == 2*(1-p)*log(p) - (1-p)**g/p", "edit"),
)

_model(
    """
S = 100
K = 95
r = 0.02
T = 0.5
v = 0.25
N(z) = 0.5*(1 + erf(z/sqrt(2)))
n(z) = exp(-z**2/2)/sqrt(2*pi)
d1 = (log(S/K) + (r + v**2/2)*T)/(v*sqrt(T))
d2 = d1 - v*sqrt(T)
C = S*N(d1) - K*exp(-r*T)*N(d2)
""",
    """
    dC/dS == N(d1)
    dC/dv == S*n(d1)*sqrt(T)
    dC/dr == K*T*exp(-r*T)*N(d2)
    dC/dK == -exp(-r*T)*N(d2)
    S*n(d1) == K*exp(-r*T)*n(d2)
    """,
    ("dC/dS == N(d2)", "edit"),
    ("dC/dv == S*n(d1)", "missing-factor"),
    ("dC/dr == K*exp(-r*T)*N(d2)", "missing-factor"),
    ("dC/dK == exp(-r*T)*N(d2)", "sign"),
    ("dC/dK == -exp(r*T)*N(d2)", "edit sign"),
)

_model(
    """
P = [[1.0, 0.2], [0.2, 0.5]]
h = [1.0, 0.5]
r = 0.3
s = h @ P @ h + r
k = P @ h/s
L = k[0]**2
""",
    """
    dk/dr == -P @ h/s**2
    dk/dr == -k/s
    """,
    ("dk/dr == k/s", "sign"),
    ("dk/dr == -k", "missing-factor wrong-weight edit"),
    ("dL/dP[0] == 2*k[0]*h/s", "missing-path"),
)

_model(
    """
n = 5
x = [1, 2, 3, 4, 5]
y = [2.1, 3.9, 6.2, 7.8, 10.1]
a = 1.9
b = 0.2
e = y - a*x - b
L = sum(e**2)/n
""",
    """
    dL/da == -2/n*sum(e*x)
    dL/da == -2*mean(e*x)
    dL/db == -2*mean(e)
    """,
    ("dL/da == -2/n*sum(e)", "missing-factor other-name"),
    ("dL/db == 2*mean(e)", "sign"),
    ("dL/da == -2*sum(e*x)", "factor missing-factor"),
    ("dL/db == -mean(e)", "factor"),
    ("dL/da == -2/n*sum(y*x)", "missing-factor edit"),
    ("dL/da == -2/(n-1)*sum(e*x)", "factor edit"),
)

_model(
    """
a = [1.0, 2.0, -0.5]
b = [0.3, 0.8, 1.1]
na = norm(a)
nb = norm(b)
c = a @ b/(na*nb)
""",
    """
    dc/da == b/(na*nb) - c*a/na**2
    """,
    ("dc/da == b/(na*nb)", "missing-path partial-total"),
    ("dc/da == b/(na*nb) + c*a/na**2", "path-sign sign"),
    ("dc/da == b/(na*nb) - c*a/na", "edit missing-factor wrong-weight"),
    ("dc/da == a/(na*nb) - c*b/nb**2", "other-name"),
)

_model(
    """
s = [0.9, 0.2, -0.4]
tau = 0.5
L = -s[0]/tau + logsumexp(s/tau)
""",
    """
    dL/ds == (softmax(s/tau) - [1, 0, 0])/tau
    dL/dtau == s[0]/tau**2 - sum(softmax(s/tau)*s)/tau^2
    """,
    ("dL/ds == softmax(s/tau) - [1, 0, 0]", "missing-factor"),
    ("dL/ds == softmax(s/tau)/tau", "missing-path"),
    ("dL/dtau == s[0]/tau**2", "missing-path"),
    ("dL/ds == (softmax(s) - [1, 0, 0])/tau", "edit missing-factor"),
)

_model(
    """
A = 1.5e13
E = 1.2e5
R = 8.314
T = 400
k = A*exp(-E/(R*T))
""",
    """
    dk/dT == k*E/(R*T**2)
    dk/dE == -k/(R*T)
    """,
    ("dk/dT == -k*E/(R*T**2)", "sign"),
    ("dk/dT == k*E/(R*T)", "missing-factor edit wrong-weight"),
    ("dk/dE == -1/(R*T)", "missing-factor"),
    ("dk/dT == 1.0000001*k*E/(R*T**2)", "factor"),
)

_model(
    """
x = [2, 2, 2]
w = [2, 2, 2]
L = sum(w*x**2)
""",
    """
    dL/dx == 2*w*x
    dL/dw == x**2
    """,
    ("dL/dx == 2*x", "edit missing-factor wrong-weight"),
    ("dL/dx == 2*w**2", "other-name edit"),
    ("dL/dw == 2*w", "edit factor"),
    ("dL/dx == w*x", "factor"),
)

_model(
    """
w = [0.5, -0.3, 1.2]
l1 = 0.1
l2 = 0.2
R = l1*sum(abs(w)) + l2/2*sum(w**2)
""",
    """
    dR/dw == l1*sign(w) + l2*w
    """,
    ("dR/dw == l1 + l2*w", "wrong-branch edit missing-factor"),
    ("dR/dw == l1*sign(w) + 2*l2*w", "factor edit"),
    ("dR/dw == l2*w", "missing-path"),
    ("dR/dw == l2*sign(w) + l1*w", "edit"),
    ("dR/dw == l1*abs(w) + l2*w", "edit wrong-weight"),
)

_model(
    """
x = 0.8
y = 0.5*x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))
""",
    """
    dy/dx == y/x + 0.5*x*(1 - tanh(sqrt(2/pi)*(x + 0.044715*x**3))**2)*sqrt(2/pi)*(1 + 0.134145*x**2)
    """,
    (
        "dy/dx == y/x + 0.5*x*(1 - tanh(sqrt(2/pi)*(x + 0.044715*x**3))**2)*sqrt(2/pi)*(1 + 0.044715*x**2)",
        "edit factor missing-factor",
    ),
    ("dy/dx == y/x", "missing-path"),
    (
        "dy/dx == y/x + 0.5*x*(1 - tanh(sqrt(2/pi)*(x + 0.044715*x**3))**2)*(1 + 0.134145*x**2)",
        "missing-factor",
    ),
)

_model(
    """
x = 1.1
s = sigmoid(x)
y = x*s
""",
    """
    dy/dx == s + x*s*(1-s)
    dy/dx == y + s*(1 - y)
    """,
    ("dy/dx == s", "missing-path partial-total"),
    ("dy/dx == x*s*(1-s)", "missing-path"),
    ("dy/dx == s - x*s*(1-s)", "sign path-sign"),
    ("dy/dx == s + x*s", "edit missing-factor wrong-weight"),
)

_model(
    """
w = 0.9
u = 0.4
x1 = 0.5
x2 = -0.3
h1 = tanh(u*x1)
h2 = tanh(w*h1 + u*x2)
L = h2**2/2
""",
    """
    dL/du == h2*(1-h2**2)*(x2 + w*(1-h1**2)*x1)
    dL/dw == h2*(1-h2**2)*h1
    """,
    ("dL/du == h2*(1-h2**2)*x2", "missing-path partial-total"),
    ("dL/du == h2*(1-h2**2)*w*(1-h1**2)*x1", "missing-path"),
    ("dL/du == h2*(1-h2**2)*(x2 + w*x1)", "missing-factor wrong-weight"),
    ("dL/dw == h2*h1", "missing-factor"),
    ("dL/du == h2*(1-h2**2)*(x2 + 2*w*(1-h1**2)*x1)", "double-path"),
    ("dL/du == h2*(1-h2**2)*(x2 - w*(1-h1**2)*x1)", "path-sign"),
    ("dL/du == h2*(1-h2**2)*(x2 + (1-h1**2)*x1)", "missing-factor wrong-weight"),
)
