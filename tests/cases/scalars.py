"""Scalar models, each beside the same formula written once more in Python.

A row is a name, the model's text (its leaves carry the point), and a function of a namespace
``m`` (mpmath) and the leaves by name. The two are written apart: nothing of the engine serves
both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Case = tuple[str, str, Callable[..., Any]]


def _sigmoid(m: Any, x: Any) -> Any:
    return 1 / (1 + m.exp(-x))


def _phi(m: Any, z: Any) -> Any:
    return (1 + m.erf(z / m.sqrt(2))) / 2


def _black_scholes(m: Any, S: Any, K: Any, r: Any, s: Any, T: Any) -> Any:
    d = (m.log(S / K) + (r + s * s / 2) * T) / (s * m.sqrt(T))
    return S * _phi(m, d) - K * m.exp(-r * T) * _phi(m, d - s * m.sqrt(T))


def _newton(m: Any, a: Any) -> Any:
    x = a
    for _ in range(6):
        x = (x + a / x) / 2
    return x


def _logistic_map(m: Any, x: Any, r: Any) -> Any:
    for _ in range(8):
        x = r * x * (1 - x)
    return x


def _kepler(m: Any, M: Any, e: Any) -> Any:
    E = M
    for _ in range(8):
        E = E - (E - e * m.sin(E) - M) / (1 - e * m.cos(E))
    return E


def _rk4(m: Any, y: Any, h: Any) -> Any:
    def f(y: Any) -> Any:
        return -y * y + m.sin(y)

    k1 = f(y)
    k2 = f(y + h * k1 / 2)
    k3 = f(y + h * k2 / 2)
    k4 = f(y + h * k3)
    return y + h * (k1 + 2 * k2 + 2 * k3 + k4) / 6


def _branin(m: Any, x: Any, y: Any) -> Any:
    b, c, t = F(5.1) / (4 * m.pi**2), 5 / m.pi, 1 / (8 * m.pi)
    return (y - b * x**2 + c * x - 6) ** 2 + 10 * (1 - t) * m.cos(x) + 10


F = float  # a decimal literal of a model is this binary number, also in mpmath

OPTIMISATION: list[Case] = [
    ("sphere", "x = 1.5\ny = -2\nL = x**2 + y**2", lambda m, x, y: x * x + y * y),
    (
        "rosenbrock",
        "x = -1.2\ny = 1\na = 1 - x\nb = y - x**2\nL = a**2 + 100 * b**2",
        lambda m, x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    ),
    (
        "himmelblau",
        "x = 1\ny = 2.5\nL = (x**2 + y - 11)**2 + (x + y**2 - 7)**2",
        lambda m, x, y: (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2,
    ),
    (
        "beale",
        "x = 1\ny = 0.3\nL = (1.5 - x + x*y)^2 + (2.25 - x + x*y^2)^2 + (2.625 - x + x*y^3)^2",
        lambda m, x, y: (
            (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2
        ),
    ),
    (
        "booth",
        "x = 0.5\ny = 3\nL = (x + 2*y - 7)**2 + (2*x + y - 5)**2",
        lambda m, x, y: (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2,
    ),
    (
        "matyas",
        "x = 0.5\ny = 3\nL = 0.26 * (x**2 + y**2) - 0.48 * x * y",
        lambda m, x, y: F(0.26) * (x * x + y * y) - F(0.48) * x * y,
    ),
    (
        "goldstein-price",
        "x = 0.3\ny = -0.7\n"
        "a = 1 + (x + y + 1)**2 * (19 - 14*x + 3*x**2 - 14*y + 6*x*y + 3*y**2)\n"
        "b = 30 + (2*x - 3*y)**2 * (18 - 32*x + 12*x**2 + 48*y - 36*x*y + 27*y**2)\nL = a * b",
        lambda m, x, y: (
            (1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2))
            * (
                30
                + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
            )
        ),
    ),
    (
        "ackley",
        "x = 0.4\ny = -1.1\nr = sqrt((x**2 + y**2) / 2)\nc = (cos(2*pi*x) + cos(2*pi*y)) / 2\n"
        "L = -20 * exp(-0.2 * r) - exp(c) + 20 + e",
        lambda m, x, y: (
            -20 * m.exp(-F(0.2) * m.sqrt((x * x + y * y) / 2))
            - m.exp((m.cos(2 * m.pi * x) + m.cos(2 * m.pi * y)) / 2)
            + 20
            + m.e
        ),
    ),
    (
        "rastrigin",
        "A = 10\nx = 0.3\ny = 1.2\nL = 2*A + x**2 - A*cos(2*pi*x) + y**2 - A*cos(2*pi*y)",
        lambda m, A, x, y: 2 * A + x**2 - A * m.cos(2 * m.pi * x) + y**2 - A * m.cos(2 * m.pi * y),
    ),
    (
        "griewank",
        "x = 3\ny = -2\nL = 1 + (x**2 + y**2)/4000 - cos(x) * cos(y / sqrt(2))",
        lambda m, x, y: 1 + (x * x + y * y) / 4000 - m.cos(x) * m.cos(y / m.sqrt(2)),
    ),
    (
        "levy13",
        "x = 0.7\ny = 1.4\nL = sin(3*pi*x)**2 + (x - 1)**2 * (1 + sin(3*pi*y)**2)"
        " + (y - 1)**2 * (1 + sin(2*pi*y)**2)",
        lambda m, x, y: (
            m.sin(3 * m.pi * x) ** 2
            + (x - 1) ** 2 * (1 + m.sin(3 * m.pi * y) ** 2)
            + (y - 1) ** 2 * (1 + m.sin(2 * m.pi * y) ** 2)
        ),
    ),
    (
        "easom",
        "x = 2.9\ny = 3.4\nL = -cos(x) * cos(y) * exp(-((x - pi)**2 + (y - pi)**2))",
        lambda m, x, y: -m.cos(x) * m.cos(y) * m.exp(-((x - m.pi) ** 2) - (y - m.pi) ** 2),
    ),
    (
        "three-hump camel",
        "x = 1.1\ny = -0.6\nL = 2*x**2 - 1.05*x**4 + x**6/6 + x*y + y**2",
        lambda m, x, y: 2 * x**2 - F(1.05) * x**4 + x**6 / 6 + x * y + y**2,
    ),
    (
        "six-hump camel",
        "x = 0.6\ny = -0.8\nL = (4 - 2.1*x**2 + x**4/3)*x**2 + x*y + (-4 + 4*y**2)*y**2",
        lambda m, x, y: (4 - F(2.1) * x**2 + x**4 / 3) * x**2 + x * y + (-4 + 4 * y**2) * y**2,
    ),
    (
        "mccormick",
        "x = 0.6\ny = -0.8\nL = sin(x + y) + (x - y)**2 - 1.5*x + 2.5*y + 1",
        lambda m, x, y: m.sin(x + y) + (x - y) ** 2 - F(1.5) * x + F(2.5) * y + 1,
    ),
    (
        "schaffer2",
        "x = 1.5\ny = 0.5\nL = 0.5 + (sin(x^2 - y^2)^2 - 0.5) / (1 + 0.001*(x^2 + y^2))^2",
        lambda m, x, y: (
            F(0.5) + (m.sin(x * x - y * y) ** 2 - F(0.5)) / (1 + F(0.001) * (x * x + y * y)) ** 2
        ),
    ),
    (
        "eggholder",
        "x = 100\ny = 200\nz = y + 47\nL = -z*sin(sqrt(abs(x/2 + z))) - x*sin(sqrt(abs(x - z)))",
        lambda m, x, y: -(y + 47) * m.sin(m.sqrt(x / 2 + y + 47)) - x * m.sin(m.sqrt(-x + y + 47)),
    ),
    (
        "drop wave",
        "x = 0.3\ny = 0.4\nr2 = x**2 + y**2\nL = -(1 + cos(12 * sqrt(r2))) / (0.5 * r2 + 2)",
        lambda m, x, y: -(1 + m.cos(12 * m.sqrt(x * x + y * y))) / (F(0.5) * (x * x + y * y) + 2),
    ),
    (
        "cross in tray",
        "x = 1.2\ny = 0.8\nt = abs(sin(x)*sin(y)*exp(abs(100 - sqrt(x**2 + y**2)/pi)))\n"
        "L = -0.0001 * (t + 1)**0.1",
        lambda m, x, y: (
            -F(0.0001)
            * (m.sin(x) * m.sin(y) * m.exp(100 - m.sqrt(x * x + y * y) / m.pi) + 1) ** F(0.1)
        ),
    ),
    (
        "branin",
        "x = 2.5\ny = 7\n"
        "L = (y - 5.1/(4*pi**2)*x**2 + 5/pi*x - 6)**2 + 10*(1 - 1/(8*pi))*cos(x) + 10",
        _branin,
    ),
]

PHYSICS: list[Case] = [
    (
        "gravity",
        "G = 6.674e-11\nm1 = 5.972e24\nm2 = 7.348e22\nr = 3.844e8\nL = G * m1 * m2 / r**2",
        lambda m, G, m1, m2, r: G * m1 * m2 / r**2,
    ),
    (
        "coulomb",
        "k = 8.988e9\nq1 = 1.6e-19\nq2 = -3.2e-19\nr = 5.3e-11\nL = k * q1 * q2 / r^2",
        lambda m, k, q1, q2, r: k * q1 * q2 / r**2,
    ),
    (
        "planck",
        "nu = 5e14\nT = 5778\nh = 6.626e-34\nk = 1.381e-23\nc = 2.998e8\n"
        "L = 2*h*nu**3/c**2 / expm1(h*nu/(k*T))",
        lambda m, nu, T, h, k, c: 2 * h * nu**3 / c**2 / (m.exp(h * nu / (k * T)) - 1),
    ),
    (
        "lorentz factor",
        "v = 2.5e8\nc = 2.998e8\nL = 1 / sqrt(1 - (v/c)**2)",
        lambda m, v, c: 1 / m.sqrt(1 - (v / c) ** 2),
    ),
    (
        "pendulum",
        "d = 1.2\ng = 9.81\nth = 0.6\nT0 = 2*pi*sqrt(d/g)\nL = T0*(1 + th**2/16 + 11*th**4/3072)",
        lambda m, d, g, th: 2 * m.pi * m.sqrt(d / g) * (1 + th**2 / 16 + 11 * th**4 / 3072),
    ),
    (
        "lennard-jones",
        "eps = 0.997\nsig = 3.4\nr = 4.1\ns6 = (sig/r)**6\nL = 4*eps*(s6**2 - s6)",
        lambda m, eps, sig, r: 4 * eps * ((sig / r) ** 12 - (sig / r) ** 6),
    ),
    (
        "morse",
        "D = 4.5\na = 1.9\nr = 1.1\nr0 = 0.74\nL = D * (1 - exp(-a*(r - r0)))**2",
        lambda m, D, a, r, r0: D * (1 - m.exp(-a * (r - r0))) ** 2,
    ),
    (
        "van der waals",
        "n = 2\nR = 8.314\nT = 300\nV = 0.05\na = 0.1378\nb = 3.18e-5\n"
        "L = n*R*T/(V - n*b) - a*n**2/V**2",
        lambda m, n, R, T, V, a, b: n * R * T / (V - n * b) - a * n**2 / V**2,
    ),
    (
        "arrhenius",
        "A = 1e13\nE = 75000\nR = 8.314\nT = 350\nL = A * exp(-E / (R * T))",
        lambda m, A, E, R, T: A * m.exp(-E / (R * T)),
    ),
    (
        "nernst",
        "R = 8.314\nT = 310\nz = 1\nF = 96485\no = 145\ni = 12\nL = R*T/(z*F) * log(o/i)",
        lambda m, R, T, z, F, o, i: R * T / (z * F) * m.log(o / i),
    ),
    (
        "diode",
        "Is = 1e-12\nV = 0.6\nn = 1.3\nVt = 0.02585\nL = Is * expm1(V / (n * Vt))",
        lambda m, Is, V, n, Vt: Is * (m.exp(V / (n * Vt)) - 1),
    ),
    (
        "projectile",
        "v = 20\nth = 0.7\ng = 9.81\nh = 1.5\nvy = v*sin(th)\n"
        "t = (vy + sqrt(vy**2 + 2*g*h))/g\nL = v*cos(th)*t",
        lambda m, v, th, g, h: (
            v * m.cos(th) * (v * m.sin(th) + m.sqrt((v * m.sin(th)) ** 2 + 2 * g * h)) / g
        ),
    ),
    (
        "damped oscillator",
        "A = 2\ngamma = 0.3\nw = 5\nt = 1.7\nphi = 0.4\nL = A*exp(-gamma*t)*cos(w*t + phi)",
        lambda m, A, gamma, w, t, phi: A * m.exp(-gamma * t) * m.cos(w * t + phi),
    ),
    (
        "rlc impedance",
        "R = 50\nH = 1e-3\nC = 1e-6\nf = 8000\nw = 2*pi*f\nL = hypot(R, w*H - 1/(w*C))",
        lambda m, R, H, C, f: m.sqrt(R**2 + (2 * m.pi * f * H - 1 / (2 * m.pi * f * C)) ** 2),
    ),
    (
        "snell",
        "n1 = 1\nn2 = 1.5\nth = 0.8\nL = asin(n1 / n2 * sin(th))",
        lambda m, n1, n2, th: m.asin(n1 / n2 * m.sin(th)),
    ),
    (
        "fresnel",
        "n1 = 1\nn2 = 1.5\nth = 0.8\nu = n1*cos(th)\nv = n2*sqrt(1 - (n1/n2*sin(th))**2)\n"
        "L = ((u - v)/(u + v))**2",
        lambda m, n1, n2, th: (
            (
                (n1 * m.cos(th) - n2 * m.sqrt(1 - (n1 / n2 * m.sin(th)) ** 2))
                / (n1 * m.cos(th) + n2 * m.sqrt(1 - (n1 / n2 * m.sin(th)) ** 2))
            )
            ** 2
        ),
    ),
    (
        "lens",
        "n = 1.52\nR1 = 0.1\nR2 = -0.15\nd = 0.01\n"
        "L = 1/((n - 1)*(1/R1 - 1/R2 + (n - 1)*d/(n*R1*R2)))",
        lambda m, n, R1, R2, d: 1 / ((n - 1) * (1 / R1 - 1 / R2 + (n - 1) * d / (n * R1 * R2))),
    ),
    (
        "great circle",
        "a = 0.9\nb = 0.2\nc = -0.6\nd = 1.9\n"
        "L = 2*asin(sqrt(sin((c - a)/2)**2 + cos(a)*cos(c)*sin((d - b)/2)**2))",
        lambda m, a, b, c, d: m.acos(m.sin(a) * m.sin(c) + m.cos(a) * m.cos(c) * m.cos(d - b)),
    ),
    (
        "kepler",
        "M = 1.1\ne = 0.3\n"
        + "E0 = M\n"
        + "".join(
            f"E{k + 1} = E{k} - (E{k} - e*sin(E{k}) - M)/(1 - e*cos(E{k}))\n" for k in range(8)
        )
        + "L = E8",
        _kepler,
    ),
    (
        "reynolds and blasius",
        "rho = 998\nv = 1.3\nd = 0.05\nmu = 1e-3\nRe = rho*v*d/mu\nL = 0.316 * Re**-0.25",
        lambda m, rho, v, d, mu: F(0.316) * (rho * v * d / mu) ** F(-0.25),
    ),
    (
        "stefan-boltzmann",
        "s = 5.67e-8\neps = 0.9\nA = 1.7\nT = 306\nT0 = 293\nL = s*eps*A*(T**4 - T0**4)",
        lambda m, s, eps, A, T, T0: s * eps * A * (T**4 - T0**4),
    ),
    (
        "barometric",
        "p0 = 101325\nM = 0.029\ng = 9.81\nh = 2500\nR = 8.314\nT = 280\nL = p0*exp(-M*g*h/(R*T))",
        lambda m, p0, M, g, h, R, T: p0 * m.exp(-M * g * h / (R * T)),
    ),
    (
        "doppler",
        "f = 440\nc = 343\nvr = 10\nvs = -20\nL = f*(c + vr)/(c + vs)",
        lambda m, f, c, vr, vs: f * (c + vr) / (c + vs),
    ),
    (
        "relativistic doppler",
        "f = 440\nb = 0.4\nL = f*sqrt((1 - b)/(1 + b))",
        lambda m, f, b: f * m.sqrt((1 - b) / (1 + b)),
    ),
    (
        "bose-einstein",
        "x = 0.7\nmu = -0.2\nkT = 0.5\nL = 1/expm1((x - mu)/kT)",
        lambda m, x, mu, kT: 1 / (m.exp((x - mu) / kT) - 1),
    ),
    (
        "fermi-dirac",
        "x = 0.7\nmu = 0.5\nkT = 0.1\nL = sigmoid(-(x - mu)/kT)",
        lambda m, x, mu, kT: 1 / (m.exp((x - mu) / kT) + 1),
    ),
    (
        "maxwell speed",
        "M = 4.65e-26\nk = 1.381e-23\nT = 300\nv = 500\n"
        "L = 4*pi*v**2*(M/(2*pi*k*T))**1.5*exp(-M*v**2/(2*k*T))",
        lambda m, M, k, T, v: (
            4 * m.pi * v**2 * (M / (2 * m.pi * k * T)) ** F(1.5) * m.exp(-M * v**2 / (2 * k * T))
        ),
    ),
    (
        "bessel-like series",
        "x = 1.3\ny = x/2\nL = 1 - y**2 + y**4/4 - y**6/36 + y**8/576",
        lambda m, x: 1 - (x / 2) ** 2 + (x / 2) ** 4 / 4 - (x / 2) ** 6 / 36 + (x / 2) ** 8 / 576,
    ),
    (
        "tsiolkovsky",
        "ve = 4400\nm0 = 5e5\nmf = 1.2e5\nL = ve*log(m0/mf)",
        lambda m, ve, m0, mf: ve * m.log(m0 / mf),
    ),
    (
        "catenary",
        "a = 3\nx = 2.2\nL = a*(cosh(x/a) - 1)",
        lambda m, a, x: a * (m.cosh(x / a) - 1),
    ),
    (
        "black-scholes",
        "S = 100\nK = 105\nr = 0.05\ns = 0.2\nT = 0.5\nPhi(z) = (1 + erf(z/sqrt(2)))/2\n"
        "d1 = (log(S/K) + (r + s**2/2)*T)/(s*sqrt(T))\nd2 = d1 - s*sqrt(T)\n"
        "L = S*Phi(d1) - K*exp(-r*T)*Phi(d2)",
        _black_scholes,
    ),
    (
        "compound interest",
        "P = 1000\nr = 0.043\nn = 12\nt = 7.5\nL = P*(1 + r/n)**(n*t)",
        lambda m, P, r, n, t: P * (1 + r / n) ** (n * t),
    ),
    (
        "nelson-siegel",
        "b0 = 0.03\nb1 = -0.02\nb2 = 0.01\ntau = 2\nt = 5\nu = t/tau\ng = -expm1(-u)/u\n"
        "L = b0 + b1*g + b2*(g - exp(-u))",
        lambda m, b0, b1, b2, tau, t: (
            b0
            + b1 * (1 - m.exp(-t / tau)) / (t / tau)
            + b2 * ((1 - m.exp(-t / tau)) / (t / tau) - m.exp(-t / tau))
        ),
    ),
    (
        "michaelis-menten with inhibition",
        "V = 3\nK = 0.4\nS = 1.2\nI = 0.5\nKi = 0.7\nL = V*S/(K*(1 + I/Ki) + S)",
        lambda m, V, K, S, I, Ki: V * S / (K * (1 + I / Ki) + S),  # noqa: E741
    ),
    (
        "hill",
        "S = 1.2\nK = 0.8\nn = 2.7\nL = S**n/(K**n + S**n)",
        lambda m, S, K, n: 1 / (1 + (K / S) ** n),
    ),
    (
        "gompertz",
        "a = 10\nb = 2\nc = 0.7\nt = 1.4\nL = a*exp(-b*exp(-c*t))",
        lambda m, a, b, c, t: a * m.exp(-b * m.exp(-c * t)),
    ),
    (
        "haversine of halves",
        "x = 0.9\nL = square(sin(x/2)) + reciprocal(1 + x)",
        lambda m, x: (1 - m.cos(x)) / 2 + 1 / (1 + x),
    ),
    (
        "rk4 step",
        "y = 0.8\nh = 0.1\nf(y) = -y**2 + sin(y)\nk1 = f(y)\nk2 = f(y + h*k1/2)\n"
        "k3 = f(y + h*k2/2)\nk4 = f(y + h*k3)\nL = y + h*(k1 + 2*k2 + 2*k3 + k4)/6",
        _rk4,
    ),
    (
        "logistic map",
        "x = 0.3\nr = 3.7\nf(x) = r*x*(1 - x)\nL = f(f(f(f(f(f(f(f(x))))))))",
        _logistic_map,
    ),
    ("newton's root", "a = 7.3\nf(x) = (x + a/x)/2\nL = f(f(f(f(f(f(a))))))", _newton),
]

# Every elementwise function, inside a formula, at an ordinary point and at a nasty one.
_POINTS: dict[str, tuple[list[float], Callable[[Any, Any], Any]]] = {
    "exp": ([0.7, -30.0, 300.0], lambda m, x: m.exp(x)),
    "expm1": ([0.7, 1e-9, -40.0], lambda m, x: m.exp(x) - 1),
    "log": ([0.7, 1e-300, 1e300], lambda m, x: m.log(x)),
    "log1p": ([0.7, 1e-12, -0.999999], lambda m, x: m.log(1 + x)),
    "log2": ([0.7, 1024.0], lambda m, x: m.log(x) / m.log(2)),
    "log10": ([0.7, 1e-5], lambda m, x: m.log(x) / m.log(10)),
    "sqrt": ([0.7, 1e-200, 4.0], lambda m, x: m.sqrt(x)),
    "cbrt": ([0.7, 27.0, 1e-30], lambda m, x: m.cbrt(x)),
    "square": ([0.7, -3.0], lambda m, x: x * x),
    "reciprocal": ([0.7, -1e100], lambda m, x: 1 / x),
    "sin": ([0.7, 1e6, -2.0], lambda m, x: m.sin(x)),
    "cos": ([0.7, 1e6, -2.0], lambda m, x: m.cos(x)),
    "tan": ([0.7, 1.57, -2.0], lambda m, x: m.tan(x)),
    "asin": ([0.7, -0.999999], lambda m, x: m.asin(x)),
    "acos": ([0.7, 0.999999], lambda m, x: m.acos(x)),
    "atan": ([0.7, -1e8], lambda m, x: m.atan(x)),
    "sinh": ([0.7, -20.0], lambda m, x: m.sinh(x)),
    "cosh": ([0.7, -20.0], lambda m, x: m.cosh(x)),
    "tanh": ([0.7, 15.0, -1e-8], lambda m, x: m.tanh(x)),
    "asinh": ([0.7, 1e9, -3.0], lambda m, x: m.asinh(x)),
    "acosh": ([1.7, 1.0000001], lambda m, x: m.acosh(x)),
    "atanh": ([0.7, -0.9999], lambda m, x: m.atanh(x)),
    "sigmoid": ([0.7, 30.0, -700.0], _sigmoid),
    "softplus": ([0.7, 40.0, -40.0], lambda m, x: m.log(1 + m.exp(x))),
    "relu": ([0.7, -0.7], lambda m, x: x if x > 0 else x * 0),
    "leaky_relu": ([0.7, -0.7], lambda m, x: x if x > 0 else F(0.01) * x),
    "elu": ([0.7, -0.7, -50.0], lambda m, x: x if x > 0 else m.exp(x) - 1),
    "gelu": ([0.7, -6.0], lambda m, x: x * _phi(m, x)),
    "silu": ([0.7, -30.0], lambda m, x: x * _sigmoid(m, x)),
    "erf": ([0.7, -3.0], lambda m, x: m.erf(x)),
    "erfc": ([0.7, 5.0], lambda m, x: m.erfc(x)),
    "lgamma": ([0.7, 30.0, 1e-8], lambda m, x: m.loggamma(x)),
    "digamma": ([0.7, 30.0], lambda m, x: m.digamma(x)),
    "abs": ([0.7, -0.7], lambda m, x: abs(x)),
    "floor": ([0.7, -2.5], lambda m, x: m.floor(x)),
    "ceil": ([0.7, -2.5], lambda m, x: m.ceil(x)),
    "round": ([0.7, -2.4], lambda m, x: m.nint(x)),
    "sign": ([0.7, -2.5], lambda m, x: m.sign(x)),
}


def _alone(f: Any) -> Any:
    return lambda m, x, w: w * f(m, x)


FUNCTIONS: list[Case] = [
    (f"{name} at {x:g}", f"x = {x!r}\nw = 1.5\nL = w * {name}(x)", _alone(f))
    for name, (points, f) in _POINTS.items()
    for x in points
]

BINARY: list[Case] = [
    ("x**y", "x = 1.7\ny = -2.3\nL = x**y", lambda m, x, y: x**y),
    ("x**3 at -2", "x = -2\nL = x**3", lambda m, x: x * x * x),
    ("x**-3 at -2", "x = -2\nL = x**-3", lambda m, x: 1 / (x * x * x)),
    ("x**2 at 0", "x = 0\nL = x**2 + x", lambda m, x: x * x + x),
    ("x**0 at 0", "x = 0\nL = x**0 + x", lambda m, x: 1 + x),
    ("x**1 at 0", "x = 0\nL = x**1", lambda m, x: x),
    ("2**x", "x = 1.7\nL = 2**x", lambda m, x: m.mpf(2) ** x),
    ("x**x**x", "x = 1.3\nL = x**x**x", lambda m, x: x ** (x**x)),
    ("atan2 all round", "y = -1.2\nx = -0.7\nL = atan2(y, x)", lambda m, x, y: m.atan2(y, x)),
    ("atan2 up", "y = 2\nx = 0\nL = atan2(y, x)", lambda m, x, y: m.atan2(y, x)),
    ("hypot", "x = 3e-200\ny = 4e-200\nL = hypot(x, y)", lambda m, x, y: m.sqrt(x * x + y * y)),
    (
        "logaddexp",
        "x = 800\ny = 801\nL = logaddexp(x, y)",
        lambda m, x, y: m.log(m.exp(x) + m.exp(y)),
    ),
    ("maximum", "x = 3\ny = 4\nL = maximum(x, y) * x", lambda m, x, y: max(x, y) * x),
    ("minimum", "x = 3\ny = 4\nL = minimum(x, y) * y", lambda m, x, y: min(x, y) * y),
    ("clip inside", "x = 0.5\na = 0\nb = 1\nL = clip(x, a, b)**2", lambda m, x, a, b: x * x),
    ("clip below", "x = -0.5\na = 0.1\nb = 1\nL = clip(x, a, b)**2", lambda m, x, a, b: a * a),
    ("clip above", "x = 5\na = 0\nb = 1\nL = clip(x, a, b)**2", lambda m, x, a, b: b * b),
    ("where", "x = 2\ny = 3\nL = where(x < y, x*y, x/y)", lambda m, x, y: x * y),
    ("where, else", "x = 4\ny = 3\nL = where(x < y, x*y, x/y)", lambda m, x, y: x / y),
    ("indicator", "x = 4\ny = 3\nL = (x > y)*x**2 + (x <= y)*y", lambda m, x, y: x * x),
    ("elu alpha", "x = -0.4\na = 1.7\nL = elu(x, a)", lambda m, x, a: a * (m.exp(x) - 1)),
    ("leaky slope", "x = -0.4\na = 0.2\nL = leaky_relu(x, a)", lambda m, x, a: a * x),
    (
        "one name twice",
        "x = 1.7\nL = x*x - x/x + x**x - (x + x)",
        lambda m, x: x * x - 1 + x**x - 2 * x,
    ),
    ("alias", "a = 2.5\nb = a\nc = b\nL = c*b*a", lambda m, a: a**3),
    ("unused", "a = 2.5\nb = 3\nL = a**2", lambda m, a, b: a * a + 0 * b),
    (
        "chain",
        "a = 0.3\n"
        + "".join(f"x{k} = sin({'a' if not k else f'x{k - 1}'} + 1)\n" for k in range(20))
        + "L = x19",
        lambda m, a: _iterate(m, a, 20),
    ),
    (
        "seed's model",
        "f(z) = tanh(z)\na = 0.8\nw1 = 0.3\nw2 = -1.1\nw3 = 0.5\nw4 = 0.7\n"
        "b = w1*a\nc = w2*a\nd = w3*b + w4*c\nL = f(d)*2",
        lambda m, a, w1, w2, w3, w4: 2 * m.tanh((w3 * w1 + w4 * w2) * a),
    ),
]


def _iterate(m: Any, a: Any, n: int) -> Any:
    for _ in range(n):
        a = m.sin(a + 1)
    return a


CASES = OPTIMISATION + PHYSICS + FUNCTIONS + BINARY
