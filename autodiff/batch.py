"""Checks many files: one after another, on the cores of this machine, or on a Dask cluster.

Results come in the order of the files, as soon as they are ready, and every file has one. The
processes are joblib's, which keep SymPy imported between files. When one of them dies, joblib
gives up all that is under way; then, as with a time limit and on a cluster, each worker has its
files checked by a process of its own (`autodiff.guard`), which it outlives: so the file that
kills a process is known, and costs no other file its result.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import queue
import socket
import threading
import warnings
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Any, NamedTuple

import autodiff
from autodiff import confine
from autodiff.errors import UsageError
from autodiff.guard import Guard, NotStarted
from autodiff.work import CHECK, Outcome, Task, attempt, resolve, trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from autodiff.cache import Cache
    from autodiff.checking import CheckOptions
    from autodiff.report import FileResult

FEW = 256  # fewer files are done before other processes would have started
CHUNK = 16  # files handed to a process at a time: at most
ROUNDS = 8  # chunks for each process: at least, so that none is left alone at the end
TRIES = 3  # without a single result, before the rest is given up
CONNECT = 10.0  # seconds for a scheduler to answer, and to have a worker
LOOK = 1.0  # seconds between two looks at what a cluster still has to do for us
IDLE = 5.0  # seconds after which a process that waits on a cluster is ended


class Plan(NamedTuple):
    """How the work is done; it changes no result.

    jobs      : processes; None for one while there are few files, else one for each core
    limit     : seconds for each file, or None
    scheduler : the address of a Dask scheduler, or None
    memory    : bytes for each process, or None
    check     : what is called for each file, as ``module:name``
    """

    jobs: int | None = None
    limit: float | None = None
    scheduler: str | None = None
    check: str = CHECK
    memory: int | None = None

    @property
    def guarded(self) -> bool:
        """Whether each file is checked in a process that is bounded, and may be killed."""
        return self.limit is not None or self.memory is not None


def check_files(
    tasks: Sequence[Task],
    options: CheckOptions,
    plan: Plan = Plan(),  # noqa: B008  # a NamedTuple: immutable
    cache: Cache | None = None,
) -> Generator[FileResult, None, None]:
    """One result for each task, in their order, as they become ready.

    Close it to stop early: no process is left behind. Raises UsageError where the scheduler
    cannot be reached or has no gradpath.
    """
    known = [None if cache is None else cache.find(task) for task in tasks]
    rest = [task for task, found in zip(tasks, known, strict=True) if found is None]
    with contextlib.closing(outcomes(rest, options, plan)) as fresh:
        for task, found in zip(tasks, known, strict=True):
            if found is not None:
                yield found
                continue
            outcome = next(fresh)
            if cache is not None:
                cache.keep(task, outcome)
            yield outcome.result


def outcomes(
    tasks: Sequence[Task], options: CheckOptions, plan: Plan
) -> Generator[Outcome, None, None]:
    """What comes of each task, in their order."""
    jobs = 1 if plan.scheduler is not None else _jobs(plan.jobs, len(tasks))
    if not tasks:
        return
    if plan.scheduler is not None:
        yield from _on_cluster(tasks, options, plan, plan.scheduler)
    elif jobs > 1:
        yield from _on_cores(tasks, options, plan, jobs)
    elif plan.guarded or plan.jobs not in (None, 1):
        yield from _guarded(tasks, options, plan)
    else:
        check = resolve(plan.check)
        for task in tasks:
            yield attempt(task, options, check)


def _jobs(asked: int | None, files: int) -> int:
    """How many processes are worth starting."""
    if asked is None and files < FEW:
        return 1
    if asked is None or asked == 0:
        from joblib import cpu_count

        asked = int(cpu_count())  # those that this process may use
    return max(1, min(asked, files))


def _guarded(
    tasks: Sequence[Task], options: CheckOptions, plan: Plan
) -> Generator[Outcome, None, None]:
    """One file after another, each in a process that may be killed."""
    guard = Guard(plan.check, options, plan.limit, memory=plan.memory)
    try:
        for task in tasks:
            yield _run(guard, task)
    finally:
        guard.close()


def _run(guard: Guard, task: Task) -> Outcome:
    try:
        return guard.run(task)
    except NotStarted as error:
        return Outcome(trouble(task, "bug", str(error)))


# ---- what a worker does


class Chunk(NamedTuple):
    """Some tasks for one worker; with ``guarded``, for a process that it starts and outlives."""

    tasks: tuple[Task, ...]
    options: CheckOptions
    check: str
    guarded: bool
    limit: float | None = None
    folder: str | None = None
    memory: int | None = None


def work(chunk: Chunk) -> list[Outcome]:
    """Check the files of a chunk. Called in a worker, which imports this by name."""
    if not chunk.guarded:
        check = resolve(chunk.check)
        return [attempt(task, chunk.options, check) for task in chunk.tasks]
    with _borrowed((chunk.check, chunk.options, chunk.limit, chunk.folder, chunk.memory)) as guard:
        return [_run(guard, task) for task in chunk.tasks]


def start() -> None:
    """Called when a worker starts. Ctrl-C is not for it: whoever started it will also end it."""
    import signal

    warnings.simplefilter("ignore")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    confine.life(os.getppid())


# Guards between two chunks, warm. A worker of a cluster has several threads, and stays when we
# are gone: what nobody has asked for in a while is closed.
_idle: dict[tuple[Any, ...], list[Guard]] = {}
_lock = threading.Lock()


@contextlib.contextmanager
def _borrowed(key: tuple[Any, ...]) -> Iterator[Guard]:
    with _lock:
        waiting = _idle.get(key)
        guard = waiting.pop() if waiting else Guard(*key)
    try:
        yield guard
    except BaseException:
        guard.close()
        raise
    with _lock:
        _idle.setdefault(key, []).append(guard)
    timer = threading.Timer(IDLE, _dismiss, (key, guard))
    timer.daemon = True
    timer.start()


def _dismiss(key: tuple[Any, ...], guard: Guard) -> None:
    with _lock:
        waiting = _idle.get(key, [])
        if guard not in waiting:
            return  # at work, or gone
        waiting.remove(guard)
    guard.close()


# ---- who gives the workers their chunks


def _on_cores(
    tasks: Sequence[Task], options: CheckOptions, plan: Plan, jobs: int
) -> Generator[Outcome, None, None]:
    """With processes on this machine."""
    from multiprocessing import resource_tracker

    from joblib.externals.loky import get_reusable_executor

    def pool(rest: Sequence[Task], guarded: bool) -> Generator[Outcome, None, None]:
        from joblib import effective_n_jobs

        if min(jobs, len(rest), effective_n_jobs(jobs)) == 1:  # joblib would start no process
            return _guarded(rest, options, plan)
        common = Chunk((), options, plan.check, guarded, plan.limit, memory=plan.memory)
        chunks = _chunks(rest, jobs, common)
        workers = min(jobs, len(chunks))
        return _spread(chunks, backend="loky", n_jobs=workers, max_nbytes=None, initializer=start)

    with _safe_path():
        # It unblocks the signals of whoever starts it: not in the middle of starting others.
        with confine.deaf():
            resource_tracker.ensure_running()
        try:
            yield from _until_done(tasks, pool, plan.guarded, (BrokenProcessPool,))
        finally:
            # joblib would keep them for its next call. What they shared goes too, or a message
            # about it comes when this process ends.
            executor = get_reusable_executor(reuse=True)
            getattr(executor, "terminate", executor.shutdown)(kill_workers=True)


def _on_cluster(
    tasks: Sequence[Task], options: CheckOptions, plan: Plan, address: str
) -> Generator[Outcome, None, None]:
    """With the workers of a Dask cluster, which see the files under the same paths.

    Always guarded: a worker belongs to somebody else, and may run several tasks in threads,
    while the precision of mpmath is one for a whole process.
    """
    try:
        from distributed import Client
        from distributed.comm.addressing import get_address_host_port
    except ImportError as error:
        raise UsageError("--scheduler needs Dask", "pip install 'gradpath[dask]'") from error

    connect: Any = Client  # distributed has few types
    try:
        # Asked by hand first: a client that finds nobody leaves threads behind that complain.
        socket.create_connection(get_address_host_port(address), CONNECT).close()
        client = connect(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError, NotImplementedError) as error:
        text = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise UsageError(f"--scheduler: cannot reach {address}: {text}") from error

    def cluster(rest: Sequence[Task], guarded: bool) -> Generator[Outcome, None, None]:
        cores = sum(client.ncores().values()) or 1
        here = os.getcwd()
        common = Chunk((), options, plan.check, guarded, plan.limit, here, plan.memory)
        chunks = _chunks(rest, cores, common)
        found = _spread(
            chunks, backend="dask", client=client, wait_for_workers_timeout=CONNECT, n_jobs=-1
        )
        return _watched(found, client)

    lost = (Lost, CancelledError)
    try:
        _same_version(client, address)
        yield from _until_done(tasks, cluster, True, lost)
    except TimeoutError as error:
        raise UsageError(f"--scheduler: {address} has no workers") from error
    finally:
        client.close()


class Lost(Exception):
    """The cluster has given up a chunk, and nobody will say so."""


def _watched(found: Generator[Outcome, None, None], client: Any) -> Generator[Outcome, None, None]:
    """The same, but for a chunk that took several workers with it.

    Dask gives such a task up; joblib never hears of it and would wait for ever. So it waits in a
    thread, while we look whether the cluster has any work of ours left.
    """
    ready: queue.SimpleQueue[Any] = queue.SimpleQueue()
    stop, end = threading.Event(), object()

    def collect() -> None:
        try:
            for outcome in found:
                ready.put(outcome)
                if stop.is_set():
                    break
            ready.put(end)
        except BaseException as error:
            ready.put(error)
        finally:
            found.close()

    threading.Thread(target=collect, daemon=True).start()
    idle = 0
    try:
        while True:
            try:
                outcome = ready.get(timeout=LOOK)
            except queue.Empty:
                waits = any(future.status == "pending" for future in [*client.futures.values()])
                idle = 0 if waits else idle + 1
                if idle == TRIES:
                    raise Lost("a chunk that killed its workers") from None
                continue
            idle = 0
            if outcome is end:
                return
            if isinstance(outcome, BaseException):
                raise outcome
            yield outcome
    finally:
        stop.set()


def version() -> str:
    """Called on each worker of a cluster."""
    return autodiff.__version__


def _same_version(client: Any, address: str) -> None:
    """Refuse workers that would give other results, or none."""
    try:
        found = set(client.run(version).values()) - {version()}
    except ModuleNotFoundError as error:
        raise UsageError(f"--scheduler: the workers at {address} have no {error.name}") from error
    if found:
        others = ", ".join(sorted(found))
        raise UsageError(
            f"--scheduler: workers at {address} have gradpath {others}, not {version()}"
        )


def _until_done(
    tasks: Sequence[Task],
    begin: Callable[[Sequence[Task], bool], Generator[Outcome, None, None]],
    guarded: bool,
    lost: tuple[type[BaseException], ...],
) -> Generator[Outcome, None, None]:
    """Begin anew with what is left, guarded, whenever workers are lost."""
    done = tries = 0
    while done < len(tasks):
        before = done
        try:
            with contextlib.closing(begin(tasks[done:], guarded)) as found:
                for outcome in found:
                    done += 1
                    yield outcome
        except lost as error:
            guarded = True
            tries = tries + 1 if done == before else 0
            if tries == TRIES:
                message = f"the workers keep dying: {type(error).__name__}"
                yield from [Outcome(trouble(task, "bug", message)) for task in tasks[done:]]
                return


def _chunks(tasks: Sequence[Task], jobs: int, common: Chunk) -> list[Chunk]:
    size = max(1, min(CHUNK, -(-len(tasks) // (jobs * ROUNDS))))
    starts = range(0, len(tasks), size)
    return [common._replace(tasks=tuple(tasks[k : k + size])) for k in starts]


def _spread(chunks: Sequence[Chunk], **backend: Any) -> Generator[Outcome, None, None]:
    """What joblib's workers make of the chunks, in their order."""
    from joblib import Parallel, delayed, parallel_config

    with parallel_config(**backend):
        parallel = Parallel(return_as="generator", batch_size=1)
    with confine.deaf():  # the processes begin with the first chunk
        found = parallel(delayed(work)(chunk) for chunk in chunks)
    try:
        yield from itertools.chain.from_iterable(found)
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that there was more to come: that is why we stop
            found.close()


@contextlib.contextmanager
def _safe_path() -> Iterator[None]:
    """Processes started meanwhile import nothing from the current folder.

    joblib starts them with ``python -m``, for which a ``joblib.py`` among the files to check
    would come first: a stranger's program, run by whoever checks their models.
    """
    name = "PYTHONSAFEPATH"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
