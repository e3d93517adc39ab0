"""The house rules that no tool on the shelf knows: each reads one source text and names what breaks it."""

from __future__ import annotations

import ast
import functools
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

MOST_LINES = 400
MOST_FUNCTION_LINES = 40
MOST_PUBLIC_METHODS = 12
MOST_OWN_IMPORTS = 12
PACKAGES = frozenset(
    f"tradershub.{layer}"
    for layer in (
        *("testing", "demo", "web", "web.api", "hub", "executors", "sources", "sources.dialects", "channels", "store"),
        *("settings", "ml", "analytics", "ports", "domain"),
    )
)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# They share the name of `open` but read no text, or no file.
OTHER_OPENERS = frozenset(("os.open", "tarfile.open", "gzip.open", "webbrowser.open"))
OPENERS = ("open", "read_text", "write_text", "fdopen")
INPUT_AND_OUTPUT = frozenset(
    (
        *(
            "asyncio",
            "concurrent",
            "glob",
            "http",
            "io",
            "logging",
            "mmap",
            "multiprocessing",
            "os",
            "random",
            "select",
        ),
        *("selectors", "shutil", "signal", "socket", "socketserver", "sqlite3", "ssl", "subprocess", "tempfile"),
        *("threading", "time", "urllib"),
    )
)
WALL_CLOCK = frozenset(
    ("time.time", "time.time_ns", "time.sleep", "time.monotonic", "asyncio.sleep", "datetime.now", "datetime.utcnow")
) | frozenset(("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.today", "date.today"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One Python file as the rules see it; `path` is relative to the repository, with forward slashes."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return parsed(self)


@functools.cache
def parsed(source: Source) -> ast.Module:
    return ast.parse(source.text, source.path)


def long_file(source: Source) -> Iterator[str]:
    lines = source.text.count("\n")
    if lines > MOST_LINES:
        yield f"{source.path}: {lines} lines, {MOST_LINES} allowed; split it by subject"


def long_function(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, FUNCTIONS):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MOST_FUNCTION_LINES:
                yield f"{source.path}:{node.lineno}: {node.name} has {lines} lines, {MOST_FUNCTION_LINES} allowed"


def wide_class(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef):
            methods = {child.name for child in node.body if isinstance(child, FUNCTIONS) and is_public_method(child)}
            if len(methods) > MOST_PUBLIC_METHODS:
                yield f"{source.path}:{node.lineno}: {node.name} has {len(methods)} public methods"


def is_public_method(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = {ast.unparse(decorator) for decorator in function.decorator_list}
    # The tests of a shipped contract suite are not called by anyone: they are found.
    return not function.name.startswith(("_", "test_")) and not names & {
        "property",
        "cached_property",
        "functools.cached_property",
    }


def many_own_imports(source: Source) -> Iterator[str]:
    modules = own_imports(source)
    if len(modules) > MOST_OWN_IMPORTS:
        yield f"{source.path}: imports {len(modules)} modules of ours, {MOST_OWN_IMPORTS} allowed"


def own_imports(source: Source) -> set[str]:
    """Return the modules of ours that a source imports; what is taken from a whole package counts one by one."""
    found: set[str] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("tradershub.")}
        elif isinstance(node, ast.ImportFrom) and node.module in PACKAGES:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tradershub."):
            found.add(node.module or "")
    return found


def float_in_domain(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        is_literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        is_name = isinstance(node, ast.Name) and node.id == "float"
        if is_literal or is_name:
            yield f"{source.path}:{getattr(node, 'lineno', 0)}: a float where only Decimal belongs"


def hidden_import(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, FUNCTIONS):
            inner = [child for child in ast.walk(node) if isinstance(child, ast.Import | ast.ImportFrom)]
            yield from (f"{source.path}:{child.lineno}: an import inside a function" for child in inner)
    yield from (
        f"{source.path}:{line}: {name} loads by name, which only app.py may"
        for line, name in calls(source)
        if name.split(".")[-1] in ("import_module", "__import__")
    )


def calls(source: Source) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of each call; what is called on the result of an expression begins with a dot."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            yield node.lineno, dotted(node.func)


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def use_of_submit(source: Source) -> Iterator[str]:
    """Yield where anything's `submit` is called or handed on."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr == "submit":
            yield f"{source.path}:{node.lineno}"


def wall_clock(source: Source) -> Iterator[str]:
    yield from (
        f"{source.path}:{line}: {name} instead of the Clock" for line, name in calls(source) if name in WALL_CLOCK
    )
    for number, line in enumerate(source.text.splitlines(), 1):
        if re.search(r"noqa:.*\bTID251\b", line):
            yield f"{source.path}:{number}: the ban on the wall clock is switched off"


def broad_except(source: Source) -> Iterator[str]:
    lines = source.text.splitlines()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and catches_everything(node.type) and not raises_again(node):
            line = lines[node.lineno - 1]
            if not re.search(r"# noqa: BLE001\W+\w+(\s+\w+){1,}", line):
                yield f"{source.path}:{node.lineno}: a broad except without `# noqa: BLE001` and its reason"


def catches_everything(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    names = [dotted(item) for item in caught.elts] if isinstance(caught, ast.Tuple) else [dotted(caught)]
    return bool({"Exception", "BaseException"} & set(names))


def raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def text_without_encoding(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or not opens_text(node):
            continue
        if not any(keyword.arg in ("encoding", None) for keyword in node.keywords):
            yield f"{source.path}:{node.lineno}: text is opened without saying its encoding"


def opens_text(call: ast.Call) -> bool:
    name = dotted(call.func)
    return name.split(".")[-1] in OPENERS and name not in OTHER_OPENERS and not opens_bytes(call)


def opens_bytes(call: ast.Call) -> bool:
    modes = [argument for argument in call.args if isinstance(argument, ast.Constant)]
    modes += [word.value for word in call.keywords if word.arg == "mode" and isinstance(word.value, ast.Constant)]
    return any(isinstance(mode.value, str) and re.fullmatch(r"[rwxa+]*b[rwxa+]*", mode.value) for mode in modes)


def impure_import(source: Source) -> Iterator[str]:
    """Yield what a pure layer imports from outside: anything but ours and the standard library without its I/O."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        for module in modules:
            root = module.split(".")[0]
            if root != "tradershub" and (root not in sys.stdlib_module_names or root in INPUT_AND_OUTPUT):
                yield f"{source.path}:{node.lineno}: {module} in a pure layer"
