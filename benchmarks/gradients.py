"""Times value and gradient of five models, float64, against other programs and a pass by hand.

    python benchmarks/gradients.py [--task NAME] [--rounds N] [--large] [--json]

gradpath is called as a library, start-up excluded, and compared with a reverse pass written by
hand in NumPy, and with PyTorch, JAX (compiled) and autograd where they are installed. All run in
this one process, in turn, on the same arrays, and with one thread: the thread pools of NumPy and
PyTorch wait actively for each other's cores, and that would be timed. OPENBLAS_NUM_THREADS,
MKL_NUM_THREADS and OMP_NUM_THREADS set another number, XLA_FLAGS= lets JAX have all it wants. The
exit status is 1 if a target is missed or two programs disagree.
"""

import os

# Read once, when NumPy, PyTorch and JAX are imported: so before the imports below.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")
os.environ.setdefault("JAX_ENABLE_X64", "1")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from measure import in_turn, installed, machine
from tasks import Answer, Arrays, Task, chain, mixture, network, recurrent, rosenbrock

import autodiff

MAKERS = (network.task, mixture.task, recurrent.task, rosenbrock.task, chain.task)
AGREE = 1e-10
REST = 0.05  # seconds, in which the other programs' threads go to sleep
BY_HAND = {"network": 1.2, "mixture": 1.2, "rosenbrock": 1.2}  # of the time of the pass by hand
TORCH = {"network": 1.0, "mixture": 1.0, "recurrent": 1.0, "rosenbrock": 1.0}  # of PyTorch's

Call = Callable[[], Answer]


class Spent(NamedTuple):
    """What one call took, in seconds: on the clock, and of all cores together."""

    wall: float
    cpu: float


def by_gradpath(task: Task) -> Call:
    program = autodiff.loads(task.model, values=task.values)
    return partial(program.value_and_gradient, wrt=list(task.wrt))


def by_hand(task: Task) -> Call:
    return partial(task.by_hand, task.values)


def by_autograd(task: Task) -> Call:
    import autograd.numpy as anp
    from autograd import value_and_grad
    from autograd.scipy.special import logsumexp

    def output(point: Arrays) -> Any:
        return task.formula(anp, logsumexp, task.values | {n: point[n] for n in task.wrt})

    differentiated = value_and_grad(output)
    point = {name: task.values[name] for name in task.wrt}

    def call() -> Answer:
        value, gradients = differentiated(point)
        return float(value), gradients

    return call


def by_jax(task: Task) -> Call:
    import jax

    def output(point: Any, values: Any) -> Any:
        every = {**values, **point}
        if task.jax is not None:
            return task.jax(jax, every)
        return task.formula(jax.numpy, jax.scipy.special.logsumexp, every)

    compiled = jax.jit(jax.value_and_grad(output))
    values = {name: jax.numpy.asarray(value) for name, value in task.values.items()}
    point = {name: values.pop(name) for name in task.wrt}

    def call() -> Answer:
        value, gradients = compiled(point, values)
        return float(value), {name: np.asarray(gradients[name]) for name in task.wrt}

    return call


def by_torch(task: Task) -> Call:
    import torch

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    values = {name: torch.tensor(value) for name, value in task.values.items()}
    point = [values[name].requires_grad_() for name in task.wrt]

    def call() -> Answer:
        output = task.torch(torch, values)
        gradients = torch.autograd.grad(output, point)
        return output.item(), {n: g.numpy() for n, g in zip(task.wrt, gradients, strict=True)}

    return call


PROGRAMS = {"gradpath": by_gradpath, "by hand": by_hand}
PEERS = {"torch": by_torch, "jax": by_jax, "autograd": by_autograd}


def timed(call: Call) -> Spent:
    """What one call takes, once the thread pools of the others are at rest."""
    time.sleep(REST)
    call()
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


def difference(answer: Answer, other: Answer) -> float:
    """The largest difference of two answers, relative to the largest element of each array."""
    (value, gradients), (other_value, others) = answer, other
    return max(
        abs(value - other_value) / abs(value),
        *(float(np.abs(g - others[n]).max() / np.abs(g).max()) for n, g in gradients.items()),
    )


def compared(task: Task, rounds: int) -> dict[str, Any]:
    """One task in all programs: medians, ratios to gradpath's time, and by how much they differ."""
    makers = PROGRAMS | {name: make for name, make in PEERS.items() if installed(name) is not None}
    calls = {name: make(task) for name, make in makers.items()}
    reference = calls["torch" if "torch" in calls else "by hand"]()
    # What is timed is not the first call, so neither is what is compared.
    apart = {name: difference(reference, (call(), call())[1]) for name, call in calls.items()}
    spent = in_turn({name: partial(timed, call) for name, call in calls.items()}, rounds)
    # Of the same round: what slows the machine down for a while slows both.
    ratios = {
        name: median(a.wall / b.wall for a, b in zip(spent["gradpath"], own, strict=True))
        for name, own in spent.items()
    }
    targets = {"by hand": BY_HAND.get(task.name), "torch": TORCH.get(task.name)}
    missed = [n for n, t in targets.items() if t is not None and ratios.get(n, 0.0) > t]
    return {
        "title": task.title,
        "seconds": {name: median(s.wall for s in own) for name, own in spent.items()},
        "cpu": {name: median(s.cpu for s in own) for name, own in spent.items()},
        "ratios": ratios,
        "targets": {name: t for name, t in targets.items() if t is not None},
        "missed": missed,
        "apart": apart,
    }


def show(result: dict[str, Any]) -> None:
    """One task's figures as text."""
    print(f"\n{result['title']}")
    for name, seconds in result["seconds"].items():
        target = result["targets"].get(name)
        verdict = "MISSED" if name in result["missed"] else "met"
        note = "" if target is None else f"   at most {target}: {verdict}"
        cpu, ratio = result["cpu"][name], result["ratios"][name]
        own = "" if name == "gradpath" else f"{ratio:8.2f}"
        print(f"  {name:10}{seconds * 1e3:9.2f} ms{cpu * 1e3:9.2f} ms{own}{note}")
    worst = max(result["apart"].values())
    print(f"  the answers {'agree within' if worst <= AGREE else 'DIFFER by'} {worst:.0e}")


def chosen(names: list[str] | None, large: bool) -> Iterator[Task]:
    """The tasks that were asked for, each made when it is its turn."""
    for make in (*MAKERS, partial(chain.task, 10 * chain.N)) if large else MAKERS:
        task = make()
        if not names or task.name in names:
            yield task


def main() -> int:
    """Checks that all compute the same, times them, tells."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", action="append", help="only this one; may be repeated")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--large", action="store_true", help="also the chain on 10^7")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    options = parser.parse_args()

    about = f"{machine(['numpy', *PEERS])}; {os.environ['OMP_NUM_THREADS']} thread(s) each"
    if not options.json:
        print(f"{about}\n{options.rounds} rounds: time, CPU time, and gradpath's time over it")
    results = []
    for task in chosen(options.task, options.large):
        results.append(compared(task, options.rounds))
        if not options.json:
            show(results[-1])
    missing = [name for name in PEERS if installed(name) is None]
    if options.json:
        print(json.dumps({"machine": about, "absent": missing, "results": results}, indent=1))
    else:
        for name in missing:
            print(f"{name} is not installed")
    failed = any(r["missed"] or max(r["apart"].values()) > AGREE for r in results)
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
