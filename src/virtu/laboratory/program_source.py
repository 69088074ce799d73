"""What a compiled program is made from: the files of the package that its function can depend on, found by reading imports.

A function of a module names the modules that it calls into; they and all that they import, directly or not, are behind it. What else its
own module imports, tables and logs say, is not. A function that was made inside another may hold anything that was given to it, so all
modules of its own floor are behind it, and all that they import. Imports go downwards (`docs/architecture.md`), so pictures and commands
never are.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, TypeGuard

import virtu

PACKAGE = virtu.__name__
ROOT = Path(virtu.__file__).parent


def digest(function: Callable[..., Any], root: Path = ROOT) -> str:
    """Return a digest of the text behind a function: another wherever the function could compute something else."""
    found = hashlib.sha256()
    for text in _own_text(function):
        found.update(text.encode() + b"\0")
    for path in files(function, root):
        found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def files(function: Callable[..., Any], root: Path = ROOT) -> tuple[Path, ...]:
    """Return the files behind a function of this package, in the order of their names.

    Parameters
    ----------
    function : callable
        A function of a module, or one made inside another.
    root : Path
        Folder of the package.
    """
    return _reached(frozenset(_modules_used(function)), root)


def _modules_used(function: Callable[..., Any]) -> Iterator[str]:
    """Modules that a function looks into, by what its code names; its own where it uses more of it than functions."""
    if not _is_plain(function):
        yield ".".join(function.__module__.split(".")[:2]) + ".*"
        return
    for one in _with_helpers(function):
        for name in _names(one.__code__):
            found = one.__globals__.get(name)
            if isinstance(found, ModuleType):
                yield found.__name__
            elif found is not None and not _is_helper(found, one):
                home = getattr(found, "__module__", None)
                yield home if isinstance(home, str) and home.startswith(PACKAGE) else one.__module__


def _own_text(function: Callable[..., Any]) -> list[str]:
    return [inspect.getsource(one) for one in _with_helpers(function)] if _is_plain(function) else []


def _is_plain(function: Any) -> TypeGuard[FunctionType]:
    return isinstance(function, FunctionType) and "<locals>" not in function.__qualname__


def _is_helper(found: Any, of: FunctionType) -> TypeGuard[FunctionType]:
    return _is_plain(found) and found.__module__ == of.__module__


def _with_helpers(function: Any) -> list[FunctionType]:
    """A function and those of its own module that it calls, directly or not."""
    reached: list[FunctionType] = [function]
    for one in reached:
        calls = (one.__globals__.get(name) for name in _names(one.__code__))
        reached += [found for found in calls if _is_helper(found, one) and found not in reached]
    return reached


def _names(code: CodeType) -> Iterable[str]:
    """Names that code looks up outside, with those of the functions within it."""
    inner = (name for part in code.co_consts if isinstance(part, CodeType) for name in _names(part))
    return dict.fromkeys((*code.co_names, *inner))


@lru_cache(maxsize=64)
def _reached(modules: frozenset[str], root: Path) -> tuple[Path, ...]:
    """Files of modules and of all they import; of the packages around them only the files that bear their names."""
    reached = [path for name in modules for path in _files_of(name, root)]
    around: set[Path] = set()
    for path in reached:
        around |= {folder / "__init__.py" for folder in path.parents if folder == root or root in folder.parents}
        imported = (found for name in _imports(path, root) for found in _files_of(name, root))
        reached += [found for found in dict.fromkeys(imported) if found not in reached]
    return tuple(sorted({*reached, *around}))


def _files_of(name: str, root: Path) -> list[Path]:
    """Files of a module, of a package, or of ``package.*``; none for what is no module of this package."""
    head, *inside = name.split(".")
    if head != PACKAGE:
        return []
    if inside and inside[-1] == "*":
        return sorted(root.joinpath(*inside[:-1]).rglob("*.py"))
    place = root.joinpath(*inside)
    return [path for path in (place.with_suffix(".py"), place / "__init__.py") if inside and path.is_file()]


def _imports(path: Path, root: Path) -> Iterator[str]:
    """Modules that a file imports, anywhere in it; a name from a package is the module of that name, or else the package."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if _files_of(name, root) else node.module for name in inner)
