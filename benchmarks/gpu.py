"""Times value and gradient of five models on a GPU: gradpath by CuPy, and PyTorch on CUDA.

    pip install -e '.[cuda12]' torch
    python benchmarks/gpu.py [--task NAME] [--rounds N] [--json]

The models are those of `gradients.py`, in float64. Both programs have their arrays on the card
before they are timed, leave the gradients there, and are waited for; start-up, kernels' compiling
and the way of the data are excluded. Each is called twice before it is timed. The exit status is 1
if the two disagree, 2 if there is no GPU, CuPy or PyTorch.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import numpy as np
from measure import in_turn, machine
from tasks import Task, chain, mixture, network, recurrent, rosenbrock

import autodiff

MAKERS = (network.task, mixture.task, recurrent.task, rosenbrock.task, chain.task)
AGREE = 1e-9

Call = Callable[[], tuple[float, dict[str, Any]]]


def by_gradpath(task: Task) -> Call:
    program = autodiff.loads(task.model, values=task.values, device="gpu")
    return partial(program.value_and_gradient, wrt=list(task.wrt), host=False)


def by_torch(task: Task) -> Call:
    import torch

    values = {name: torch.tensor(value, device="cuda") for name, value in task.values.items()}
    point = [values[name].requires_grad_() for name in task.wrt]

    def call() -> tuple[float, dict[str, Any]]:
        output = task.torch(torch, values)
        gradients = torch.autograd.grad(output, point)
        return output.item(), dict(zip(task.wrt, gradients, strict=True))

    return call


def on_host(gradient: Any) -> Any:
    """An array of CuPy's or PyTorch's as NumPy's."""
    return gradient.get() if hasattr(gradient, "get") else gradient.cpu().numpy()


def timed(call: Call, wait: Callable[[], None]) -> float:
    """Seconds of one call, until the card has done all of it."""
    wait()
    started = time.perf_counter()
    call()
    wait()
    return time.perf_counter() - started


def compared(task: Task, rounds: int) -> dict[str, Any]:
    """One task in both: medians, their ratio, and by how much the gradients differ."""
    import cupy
    import torch

    calls = {"gradpath": by_gradpath(task), "torch": by_torch(task)}
    waits = {"gradpath": cupy.cuda.Device().synchronize, "torch": torch.cuda.synchronize}
    answers = {name: (call(), call())[1] for name, call in calls.items()}
    apart = 0.0
    for name in task.wrt:
        ours, theirs = (on_host(answer[1][name]) for answer in answers.values())
        apart = max(apart, float(np.abs(ours - theirs).max() / np.abs(theirs).max()))
    spent = in_turn({n: partial(timed, call, waits[n]) for n, call in calls.items()}, rounds)
    seconds = {name: median(own) for name, own in spent.items()}
    ratio = median(a / b for a, b in zip(spent["gradpath"], spent["torch"], strict=True))
    return {"title": task.title, "seconds": seconds, "ratio": ratio, "apart": apart}


def main() -> int:
    """Checks what is there, compares, tells."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--task", action="append", help="only this one; may be repeated")
    ask.add_argument("--rounds", type=int, default=30)
    ask.add_argument("--json", action="store_true", help="print JSON instead of text")
    options = ask.parse_args()

    from autodiff.backends import gpu

    found = gpu.probe()
    if found.status != "ready":
        print(f"no GPU: {found.reason}\n{found.hint}", file=sys.stderr)
        return 2
    try:
        import torch

        torch.zeros(1, device="cuda")
    except (ImportError, AssertionError, RuntimeError) as error:
        print(f"no PyTorch on CUDA: {error}", file=sys.stderr)
        return 2
    about = f"{machine(['numpy', 'torch'])}\n{found.name}, CuPy {found.cupy}, CUDA {found.runtime}"
    results = [
        compared(task, options.rounds)
        for task in (make() for make in MAKERS)
        if not options.task or task.name in options.task
    ]
    if options.json:
        print(json.dumps({"machine": about, "results": results}, indent=1))
    else:
        print(f"{about}\n  time, and gradpath's time over PyTorch's")
        for result in results:
            ours, theirs = (result["seconds"][name] * 1e3 for name in ("gradpath", "torch"))
            print(f"\n{result['title']}")
            print(f"  gradpath{ours:9.3f} ms\n  torch   {theirs:9.3f} ms{result['ratio']:8.2f}")
            print(f"  the gradients differ by {result['apart']:.0e}")
    return 1 if any(result["apart"] > AGREE for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
