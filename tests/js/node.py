"""Call what a widget's module exports, without a browser: in the JavaScript engine that Playwright brings.

def test_mine():
    area, curve = node_calls(MyWidget, [("area", 0.5), ("slide", np.zeros(41), "box")])

A module touches no document when it is imported, so its maths runs here a hundred times faster than in a page.
"""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Sequence
from functools import cache

import numpy as np

from convlib.widgets import Widget

#: Typed arrays travel as the bytes that they are, so that no digit and no NaN is lost.
RUN = """
import { readFileSync } from "node:fs";

const bytesOf = (text) => Uint8Array.from(Buffer.from(text, "base64")).buffer;
const take = (key, value) => (value?.typed ? new globalThis[value.typed](bytesOf(value.bytes)) : value);
const give = (key, value) => {
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
    return { typed: value.constructor.name, bytes };
  }
  return typeof value === "number" && !Number.isFinite(value) ? { number: String(value) } : value;
};

const { source, calls } = JSON.parse(readFileSync(0), take);
const module = await import(`data:text/javascript;base64,${Buffer.from(source).toString("base64")}`);
const results = calls.map(([name, ...given]) => {
  if (!(name in module)) throw new Error(`the module exports no ${name}, but ${Object.keys(module).join(", ")}`);
  return typeof module[name] === "function" ? module[name](...given) : module[name];
});
console.log(JSON.stringify(results, give));
"""

TYPED = {
    "float64": "Float64Array",
    "float32": "Float32Array",
    "int32": "Int32Array",
    "int16": "Int16Array",
    "int8": "Int8Array",
    "uint32": "Uint32Array",
    "uint16": "Uint16Array",
    "uint8": "Uint8Array",
}
DTYPES = {typed: dtype for dtype, typed in TYPED.items()} | {"Uint8ClampedArray": "uint8"}


@cache
def node() -> str:
    """Path of Playwright's own Node.js."""
    from playwright._impl._driver import compute_driver_executable

    return str(compute_driver_executable()[0])


def node_calls(widget: type[Widget] | str, calls: Sequence[tuple]) -> list[object]:
    """Results of ``calls`` of what the module of ``widget`` exports, all in one process, one after the other.

    Parameters
    ----------
    widget : subclass of Widget, or str
        Or the source of a module.
    calls : sequence of tuple
        The name of an exported function and its arguments; a name alone gives a constant. Arrays become typed arrays
        of the same type, read row by row, and come back as arrays; lists and dictionaries stay what they are.

    Raises
    ------
    RuntimeError
        With JavaScript's own words, if the module or a call fails.
    """
    source = widget if isinstance(widget, str) else widget._esm
    given = json.dumps({"source": source, "calls": list(calls)}, default=_typed, allow_nan=False)
    command = [node(), "--input-type=module", "--eval", RUN]
    done = subprocess.run(command, input=given, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout, object_hook=_plain)


def node_call(widget: type[Widget] | str, name: str, *arguments: object) -> object:
    """Result of one call, see :func:`node_calls`."""
    return node_calls(widget, [(name, *arguments)])[0]


def _typed(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    if not isinstance(value, np.ndarray):
        raise TypeError(f"{type(value).__name__} cannot be handed to JavaScript; allowed are arrays and what JSON has")
    if value.dtype.name not in TYPED:
        raise TypeError(f"JavaScript has no typed array for {value.dtype}; allowed are {', '.join(TYPED)}")
    return {"typed": TYPED[value.dtype.name], "bytes": base64.b64encode(value.tobytes()).decode()}


def _plain(value: dict) -> object:
    if value.keys() == {"typed", "bytes"}:
        return np.frombuffer(base64.b64decode(value["bytes"]), dtype=DTYPES[value["typed"]])
    if value.keys() == {"number"} and isinstance(value["number"], str):
        return float(value["number"].replace("Infinity", "inf"))
    return value
