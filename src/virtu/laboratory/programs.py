"""Compiled programs kept between sessions.

JAX's own cache keeps the machine code but needs the program traced and lowered again to find it, which for the histories takes longer than
running two hundred of them. Here the key is what the program is made from instead: the text of the modules behind its function
(`program_source`), the shapes of its arguments, and everything of the machine and of JAX that changes the code. Where the user turned on
JAX's cache, that one is used alone.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import tempfile
import zlib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax
from jax.experimental import serialize_executable
from jax.sharding import AxisType, PartitionSpec

import virtu
from virtu.laboratory import program_source

MOST_KEPT = 64
"""Programs kept; the ones unused for longest make room."""

Program = Callable[..., Any]
Options = dict[str, Any]


SPLIT = "histories"
"""Name of the axis along which a program is split over devices."""


def program(function: Program, arguments: tuple[Any, ...], result: Any, options: Options | None, devices: int = 1) -> Program:
    """Return a function compiled for the shapes of its arguments, from the cache where it is there.

    Parameters
    ----------
    function : callable
        A pure function of this package.
    arguments : tuple
        Trees of arrays; only their shapes and types count.
    result : tree
        Any tree with the structure of what the function returns.
    options : dict, optional
        Options of the compiler.
    devices : int
        Over which the last argument, one array, is split along its last axis, and all results along theirs; it divides the length of these
        axes. Each device runs the function on its part and waits for no other.

    Returns
    -------
    callable
        Takes arguments of these shapes.
    """
    if jax.config.values["jax_compilation_cache_dir"] is not None or not jax.config.values["jax_enable_compilation_cache"]:
        return _compiled(function, arguments, options, devices)
    path = folder() / _key(function, arguments, options, devices)
    kept = _read(path, arguments, result, devices)
    if kept is not None:
        return kept
    made = _compiled(function, arguments, options, devices)
    _write(path, serialize_executable.serialize(made)[0])
    return made


def folder() -> Path:
    """Return the folder in which programs are kept, below the user's cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "virtu" / "programs"


def _compiled(function: Program, arguments: tuple[Any, ...], options: Options | None, devices: int) -> jax.stages.Compiled:
    made = jax.jit(function if devices == 1 else _split(function, arguments, devices)).lower(*arguments).compile(compiler_options=options)
    _return_free_memory()
    return made


def _split(function: Program, arguments: tuple[Any, ...], devices: int) -> Program:
    """Return a function that does the same on several devices."""
    mesh = jax.make_mesh((devices,), (SPLIT,), axis_types=(AxisType.Auto,), devices=jax.devices()[:devices])
    given = (*(PartitionSpec(),) * (len(arguments) - 1), PartitionSpec(SPLIT))
    results = jax.tree.map(lambda one: PartitionSpec(*(None,) * (one.ndim - 1), SPLIT), jax.eval_shape(function, *arguments))
    return jax.shard_map(function, mesh=mesh, in_specs=given, out_specs=results, check_vma=False)


def _return_free_memory() -> None:
    """Give what the compiler freed back to the system, where the C library (glibc) can; it is more than ten thousand histories take."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:
        trim(0)


def _read(path: Path, arguments: tuple[Any, ...], result: Any, devices: int) -> Program | None:
    """Load a kept program; one that is damaged, or made by a compiler this one does not understand, is as good as none."""
    try:
        kept = zlib.decompress(path.read_bytes())
        os.utime(path)
        trees = jax.tree.structure((arguments, {})), jax.tree.structure(result)
        return serialize_executable.deserialize_and_load(kept, *trees, execution_devices=jax.devices()[:devices])
    except (OSError, zlib.error, EOFError, ValueError, jax.errors.JaxRuntimeError):
        return None


def _write(path: Path, kept: bytes) -> None:
    """Write a program whole or not at all; a cache that cannot be written costs time and nothing else."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(zlib.compress(kept, 1))
        os.replace(name, path)
        by_age = sorted(path.parent.iterdir(), key=lambda one: one.stat().st_mtime)
        for old in by_age[:-MOST_KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        return


def _key(function: Program, arguments: tuple[Any, ...], options: Options | None, devices: int = 1) -> str:
    shapes = [(str(path), part.shape, str(part.dtype)) for path, part in jax.tree_util.tree_leaves_with_path(arguments)]
    settings = {name: value for name, value in jax.config.values.items() if isinstance(value, bool | int | str)}
    name = f"{function.__module__}.{function.__qualname__}"
    parts = (name, devices, shapes, sorted((options or {}).items()), sorted(settings.items()), _machine(), _made_from(function))
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _machine() -> tuple[str, ...]:
    """What the machine code depends on: versions, device, and the instructions its processor understands."""
    device = jax.devices()[0]
    described = Path("/proc/cpuinfo")
    lines = described.read_text().splitlines() if described.is_file() else [platform.processor()]
    processor = sorted({line for line in lines if line.startswith(("flags", "Features", "model name"))})
    flags = os.environ.get("XLA_FLAGS", "")
    return (jax.__version__, version("jaxlib"), device.platform, device.device_kind, platform.machine(), flags, *processor)


def _made_from(function: Program) -> tuple[str, bytes]:
    """What is behind a function, and this file, which says how it is compiled and kept."""
    return program_source.digest(function), Path(__file__).read_bytes()


def source() -> str:
    """Return a digest of the package itself: a changed line anywhere makes another."""
    digest = hashlib.sha256()
    root = Path(virtu.__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
